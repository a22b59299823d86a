"""Providers of other people's making, unmodified: node-oidc-provider from npm, glewlwyd from Debian; one person each."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.clients.apart import program
from tests.clients.javascript import FOLDER, node
from tests.journey.installation import free_port

SECRET = "a-secret-of-a-test-that-is-long-enough"
PASSWORD = "a good password"
MARIA = "maria"
SCHEMA = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
CONFIGURATION = """
port = {port}
bind_address = "127.0.0.1"
external_url = "http://localhost:{port}"
login_url = "login.html"
api_prefix = "api"
log_mode = "file"
log_level = "WARNING"
log_file = "{folder}/glewlwyd.log"
cookie_secure = 0
session_expiration = 3600
session_key = "GLEWLWYD2_SESSION_ID"
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3"; path = "{folder}/glewlwyd.db"; }};
"""


class AtHouse(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered at the provider."""

    back: str
    out: str
    backchannel: str


class Op(msgspec.Struct, frozen=True, kw_only=True):
    """
    A running provider.

    *sign_in* goes from the address where the house sends a browser to the one where the provider sends it back.
    *rename* changes what is said of Maria.
    """

    issuer: str
    client_id: str
    secret: str
    sign_in: Callable[[httpx.Client, str], str]
    rename: Callable[[str], None]


@contextmanager
def node_oidc_provider(folder: Path, house: AtHouse) -> Iterator[Op]:
    port = free_port()
    client = {"id": "house", "secret": SECRET, **msgspec.to_builtins(house)}
    arguments = [node(), str(FOLDER / "oidc-provider.mjs"), str(port), json.dumps(client)]
    with (
        (folder / "oidc-provider.log").open("wb") as log,
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        said, told = process.stdout, process.stdin
        try:
            _wait_for("ready", said)

            def rename(name: str) -> None:
                told.write(json.dumps({"name": name}) + "\n")
                told.flush()
                _wait_for("ok", said)

            issuer = f"http://localhost:{port}"
            yield Op(issuer=issuer, client_id="house", secret=SECRET, sign_in=_by_forms, rename=rename)
        finally:
            process.terminate()


def _wait_for(word: str, said: IO[str]) -> None:
    """Among what the provider itself has to say."""
    assert any(line == f"{word}\n" for line in said), "the provider has ended"


def _by_forms(browser: httpx.Client, url: str) -> str:
    """Its own pages: one asks who it is, one whether the house may know."""
    from tests.clients.house_browser import form_of

    here = httpx.URL(url)
    for _ in range(12):
        answer = browser.get(here)
        if answer.status_code == 200:
            action, fields = form_of(answer)
            if fields.get("prompt") == "login":
                fields |= {"login": MARIA, "password": PASSWORD}
            answer = browser.post(here.join(action), data=fields)
        assert answer.is_redirect, answer.text
        following = here.join(answer.headers["location"])
        if following.port != here.port:
            return str(following)
        here = following
    raise AssertionError("the provider does not come to an end")


@contextmanager
def glewlwyd(folder: Path, house: AtHouse) -> Iterator[Op]:
    if shutil.which("glewlwyd") is None:
        pytest.fail("glewlwyd is not installed: run tools/system.sh", pytrace=False)
    port = free_port()
    base = f"http://localhost:{port}"
    database = sqlite3.connect(folder / "glewlwyd.db")
    database.executescript(SCHEMA.read_text())
    database.close()
    (folder / "glewlwyd.conf").write_text(CONFIGURATION.format(port=port, folder=folder))
    with (
        program(["glewlwyd", f"--config-file={folder}/glewlwyd.conf"], port, folder / "glewlwyd.out"),
        httpx.Client(base_url=base) as admin,
    ):
        _set_up(admin, f"{base}/api/oidc", house)

        def rename(name: str) -> None:
            _put(admin, "PUT", f"/api/user/{MARIA}", _maria(name))

        yield Op(issuer=f"{base}/api/oidc", client_id="house", secret=SECRET, sign_in=_by_api, rename=rename)


def _set_up(admin: httpx.Client, issuer: str, house: AtHouse) -> None:
    """By the calls that its pages make: the plugin for OpenID Connect, two scopes, a person, a client."""
    _put(admin, "POST", "/api/auth/", {"username": "admin", "password": "password"})
    for scope in ("email", "profile"):
        described: dict[str, Any] = {
            "name": scope,
            "display_name": scope,
            "description": scope,
            "password_required": True,
            "scheme": {},
        }
        _put(admin, "POST", "/api/scope/", {**described, "password_max_age": 0})
    plugin = {"module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "parameters": _parameters(issuer)}
    _put(admin, "POST", "/api/mod/plugin/", {**plugin, "enabled": True, "readonly": False})
    _put(admin, "POST", "/api/user/", {**_maria("Maria Lopez"), "username": MARIA, "password": PASSWORD})
    client = {
        "client_id": "house", "name": "House", "confidential": True, "client_secret": SECRET, "password": SECRET,
        "scope": [], "enabled": True, "redirect_uri": [house.back], "post_logout_redirect_uris": house.out,
        "backchannel_logout_uri": house.backchannel, "authorization_type": ["code", "refresh_token"],
        "token_endpoint_auth_method": ["client_secret_basic"],
    }  # fmt: skip
    _put(admin, "POST", "/api/client/", client)


def _parameters(issuer: str) -> dict[str, Any]:
    key = rsa.generate_private_key(65537, 2048)
    off = ("token", "none", "password", "client", "device", "implicit")
    return {
        "iss": issuer,
        "jwt-type": "rsa",
        "jwt-key-size": "256",
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(),
        "cert": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "access-token-duration": 3600,
        "refresh-token-duration": 86400,
        "refresh-token-rolling": True,
        "refresh-token-one-use": "always",
        "code-duration": 600,
        "allow-non-oidc": False,
        "auth-type-code-enabled": True,
        "auth-type-refresh-enabled": True,
        "auth-type-id-token-enabled": True,
        **{f"auth-type-{name}-enabled": False for name in off},
        "pkce-allowed": True,
        "pkce-method-plain-allowed": False,
        "subject-type": "public",
        "allowed-scope": ["openid", "email", "profile"],
        "introspection-revocation-allowed": True,
        "introspection-revocation-allow-target-client": True,
        "introspection-revocation-auth-scope": [],
        "session-management-allowed": True,
        "session-cookie-name": "GLEWLWYD2_OIDC_SESSION_ID",
        "session-cookie-expiration": 86400,
        "back-channel-logout-allowed": True,
        "front-channel-logout-allowed": False,
        "name-claim": "on-demand",
        "name-claim-scope": ["profile"],
        "email-claim": "on-demand",
        "email-claim-scope": ["email"],
        "claims": [],
    }


def _maria(name: str) -> dict[str, Any]:
    scopes = ["openid", "email", "profile", "g_profile"]
    return {"name": name, "email": "maria@example.com", "scope": scopes, "enabled": True}


def _by_api(browser: httpx.Client, url: str) -> str:
    """Its page is a script, which makes these calls."""
    asked = browser.get(url)
    assert "/login.html" in asked.headers["location"], asked.text
    base = httpx.URL(url)
    _put(browser, "POST", str(base.join("/api/auth/")), {"username": MARIA, "password": PASSWORD})
    _put(browser, "PUT", str(base.join("/api/auth/grant/house/")), {"scope": "openid email profile"})
    answer = browser.get(f"{url}&g_continue=1")
    return str(answer.headers["location"])


def _put(client: httpx.Client, method: str, path: str, body: dict[str, Any]) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
