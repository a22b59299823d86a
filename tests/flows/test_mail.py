"""E-mails as a mail server takes them: real SMTP on a socket, and what it got parsed as MIME."""

import re
from email.message import EmailMessage

import msgspec
import pytest

from poolhouse.kit.composing import compose
from poolhouse.kit.mail import DeliveryFailed, Mail, send
from poolhouse.pool.core import letters
from poolhouse.pool.effects.letter_html import render
from poolhouse.pool.flows import invitations, messages, recovery, sign_up, ui_customization
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.courier import Courier
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.invitations import Invitation
from poolhouse.pool.flows.reader import Reader
from poolhouse.pool.languages.voice import voice
from poolhouse.pool.model.message import Brand
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, reconfigure
from tests.support.smtp import SENDER, mail_server

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
A_MAIL = Mail(id="1", created_ms=1_700_000_000_000, to="jane@example.com", subject="Hello", text="Hello")


async def delivered(flow: Flow) -> EmailMessage:
    """The one mail that waits, after the courier has been."""
    async with mail_server() as (taking, server):
        await Courier(flow, server).deliver_due()
    (got,) = taking.got
    return got.message


def parts(message: EmailMessage) -> tuple[str, str]:
    """Text and HTML."""
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page is not None
    return text.get_content().replace("\r\n", "\n"), page.get_content()


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow, username_attributes=["email"], auto_verified_attributes=["email"], domain="demo")


async def signed_up(flow: Flow, pool: PoolEntry, who: str = "jane@example.com", **more: str) -> EmailMessage:
    client = (await a_client(flow, pool, client_name="Wiki")).client
    await sign_up.sign_up(flow, pool, client, username=who, password=PASSWORD, attributes=more)
    return await delivered(flow)


async def test_a_mail_is_text_and_html_that_say_the_same(flow: Flow, pool: PoolEntry) -> None:
    message = await signed_up(flow, pool)

    text, page = parts(message)
    assert "multipart/alternative" == message.get_content_type()
    assert ["text/plain", "text/html"] == [each.get_content_type() for each in message.iter_parts()]
    code = re.search(r"Your verification code is (\d{6})\.", text)
    assert code is not None
    for words in (code[1], "Confirm your email address", "Enter this code where you signed up.", "Wiki"):
        assert words in page
    assert "The code works once, within a day." in text
    assert "The code works once, within a day." in page


async def test_a_mail_says_what_it_is(flow: Flow, pool: PoolEntry) -> None:
    message = await signed_up(flow, pool)

    told = {name: message[name] for name in ("To", "From", "Subject", "Auto-Submitted", "Content-Language")}
    assert {
        "To": "jane@example.com", "From": SENDER, "Subject": "Your verification code",
        "Auto-Submitted": "auto-generated", "Content-Language": "en",
    } == told  # fmt: skip
    assert flow.clock.now() == int(message["Date"].datetime.timestamp())
    assert re.fullmatch(r"<[0-9a-f-]{36}@pool\.example>", message["Message-ID"])


async def test_a_mail_fetches_nothing_and_runs_nothing() -> None:
    say = voice("en")
    for letter in (
        letters.sign_up(say, "123456"),
        letters.sign_up_by_link(say, "https://pool.example/confirmUser?x=1&y=2"),
        letters.invitation(say, "jane", "Temp-1", 0),
        letters.alert(say, ("A", "B"), [("Time", "now")], {"valid": "https://a.example", "invalid": "https://b.example"}),
    ):  # fmt: skip
        page = render(letter, Brand(logo=PNG, logo_kind="png"))
        assert len(page.encode()) < 30_000
        assert ["cid:logo@letter"] == re.findall(r'src="([^"]*)"', page)
        assert not re.search(r"<script|<link|<iframe|<form|@import|url\(|\son\w+=", page)


async def test_what_goes_into_a_letter_is_no_markup() -> None:
    letter = letters.invitation(voice("en"), '<b>"jane"</b>', "<i>&'", 0)
    page = render(msgspec.structs.replace(letter, app="<script>"), Brand())

    assert "<b>" not in page
    assert "<script" not in page
    assert "&lt;b&gt;&#34;jane&#34;&lt;/b&gt;" in page
    assert 'Your username is <b>"jane"</b> and temporary password is <i>&\'.' in letters.plain(letter)


async def test_what_a_stranger_types_is_in_no_mail_of_ours(flow: Flow) -> None:
    # Else a sign-up with somebody else's address sends them an advertisement in our name.
    pool = await a_pool(flow, auto_verified_attributes=["email"])
    message = await signed_up(flow, pool, "Win-money-at-evil.example", email="jane@example.com", name="evil.example")

    assert "evil" not in message.as_string()
    assert "evil" not in "".join(parts(message))


async def test_an_app_that_registered_itself_has_no_name_in_a_mail(flow: Flow, pool: PoolEntry) -> None:
    client = (await a_client(flow, pool, client_name="Your Bank", client_type="DCR")).client
    await sign_up.sign_up(flow, pool, client, username="jane@example.com", password=PASSWORD, attributes={})

    assert "Your Bank" not in "".join(parts(await delivered(flow)))


