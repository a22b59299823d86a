"""The house as an administrator finds it after ``poolhouse up``: axe finds nothing on its pages, in both themes."""

import os
import re
import shutil
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.journey.installation import Installation, up
from tests.pages.axe import findings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with up(tmp_path_factory.mktemp("up")) as started:
        yield started


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, place: Installation) -> Iterator[Page]:
    executable = os.environ.get("POOLHOUSE_TEST_CHROMIUM") or shutil.which("chromium")
    scheme: Literal["light", "dark"] = request.param
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        opened = chromium.new_page(base_url=place.house, color_scheme=scheme, reduced_motion="reduce")
        opened.set_default_timeout(15_000)
        yield opened
        chromium.close()


def test_axe_finds_nothing_in_the_house(place: Installation, page: Page) -> None:
    wrong: dict[str, list[str]] = {}

    def look() -> None:
        page.wait_for_load_state()
        if found := findings(page):
            wrong[page.url.removeprefix(place.house)] = found

    page.goto("/")
    look()
    page.get_by_label(re.compile("^E-?mail$")).fill(place.email)
    page.get_by_label("Password", exact=True).fill(place.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("navigation").get_by_text("Admin Settings", exact=True).wait_for()
    look()
    links = page.locator("nav a[href^='/']").evaluate_all("(all) => all.map((each) => each.getAttribute('href'))")
    assert len(links) > 3
    for link in links:
        page.goto(link)
        look()

    assert wrong == {}
