"""
The configuration of a proxy that serves one app and asks the house for each request.

Every header that the app reads is set by the proxy, or taken away in every spelling that WSGI and PHP read as the same.
Apache has nothing that asks before it serves: there it stands in front of the gateway, which carries the bytes.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import msgspec

from poolhouse.house.gate import Gate

METADATA = "/.well-known/oauth-protected-resource"
ROUTE = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """
    *url* is where people open the app; *house* is ``host:port`` as the proxy reaches it; *upstream* the app.

    *names* are the headers that tell the app who it is.
    """

    url: str
    house: str
    upstream: str
    names: tuple[str, ...]
    has_metadata: bool = False
    """Whether it takes a provider's access tokens, so that clients look for its metadata (RFC 9728 section 3)."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def name(self) -> str:
        """What the parts of a configuration are called after."""
        return (urlsplit(self.url).hostname or "app").partition(".")[0]

    @property
    def whole_name(self) -> str:
        """The same where others of the kind are in one room."""
        return re.sub(r"[^a-z0-9]", "_", self.host.lower())

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https:")


def chain_of(url: str, gate: Gate, *, house: str, upstream: str) -> Chain:
    names = [each for each in (*msgspec.structs.astuple(gate.names), gate.token_header) if each]
    return Chain(url=url, house=house, upstream=upstream, names=tuple(names), has_metadata=gate.resource is not None)


def underscored(names: tuple[str, ...]) -> list[str]:
    """
    Beginnings of the spellings with an underscore, each followed by anything.

    ``X-Forwarded-User`` may come as ``X_Forwarded-User``, ``X_Forwarded_User`` or ``X-Forwarded_User``.
    """
    found: dict[str, None] = {}
    for name in names:
        words = name.split("-")
        for count in range(1, len(words)):
            found["-".join(words[:count]) + "_"] = None
    return list(found)


def _nginx(chain: Chain) -> str:
    asked, told = [], []
    for number, name in enumerate((*chain.names, "Authorization")):
        asked.append(f"auth_request_set $house_{number} $upstream_http_{name.lower().replace('-', '_')};")
        told.append(f"proxy_set_header {name} $house_{number};")
    asked.append("auth_request_set $house_challenge $upstream_http_www_authenticate;")
    inner = "\n            ".join([*asked, *told])
    certificate = (
        f"\n        ssl_certificate /etc/ssl/{chain.host}.pem;\n        ssl_certificate_key /etc/ssl/{chain.host}.key;"
        if chain.is_https
        else ""
    )
    metadata, house = "", f"house_of_{chain.whole_name}"
    if chain.has_metadata:
        metadata = f"""
        location {METADATA} {{
            proxy_pass http://{house};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}"""
    return f"""\
    # Within http {{ }}. Leave underscores_in_headers off, as it is by default.
    map $http_upgrade $house_connection {{
        default upgrade;
        "" "";
    }}
    # Connections to the house are kept: a new one for each request would cost more than the answer.
    upstream {house} {{
        server {chain.house};
        keepalive 32;
    }}
    server {{
        listen {chain.port}{" ssl" if chain.is_https else ""};{certificate}
        server_name {urlsplit(chain.url).hostname};
        location / {{
            auth_request /.house/auth/nginx;
            {inner}
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $house_connection;
            proxy_http_version 1.1;
            error_page 401 = @sign_in;
            proxy_pass {chain.upstream};
        }}
        location @sign_in {{
            if ($house_challenge) {{
                add_header WWW-Authenticate $house_challenge always;
                return 401;
            }}
            return 302 /.house/start?to=$request_uri;
        }}
        location = /.house/auth/nginx {{
            internal;
            proxy_pass http://{house};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
        location /.house/auth/ {{
            return 404;
        }}
        location /.house/ {{
            proxy_pass http://{house};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}{metadata}
    }}
"""


def _caddy(chain: Chain) -> str:
    gone = [f"request_header -{name}" for name in chain.names]
    gone += [f"request_header -{begin}*" for begin in underscored((*chain.names, *ROUTE))]
    inner = "\n                ".join(gone)
    site = chain.host if chain.is_https else f"http://{chain.host}"
    upstream = chain.upstream.removeprefix("http://")
    own = f"handle {METADATA}*" if chain.has_metadata else ""
    metadata = f"\n        {own} {{\n            reverse_proxy {chain.house}\n        }}" if own else ""
    return f"""\
    {site} {{
        handle /.house/auth/* {{
            respond 404
        }}
        handle /.house/* {{
            reverse_proxy {chain.house}
        }}{metadata}
        handle {{
            route {{
                {inner}
                forward_auth {chain.house} {{
                    uri /.house/auth/forwarded
                    copy_headers {" ".join((*chain.names, "Authorization"))}
                }}
                reverse_proxy {upstream}
            }}
        }}
    }}
"""


