"""E-mail: the settings page, the test button, the outbox that loses nothing; a real SMTP server takes what is sent."""

import re

import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.mail import outbox
from poolhouse.house.mail.letter import Letter
from poolhouse.house.mail.settings import MailSettings, check
from poolhouse.house.model import Document, OutgoingMail
from poolhouse.house.store.outbox import list_recent
from poolhouse.kit.ambient import FixedClock, Secret
from poolhouse.kit.db.protocol import Tx
from tests.house.world import Browser, words
from tests.support.smtp import mail_server

PATH = "/settings/email"
A_LETTER = Letter(
    subject="You are invited",
    heading="Come in",
    paragraphs=("Jane has invited you <b>now</b>.",),
    actions=(("Accept", "https://house.example.com/in?t=1"),),
    asides=("The link works for a week.",),
)


def form(port: int, **other: str) -> dict[str, str]:
    return {
        "host": "127.0.0.1", "port": str(port), "security": "none", "sender": "Wiki <no-reply@example.com>",
        "reply_to": "help@example.com", "username": "", "password": "", **other,
    }  # fmt: skip


async def use_mail(house: House, port: int) -> None:
    mail = MailSettings(host="127.0.0.1", port=port, security="none", sender="Wiki <no-reply@example.com>")

    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, mail=mail)

    await house.ctx.live.change(change, by="test")


async def post_one(house: House, to: str = "jane@example.com") -> None:
    async def unit(tx: Tx) -> None:
        await outbox.post(tx, house.ctx, to=to, letter=A_LETTER, kind="invitation")

    await house.ctx.db.write(unit)


async def lines(house: House) -> list[OutgoingMail]:
    return await house.ctx.db.read(list_recent)


async def test_saved_mail_settings_are_live_and_keep_the_password_when_it_is_left_empty(
    house: House, admin: Browser
) -> None:
    entered = form(587, host="smtp.example.com", security="starttls", username="wiki", password="hush hush")
    assert 303 == (await admin.post(PATH, entered)).status_code
    assert 303 == (await admin.post(PATH, entered | {"password": "", "port": "2525"})).status_code

    mail = house.ctx.live.document.mail
    assert (2525, "hush hush") == (mail.port, mail.password.reveal())
    page = await admin.get(PATH)
    assert "hush" not in page.text
    assert "hush" not in (await admin.get("/settings/audit-log")).text
    assert "Password: ••••••" in words(await admin.get("/settings/audit-log"))


@pytest.mark.parametrize("way", [PATH, f"{PATH}/test"])
async def test_the_saved_password_goes_to_no_other_server_and_not_in_the_open(
    way: str, house: House, admin: Browser
) -> None:
    async with mail_server(asks=True) as (taking, server):
        saved = form(server.port, host="localhost", security="starttls", username="wiki", password="hush hush")
        assert 303 == (await admin.post(PATH, saved)).status_code

        for other in ({"host": "127.0.0.1", "security": "none"}, {"security": "none"}, {"host": "other.example"}):
            entered = saved | {"password": "", "test_to": "me@example.com"} | other
            answer = await admin.post(way, entered, page=PATH)
            assert 422 == answer.status_code
            assert "Type it again: the saved one is for localhost" in words(answer)

    assert b"" == (taking.login or b"")
    assert "localhost" == house.ctx.live.document.mail.host


async def test_a_password_is_forgotten_only_when_that_is_said(house: House, admin: Browser) -> None:
    await admin.post(PATH, form(587, security="starttls", username="wiki", password="hush hush"))
    await admin.post(PATH, form(587, security="starttls", username="") | {"forget-password": "on"})

    assert "" == house.ctx.live.document.mail.password.reveal()


async def test_the_test_button_sends_by_what_is_entered_and_not_saved(house: House, admin: Browser) -> None:
    async with mail_server(asks=True) as (taking, server):
        entered = form(server.port, username="wiki", password="hush hush", test_to="me@example.com")
        answer = await admin.post(f"{PATH}/test", entered, page=PATH)

    assert 200 == answer.status_code
    assert "took it for me@example.com" in words(answer)
    message = taking.message
    assert ("me@example.com", "Wiki <no-reply@example.com>", "help@example.com") == (
        message["to"], message["from"], message["reply-to"],
    )  # fmt: skip
    assert b"\0wiki\0hush hush" == taking.login
    assert ["text/plain", "text/html"] == [part.get_content_type() for part in message.iter_parts()]
    assert not house.ctx.live.document.mail.is_set_up
    assert "Test e-mail sent" in words(await admin.get("/settings/audit-log"))


async def test_the_test_button_shows_the_servers_own_words_when_it_refuses(admin: Browser) -> None:
    async with mail_server() as (taking, server):
        taking.refusal = "550 5.1.1 No such mailbox <here>"
        answer = await admin.post(f"{PATH}/test", form(server.port, test_to="me@example.com"), page=PATH)

    assert 502 == answer.status_code
    assert "550 5.1.1 No such mailbox <here>" in words(answer)
    assert 'value="help@example.com"' in answer.text


