"""mod_auth_openidc before a page of Apache's, both from Debian, unmodified."""

import os
import pwd
import shutil
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
def site(
    request: pytest.FixtureRequest,
    idp: Any,
    place: Installation,
    known: Known,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Registered in either dialect."""
    provider = a_provider(idp, place, known, {"cognito": "apache", "openid": "apache-openid"}[request.param])
    folder, port = tmp_path_factory.mktemp("apache"), free_port()
    here = f"http://localhost:{port}"
    app = provider.an_app(f"{here}/inside/oidc", out=[f"{here}/"], dialect=request.param)
    for page, text in {"pages/index.html": "Nobody is here.", "pages/inside/index.html": INSIDE}.items():
        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        (folder / page).write_text(text)
    configuration = folder / "apache.conf"
    configuration.write_text(configured(folder, port, here, provider, app))
    with program([apache(), "-f", str(configuration), "-D", "FOREGROUND"], port, folder / "apache.log"):
        yield here


def configured(folder: Path, port: int, here: str, provider: Provider, app: App) -> str:
    """Started as root Apache wants another user, who has to reach the pages."""
    user = ""
    if os.geteuid() == 0:
        user = "User www-data\nGroup www-data"
        shutil.chown(folder, "www-data")
        for above in (folder, *folder.parents):
            if above.stat().st_uid in {0, pwd.getpwnam("www-data").pw_uid} and above.is_relative_to("/tmp"):
                above.chmod(above.stat().st_mode | 0o111)
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
