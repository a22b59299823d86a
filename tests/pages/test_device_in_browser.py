"""The page of devices in Chromium, without script: how it is used and how it looks (``artifacts/hosted``)."""

from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser

from poolhouse.pool.flows import client_extension, device_grant
from tests.pages.server import Server
from tests.pages.test_in_browser import ARTEFACTS, LOOKS, WIDE, Place, browser, server
from tests.support.builders import PASSWORD

pytestmark = pytest.mark.browser
__all__ = ["browser", "server"]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_device_is_let_in_without_script(
    server: Server, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    place = Place(server)
    place.person()
    client, pool = place.client, place.pool
    grants = {"extra_grants": [device_grant.GRANT]}
    server.do(client_extension.change(server.flow, pool.pool.id, client.client.id, grants))
    proof = (client.client.id, client.secrets[0])
    asked = httpx.post(f"{place.url}/oauth2/device_authorization", data={"scope": "openid"}, auth=proof).json()
    context = browser.new_context(
        viewport={"width": width, "height": 760}, color_scheme=scheme, java_script_enabled=False
    )
    page = context.new_page()

    def look(name: str) -> None:
        page.screenshot(path=ARTEFACTS / f"{name}-{width}-{scheme}.png", full_page=True)

    page.goto(asked["verification_uri"])
    look("device")
    page.get_by_label("Code").fill(asked["user_code"])
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Email").fill("jane@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    look("device-question")
    assert asked["user_code"] in page.inner_text("main")
    assert not page.evaluate(WIDE)
    page.get_by_role("button", name="Connect", exact=True).click()
    look("device-connected")

    form = {"grant_type": device_grant.GRANT, "device_code": asked["device_code"]}
    assert 200 == httpx.post(f"{place.url}/oauth2/token", data=form, auth=proof).status_code
    context.close()
