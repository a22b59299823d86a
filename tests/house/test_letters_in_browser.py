"""Letters of the house as they look."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page

from poolhouse.house.app import build
from poolhouse.house.mail.letter import Letter, as_html
from poolhouse.kit.ambient import SystemClock, SystemEntropy
from tests.house.world import house_settings
from tests.journey.conftest import browser, page, shots

pytestmark = pytest.mark.browser
__all__ = ["browser", "page", "shots"]

LONG = "W" * 300


@pytest.fixture
def letter() -> str:
    async def made() -> str:
        house = await build(house_settings(), clock=SystemClock(), entropy=SystemEntropy())
        words = Letter(subject=LONG, heading=LONG, paragraphs=(f"The reason: {LONG}",), facts=((LONG, LONG),))
        shown = as_html(house.ctx, words)
        await house.close()
        return shown

    # The browser's loop is this thread's.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, made()).result()


@pytest.mark.parametrize("width", [700, 360])
def test_no_strangers_word_is_wider_than_the_letter(width: int, letter: str, page: Page) -> None:
    """Whoever asks for access writes the reason that administrators read."""
    page.set_viewport_size({"width": width, "height": 700})
    page.set_content(letter)

    assert width == page.evaluate("document.documentElement.scrollWidth")
