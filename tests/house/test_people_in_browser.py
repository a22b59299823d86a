"""An administrator's journey: a group, a role, a rule tried and added, an invitation; and the invited person's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.conftest import browser, page, shots
from tests.journey.installation import Installation, up

pytestmark = pytest.mark.browser
__all__ = ["browser", "page", "shots"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with up(tmp_path) as installation:
        yield installation


def sign_in(place: Installation, page: Page) -> None:
    page.goto(f"{place.house}/user/login")
    page.get_by_label("Email", exact=True).fill(place.email)
    page.get_by_label("Password", exact=True).fill(place.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def test_an_administrator_makes_a_group_a_rule_and_an_invitation_and_the_person_comes_in(
    place: Installation, browser: Browser, page: Page, shots: Path
) -> None:
    sign_in(place, page)
    page.goto(f"{place.house}/settings/groups")
    page.get_by_label("Name", exact=True).fill("Night desk")
    page.get_by_label("Description", exact=True).fill("Who answers after ten")
    page.get_by_role("button", name="Add group").click()
    expect(page.get_by_role("heading", name="Night desk", level=1)).to_be_visible()
    page.get_by_label("Give a role").select_option(label="User Administrator")
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.get_by_role("cell", name="User Administrator", exact=True)).to_be_visible()

    page.goto(f"{place.house}/settings/entry/rules")
    page.get_by_label("Claim", exact=True).fill("department")
    page.get_by_label("Test", exact=True).select_option(label="equals")
    page.get_by_label("Value", exact=True).fill("it")
    page.get_by_label("Gives", exact=True).select_option(label="Group Night desk")
    page.get_by_label("Or claims as JSON").fill('{"department": "it"}')
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Night desk")
    expect(page.locator("#preview")).to_contain_text("Nobody who is here")
    page.get_by_role("button", name="Add rule").click()
    expect(page.get_by_role("row", name=re.compile("department equals it"))).to_be_visible()

    page.goto(f"{place.house}/settings/invitations")
    page.get_by_label("E-mail addresses").fill("maria@example.com")
    page.get_by_label("Night desk").check()
    page.get_by_role("button", name="Make links").click()
    link = page.get_by_label("Link for maria@example.com", exact=True).input_value()

    context = browser.new_context(viewport={"width": 390, "height": 844})
    maria = context.new_page()
    maria.set_default_timeout(15_000)
    maria.goto(link)
    maria.get_by_label("Your name").fill("Maria Lopez")
    maria.get_by_label("Choose a password").fill("a long enough password")
    maria.get_by_role("button", name="Accept", exact=True).click()
    expect(maria.get_by_text("Signed in as maria@example.com")).to_be_visible()
    maria.goto(f"{place.house}/settings")
    expect(maria.get_by_role("heading", name="Users")).to_be_visible()
    expect(maria.get_by_role("link", name="General")).to_have_count(0)
    assert maria.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    maria.get_by_role("link", name=place.email).click()
    expect(maria.get_by_text("This person has rights that you do not have.")).to_be_visible()
    expect(maria.get_by_role("button", name="Disable")).to_have_count(0)
    context.close()

    page.goto(f"{place.house}/settings/roles")
    page.screenshot(path=shots / "roles.png", full_page=True)
    page.get_by_role("link", name="Everybody in Night desk").click()
    page.get_by_role("link", name="maria@example.com").click()
    expect(page.get_by_text("through the group Night desk")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("Not signed in anywhere")).to_be_visible()
    page.screenshot(path=shots / "person.png", full_page=True)
