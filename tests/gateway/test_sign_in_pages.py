"""Where a redirect to the sign-in would lose a form or show a blank frame, a page says what to do."""

import re
from html import unescape
from typing import Any

import pytest

from poolhouse.house.gate import Gate
from poolhouse.house.settings.applying import apply_changes
from tests.gateway.world import Served, Upstream
from tests.house.conftest import browser, new_browser
from tests.house.world import Browser, words

__all__ = ["browser", "new_browser"]
PERSON: dict[str, Any] = {"Accept": "text/html", "Sec_Fetch_Mode": "navigate"}


@pytest.mark.parametrize("url", ["http://wiki.localhost:8500/", "http://localhost:8500/apps/wiki/"])
async def test_a_form_that_comes_without_a_session_is_not_lost_without_a_word(
    url: str, served: Served, app: Upstream
) -> None:
    await served.add(url, Gate(upstream=app.url))
    host, _, path = url.removeprefix("http://").partition("/")

    answer = await served.ask(f"/{path}save", method="POST", host=host, body=b"text=long", **PERSON)

    assert (401, []) == (answer.status, app.heads)
    assert "Wiki did not get what you have just sent: your session is over. Your browser still has it." in answer.text
    assert "reload this one: your browser asks whether to send it again" in answer.text
    assert 'target="_blank"' in answer.text
    assert "long" not in answer.text
    assert "Cookie" == answer.headers["www-authenticate"]


async def test_what_was_sent_gets_to_the_app_after_the_sign_in(served: Served, wiki: str, app: Upstream) -> None:
    first = await served.ask("/save", method="POST", body=b"text=long", **PERSON)
    cookie = await served.at_app(wiki, await served.sign_in())
    again = await served.ask("/save", method="POST", body=b"text=long", Cookie=cookie, **PERSON)

    assert (401, 200) == (first.status, again.status)
    assert [b"text=long"] == app.bodies


async def test_a_script_that_sends_a_form_is_told_in_its_own_terms(served: Served, wiki: str) -> None:
    answer = await served.ask("/save", method="POST", body=b"a=b", Accept="*/*", Sec_Fetch_Mode="cors")
    assert (401, "sign_in_required") == (answer.status, answer.json["error"])


@pytest.mark.parametrize("dest", ["iframe", "frame", "embed", "object"])
async def test_in_a_frame_there_is_a_page_to_open_in_a_new_tab(
    dest: str, served: Served, wiki: str, browser: Browser
) -> None:
    first = await served.ask("/page?a=b", Sec_Fetch_Dest=dest, **PERSON)
    way = first.headers["location"].removeprefix("http://localhost:8500")
    second = await browser.get(way, sec_fetch_dest=dest, sec_fetch_mode="navigate")
    answer = await browser.get(second.headers["location"], sec_fetch_dest=dest, sec_fetch_mode="navigate")

    assert (303, 303, 401) == (first.status, second.status_code, answer.status_code)
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    link = re.search(r'href="([^"]+)" target="_blank" rel="noopener">Open in a new tab', answer.text)
    assert link is not None
    assert f"/user/login?to=%2Fuser%2Fopen%2F{wiki}%3Fto%3D%252Fpage%253Fa%253Db" == unescape(link[1])
    assert 200 == (await browser.get(unescape(link[1]), sec_fetch_dest="document")).status_code


async def test_who_is_signed_in_gets_to_an_app_in_a_frame_as_before(served: Served, wiki: str) -> None:
    person = await served.sign_in()
    frame: dict[str, Any] = {"Sec_Fetch_Dest": "iframe", **PERSON}
    first = await served.ask("/page", **frame)
    way = first.headers["location"].removeprefix("http://localhost:8500")
    second = await served.ask(way, host="localhost:8500", Cookie=f"house_session={person.session}", **frame)

    assert (303, 303) == (first.status, second.status)
    assert second.headers["location"].startswith("http://wiki.localhost:8500/.house/enter")


async def test_the_portal_in_a_frame_says_so_to_those_who_may_frame_it(served: Served, browser: Browser) -> None:
    listed = {"embedding.policy": "listed", "embedding.origins": ["https://intranet.example.com"]}
    await apply_changes(served.house.ctx, listed, by="test")

    first = await browser.get("/", sec_fetch_dest="iframe", sec_fetch_mode="navigate")
    answer = await browser.get(first.headers["location"], sec_fetch_dest="iframe", sec_fetch_mode="navigate")

    assert 401 == answer.status_code
    assert "Open in a new tab" in words(answer)
    assert "frame-ancestors 'self' https://intranet.example.com" in answer.headers["content-security-policy"]
