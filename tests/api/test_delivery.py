"""Where no message can be sent, an operation that must send one says so, to everybody alike."""

import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.config import ServerConfig
from tests.support.builders import a_client, a_pool, a_user, with_mfa
from tests.support.service import Service, password_auth, sqlite_only

pytestmark = sqlite_only
FAILED = ("CodeDeliveryFailureException", "Unable to deliver message")


@pytest.fixture
def config(request: pytest.FixtureRequest) -> ServerConfig:
    return ServerConfig(base_url="https://pool.example", can_mail=getattr(request, "param", False))


async def test_a_name_that_nobody_has_is_told_the_same(service: Service, flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry, secret=False, prevent_user_existence_errors="ENABLED")
    await a_user(flow, entry, "ann", email="ann@example.com", email_verified="true")

    for name in ("ann", "nobody"):
        assert FAILED == await service.refusal("ForgotPassword", ClientId=client.client.id, Username=name)


@pytest.mark.parametrize("config", [True], indirect=True)
async def test_a_mail_server_sends_no_sms(service: Service, flow: Flow) -> None:
    entry = await a_pool(flow, mfa=with_mfa("ON", "sms"))
    client = await a_client(flow, entry, secret=False)
    await a_user(flow, entry, "ann", phone_number="+12025550123", phone_number_verified="true")

    assert FAILED == await service.refusal("InitiateAuth", **password_auth(client, "ann"))


@pytest.mark.parametrize("config", [True], indirect=True)
async def test_a_mail_server_sends_mail(service: Service, flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry, secret=False)
    await a_user(flow, entry, "ann", email="ann@example.com", email_verified="true")

    sent = await service("ForgotPassword", ClientId=client.client.id, Username="ann")
    assert sent["CodeDeliveryDetails"]["Destination"] == "a***@e***"
