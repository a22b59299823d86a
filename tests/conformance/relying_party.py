"""
A relying party that trusts nothing: what the conformance suite checks of every answer is checked of every answer.

It knows the provider by its discovery document alone, and is a person's browser as well: it fills in the sign-in page.
"""

import base64
import hashlib
import json
import re
from itertools import count
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import KeySet

from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD
from tests.support.hosted import Form, Page, from_here
from tests.support.web import CALLBACK, basic_header

_ERROR = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
_TOKEN = re.compile(r"[\x20-\x7e]+")
_numbers = count(1)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser came out: at the app with an *answer*, or on a *page* of the provider."""

    asked: dict[str, str]
    answer: dict[str, str] | None
    page: Page | None
    forms: tuple[str, ...]

    @property
    def signed_in(self) -> bool:
        """Whether the sign-in page was shown on the way."""
        return "login" in self.forms


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What the token endpoint gave, looked at; *claims* are those of the ID token."""

    access: str
    refresh: str | None
    identity: str
    claims: dict[str, Any]
    scope: str


class RelyingParty:
    def __init__(
        self, web: httpx.AsyncClient, client: ClientEntry, user: User, metadata: dict[str, Any], mode: str | None
    ) -> None:
        self.web = web
        self.client = client
        self.user = user
        self.metadata = metadata
        self.mode = mode

    @classmethod
    async def discover(cls, web: httpx.AsyncClient, client: ClientEntry, user: User, mode: str | None = None) -> Self:
        issuer = f"https://pool.example/{client.client.pool_id}"
        reply = await web.get(f"{issuer}/.well-known/openid-configuration")
        assert 200 == reply.status_code
        metadata = reply.json()
        assert issuer == metadata["issuer"]
        return cls(web, client, user, metadata, mode)

    def acting_as(self, client: ClientEntry) -> "RelyingParty":
        """Another app at the same provider, in the same browser."""
        return RelyingParty(self.web, client, self.user, self.metadata, self.mode)

    # The authorization endpoint.

    def request(self, **more: str | None) -> dict[str, str]:
        """An authorization request with a fresh state and nonce."""
        number = next(_numbers)
        asked: dict[str, str | None] = {
            "client_id": self.client.client.id,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": f"state-{number} &=+%\"'<é>",
            "nonce": f"nonce-{number}",
            "response_type": "code",
            "response_mode": self.mode,
        }
        return {name: value for name, value in (asked | more).items() if value is not None}

    async def authorize(self, **more: str | None) -> Arrival:
        """Send the browser off and follow it, through the sign-in page if there is one, to where it comes out."""
        return await self.send(self.request(**more))

    async def send(self, asked: dict[str, str]) -> Arrival:
        url = f"{self.metadata['authorization_endpoint']}?{urlencode(asked)}"
        return await self.follow(asked, await self.web.get(url))

    async def follow(self, asked: dict[str, str], reply: httpx.Response) -> Arrival:
        forms: list[str] = []
        for _ in range(8):
            target = reply.headers.get("location", "")
            if target:
                assert reply.status_code in {302, 303}, "a browser would post again"
                if _is_callback(target):
                    answer = _in_url(target)
                    break
                reply = await self.web.get(httpx.URL(str(reply.url)).join(target))
                continue
            page = Page(reply)
            if not page.forms or page.status != 200:
                return Arrival(asked=asked, answer=None, page=page, forms=tuple(forms))
            form = page.forms[0]
            if _is_callback(form.action):
                answer = _in_form(reply, form)
                break
            forms.append(urlsplit(form.action).path.rsplit("/", 1)[-1])
            reply = await self.web.post(form.action, data=self._filled(form, forms[-1]), headers=from_here(self.web))
        else:
            raise AssertionError("the browser goes round in circles")
        in_url = "location" in reply.headers
        wanted = asked.get("response_mode", "query")
        assert (wanted == "form_post") != in_url, "the answer came in another mode than was asked for"
        self._check_answer(asked, answer)
        return Arrival(asked=asked, answer=answer, page=None, forms=tuple(forms))

    def _filled(self, form: Form, name: str) -> dict[str, str]:
        if name == "consent":
            return {**form.fields, "answer": "allow"}
        assert "login" == name
        return {**form.fields, "username": self.user.username, "password": PASSWORD}

    def _check_answer(self, asked: dict[str, str], answer: dict[str, str]) -> None:
        """What every answer has, a code or an error (RFC 6749 section 4.1.2, RFC 9207)."""
        assert asked.get("state") == answer.get("state")
        assert self.metadata["issuer"] == answer["iss"]
        if "error" in answer:
            assert "code" not in answer
            assert _ERROR.fullmatch(answer["error"])
            assert _ERROR.fullmatch(answer.get("error_description", ""))
        else:
            assert {"code", "iss"} <= set(answer) <= {"code", "iss", "state"}
            assert _TOKEN.fullmatch(answer["code"])

    async def code(self, **more: str | None) -> tuple[dict[str, str], str]:
        """A request that succeeds, and its code."""
        arrival = await self.authorize(**more)
        return arrival.asked, code_of(arrival)

    # The token endpoint.

    async def token(self, *, post: bool = False, **form: str | None) -> httpx.Response:
        given = {name: value for name, value in form.items() if value is not None}
        headers = {"accept": "application/json"}
        client_id = self.client.client.id
        if not self.client.secrets:
            given |= {"client_id": client_id}
        elif post:
            given |= {"client_id": client_id, "client_secret": self.client.secrets[0]}
        else:
            headers["authorization"] = basic_header(client_id, self.client.secrets[0])
        return await self.web.post(self.metadata["token_endpoint"], data=given, headers=headers)

    async def redeem(self, code: str, **more: Any) -> httpx.Response:
        return await self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)

    async def tokens(self, arrival: Arrival, **more: Any) -> Tokens:
        """Redeem the code of an answer, and look at everything that comes of it."""
        return await self.read(await self.redeem(code_of(arrival), **more), nonce=arrival.asked.get("nonce"))

    async def sign_in(self, **more: str | None) -> Tokens:
        """A whole flow, from the request to the tokens."""
        return await self.tokens(await self.authorize(**more))

    async def read(self, reply: httpx.Response, *, nonce: str | None) -> Tokens:
        """The tokens of an answer of the token endpoint (RFC 6749 section 5.1, OIDC Core section 3.1.3.3)."""
        assert 200 == reply.status_code, reply.text
        assert reply.headers["content-type"].startswith("application/json")
        assert "no-store" in reply.headers["cache-control"]
        body = reply.json()
        assert "bearer" == body["token_type"].lower()
        assert _TOKEN.fullmatch(body["access_token"])
        assert _TOKEN.fullmatch(body.get("refresh_token", "-"))
        assert isinstance(body["expires_in"], int)
        assert body["expires_in"] > 0
        claims = await self.check_identity(body["id_token"], nonce=nonce, access=body["access_token"])
        return Tokens(
            access=body["access_token"],
            refresh=body.get("refresh_token"),
            identity=body["id_token"],
            claims=claims,
            scope=body["scope"],
        )

    async def check_identity(self, token: str, *, nonce: str | None, access: str) -> dict[str, Any]:
        """OIDC Core sections 2 and 3.1.3.7; by another implementation than the one that signed it."""
        published = (await self.web.get(self.metadata["jwks_uri"])).json()
        assert all("d" not in key for key in published["keys"])
        header = json.loads(_decoded(token.split(".", maxsplit=1)[0]))
        algorithm = header["alg"]
        assert "RS256" == algorithm
        assert algorithm in self.metadata["id_token_signing_alg_values_supported"]
        (key,) = [each for each in published["keys"] if each["kid"] == header["kid"]]
        assert ("RSA", "sig", algorithm) == (key["kty"], key["use"], key["alg"])
        claims: dict[str, Any] = jwt.decode(
            token, KeySet.import_key_set({"keys": [key]}), algorithms=[algorithm]
        ).claims
        assert self.metadata["issuer"] == claims["iss"]
        assert self.client.client.id == claims["aud"]
        assert all(isinstance(claims[name], int) for name in ("exp", "iat", "auth_time"))
        assert claims["auth_time"] <= claims["iat"] < claims["exp"]
        assert re.fullmatch(r"[\x20-\x7e]{1,255}", claims["sub"])
        assert nonce == claims.get("nonce")
        left = hashlib.sha256(access.encode()).digest()[:16]
        assert base64.urlsafe_b64encode(left).rstrip(b"=").decode() == claims["at_hash"]
        assert isinstance(claims.get("acr", ""), str)
        assert all(isinstance(each, str) for each in claims.get("amr", []))
        return claims

    async def refresh(self, refresh_token: str) -> httpx.Response:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token)

    # UserInfo.

    async def user_info(self, tokens: Tokens, how: str = "header", method: str = "GET") -> dict[str, Any]:
        """The user's claims, of the types that OIDC Core section 5.1 gives them, about the ID token's subject."""
        reply = await self.ask_user_info(tokens.access, how, method)
        assert 200 == reply.status_code, reply.text
        assert reply.headers["content-type"].startswith("application/json")
        claims: dict[str, Any] = reply.json()
        assert tokens.claims["sub"] == claims["sub"]
        check_types(claims)
        return claims

    async def ask_user_info(self, access: str, how: str = "header", method: str = "GET") -> httpx.Response:
        url = self.metadata["userinfo_endpoint"]
        if how == "body":
            return await self.web.post(url, data={"access_token": access})
        return await self.web.request(method, url, headers={"authorization": f"Bearer {access}"})


