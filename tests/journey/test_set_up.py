"""
The administrator's way to other settings: a wrong secret that Test login names, mended, seen with its claims, saved
beside what is in force, signed in through, in force.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journey.installation import Installation, command, environment, up

pytestmark = pytest.mark.browser

DEMO = "demo@example.com"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Installation]:
    """``poolhouse up`` with its demo: a pool, and a house that signs in with it."""
    with up(tmp_path) as place:
        yield place


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sign_in_there(page: Page, place: Installation) -> None:
    """On the pool's own page."""
    found = re.search(rf"{DEMO}\s+(\S+)", place.log.read_text())
    assert found is not None
    page.locator("input[name=username]").fill(DEMO)
    page.locator("input[name=password]").fill(found[1])
    press(page, "Sign in")


def test_settings_are_tried_mended_and_put_in_force(demo: Installation, page: Page, shots: Path) -> None:
    page.goto(demo.house)
    page.get_by_label("Email", exact=True).fill(demo.email)
    page.get_by_label("Password", exact=True).fill(demo.password)
    press(page, "Sign in")
    page.goto(f"{demo.house}/settings/authentication/oidc")

    page.get_by_label("Client Secret", exact=True).fill("a slip of the pen")
    page.get_by_label("Scope", exact=True).fill("openid email")
    press(page, "Test login")
    row = page.get_by_role("row", name=re.compile("^Client Secret"))
    expect(row).to_contain_text("Wrong")
    page.screenshot(path=shots / "01-wrong.png", full_page=True)

    page.goto(f"{demo.house}/settings/authentication/oidc")
    page.get_by_label("Scope", exact=True).fill("openid email")
    press(page, "Test login")
    expect(row).to_contain_text("Good")
    with page.context.expect_page() as opened:
        press(page, "Sign in at the provider")
    tab = opened.value
    sign_in_there(tab, demo)
    expect(tab.get_by_role("heading", name="What the provider said", exact=True)).to_be_visible()
    expect(tab.get_by_role("row", name=re.compile(r"email .*demo@example\.com")).first).to_be_visible()
    expect(tab.get_by_role("radio", name="email", exact=True)).to_be_checked()
    tab.screenshot(path=shots / "02-claims.png", full_page=True)

    press(tab, "SAVE & RESTART")
    expect(tab.get_by_role("heading", name="Changed settings of OIDC", exact=True)).to_be_visible()
    tab.screenshot(path=shots / "03-waits.png", full_page=True)
    press(tab, "Sign in and put in force")
    # The pool's session is still there, and it is not the administrator's own.
    expect(tab.get_by_text("is not connected to your account")).to_be_visible()
    press(tab, "Connect that sign-in to my account")
    expect(tab.get_by_text("The changed settings are in force.")).to_be_visible()
    expect(tab.get_by_label("Scope", exact=True)).to_have_value("openid email")
    tab.screenshot(path=shots / "04-in-force.png", full_page=True)


def test_a_link_of_the_command_line_lets_the_administrator_in(demo: Installation, page: Page, tmp_path: Path) -> None:
    import subprocess

    made = subprocess.run(
        command("break-glass", "--data", str(tmp_path / "kept"), "--no-check"),
        env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip

    page.goto(made.stdout.strip())
    press(page, "Sign in as administrator")

    expect(page).to_have_url(f"{demo.house}/settings/authentication")
    page.context.clear_cookies()
    page.goto(made.stdout.strip())
    expect(page.get_by_text("This link is no longer good")).to_be_visible()
