"""
The Form Post Basic OP plan: every module of the Basic plan, with ``response_mode=form_post``.

Those that leave the mode out are about requests that are not understood far enough to have one.
"""

import html
import re

import pytest

from tests.conformance.relying_party import RelyingParty, error_of
from tests.conformance.test_basic import *  # noqa: F403
from tests.support.web import CALLBACK


@pytest.fixture
def mode() -> str | None:
    return "form_post"


async def test_an_error_is_posted_to_the_app_as_well(rp: RelyingParty) -> None:
    assert "invalid_request" == error_of(await rp.authorize(prompt="none login"))


async def test_the_page_runs_nothing_but_its_own_script_and_sends_no_address(rp: RelyingParty) -> None:
    asked = rp.request(prompt="none")
    page = await rp.web.get(rp.metadata["authorization_endpoint"], params=asked)

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in re.search(r"script-src ([^;]*)", policy + "; script-src ")[1]  # type: ignore[index]
    assert page.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert "nosniff" == page.headers["x-content-type-options"]


async def test_a_state_cannot_break_out_of_its_field(rp: RelyingParty) -> None:
    state = "\"><script>alert(1)</script><input name='code' value='x"
    arrival = await rp.authorize(prompt="none", state=state)

    assert arrival.answer is not None
    assert state == arrival.answer["state"]
    assert {"error", "state", "iss"} <= set(arrival.answer) <= {"error", "error_description", "state", "iss"}


async def test_there_is_a_button_for_a_browser_without_script(rp: RelyingParty) -> None:
    page = await rp.web.get(rp.metadata["authorization_endpoint"], params=rp.request(prompt="none"))

    form = re.search(r"<form.*?</form>", page.text, re.DOTALL)
    assert form is not None
    assert f'action="{CALLBACK}"' in html.unescape(form[0])
    assert "<button" in form[0]
