"""
What an administrator has pasted, turned into the issuers that it may stand for.

People have the address of a console in front of them, or the id of a pool, and not the issuer.  Each product is a
function here that knows its own addresses; none of them asks the network.  Whatever is found is only where to look:
the provider's own document has the last word (OpenID Connect Discovery section 4.3).
"""

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, unquote

import msgspec

from poolhouse.kit.urls import split_url

TEXT_LIMIT = 2048
_POOL_ID = re.compile(r"([a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2})_[0-9A-Za-z]{1,55}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_REALM = re.compile(r"[A-Za-z0-9._~%-]{1,255}")
_GOOGLE_CLIENT = re.compile(r"[0-9a-z-]+\.apps\.googleusercontent\.com")
_OKTA = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "trexcloud.com")
_WELL_KNOWN = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json")
_ENDPOINTS = (
    "/protocol/openid-connect/auth", "/protocol/openid-connect/token", "/protocol/openid-connect/userinfo",
    "/protocol/openid-connect/certs", "/oauth2/v2.0/authorize", "/oauth2/v2.0/token", "/discovery/v2.0/keys",
    "/v1/authorize", "/v1/token", "/v1/userinfo", "/v1/keys", "/oauth2/authorize", "/oauth2/token",
    "/oauth2/userInfo", "/oauth2/userinfo", "/authorize", "/oauth/token", "/userinfo", "/token", "/jwks", "/login",
)  # fmt: skip
_MANY_TENANTS = ("common", "organizations", "consumers")


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a text stands for.

    *candidates* are issuers, the likeliest first.  *missing* is a sentence about what the text does not tell; with it
    there may still be endpoints, by their names in the form.
    """

    product: str = ""
    candidates: tuple[str, ...] = ()
    client_id: str = ""
    endpoints: tuple[tuple[str, str], ...] = ()
    missing: str = ""
    domain: str = ""
    """Where a user pool's domain would be, should none of the candidates be an issuer."""


def recognise(text: str) -> Recognised | None:
    """The issuers behind *text*: an issuer, an address of a console, an id; ``None`` for anything else."""
    typed = text.strip()
    if not typed or len(typed) > TEXT_LIMIT:
        return None
    bare = _bare(typed)
    if bare is not None:
        return bare
    address = typed if "://" in typed else f"https://{typed}"
    front, _, fragment = address.partition("#")
    # A path of a console may hold what no endpoint may; only the part that is looked at has to be plain.
    parts = split_url(front)
    if parts is None or ("://" not in typed and "." not in (parts.hostname or "")):
        return None
    for product in _PRODUCTS:
        found = product(parts, fragment)
        if found is not None:
            return found
    origin = f"{parts.scheme}://{parts.netloc}"
    by_path = re.match(r".*?/domains/[a-z0-9-]+(?=/|$)", parts.path)
    return Recognised(candidates=_plain(parts), domain=f"{origin}{by_path[0]}" if by_path else origin)


def _bare(typed: str) -> Recognised | None:
    """What is no address: the id of a pool or of a tenant, a client id that tells its provider."""
    pool = _POOL_ID.fullmatch(typed)
    if pool:
        return _cognito_pool(typed, ".com.cn" if pool[1].startswith("cn-") else ".com")
    if _UUID.fullmatch(typed) or typed.endswith(".onmicrosoft.com"):
        return _entra_tenant(typed) if _NAME.fullmatch(typed) else None
    if _GOOGLE_CLIENT.fullmatch(typed):
        return Recognised(product="Google", candidates=("https://accounts.google.com",), client_id=typed)
    if typed.lower() == "google":
        return Recognised(product="Google", candidates=("https://accounts.google.com",))
    return None


def _cognito_pool(pool_id: str, suffix: str = ".com") -> Recognised:
    region = pool_id.partition("_")[0]
    at = f"cognito-idp.{region}.amazonaws{suffix}/{pool_id}"
    # AWS API: IssuerConfigurationType, ORIGINAL and UPDATED.
    return Recognised(product="Amazon Cognito", candidates=(f"https://{at}", f"https://issuer-{at}"))


