"""The page after signing out in Chromium: apps are told in frames of their own, and it goes on without script."""

import httpx
import pytest
from playwright.sync_api import Request, expect

from poolhouse.pool.flows import client_extension
from tests.pages.server import Server
from tests.pages.test_in_browser import Open, Place, browser, open_page, server
from tests.support.builders import PASSWORD, the_client
from tests.support.web import a_web_client

__all__ = ["browser", "open_page", "server"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_apps_are_told_in_a_frame_and_the_browser_goes_on(server: Server, open_page: Open, script: bool) -> None:
    place = Place(server)
    place.person()
    app = server.do(
        a_web_client(
            server.flow, place.pool, secret=False, callback_urls=[place.callback], logout_urls=[place.callback]
        )
    )
    told = {"frontchannel_logout_uri": f"{server.elsewhere}/bye"}
    server.do(client_extension.change(server.flow, app.client.pool_id, app.client.id, told))
    place.client = server.do(the_client(server.flow, app.client.id))
    page = open_page(script=script)
    page.goto(place.page(scope="openid"))
    page.get_by_label("Email").fill("jane@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{place.callback}?**")
    code = httpx.URL(page.url).params["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": place.callback,
        "client_id": app.client.id,
    }
    assert 200 == httpx.post(f"{place.url}/oauth2/token", data=form).status_code
    framed: list[Request] = []
    page.on("request", lambda request: framed.append(request) if "/bye" in request.url else None)

    page.goto(f"{place.url}/logout?client_id={app.client.id}&logout_uri={place.callback}")

    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_text("Signed out here, too")).to_have_count(1)
    page.wait_for_url(place.callback)
    assert {"iss", "sid"} == set(httpx.URL(framed[0].url).params)
    page.goto(place.page(scope="openid", prompt="none"))
    assert "login_required" == httpx.URL(page.url).params["error"]


def test_the_question_is_answered_without_script(server: Server, open_page: Open) -> None:
    place = Place(server)
    place.person()
    page = open_page(script=False)
    page.goto(place.page(scope="openid"))
    page.get_by_label("Email").fill("jane@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{place.callback}?**")

    page.goto(f"{place.url}/logout")
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
