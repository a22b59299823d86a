"""Device tracking, user sessions, and a user's devices and sessions with their buttons."""

from typing import Any

import pytest

from poolhouse.pool.console.users import attributes_of
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry
from tests.console.browser import Visitor
from tests.console.conftest import Service
from tests.support.builders import PASSWORD, a_client, the_pool
from tests.support.devices import confirmation, made
from tests.support.service import password_auth


async def signed_in(service: Service, flow: Flow, pool_id: str) -> tuple[str, ClientEntry, dict[str, Any]]:
    """A user with a session: the address of his page, his client, his tokens."""
    entry = await the_pool(flow, pool_id)
    client = await a_client(flow, entry)
    user = await service.a_user(pool_id)
    await service(
        "AdminSetUserPassword", UserPoolId=pool_id, Username=user["Username"], Password=PASSWORD, Permanent=True
    )
    answer = await service("InitiateAuth", **password_auth(client, "ada@example.com"))
    address = f"/console/pools/{pool_id}/users/{attributes_of(user)['sub']}"
    return address, client, answer["AuthenticationResult"]


@pytest.mark.parametrize(
    ("chosen", "bypass", "setting"),
    [
        ("always", "on", {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}),
        ("opt_in", None, {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": True}),
        ("never", None, None),
    ],
)
async def test_device_tracking_is_chosen(
    visitor: Visitor, service: Service, chosen: str, bypass: str | None, setting: dict[str, bool] | None
) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/edit/device-tracking")
    page = await visitor.press(page, "Save changes", remember_devices=chosen, device_for_mfa=bypass)
    assert "Saved: device tracking." in page.text
    assert setting == (await service.pool(pool_id)).get("DeviceConfiguration")


async def test_what_is_not_offered_is_refused(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/edit/device-tracking")
    assert "Choose one." in (await visitor.press(page, "Save changes", remember_devices="x")).text
    page = await visitor.open(f"/console/pools/{pool_id}/edit/sessions")
    page = await visitor.press(page, "Save changes", track_sessions="on", max_sessions="101")
    assert "Enter a whole number from 1 to 100." in page.text


async def test_sessions_are_tracked_with_a_limit(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/edit/sessions")
    page = await visitor.press(page, "Save changes", track_sessions="on", max_sessions="3")
    assert "Saved: user sessions." in page.text
    assert {"UserPoolId": pool_id, "UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 3}} == (
        await service("GetUserPoolSessionConfiguration", UserPoolId=pool_id)
    )


async def test_a_users_device_is_shown_and_forgotten(visitor: Visitor, service: Service, flow: Flow) -> None:
    tracking = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
    pool_id = (await service.a_pool(DeviceConfiguration=tracking))["Id"]
    address, _, tokens = await signed_in(service, flow, pool_id)
    device = made(tokens["NewDeviceMetadata"])
    await service("ConfirmDevice", **confirmation(tokens, device, DeviceName="<b>phone</b>"))
    page = await visitor.open(address)
    assert device.key in page.text
    assert "<b>phone</b>" in page.text
    page = await visitor.press(page, "Forget")
    assert "The device was forgotten." in page.text
    assert device.key not in page.text


async def test_a_users_session_is_shown_and_revoked(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service(
        "SetUserPoolSessionConfiguration", UserPoolId=pool_id, UserSessionTracking="ENABLED",
        TokenSession={"MaxPerUser": 20},
    )  # fmt: skip
    address, client, _ = await signed_in(service, flow, pool_id)
    page = await visitor.open(address)
    assert client.client.id in page.text
    page = await visitor.press(page, "Revoke")
    assert "The session has ended." in page.text
    assert client.client.id not in page.text


async def test_a_pool_that_tracks_neither_shows_neither(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    address, client, _ = await signed_in(service, flow, pool_id)
    page = await visitor.open(address)
    assert client.client.id not in page.text
    assert "No devices" not in page.text


async def test_each_app_has_its_own_sso_session_where_the_pool_tracks_sessions(
    visitor: Visitor, service: Service, flow: Flow
) -> None:
    pool_id = (await service.a_pool())["Id"]
    client = await a_client(flow, await the_pool(flow, pool_id))
    address = f"/console/pools/{pool_id}/clients/{client.client.id}"
    assert "SSO session" not in (await visitor.open(address)).text
    tracked: dict[str, Any] = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 5}}
    await service("SetUserPoolSessionConfiguration", UserPoolId=pool_id, **tracked)

    page = await visitor.open(f"{address}/sessions")
    wrong = await visitor.press(page, "Save changes", sso_minutes="129601")
    assert "Enter a whole number from 0 to 129600." in wrong.text
    page = await visitor.press(page, "Save changes", sso_minutes="15")

    assert "The SSO session was saved." in page.text
    assert "15 minutes" in page.text
    of_client = {"UserPoolId": pool_id, "ClientId": client.client.id}
    held = await service("GetUserPoolClientSessionConfiguration", **of_client)
    assert {"MaxValidityMinutes": 15} == held["SSOSession"]
