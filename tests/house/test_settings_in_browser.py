"""An administrator sets up e-mail against a real mail server, and dresses the login page, in a real browser."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.conftest import browser, page, shots
from tests.journey.installation import Installation, up
from tests.support.smtp import Smtp

pytestmark = pytest.mark.browser
__all__ = ["browser", "page", "shots"]


@pytest.fixture
def mail() -> Iterator[tuple[Smtp, int]]:
    """A mail server in a thread of its own, and its port."""
    taking, ready = Smtp(asks=True), threading.Event()
    stop, loop, port = asyncio.Event(), asyncio.new_event_loop(), 0

    async def serve() -> None:
        nonlocal port
        server = await asyncio.start_server(taking.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    yield taking, port
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with up(tmp_path) as installation:
        yield installation


def test_an_administrator_sets_up_e_mail_and_dresses_the_login_page(
    place: Installation, mail: tuple[Smtp, int], page: Page, browser: Browser, shots: Path
) -> None:
    taking, port = mail
    page.goto(f"{place.house}/user/login")
    page.get_by_label("Email", exact=True).fill(place.email)
    page.get_by_label("Password", exact=True).fill(place.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Email", exact=True).click()
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(port))
    page.get_by_label("Encryption").select_option("none")
    page.get_by_label("From").fill("Acme <no-reply@example.com>")
    page.get_by_label("User name").fill("acme")
    page.get_by_label("Password", exact=True).fill("hush hush")

    taking.refusal = "550 5.7.1 Not from here"
    page.get_by_role("button", name="Send test e-mail").click()
    expect(page.get_by_text("550 5.7.1 Not from here")).to_be_visible()
    taking.refusal = ""
    page.get_by_label("Password", exact=True).fill("hush hush")
    page.get_by_role("button", name="Send test e-mail").click()
    expect(page.get_by_text(f"took it for {place.email}")).to_be_visible()
    assert b"\0acme\0hush hush" == taking.login
    assert "Test e-mail" in taking.message["subject"]
    page.get_by_label("Password", exact=True).fill("hush hush")
    page.get_by_role("button", name="SAVE & RESTART").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="1/1 on version")).to_be_visible()

    page.get_by_role("link", name="Branding").click()
    page.get_by_label("Accent colour", exact=True).fill("#7a1fa2")
    page.get_by_label("Accent colour on dark pages").fill("#c58af9")
    page.get_by_label("Text of the login page").fill("For the staff of Acme")
    large = {"name": "logo.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 2_000_000}
    page.get_by_label("Logo file").set_input_files(large)  # type: ignore[arg-type]
    expect(page.get_by_role("alert").get_by_text("The picture has 1954 KB; at most 32 are taken.")).to_be_visible()
    expect(page.get_by_label("Logo", exact=True)).to_have_value("")
    for theme in ("light", "dark"):
        frame = page.frame_locator(f'iframe[name="preview-{theme}"]')
        expect(frame.get_by_text("For the staff of Acme")).to_be_visible()
    page.get_by_role("button", name="SAVE & RESTART").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.screenshot(path=shots / "branding.png", full_page=True)

    _a_long_name_stays_beside_the_switch(page)

    stranger = browser.new_context().new_page()
    stranger.goto(f"{place.house}/user/login")
    expect(stranger.get_by_text("For the staff of Acme")).to_be_visible()
    accent = stranger.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')")
    assert "#7a1fa2" in accent
    stranger.context.close()


def _a_long_name_stays_beside_the_switch(page: Page) -> None:
    page.get_by_label("Logo", exact=True).fill('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"></svg>')
    page.get_by_role("button", name="SAVE & RESTART").click()
    expect(page.get_by_label("Remove the saved logo")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="General").click()
    page.get_by_label("Instance Name").fill("W" * 60)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    name, switch = page.locator(".bar-brand span").bounding_box(), page.locator(".bar-end").bounding_box()
    assert name is not None
    assert switch is not None
    assert name["x"] + name["width"] <= switch["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