def check_types(claims: dict[str, Any]) -> None:
    """OIDC Core section 5.1: no claim is null, or empty, or of another type."""
    for name, value in claims.items():
        if name in {"email_verified", "phone_number_verified"}:
            assert isinstance(value, bool), name
        elif name == "updated_at":
            assert isinstance(value, int), name
        elif name == "address":
            assert isinstance(value, dict), name
            assert value, name
            assert all(isinstance(each, str) for each in value.values()), name
        else:
            assert isinstance(value, str), name
            assert value, name
    assert re.fullmatch(r"\d{4}(-\d{2}-\d{2})?|", claims.get("birthdate", ""))


def code_of(arrival: Arrival) -> str:
    assert arrival.answer is not None, arrival.page and arrival.page.words
    assert "code" in arrival.answer, arrival.answer
    return arrival.answer["code"]


def error_of(arrival: Arrival) -> str:
    """The error that the app was told."""
    assert arrival.answer is not None, arrival.page and arrival.page.words
    return arrival.answer["error"]


def _is_callback(url: str) -> bool:
    return url == CALLBACK or url.startswith((f"{CALLBACK}?", f"{CALLBACK}#"))


def _in_url(target: str) -> dict[str, str]:
    url = urlsplit(target)
    assert not url.fragment, "a code is not for scripts"
    return _once(parse_qsl(url.query, keep_blank_values=True, strict_parsing=True))


def _in_form(reply: httpx.Response, form: Form) -> dict[str, str]:
    """OAuth 2.0 Form Post Response Mode section 2: a page that is sent by itself, is not kept, and leaks no address."""
    assert reply.headers["content-type"].startswith("text/html")
    assert "no-store" in reply.headers["cache-control"]
    assert 'method="post"' in reply.text
    assert CALLBACK == form.action
    assert "<script" in reply.text
    assert not re.search(r"<script(?![^>]*\bsrc=)", reply.text), "the policy forbids scripts within the page"
    return _once([(name, value) for name, value in form.fields.items() if name])


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    assert len(pairs) == len(dict(pairs)), "a parameter came twice"
    return dict(pairs)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
