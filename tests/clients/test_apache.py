"""mod_auth_openidc before a page of Apache's, both from Debian, unmodified."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.apart import program
from tests.clients.browser import Browser
from tests.clients.known import Known
from tests.clients.relying import PASSWORD, USERNAME, App, Provider, a_provider
from tests.journey.installation import Installation, free_port

pytestmark = pytest.mark.client

MODULES = Path("/usr/lib/apache2/modules")
CONFIGURATION = """
ServerName localhost
Listen 127.0.0.1:{port}
ServerRoot {folder}
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
Mutex file:{folder} default
ErrorLog {folder}/error.log
LogLevel warn auth_openidc:info
{user}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
DocumentRoot {folder}/pages
DirectoryIndex index.html
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {app.client_id}
OIDCClientSecret {app.client_secret}
OIDCRedirectURI {here}/inside/oidc
OIDCCryptoPassphrase of-a-test-of-a-test
OIDCScope "openid email profile"
OIDCPKCEMethod S256
OIDCRemoteUserClaim email
OIDCInfoHook userinfo access_token refresh_token id_token
<Location /inside>
  AuthType openid-connect
  Require valid-user
</Location>
"""
INSIDE = "<!doctype html><title>Inside</title>"


def apache() -> str:
    """The server with the module, which `make test` installs."""
    found = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None or not (MODULES / "mod_auth_openidc.so").exists():
        pytest.fail(
            "Apache or mod_auth_openidc is not installed: run make test,"
            " or tools/system.sh apache2-bin libapache2-mod-auth-openidc",
            pytrace=False,
        )
    return found


@pytest.fixture(scope="module", params=["cognito", "openid"])
def dialect(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def provider(dialect: str, idp: Any, place: Installation, known: Known) -> Provider:
    return a_provider(idp, place, known, {"cognito": "apache", "openid": "apache-openid"}[dialect])


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not pytest's, which is for its own user alone: started as root, Apache becomes another."""
    with tempfile.TemporaryDirectory(prefix="poolhouse-apache-") as name:
        made = Path(name)
        if os.geteuid() == 0:
            shutil.chown(made, "www-data")
        yield made


@pytest.fixture(scope="module")
def site(provider: Provider, dialect: str, folder: Path) -> Iterator[str]:
    port = free_port()
    here = f"http://localhost:{port}"
    told = f"{here}/inside/oidc?logout=backchannel"
    # The module knows its sessions by the sid of their ID tokens, and none by sub then.
    app = provider.an_app(
        f"{here}/inside/oidc", out=[f"{here}/"], dialect=dialect, backchannel_logout_uri=told,
        backchannel_logout_session_required="true",
    )  # fmt: skip
    for page, text in {"pages/index.html": "Nobody is here.", "pages/inside/index.html": INSIDE}.items():
        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        (folder / page).write_text(text)
    configuration = folder / "apache.conf"
    configuration.write_text(configured(folder, port, here, provider, app))
    with program([apache(), "-f", str(configuration), "-D", "FOREGROUND"], port, folder / "apache.log"):
        yield here


def configured(folder: Path, port: int, here: str, provider: Provider, app: App) -> str:
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    return CONFIGURATION.format(
        folder=folder, port=port, here=here, issuer=provider.issuer, app=app, modules=MODULES, user=user
    )


@pytest.fixture
def browser(place: Installation, site: str) -> Iterator[Browser]:
    opened = Browser(place.base, site)
    yield opened
    opened.http.close()


def info(browser: Browser, site: str) -> dict[str, Any]:
    """What the module knows of the session."""
    answer = browser.go("GET", f"{site}/inside/oidc?info=json").raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_a_page_is_behind_a_sign_in_with_refresh_and_sign_out(browser: Browser, site: str) -> None:
    page = browser.sign_in(browser.go("GET", f"{site}/inside/"), USERNAME, PASSWORD)
    assert (f"{site}/inside/", INSIDE) == (str(page.url), page.text)
    first = info(browser, site)
    assert ("ada@example.com", "Ada") == (first["userinfo"]["email"], first["userinfo"]["given_name"])

    query = {"refresh": f"{site}/inside/", "access_token": first["access_token"]}
    refreshed = browser.go("GET", str(httpx.URL(f"{site}/inside/oidc", params=query)))
    assert (f"{site}/inside/", INSIDE) == (str(refreshed.url), refreshed.text)
    assert first["access_token"] != info(browser, site)["access_token"]

    gone = browser.go("GET", str(httpx.URL(f"{site}/inside/oidc", params={"logout": f"{site}/"})))
    assert (f"{site}/", "Nobody is here.") == (str(gone.url), gone.text)
    assert "password" in browser.go("GET", f"{site}/inside/").text


def test_whoever_is_signed_out_by_an_administrator_is_out_here(
    browser: Browser, site: str, provider: Provider, folder: Path
) -> None:
    """By a back-channel logout, which the module verifies."""
    page = browser.sign_in(browser.go("GET", f"{site}/inside/"), USERNAME, PASSWORD)
    assert INSIDE == page.text
    provider.idp.admin_user_global_sign_out(UserPoolId=provider.pool_id, Username=USERNAME)

    # The session here is what has ended: the pool's own, in the browser, goes on, as the service's does.
    until = time.monotonic() + 15
    while (answer := browser.http.get(f"{site}/inside/")).status_code == 200:
        assert time.monotonic() < until, (folder / "error.log").read_text()
        time.sleep(0.1)
    assert answer.headers["location"].startswith(provider.place.base)
