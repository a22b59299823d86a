"""glewlwyd as it is measured: Debian's package with its SQLite database, set up by its own API."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from oauth_servers import PKCE, SECRET, Server, exchange, jar, started
from product import BACK, PASSWORD, SESSIONS

SCHEMA: Final = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
MODULES: Final = Path("/usr/lib/glewlwyd")
ADMINISTRATOR: Final = {"username": "admin", "password": "password"}
SCOPES: Final = ("openid", "email")
CONFIGURATION: Final = """
port = {port}
external_url = "http://localhost:{port}/"
api_prefix = "api"
log_mode = "console"
log_level = "ERROR"
cookie_secure = 0
session_expiration = 86400
session_key = "SESSION"
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "{modules}/user"
client_module_path = "{modules}/client"
user_auth_scheme_module_path = "{modules}/scheme"
plugin_module_path = "{modules}/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.db" }}
"""


def is_here() -> bool:
    return shutil.which("glewlwyd") is not None and SCHEMA.exists()


@contextlib.contextmanager
def glewlwyd(folder: Path, port: int) -> Iterator[Server]:
    """With the apps and the people that the others have."""
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "glewlwyd.db")) as database:
        database.executescript(SCHEMA.read_text())
    configuration = folder / "glewlwyd.conf"
    configuration.write_text(CONFIGURATION.format(port=port, folder=folder, modules=MODULES))
    base = f"http://localhost:{port}"
    with started("glewlwyd", ["glewlwyd", f"--config-file={configuration}"], folder, base) as pid:
        _set_up(base)
        oidc = f"{base}/api/oidc"
        asked = {"response_type": "code", "client_id": "web", "redirect_uri": BACK, "scope": " ".join(SCOPES),
                 "state": "abc", "nonce": "def", "g_continue": "", **PKCE}  # fmt: skip
        client = urlencode({"client_id": "web", "client_secret": SECRET})
        machine = {"grant_type": "client_credentials", "client_id": "machine", "client_secret": SECRET,
                   "scope": "read"}  # fmt: skip
        server = Server(
            name="glewlwyd",
            base=base,
            pid=pid,
            discovery=f"{oidc}/.well-known/openid-configuration",
            jwks=f"{oidc}/jwks",
            token=f"{oidc}/token",
            authorize=f"{oidc}/auth?{urlencode(asked)}",
            machine=urlencode(machine),
            exchange=exchange(client),
            cookies=tuple(_session(base, f"person-{number:02}") for number in range(SESSIONS)),
        )
        server.begin_refreshing(client)
        yield server


def _said(answer: httpx.Response) -> None:
    if answer.status_code != 200:
        raise SystemExit(f"glewlwyd, {answer.request.url}: {answer.status_code} {answer.text[:500]}")


def _set_up(base: str) -> None:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    parameters: dict[str, Any] = {
        "iss": f"{base}/api/oidc", "subject-type": "public", "jwt-type": "rsa", "jwt-key-size": "256",
        "key": private.decode(), "cert": public.decode(), "access-token-duration": 3600,
        "refresh-token-duration": 86400, "code-duration": 600, "refresh-token-rolling": False,
        "refresh-token-one-use": "never", "allow-non-oidc": True, "auth-type-code-enabled": True,
        "auth-type-client-enabled": True, "auth-type-refresh-enabled": True, "auth-type-token-enabled": False,
        "auth-type-password-enabled": False, "auth-type-device-enabled": False, "jwks-show": True,
        "pkce-allowed": True, "pkce-method-plain-allowed": False,
    }  # fmt: skip
    web = {"authorization_type": ["code", "refresh_token"], "redirect_uri": [BACK], "scope": []}
    machine = {"authorization_type": ["client_credentials"], "redirect_uri": [], "scope": ["read"]}
    with httpx.Client(base_url=base) as http:
        _said(http.post("/api/auth/", json=ADMINISTRATOR))
        for scope in ("email", "read"):
            given: dict[str, Any] = {"name": scope, "display_name": scope, "password_required": False, "scheme": {}}
            _said(http.post("/api/scope/", json=given))
        plugin = {"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": parameters}
        _said(http.post("/api/mod/plugin/", json=plugin))
        for name, of_it in (("web", web), ("machine", machine)):
            client = {"client_id": name, "name": name, "enabled": True, "confidential": True, "client_secret": SECRET,
                      "token_endpoint_auth_method": ["client_secret_post"], **of_it}  # fmt: skip
            _said(http.post("/api/client/", params={"source": "database"}, json=client))
        for number in range(SESSIONS):
            name = f"person-{number:02}"
            user = {"username": name, "name": name, "password": PASSWORD, "email": f"{name}@example.com",
                    "enabled": True, "scope": [*SCOPES]}  # fmt: skip
            _said(http.post("/api/user/", params={"source": "database"}, json=user))


def _session(base: str, name: str) -> str:
    """The cookie of somebody who has signed in and agreed."""
    with httpx.Client(base_url=base) as browser:
        _said(browser.post("/api/auth/", json={"username": name, "password": PASSWORD}))
        _said(browser.put("/api/auth/grant/web", json={"scope": " ".join(SCOPES)}))
        return jar(browser)