async def test_the_test_button_says_when_nobody_answers(admin: Browser) -> None:
    async with mail_server() as (_, server):
        pass
    answer = await admin.post(f"{PATH}/test", form(server.port, test_to="me@example.com"), page=PATH)

    assert 502 == answer.status_code
    assert "127.0.0.1" in words(answer)


async def test_encryption_that_the_server_does_not_offer_is_not_done_without(admin: Browser) -> None:
    async with mail_server() as (taking, server):
        entered = form(server.port, security="starttls", test_to="me@example.com")
        answer = await admin.post(f"{PATH}/test", entered, page=PATH)

    assert 502 == answer.status_code
    assert [] == taking.got


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"host": "smtp://mail.example.com"}, "host"),
        ({"port": "0"}, "port"),
        ({"port": "many"}, "port"),
        ({"sender": "a@example.com, b@example.com"}, "sender"),
        ({"sender": ""}, "sender"),
        ({"host": ""}, "host"),
        ({"reply_to": "nobody"}, "reply_to"),
        ({"username": "wiki"}, "password"),
        ({"security": "rot13"}, "security"),
        ({"host": "mail.example.com", "username": "a", "password": "b"}, "security"),
    ],
)
async def test_wrong_mail_settings_are_named_beside_their_field(
    wrong: dict[str, str], field: str, house: House, admin: Browser
) -> None:
    answer = await admin.post(PATH, form(587) | wrong)

    assert 422 == answer.status_code
    assert f'id="f-{field.replace("_", "-")}-error"' in answer.text
    assert 0 == house.ctx.live.document.version


async def test_saving_over_what_was_saved_meanwhile_is_refused(house: House, admin: Browser) -> None:
    page = await admin.get(PATH)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None
    await use_mail(house, 25)

    answer = await admin.post(PATH, {"version": version[1], **form(587)})

    assert 409 == answer.status_code
    assert 25 == house.ctx.live.document.mail.port


async def test_a_letter_in_the_outbox_is_sent_once_as_text_and_html(house: House) -> None:
    async with mail_server() as (taking, server):
        await use_mail(house, server.port)
        await post_one(house)
        await outbox.deliver_due(house.ctx)
        await outbox.deliver_due(house.ctx)

    text, page = (part.get_content() for part in taking.message.iter_parts())
    assert "Accept:\nhttps://house.example.com/in?t=1" in text.replace("\r\n", "\n")
    assert "Jane has invited you &lt;b&gt;now&lt;/b&gt;." in page
    (line,) = await lines(house)
    assert ("sent", b"", "jane@example.com") == (line.state, line.sealed, line.recipient)


async def test_a_letter_waits_while_the_server_is_away_and_what_it_says_is_shown(
    house: House, admin: Browser, clock: FixedClock
) -> None:
    async with mail_server() as (taking, server):
        await use_mail(house, server.port)
        await post_one(house)
        taking.refusal = "451 Try later"
        await outbox.deliver_due(house.ctx)
        assert "Waiting 451 Try later" in words(await admin.get(PATH))
        taking.refusal = ""
        await outbox.deliver_due(house.ctx)
        assert [] == taking.got
        clock.advance(31)
        await outbox.deliver_due(house.ctx)

    assert "You are invited" == taking.message["subject"]


async def test_a_letter_is_given_up_when_the_server_says_so_or_after_a_day(house: House, clock: FixedClock) -> None:
    async with mail_server() as (taking, server):
        await use_mail(house, server.port)
        await post_one(house, "gone@example.com")
        taking.refusal = "550 Gone"
        await outbox.deliver_due(house.ctx)
        await post_one(house, "slow@example.com")
        taking.refusal = "451 Later"
        for _ in range(8):
            await outbox.deliver_due(house.ctx)
            clock.advance(12 * 3600 + 1)

    states = {line.recipient: (line.state, line.error, line.tries) for line in await lines(house)}
    assert ("failed", "550 Gone", 1) == states["gone@example.com"]
    assert ("failed", "451 Later", 7) == states["slow@example.com"]


async def test_a_letter_is_not_promised_without_a_mail_server(house: House) -> None:
    with pytest.raises(outbox.NoMailServer):
        await post_one(house)
    assert [] == await lines(house)


async def test_done_mail_is_forgotten_after_a_week_and_waiting_mail_never(house: House, clock: FixedClock) -> None:
    async with mail_server() as (_, server):
        await use_mail(house, server.port)
        await post_one(house)
        await outbox.deliver_due(house.ctx)
        await post_one(house, "waits@example.com")
    clock.advance(8 * 86_400)
    await outbox.sweep(house.ctx)

    assert ["waits@example.com"] == [line.recipient for line in await lines(house)]


async def test_what_waits_is_sealed(house: House) -> None:
    async with mail_server() as (_, server):
        await use_mail(house, server.port)
    await post_one(house)

    (line,) = await lines(house)
    assert b"house.example.com" not in line.sealed


def test_no_mail_settings_at_all_are_right() -> None:
    assert {} == check(MailSettings())
    assert {} == check(MailSettings(host="m.example.com", sender="a@example.com", username="u", password=Secret("p")))