def _cognito(parts: SplitResult, fragment: str) -> Recognised | None:
    host, path = _host(parts), unquote(parts.path)
    if re.fullmatch(r"(?:[a-z0-9-]+\.)?console\.(?:aws\.amazon\.com|amazonaws\.cn)", host) and "/cognito/" in path:
        found = _POOL_ID.search(path) or _POOL_ID.search(fragment)
        if found is None:
            return Recognised(product="Amazon Cognito", missing="Open the user pool in the console, and paste that.")
        return _cognito_pool(found[0], ".com.cn" if host.endswith(".cn") else ".com")
    if re.fullmatch(r"(?:issuer-)?cognito-idp(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?", host):
        found = _POOL_ID.match(path.strip("/").partition("/")[0])
        return _cognito_pool(found[0], ".com.cn" if host.endswith(".cn") else ".com") if found else None
    domain = re.fullmatch(r"[a-z0-9-]+\.auth(?:-fips)?\.([a-z0-9-]+)\.amazoncognito\.com", host)
    # The domain has no document, and nothing else that tells the pool (AWS: Configuring a user pool domain).
    return cognito_domain(f"https://{host}", region=domain[1]) if domain else None


def cognito_domain(domain: str, *, region: str = "") -> Recognised:
    """What the *domain* of a user pool tells; a custom one does not even tell the region."""
    begins = f" and begins with {region}_" if region else ", such as eu-west-1_AbCdEfGhI"
    return Recognised(
        product="Amazon Cognito",
        endpoints=_endpoints_of(domain),
        missing="This is the domain of an Amazon Cognito user pool, not its issuer. The issuer is "
        f"https://cognito-idp.{region or 'REGION'}.amazonaws.com/POOL_ID, which the domain does not tell. Paste the "
        f"User pool ID: in the AWS console it is at Amazon Cognito > User pools > your pool > Overview{begins}.",
    )


def poolhouse_domain(domain: str) -> Recognised:
    """The same of a pool of Poolhouse in strict mode, whose domain tells as little."""
    return Recognised(
        product="Poolhouse",
        endpoints=_endpoints_of(domain),
        missing="This is the domain of a user pool, not its issuer. Paste the address of the pool's page in the "
        "console of Poolhouse, or the Issuer that stands there.",
    )


def _endpoints_of(domain: str) -> tuple[tuple[str, str], ...]:
    return (
        ("authorization_url", f"{domain}/oauth2/authorize"),
        ("token_url", f"{domain}/oauth2/token"),
        ("userinfo_url", f"{domain}/oauth2/userInfo"),
    )


def _poolhouse(parts: SplitResult, _fragment: str) -> Recognised | None:
    """A page of a pool in the console of Poolhouse, which has the pool's id under its own address."""
    found = re.match(rf"(.*?)/console/pools/({_POOL_ID.pattern})(?:/|$)", parts.path)
    if found is None:
        return None
    issuer = f"{parts.scheme}://{parts.netloc}{found[1]}/{found[2]}"
    return Recognised(product="Poolhouse", candidates=(issuer,))


def _okta(parts: SplitResult, _fragment: str) -> Recognised | None:
    host = _host(parts)
    domain = next((each for each in _OKTA if host.endswith(f".{each}")), None)
    if domain is None:
        return None
    name = host.removesuffix(f".{domain}").removesuffix("-admin")
    origin = f"https://{name}.{domain}"
    server = re.match(r"/(?:admin/)?oauth2/(?:as/)?([A-Za-z0-9]+)(?:/|$)", parts.path)
    if server and server[1] not in {"v1", "as"}:
        return Recognised(product="Okta", candidates=(f"{origin}/oauth2/{server[1]}",))
    return Recognised(product="Okta", candidates=(origin, f"{origin}/oauth2/default"))


def _auth0(parts: SplitResult, _fragment: str) -> Recognised | None:
    host = _host(parts)
    if host == "manage.auth0.com":
        found = re.match(r"/dashboard/([a-z]{2})/([a-z0-9-]+)(?:/|$)", parts.path)
        if found is None:
            return Recognised(product="Auth0", missing="Open the application in the dashboard, and paste its Domain.")
        region, tenant = found[1], found[2]
        older = (f"https://{tenant}.auth0.com/",) if region == "us" else ()
        return Recognised(product="Auth0", candidates=(f"https://{tenant}.{region}.auth0.com/", *older))
    if host.endswith(".auth0.com"):
        return Recognised(product="Auth0", candidates=(f"https://{host}/",))
    return None


def _entra_tenant(tenant: str, client_id: str = "") -> Recognised:
    issuer = f"https://login.microsoftonline.com/{tenant.lower()}/v2.0"
    return Recognised(product="Microsoft Entra ID", candidates=(issuer,), client_id=client_id)


