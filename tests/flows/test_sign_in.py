"""The engine as the hosted pages use it; the API's tests go through the same code."""

import pytest

from poolhouse.pool.flows import recovery, sign_in, sign_up
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.sign_in import Asked, SignedIn
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec.errors import Reason, sentence
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, last_code, with_mfa

NEW = "A-New-Password-8"


async def refusal(flow: Flow, entry: PoolEntry, client: ClientEntry, username: str, password: str) -> Reason:
    with pytest.raises(Refused) as refused:
        await sign_in.begin(flow, entry, client.client, username=username, password=password, hosted=True)
    return refused.value.reason


async def test_a_password_signs_in_without_tokens(flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry)
    await a_user(flow, entry, "jane")
    outcome = await sign_in.begin(flow, entry, client.client, username="jane", password=PASSWORD, hosted=True)
    assert isinstance(outcome, SignedIn)
    assert ("jane", ("pwd",)) == (outcome.user.username, outcome.amr)


async def test_a_page_answers_with_the_handle_alone(flow: Flow) -> None:
    entry = await a_pool(flow, mfa=with_mfa("ON", "email"))
    client = await a_client(flow, entry)
    await a_user(flow, entry, "jane", temporary=True, email="jane@example.com")
    first = await sign_in.begin(flow, entry, client.client, username="jane", password=PASSWORD, hosted=True)
    assert isinstance(first, Asked)
    second = await sign_in.answer(
        flow, entry, client.client, challenge=first.challenge, session=first.session,
        responses={"NEW_PASSWORD": NEW}, hosted=True,
    )  # fmt: skip
    assert isinstance(second, Asked)
    assert "EMAIL_OTP" == second.challenge
    last = await sign_in.answer(
        flow, entry, client.client, challenge=second.challenge, session=second.session,
        responses={"EMAIL_OTP_CODE": await last_code(flow, entry)}, hosted=True,
    )  # fmt: skip
    assert isinstance(last, SignedIn)
    assert ("pwd", "email_otp") == last.amr
    assert Status.CONFIRMED is last.user.status


@pytest.mark.parametrize("setting", ["LEGACY", "ENABLED"])
async def test_a_page_never_tells_who_exists(flow: Flow, setting: str) -> None:
    """Whatever the client says: an unknown, a disabled and a wrong user are refused and locked out alike."""
    entry = await a_pool(flow)
    client = await a_client(flow, entry, prevent_user_existence_errors=setting)
    await a_user(flow, entry, "jane")
    await a_user(flow, entry, "off", enabled=False)
    guesses = {"jane": "wrong", "off": PASSWORD, "nobody": PASSWORD}
    stories = [[await refusal(flow, entry, client, name, guesses[name]) for _ in range(7)] for name in guesses]
    assert [Reason.WRONG_PASSWORD] * 5 + [Reason.LOCKED_OUT] * 2 == stories[0]
    assert stories[0] == stories[1] == stories[2]


@pytest.mark.parametrize("setting", ["LEGACY", "ENABLED"])
async def test_a_page_tells_a_user_with_the_right_password_what_is_left_to_do(flow: Flow, setting: str) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry, prevent_user_existence_errors=setting)
    await a_user(flow, entry, "reset", status=Status.RESET_REQUIRED)
    await a_user(flow, entry, "new", status=Status.UNCONFIRMED)
    assert Reason.RESET_REQUIRED is await refusal(flow, entry, client, "reset", PASSWORD)
    assert Reason.UNCONFIRMED is await refusal(flow, entry, client, "new", PASSWORD)
    assert Reason.WRONG_PASSWORD is await refusal(flow, entry, client, "reset", "wrong")
    assert sentence(Reason.RESET_REQUIRED)


async def test_a_page_recovers_and_confirms_without_telling_who_exists(flow: Flow) -> None:
    entry = await a_pool(flow, auto_verified_attributes=["email"])
    client = await a_client(flow, entry)
    await a_user(flow, entry, "jane", email="jane@example.com", email_verified="true")
    told = []
    for name in ("jane", "nobody"):
        sent = await recovery.forgot(flow, entry, client.client, username=name, hosted=True)
        told.append((sent.attribute, sent.medium))
        with pytest.raises(Refused) as refused:
            await recovery.confirm(flow, entry, client.client, username=name, code="000000", password=NEW, hosted=True)
        told.append((refused.value.reason, ""))
        sent = await sign_up.resend(flow, entry, client.client, username=name, hosted=True)
        told.append((sent.attribute, sent.medium))
        with pytest.raises(Refused) as refused:
            await sign_up.confirm(flow, entry, client.client, username=name, code="000000", hosted=True)
        told.append((refused.value.reason, ""))
    assert told[:4] == told[4:]


async def test_a_refusal_of_the_core_reaches_a_page_with_its_reason(flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry)
    await a_user(flow, entry, "jane", temporary=True)
    asked = await sign_in.begin(flow, entry, client.client, username="jane", password=PASSWORD, hosted=True)
    assert isinstance(asked, Asked)
    with pytest.raises(Refused) as refused:
        await sign_in.answer(
            flow, entry, client.client, challenge=asked.challenge, session=asked.session,
            responses={"NEW_PASSWORD": "short"}, hosted=True,
        )  # fmt: skip
    assert Reason.PASSWORD_TOO_SHORT is refused.value.reason
    assert "***" not in repr(asked)
    assert asked.session not in repr(asked)
