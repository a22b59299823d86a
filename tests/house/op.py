"""
An OpenID provider of our own, on loopback, that does everything right until it is told to do one thing wrong.

Its switches are plain attributes; what it has been asked is counted in ``hits``.
"""

import asyncio
import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from html import escape
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from poolhouse.house.provider import OidcSettings
from poolhouse.kit.ambient import Clock, Secret

Claims = dict[str, Any]
Change = Callable[[Claims], Claims]

CLIENT_ID = "house-client"
CLIENT_SECRET = "s3cr:t%/+=&?"
REGISTERED = "http://localhost:8500/login/oauth2/code/oidc"
LOGGED_OUT = "http://localhost:8500/user/logged-out"


@cache
def rsa_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True)


def _same(claims: Claims) -> Claims:
    return claims


@dataclass
class Person:
    sub: str = "8d0f3c1e-person"
    email: str = "maria@example.com"
    email_verified: Any = True
    name: str = "Maria Lopez"
    extra: Claims = field(default_factory=dict)


class Provider:
    """One issuer.  ``base`` is its origin and its issuer."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.base = ""
        self.person = Person()
        self.hits: Counter[str] = Counter()
        self.keys = [rsa_key("one")]
        self.published: list[dict[str, Any]] | None = None
        # switches
        self.change_claims: Change = _same
        self.change_header: Change = _same
        self.signer = "own"
        self.change_userinfo: Change = _same
        self.change_discovery: Change = _same
        self.change_callback: Change = _same
        self.change_token_answer: Change = _same
        self.userinfo_type = "application/json"
        self.userinfo_signed = False
        self.answers: dict[str, web.Response] = {}
        self.slow: dict[str, float] = {}
        self.prompt_none_answers = True
        self.scopes = {"openid", "email", "profile", "phone"}
        self.client_secret = CLIENT_SECRET
        self.redirects = {REGISTERED}
        self.enforces_pkce = True
        self.sid = ""
        self.refreshes = False
        self.refresh_id_token = True
        self.rotates = True
        self.change_refreshed: Change = _same
        self.change_logout_answer: Change = _same
        # what it has seen
        self.authorizations: list[dict[str, str]] = []
        self.token_requests: list[tuple[dict[str, str], dict[str, str]]] = []
        self.logouts: list[dict[str, str]] = []
        self.revoked: asyncio.Queue[str] = asyncio.Queue()
        self._codes: dict[str, dict[str, str]] = {}
        self._access: set[str] = set()
        self._refresh: dict[str, dict[str, str]] = {}
        self.refresh_reused = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(middlewares=[self._counted])
        app.router.add_get("/oauth2/authorize", self._authorize)
        app.router.add_post("/oauth2/token", self._token)
        app.router.add_get("/oauth2/userInfo", self._userinfo)
        app.router.add_get("/.well-known/jwks.json", self._jwks)
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/logout", self._logout)
        app.router.add_post("/end-session", self._logout)
        app.router.add_post("/oauth2/revoke", self._revoke)
        app.router.add_get("/error", self._error)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _counted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        name = request.path.rpartition("/")[2]
        self.hits[name] += 1
        if name in self.slow:
            await asyncio.sleep(self.slow[name])
        if name in self.answers:
            answer = self.answers[name]
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        response: web.StreamResponse = await handler(request)
        response.headers["date"] = formatdate(self.clock.now(), usegmt=True)
        return response

    # what a form of the house is filled with

    def form(self, **other: str) -> dict[str, str]:
        return {
            "client_id": CLIENT_ID,
            "client_secret": self.client_secret,
            "authorization_url": f"{self.base}/oauth2/authorize",
            "token_url": f"{self.base}/oauth2/token",
            "userinfo_url": f"{self.base}/oauth2/userInfo",
            "jwks_url": f"{self.base}/.well-known/jwks.json",
            "scope": "openid email profile",
            "username_attribute": "email",
            "issuer": "",
            **other,
        }

    def settings(self, **other: Any) -> OidcSettings:
        """The same as it is saved, without the detour over the form."""
        entries = self.form()
        return OidcSettings(
            **{
                **entries,
                "client_secret": Secret(entries["client_secret"]),
                "issuer": self.base,
                "is_issuer_derived": True,
                **other,
            }
        )

    # endpoints

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        asked = dict(request.query)
        if asked.get("prompt") != "none":
            self.authorizations.append(asked)
        if asked.get("client_id") != CLIENT_ID:
            raise web.HTTPFound(f"{self.base}/error?error=invalid_client")
        if asked.get("redirect_uri") not in self.redirects:
            raise web.HTTPFound(f"{self.base}/error?error=redirect_mismatch")
        if not set(asked["scope"].split()) <= self.scopes:
            raise self._back(asked, {"error": "invalid_scope"})
        if asked.get("prompt") == "none":
            if self.prompt_none_answers:
                raise self._back(asked, {"error": "login_required"})
            return web.Response(text="<form>sign in</form>", content_type="text/html")
        code = f"code-{len(self._codes)}"
        self._codes[code] = {**asked, "auth_time": str(self.clock.now())}
        raise self._back(asked, {"code": code})

    def _back(self, asked: dict[str, str], answer: Claims) -> web.HTTPException:
        fields = self.change_callback({**answer, "state": asked["state"]})
        if asked.get("response_mode") == "form_post":
            inputs = "".join(f'<input type="hidden" name="{n}" value="{escape(str(v))}">' for n, v in fields.items())
            page = (
                f'<body onload="document.forms[0].submit()"><form method="post" action="{asked["redirect_uri"]}">'
                f"{inputs}<button>Go on</button></form></body>"
            )
            return web.HTTPOk(text=page, content_type="text/html")
        return web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(fields, doseq=True)}")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = dict(parse_qsl(await request.text(), keep_blank_values=True))
        self.token_requests.append((form, dict(request.headers)))
        if not self._is_client(form, request.headers.get("authorization", "")):
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form.get("refresh_token", ""))
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return web.json_response({"error": "invalid_grant"}, status=400)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if self.enforces_pkce and challenge.decode() != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = self._grant()
        answer: Claims = {
            "id_token": self.id_token(asked, access),
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 3600,
        }
        if self.refreshes:
            answer["refresh_token"] = self._next_refresh(asked)
        return web.json_response(self.change_token_answer(answer))

    def _grant(self) -> str:
        access = f"access-{len(self._access)}"
        self._access.add(access)
        return access

    def _next_refresh(self, asked: dict[str, str]) -> str:
        token = f"refresh-{self.hits['token']}-{len(self._refresh)}"
        self._refresh[token] = asked
        return token

    def _refreshed(self, token: str) -> web.StreamResponse:
        """Good once where tokens rotate, as RFC 9700 section 4.14.2 has it."""
        asked = self._refresh.get(token)
        if asked is None:
            self.refresh_reused += 1
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = self._grant()
        answer: Claims = {"access_token": access, "token_type": "Bearer", "expires_in": 3600}
        if self.refresh_id_token:
            kept, self.change_claims = self.change_claims, self.change_refreshed
            answer["id_token"] = self.id_token(asked, access)
            self.change_claims = kept
        if self.rotates:
            del self._refresh[token]
            answer["refresh_token"] = self._next_refresh(asked)
        return web.json_response(self.change_token_answer(answer))

    async def _revoke(self, request: web.Request) -> web.StreamResponse:
        form = dict(parse_qsl(await request.text()))
        if not self._is_client(form, request.headers.get("authorization", "")):
            return web.json_response({"error": "invalid_client"}, status=401)
        self.revoked.put_nowait(form["token"])
        self._refresh.pop(form["token"], None)
        return web.Response()

    def revoke(self) -> None:
        """Every refresh token is dead from now on."""
        self._refresh.clear()

    def logout_token(self, **claims: Any) -> str:
        """What tells of a sign-out (Back-Channel Logout 1.0 section 2.4); a claim of ``...`` is left out."""
        now = self.clock.now()
        good = {
            "iss": self.base,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": f"logout-{self.hits['logout_token']}",
            "sub": self.person.sub,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **({"sid": self.sid} if self.sid else {}),
        }
        self.hits["logout_token"] += 1
        return self.sign(merged(**claims)(good))

    def _is_client(self, form: dict[str, str], authorization: str) -> bool:
        if authorization.startswith("Basic "):
            pair = base64.b64decode(authorization[6:]).decode()
            client_id, _, secret = pair.partition(":")
            return (unquote_plus(client_id), unquote_plus(secret)) == (CLIENT_ID, self.client_secret)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, self.client_secret)

    def id_token(self, asked: dict[str, str], access: str) -> str:
        now = self.clock.now()
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = self.change_claims(
            {
                "iss": self.base,
                "sub": self.person.sub,
                "aud": CLIENT_ID,
                "exp": now + 3600,
                "iat": now,
                "auth_time": int(asked["auth_time"]),
                "nonce": asked["nonce"],
                "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
                "email": self.person.email,
                "email_verified": self.person.email_verified,
                "token_use": "id",
                **({"sid": self.sid} if self.sid else {}),
            }
        )
        return self.sign(claims)

    def sign(self, claims: Claims) -> str:
        """By hand: a library would refuse to make the mistakes that are to be caught."""
        header = self.change_header({"alg": "RS256", "kid": self.keys[0].kid})
        payload = _part(msgspec.json.encode(claims))
        match self.signer:
            case "own" | "other" | "tampered":
                key = self.keys[0] if self.signer != "other" else rsa_key("stranger")
                message = f"{_part(msgspec.json.encode(header))}.{payload}"
                private = key.private_key
                assert private is not None
                signature = _part(private.sign(message.encode(), PKCS1v15(), SHA256()))
                return f"{message}.{signature if self.signer != 'tampered' else 'AAAA' + signature[4:]}"
            case "none":
                return f"{_part(msgspec.json.encode({**header, 'alg': 'none'}))}.{payload}."
            case "public-key-as-secret":
                message = f"{_part(msgspec.json.encode({**header, 'alg': 'HS256'}))}.{payload}"
                secret = self.keys[0].as_pem(private=False)
                return f"{message}.{_part(hmac.digest(secret, message.encode(), 'sha256'))}"
            case other:
                raise AssertionError(other)

    async def _userinfo(self, request: web.Request) -> web.StreamResponse:
        access = request.headers.get("authorization", "").removeprefix("Bearer ")
        if access not in self._access:
            return web.json_response({"error": "invalid_token"}, status=401)
        person = self.person
        claims = self.change_userinfo(
            {
                "sub": person.sub,
                "email": person.email,
                "email_verified": person.email_verified,
                "name": person.name,
                **person.extra,
            }
        )
        if self.userinfo_signed:
            return web.Response(text=self.sign(claims), content_type="application/jwt")
        return web.json_response(claims, content_type=self.userinfo_type)

    async def _jwks(self, _request: web.Request) -> web.StreamResponse:
        keys = self.published if self.published is not None else [k.as_dict(private=False) for k in self.keys]
        return web.json_response({"keys": keys})

    async def _discovery(self, _request: web.Request) -> web.StreamResponse:
        document = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/oauth2/authorize",
            "token_endpoint": f"{self.base}/oauth2/token",
            "userinfo_endpoint": f"{self.base}/oauth2/userInfo",
            "jwks_uri": f"{self.base}/.well-known/jwks.json",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "revocation_endpoint": f"{self.base}/oauth2/revoke",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
        }
        return web.json_response(self.change_discovery(document))

    async def _logout(self, request: web.Request) -> web.StreamResponse:
        asked = dict(request.query) or dict(parse_qsl(await request.text()))
        self.logouts.append(asked)
        target = asked.get("logout_uri") or asked.get("post_logout_redirect_uri") or ""
        if target != LOGGED_OUT:
            return web.Response(status=400, text="redirect mismatch")
        answer = self.change_logout_answer({"state": asked["state"]} if "state" in asked else {})
        raise web.HTTPFound(f"{target}?{urlencode(answer)}" if answer else target)

    async def _error(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(status=400, text="An error was encountered with the requested page.")

    # what goes on inside a provider

    def rotate(self, kid: str) -> None:
        self.keys = [rsa_key(kid)]


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def merged(**claims: Any) -> Change:
    """Claims set, or taken out where the value is ``...``."""

    def change(found: Claims) -> Claims:
        together = {**found, **claims}
        return {name: value for name, value in together.items() if value is not ...}

    return change
