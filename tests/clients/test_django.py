"""A Django project with mozilla-django-oidc and with Authlib, unmodified: see `django_site.py`."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.apart import program
from tests.clients.browser import Browser
from tests.clients.known import Known
from tests.clients.relying import PASSWORD, USERNAME, a_provider
from tests.journey.installation import Installation, free_port

pytestmark = pytest.mark.client


@pytest.fixture(scope="module", params=["cognito", "openid"])
def site(
    request: pytest.FixtureRequest,
    idp: Any,
    place: Installation,
    known: Known,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The project, registered once in either dialect."""
    folder, port = tmp_path_factory.mktemp("django"), free_port()
    here = f"http://localhost:{port}"
    provider = a_provider(idp, place, known, {"cognito": "django", "openid": "django-openid"}[request.param])
    back = [f"{here}/oidc/callback/", f"{here}/authlib/callback"]
    app = provider.an_app(*back, out=[f"{here}/", f"{here}/authlib/gone"], dialect=request.param)
    given = {"issuer": provider.issuer, "client_id": app.client_id, "client_secret": app.client_secret, "port": port}
    line = [sys.executable, "-m", "tests.clients.django_site", json.dumps({**given, "folder": str(folder)})]
    with program(line, port, folder / "django.log"):
        yield here


@pytest.fixture
def browser(place: Installation, site: str) -> Iterator[Browser]:
    opened = Browser(place.base, site)
    yield opened
    opened.http.close()


def test_mozilla_django_oidc(browser: Browser, site: str) -> None:
    home = browser.sign_in(browser.go("GET", f"{site}/oidc/authenticate/"), USERNAME, PASSWORD)
    assert (f"{site}/mozilla/", {"email": "ada@example.com"}) == (str(home.url), home.json())
    # Its way to refresh is to ask the provider again, without a page.
    again = browser.go("GET", f"{site}/mozilla/later/")
    assert (f"{site}/mozilla/", {"email": "ada@example.com"}) == (str(again.url), again.json())

    gone = browser.go("GET", f"{site}/oidc/logout/")
    assert (f"{site}/", "Nobody is here.") == (str(gone.url), gone.text)
    assert {"email": None} == browser.go("GET", f"{site}/mozilla/").json()
    assert "password" in browser.go("GET", f"{site}/oidc/authenticate/").text


def test_authlib(browser: Browser, site: str) -> None:
    signed_in = browser.sign_in(browser.go("GET", f"{site}/authlib/login"), USERNAME, PASSWORD).json()
    assert signed_in["claims"]["sub"] == signed_in["userinfo"]["sub"]
    assert "ada@example.com" == signed_in["userinfo"]["email"]

    fresh = browser.go("GET", f"{site}/authlib/refresh").json()
    assert signed_in["userinfo"] == fresh["userinfo"]
    assert signed_in["claims"]["sub"] == fresh["claims"]["sub"]

    gone = browser.go("GET", f"{site}/authlib/logout")
    assert "Nobody is here." == gone.text
    assert str(gone.url).startswith(f"{site}/authlib/gone?state=")
    assert "password" in browser.go("GET", f"{site}/authlib/login").text
