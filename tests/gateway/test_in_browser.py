"""A person opens an app behind the gateway: from the app's own address, over the pool's sign-in page, back to the page."""

import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.conftest import browser, page, shots
from tests.journey.installation import Installation, up

pytestmark = pytest.mark.browser
__all__ = ["browser", "page", "shots"]


class App(http.server.BaseHTTPRequestHandler):
    """Says who it has been told it is, and with which cookies."""

    def do_GET(self) -> None:
        said = {name: self.headers.get(name, "-") for name in ("X-Forwarded-User", "Cookie", "X-Forwarded-Proto")}
        body = f"<!doctype html><title>App</title><h1>{self.path}</h1><pre>{said}</pre>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "own=1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with up(tmp_path) as installation:
        yield installation


def demo_password(place: Installation) -> str:
    found = re.search(r"Demo user\s+\S+\s+(\S+)", place.log.read_text())
    assert found is not None
    return found[1]


def test_a_person_opens_an_app_through_the_pools_sign_in(
    place: Installation, app: str, browser: Browser, page: Page, shots: Path
) -> None:
    port = place.house.rpartition(":")[2]
    wiki = f"http://wiki.localhost:{port}"
    page.goto(f"{place.house}/user/login")
    page.get_by_label("Email", exact=True).fill(place.email)
    page.get_by_label("Password", exact=True).fill(place.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{place.house}/settings/apps/new")
    page.get_by_label("Name", exact=True).fill("Wiki")
    page.get_by_label("URL", exact=True).fill(wiki + "/")
    expect(page.get_by_label("Upstream", exact=True)).to_be_hidden()
    page.get_by_label("Behind the gateway").check(force=True)
    page.get_by_label("Upstream", exact=True).fill(app)
    page.screenshot(path=shots / "form.png", full_page=True)
    page.get_by_role("button", name="Add app", exact=True).click()
    expect(page.get_by_role("link", name="Wiki")).to_be_visible()
    page.screenshot(path=shots / "apps.png", full_page=True)

    person = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    person.set_default_timeout(15_000)
    person.goto(f"{wiki}/page?q=1")
    person.get_by_role("button", name="SIGN IN WITH OIDC SSO").click()
    person.get_by_label("Email", exact=True).fill("demo@example.com")
    if person.get_by_label("Password", exact=True).count() == 0:
        person.keyboard.press("Enter")
    person.get_by_label("Password", exact=True).fill(demo_password(place))
    person.keyboard.press("Enter")
    expect(person.get_by_role("heading", name="/page?q=1")).to_be_visible()

    assert f"{wiki}/page?q=1" == person.url
    assert "demo@example.com" in person.inner_text("pre")
    person.reload()
    assert "'Cookie': 'own=1'" in person.inner_text("pre"), "the app's own cookie, and none of the house"
    names = {cookie["name"]: cookie["domain"] for cookie in person.context.cookies()}
    assert "localhost" == names["house_session"], "the house's cookie is the house's alone"
    why_not(place, page, person, wiki, shots)
    person.context.close()


def why_not(place: Installation, page: Page, person: Page, wiki: str, shots: Path) -> None:
    """The administrator sets a rule, and the person reads at once which one does not fit."""
    page.goto(f"{place.house}/settings/apps")
    page.get_by_role("link", name="Wiki").click()
    page.get_by_label("Groups", exact=True).fill("staff\nteam lead")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/settings/apps?done=changed")
    person.goto(f"{wiki}/page")
    expect(person.get_by_role("heading", name="You may not open Wiki")).to_be_visible()
    expect(person.get_by_text("staff or team lead")).to_be_visible()
    for width, scheme in ((1280, "light"), (360, "dark")):
        person.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        person.set_viewport_size({"width": width, "height": 800})
        person.screenshot(path=shots / f"why-not-{width}.png", full_page=True)
    assert person.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.goto(page.url.partition("?")[0])
    page.get_by_role("link", name="Wiki").click()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    page.screenshot(path=shots / "form-360.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
