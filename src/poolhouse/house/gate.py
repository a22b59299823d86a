"""What an app behind the gateway is configured with: where it listens, who may open it, what it is told."""

import msgspec

USER, EMAIL, GROUPS, NAME, ASSERTION = (
    "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username",
    "X-House-Assertion",
)  # fmt: skip


class Policy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    Who may open an app.  Every rule that is set must hold; of its values one is enough; none set: who is signed in.

    A rule that this version does not know makes the policy unreadable, and an app without a readable policy is closed
    (GHSA-652x-m2gr-hppm is what happens otherwise).  ``claims`` are ``name=value``; ``hours`` are
    ``mon-fri 08:00-18:00``, in ``timezone``.
    """

    groups: tuple[str, ...] = ()
    email_domains: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    timezone: str = "UTC"


class Names(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The headers that tell an app who it is; an empty one is not sent."""

    user: str = USER
    email: str = EMAIL
    groups: str = GROUPS
    name: str = NAME
    assertion: str = ASSERTION


class Resource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    An app that takes the access tokens of a provider: an API, or an MCP server.

    *provider* is the id of one of Admin Settings > Authentication.  *audiences*: what tokens may name, if not the app's
    URL.  *client_ids*: whose tokens are taken; where they are listed, a token without an audience is as well (Cognito).
    *scopes* are needed for every request, *scope_rules* (``POST /items items.write``) for some.  *demands_typ*: the
    header says ``at+jwt`` (RFC 9068).  *is_passed_on*: the app gets the caller's token, which MCP forbids.
    """

    provider: str
    audiences: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    scope_rules: tuple[str, ...] = ()
    demands_typ: bool = False
    introspection_url: str = ""
    needs_account: bool = False
    is_passed_on: bool = False


class Cors(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    Which pages of other origins may call an app from scripts (Fetch Standard, CORS protocol).

    *origins* as browsers write them, or ``*`` alone for any.  *allows_credentials*: with what the browser has of the
    person, never for any origin.  *exposed*: headers of answers that scripts may read besides the usual ones.
    *max_age*: for how many seconds a browser need not ask again.
    """

    origins: tuple[str, ...]
    allows_credentials: bool = False
    methods: tuple[str, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    headers: tuple[str, ...] = ("Authorization", "Content-Type")
    exposed: tuple[str, ...] = ()
    max_age: int = 600


class Gate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    An app behind the gateway.

    Without an *upstream* another proxy serves it and asks for each request (forward-auth).  An upstream with a path
    replaces the public one, as nginx's ``proxy_pass`` does; one without leaves paths as they are.  *host_header*: what
    the app sees as Host, instead of its public name.  *authority*: PEM of a private CA.  *token_header*: where a token
    may stand besides ``Authorization``, for an app that needs that itself.  *replicas* are further upstreams of the
    same app.  With a *check_path* each upstream is asked for it every *check_seconds*, and is down unless its status is
    *check_status*.  *rewrites*: addresses of the upstream in answers become public ones.
    *told_groups*: the groups that the app hears of, all if empty; *told_claims*: what its assertion says besides.
    """

    upstream: str = ""
    replicas: tuple[str, ...] = ()
    host_header: str = ""
    authority: str = ""
    server_name: str = ""
    policy: Policy = Policy()
    names: Names = Names()
    public_paths: tuple[str, ...] = ()
    allows_encoded_slash: bool = False
    answer_seconds: int = 60
    idle_seconds: int = 300
    body_bytes: int = 0
    maintenance: str = ""
    token_header: str = ""
    told_groups: tuple[str, ...] = ()
    told_claims: tuple[str, ...] = ()
    rewrites: bool = True
    check_path: str = ""
    check_seconds: int = 15
    check_status: int = 200
    resource: Resource | None = None
    cors: Cors | None = None


def encode_gate(gate: Gate | None) -> str:
    """As it is stored; empty for an app that is a link only."""
    return "" if gate is None else msgspec.json.encode(gate).decode()


def decode_gate(text: str) -> Gate | None:
    """Raises ``msgspec.ValidationError`` for a setting that this version does not know."""
    return msgspec.json.decode(text, type=Gate) if text else None