def _entra(parts: SplitResult, fragment: str) -> Recognised | None:
    host, segments = _host(parts), [each for each in parts.path.split("/") if each]
    if host in {"login.microsoftonline.com", "sts.windows.net", "login.windows.net"}:
        if not segments or segments[0] in _MANY_TENANTS or not _NAME.fullmatch(segments[0]):
            return Recognised(
                product="Microsoft Entra ID",
                missing="This address serves every organisation. Paste the Directory (tenant) ID of yours.",
            )
        return _entra_tenant(segments[0])
    if host not in {"portal.azure.com", "entra.microsoft.com", "aad.portal.azure.com"}:
        return None
    app = re.search(rf"appId/({_UUID.pattern})", fragment, re.IGNORECASE)
    client_id = app[1] if app else ""
    named = re.match(r"@([A-Za-z0-9.-]+)", fragment) or re.match(
        rf"/@?({_UUID.pattern}|[A-Za-z0-9.-]+\.[a-z]+)", parts.path
    )
    if named:
        return _entra_tenant(named[1], client_id)
    return Recognised(
        product="Microsoft Entra ID",
        client_id=client_id,
        missing="This address of the portal does not tell the tenant. Paste the Directory (tenant) ID from the "
        "app registration's overview.",
    )


def _ping(parts: SplitResult, fragment: str) -> Recognised | None:
    host = _host(parts)
    region = re.fullmatch(r"(?:auth|console)\.pingone\.(com|eu|ca|asia|sg|com\.au)", host)
    if region is None:
        return None
    environment = parse_qs(parts.query).get("env", [""])[0] or parts.path.strip("/").partition("/")[0]
    found = _UUID.fullmatch(environment) or _UUID.search(fragment)
    if found is None:
        return Recognised(product="PingOne", missing="Paste the Environment ID's address, or the Issuer ID of the app.")
    return Recognised(product="PingOne", candidates=(f"https://auth.pingone.{region[1]}/{found[0].lower()}/as",))


def _keycloak(parts: SplitResult, fragment: str) -> Recognised | None:
    origin = f"{parts.scheme}://{parts.netloc}"
    console = re.match(r"(.*?)/admin/[^/]+/console(?:/|$)", parts.path)
    if console:
        realm = fragment.lstrip("/").removeprefix("realms/").partition("/")[0]
        if not _REALM.fullmatch(realm):
            return Recognised(product="Keycloak", missing="Open the realm in the admin console, and paste that.")
        return Recognised(product="Keycloak", candidates=(f"{origin}{console[1]}/realms/{realm}",))
    found = re.match(r"(.*?/realms/[^/]+)(?:/|$)", parts.path)
    return Recognised(product="Keycloak", candidates=(f"{origin}{found[1]}",)) if found else None


def _fusionauth(parts: SplitResult, _fragment: str) -> Recognised | None:
    origin = f"{parts.scheme}://{parts.netloc}"
    if re.match(r"/admin/(?:tenant|application)(?:/|$)", parts.path):
        ids = _UUID.findall(parts.path)
        if not ids:
            return Recognised(product="FusionAuth", candidates=(origin,))
        # A page of a tenant ends with its id; one of an application has the application's first.
        return Recognised(product="FusionAuth", candidates=(f"{origin}/{ids[-1].lower()}", origin))
    if _host(parts).endswith(".fusionauth.io"):
        tenant = _UUID.match(parts.path.strip("/"))
        own = (f"{origin}/{tenant[0].lower()}",) if tenant else ()
        return Recognised(product="FusionAuth", candidates=(*own, origin))
    return None


def _google(parts: SplitResult, _fragment: str) -> Recognised | None:
    if _host(parts) in {"accounts.google.com", "console.cloud.google.com", "console.developers.google.com"}:
        return Recognised(product="Google", candidates=("https://accounts.google.com",))
    return None


def _plain(parts: SplitResult) -> tuple[str, ...]:
    """Any other address: as it is, without what belongs to an endpoint, with and without its final slash."""
    whole = f"{parts.scheme}://{parts.netloc}{parts.path}"
    for ending in _WELL_KNOWN:
        if parts.path.startswith(f"{ending}/"):
            # RFC 8414 section 3.1 has it between the host and the issuer's path.
            before = f"{parts.scheme}://{parts.netloc}{parts.path.removeprefix(ending)}".rstrip("/")
            return (before, f"{before}/")
        if whole.rstrip("/").endswith(ending):
            before = whole.rstrip("/").removesuffix(ending)
            return (before, f"{before}/")
    other = whole.rstrip("/") if whole.endswith("/") else f"{whole}/"
    before = next((whole.removesuffix(ending) for ending in _ENDPOINTS if whole.endswith(ending)), "")
    return (whole, other, before, f"{before}/") if before else (whole, other)


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").lower().rstrip(".")


_PRODUCTS: tuple[Callable[[SplitResult, str], Recognised | None], ...] = (
    _cognito, _poolhouse, _okta, _auth0, _entra, _ping, _google, _keycloak, _fusionauth,
)  # fmt: skip
