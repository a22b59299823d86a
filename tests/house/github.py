"""A GitHub of our own, on loopback: OAuth 2.0, ``/user`` and ``/user/emails``, with its habit of answering 200."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from poolhouse.house.provider import Kind, Provider
from poolhouse.house.rp.github import github_settings
from poolhouse.kit.ambient import Secret

CLIENT_ID, CLIENT_SECRET = "Iv1.house", "gh-secret"


@dataclass
class User:
    id: int = 583231
    login: str = "octocat"
    name: str | None = "Mona Lisa"
    email: str | None = "public@profile.example"
    emails: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"email": "old@example.com", "primary": False, "verified": True},
            {"email": "octocat@example.com", "primary": True, "verified": True},
        ]
    )


class GitHub:
    """Laid out as an Enterprise Server is: the API below its own host."""

    def __init__(self) -> None:
        self.base = ""
        self.user = User()
        self.client_secret = CLIENT_SECRET
        self.scope = "read:user,user:email"
        self.authorizations: list[dict[str, str]] = []
        self.token_requests: list[dict[str, str]] = []
        self.asked_api: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/login/oauth/authorize", self._authorize)
        app.router.add_post("/login/oauth/access_token", self._token)
        app.router.add_get("/api/v3/user", self._user)
        app.router.add_get("/api/v3/user/emails", self._emails)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def provider(self, **other: Any) -> Provider:
        settings = github_settings(client_id=CLIENT_ID, client_secret=Secret(CLIENT_SECRET), base=self.base)
        return Provider(
            **{"id": "github", "kind": Kind.GITHUB, "label": "SIGN IN WITH GITHUB", "settings": settings, **other}
        )

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        asked = dict(request.query)
        if asked.get("prompt") == "none":
            raise web.HTTPFound(f"{self.base}/login?return_to=/login/oauth/authorize")
        self.authorizations.append(asked)
        code = f"gh-code-{len(self._codes)}"
        self._codes[code] = asked
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = dict(parse_qsl(await request.text()))
        self.token_requests.append(form)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, self.client_secret):
            return web.json_response({"error": "incorrect_client_credentials"})
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return web.json_response({"error": "bad_verification_code"})
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if challenge.decode() != asked["code_challenge"]:
            return web.json_response({"error": "bad_verification_code"})
        return web.json_response({"access_token": "gho_token", "token_type": "bearer", "scope": self.scope})

    def _check(self, request: web.Request) -> None:
        self.asked_api.append(request.path)
        if request.headers.get("authorization") != "Bearer gho_token":
            raise web.HTTPUnauthorized

    async def _user(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        user = self.user
        return web.json_response({"id": user.id, "login": user.login, "name": user.name, "email": user.email})

    async def _emails(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        return web.json_response(self.user.emails)