async def test_a_template_of_the_pool_is_sent_as_it_is(flow: Flow, pool: PoolEntry) -> None:
    template = shapes.VerificationMessageTemplateType(
        default_email_option="CONFIRM_WITH_CODE", email_message="<h1>Hi {username}</h1><p>Use {####}</p>",
        email_subject="Code {####} for\t{username}",
    )  # fmt: skip
    pool = await reconfigure(flow, pool, verification_message_template=template)
    person = await a_user(flow, pool, email="jane@example.com", email_verified="true")
    client = (await a_client(flow, pool)).client
    await recovery.forgot(flow, pool, client, username="jane@example.com")

    message = await delivered(flow)
    text, page = parts(message)
    code = re.search(r"\d{6}", text)
    assert code is not None
    assert f"<h1>Hi {person.username}</h1><p>Use {code[0]}</p>" == page.strip()
    assert [f"Hi {person.username}", f"Use {code[0]}"] == text.split("\n")[:2]
    assert f"Code {code[0]} for {person.username}" == message["Subject"]


async def test_markup_in_a_username_is_text_in_the_template_of_a_pool(flow: Flow) -> None:
    pool = await a_pool(flow)
    template = shapes.MessageTemplateType(email_message="<p>{username}: {####}</p>", email_subject="For {username}")
    config = shapes.AdminCreateUserConfigType(allow_admin_create_user_only=True, invite_message_template=template)
    pool = await reconfigure(flow, pool, admin_create_user_config=config)
    invitation = Invitation(username="<b>jane</b>", attributes={"email": "j@example.com"}, mediums=("EMAIL",))
    await invitations.create(flow, pool.pool, invitation)

    message = await delivered(flow)
    assert parts(message)[1].startswith("<p>&lt;b&gt;jane&lt;/b&gt;: ")
    assert "For <b>jane</b>" == message["Subject"]


async def test_the_language_of_a_mail_is_the_readers_own(flow: Flow, pool: PoolEntry) -> None:
    german = await signed_up(flow, pool, "jane@example.com", locale="de_AT")

    assert "de" == german["Content-Language"]
    assert '<html lang="de" dir="ltr">' in parts(german)[1]


async def test_a_letter_reads_from_right_to_left_where_its_language_does() -> None:
    page = render(letters.reset(voice("ar"), "123456"), Brand())

    assert '<html lang="ar" dir="rtl">' in page
    assert 'align="right"' in page


async def test_the_logo_of_an_app_travels_with_its_mails(flow: Flow, pool: PoolEntry) -> None:
    await ui_customization.put(flow, pool.pool, "ALL", css=None, image=PNG)
    message = await signed_up(flow, pool)

    page = message.get_body(("related",))
    assert page is not None
    (picture,) = [each for each in page.iter_parts() if each.get_content_type() == "image/png"]
    assert ("<logo@letter>", PNG) == (picture["Content-ID"], picture.get_content())
    assert 'src="cid:logo@letter"' in parts(message)[1]


async def test_an_address_is_one_address() -> None:
    for bad in (
        "a@x.example, b@y.example",
        "group: a@x.example;",
        "a@x.example\nBcc: b@y.example",
        "<a@x.example>",
        "",
    ):
        async with mail_server() as (taking, server):
            with pytest.raises(DeliveryFailed) as refused:
                await send(server, msgspec.structs.replace(A_MAIL, to=bad))
        assert ([], True) == (taking.got, refused.value.permanent)


@pytest.mark.parametrize("field", ["subject", "sender", "reply_to", "configuration_set", "language"])
async def test_nothing_that_breaks_a_line_gets_into_a_header(field: str) -> None:
    value = "a@pool.example\r\nBcc: b@y.example"
    async with mail_server() as (taking, server):
        with pytest.raises(DeliveryFailed):
            await send(server, msgspec.structs.replace(A_MAIL, **{field: value}))
    assert [] == taking.got


async def test_a_domain_of_other_letters_is_sent_to_any_server() -> None:
    async with mail_server(utf8=False) as (taking, server):
        await send(server, msgspec.structs.replace(A_MAIL, to="jane@exämple.example"))

    assert "RCPT TO:<jane@xn--exmple-cua.example>" == taking.got[0].envelope[1].partition(" BODY")[0]


async def test_a_name_of_other_letters_needs_a_server_that_takes_it() -> None:
    wanted = msgspec.structs.replace(A_MAIL, to="jörg@example.com")
    async with mail_server() as (taking, server):
        await send(server, wanted)
    async with mail_server(utf8=False) as (_, server):
        with pytest.raises(DeliveryFailed) as refused:
            await send(server, wanted)

    assert "jörg@example.com" in taking.got[0].envelope[1]
    assert refused.value.permanent


def test_a_mail_that_is_sent_again_is_the_same_mail() -> None:
    first, again = (compose(A_MAIL, SENDER) for _ in range(2))

    assert (first["Message-ID"], first["Date"]) == (again["Message-ID"], again["Date"])


def test_what_a_mail_says_is_nowhere_in_a_log() -> None:
    assert "Hello" not in repr(A_MAIL)


async def test_strictly_a_mail_is_the_services(flow: Flow, pool: PoolEntry) -> None:
    strict = msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, strict=True))
    await signed_up(strict, pool)
    content = messages.written(
        strict, pool.pool, kind=messages.SIGN_UP, medium="EMAIL", username="jane", code="123456",
        reader=Reader(locale="de"),
    )  # fmt: skip

    assert ("Your verification code is 123456.",) * 2 == (content.text, content.html)