def _traefik(chain: Chain) -> str:
    name, host = chain.name, urlsplit(chain.url).hostname
    headers = ", ".join((*chain.names, "Authorization"))
    tls = ", tls: {}" if chain.is_https else ""
    paths = "PathPrefix(`/.house/`) && !PathPrefix(`/.house/auth/`)"
    if chain.has_metadata:
        paths = f"(({paths}) || PathPrefix(`{METADATA}`))"
    own = f"Host(`{host}`) && {paths}"
    return f"""\
    # The file provider's; {host} is resolved to Traefik.
    http:
      middlewares:
        {name}-house:
          forwardAuth:
            address: http://{chain.house}/.house/auth/forwarded
            authResponseHeaders: [{headers}]
      routers:
        {name}-house: {{ rule: "{own}", service: house, priority: 100{tls} }}
        {name}: {{ rule: "Host(`{host}`)", service: {name}, middlewares: [{name}-house]{tls} }}
      services:
        house: {{ loadBalancer: {{ servers: [{{ url: "http://{chain.house}" }}] }} }}
        {name}: {{ loadBalancer: {{ servers: [{{ url: "{chain.upstream}" }}] }} }}
"""


def _envoy(chain: Chain) -> str:
    told = ", ".join(f"{{ exact: {name.lower()} }}" for name in (*chain.names, "Authorization"))
    sent = ", ".join(
        f"{{ {kind}: {name} }}"
        for kind, name in (
            ("exact", "cookie"), ("exact", "accept"), ("prefix", "sec-"), ("exact", "origin"), ("exact", "upgrade"),
            ("exact", "x-forwarded-for"), ("exact", "authorization"),
        )
    )  # fmt: skip
    return f"""\
    # Of the connection manager for {chain.host}. Its route for /.house/auth/ answers 404, those for /.house/ and
    # {METADATA} go to the cluster "house", all with this filter disabled; the rest
    # goes to {chain.upstream}.
    common_http_protocol_options:
      headers_with_underscores_action: DROP_HEADER
    normalize_path: true
    path_with_escaped_slashes_action: REJECT_REQUEST
    http_filters:
    - name: envoy.filters.http.ext_authz
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
        failure_mode_allow: false
        http_service:
          server_uri: {{ uri: "http://{chain.house}", cluster: house, timeout: 2s }}
          path_prefix: /.house/auth/envoy
          authorization_request:
            allowed_headers: {{ patterns: [{sent}] }}
          authorization_response:
            allowed_upstream_headers: {{ patterns: [{told}] }}
            allowed_client_headers:
              patterns: [{{ exact: location }}, {{ exact: set-cookie }}, {{ exact: content-type }},
                         {{ exact: www-authenticate }}]
"""


def _apache(chain: Chain) -> str:
    host = urlsplit(chain.url).hostname
    tls = (
        f"\n        SSLEngine on\n        SSLCertificateFile /etc/ssl/{chain.host}.pem\n"
        f"        SSLCertificateKeyFile /etc/ssl/{chain.host}.key"
        if chain.is_https
        else ""
    )
    return f"""\
    # Needs proxy and proxy_http (2.4.47 or newer for websockets). The app has {chain.upstream} as its Upstream in the
    # house: Apache ends TLS, the gateway decides and carries the bytes.
    <VirtualHost *:{chain.port}>
        ServerName {host}{tls}
        AllowEncodedSlashes NoDecode
        ProxyPreserveHost On
        ProxyAddHeaders On
        ProxyPass /.house/auth/ !
        ProxyPass / http://{chain.house}/ nocanon upgrade=websocket flushpackets=on
    </VirtualHost>
"""


CARRIED = "apache"
"""The kind in which the gateway carries the bytes."""
KINDS: Mapping[str, Callable[[Chain], str]] = {
    "nginx": _nginx,
    "caddy": _caddy,
    "traefik": _traefik,
    "envoy": _envoy,
    CARRIED: _apache,
}


def config(kind: str, chain: Chain) -> str:
    """The text for a proxy of one of ``KINDS``, without an indentation of its own."""
    return "".join(line.removeprefix("    ") for line in KINDS[kind](chain).splitlines(keepends=True))
