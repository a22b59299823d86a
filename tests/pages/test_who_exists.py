"""Every form of the hosted pages answers alike, to the byte, whoever the name that was typed belongs to."""

import json
import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from tests.support.builders import PASSWORD, a_user
from tests.support.hosted import Page, Person
from tests.support.ways import Chooser, a_choosing_client, a_choosing_pool, passkey_form
from tests.support.web import a_browser, application

WRONG = "Wrong-password-1"
OWN = "Own-password-2-keep"
NAMES = {
    "known": "a1@example.com",
    "disabled": "a2@example.com",
    "unconfirmed": "a3@example.com",
    "without a password": "a4@example.com",
    "to be reset": "a5@example.com",
    "unverified": "a6@example.com",
    "nobody": "a7@example.com",
}
Act = Callable[[Person, str], Awaitable[httpx.Response]]
Choose = Callable[[Chooser, str], Awaitable[httpx.Response]]
_CHANGING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # request ids and CSRF tokens
)
_ASKED = re.compile(r'(&#34;(?:challenge|id)&#34;:&#34;|name="ticket" value=")([\w.~-]+)')
_VOLATILE = frozenset({"x-amz-cognito-request-id", "date"})


@pytest.fixture
async def crowd(flow: Flow, pool: PoolEntry) -> None:
    async def one(kind: str, verified: str = "true", **more: object) -> None:
        await a_user(flow, pool, email=NAMES[kind], email_verified=verified, **more)  # type: ignore[arg-type]

    await one("known")
    await one("disabled", enabled=False)
    await one("unconfirmed", verified="", status=Status.UNCONFIRMED)
    await one("without a password", password=None)
    await one("to be reset", status=Status.RESET_REQUIRED)
    await one("unverified", verified="")


def told(reply: httpx.Response, name: str) -> tuple[int, list[tuple[str, str]], str]:
    """Status, headers and body without what differs by chance; of a cookie the name, the flags and the length."""
    headers = []
    for key, value in reply.headers.multi_items():
        if key == "set-cookie":
            cookie, _, rest = value.partition("=")
            sealed, _, flags = rest.partition(";")
            headers.append((key, f"{cookie} {len(sealed)} {flags}"))
        elif key not in _VOLATILE:
            headers.append((key, value))
    # What a passkey is asked with is new each time: its length has to do.
    text = _ASKED.sub(lambda found: f"{found[1]}{len(found[2])}", reply.text.replace(name, "NAME"))
    return reply.status_code, headers, _CHANGING.sub("-", text)


async def sign_in(person: Person, name: str) -> httpx.Response:
    page = await person.open()
    return await person.post(page, page.filled(Email=name, Password=WRONG))


async def forget(person: Person, name: str) -> httpx.Response:
    page = await person.open("/forgotPassword")
    return await person.post(page, page.filled(Email=name))


async def _reset_page(person: Person, name: str) -> Page:
    return await person.follow(await forget(person, name))


async def see_where_the_code_went(person: Person, name: str) -> httpx.Response:
    return (await _reset_page(person, name)).reply


async def reset(person: Person, name: str) -> httpx.Response:
    page = await _reset_page(person, name)
    return await person.post(page, page.filled(Code="000000", New_password=OWN, Confirm_new_password=OWN))


async def sign_up(person: Person, name: str) -> httpx.Response:
    page = await person.open("/signup")
    return await person.post(page, page.filled(Email=name, Password=PASSWORD))


async def confirm(person: Person, name: str) -> httpx.Response:
    page = await person.follow(await sign_up(person, name))
    return await person.post(page, page.filled(Code="000000"))


async def choose(chooser: Chooser, name: str) -> httpx.Response:
    return (await chooser.named(name)).reply


async def _way(chooser: Chooser, name: str, way: str) -> Page:
    return await chooser.chooses(await chooser.named(name), way)


async def see_the_code_page(chooser: Chooser, name: str) -> httpx.Response:
    return (await _way(chooser, name, "EMAIL_OTP")).reply


async def guess_the_code(chooser: Chooser, name: str) -> httpx.Response:
    return (await chooser.send(await _way(chooser, name, "EMAIL_OTP"), Code="00000000")).reply


async def resend_the_code(chooser: Chooser, name: str) -> httpx.Response:
    page = await _way(chooser, name, "EMAIL_OTP")
    return (await chooser.press(page, form=1)).reply


async def see_the_passkey_page(chooser: Chooser, name: str) -> httpx.Response:
    return (await _way(chooser, name, "WEB_AUTHN")).reply


async def show_a_wrong_passkey(chooser: Chooser, name: str) -> httpx.Response:
    page = await _way(chooser, name, "WEB_AUTHN")
    return (await chooser.press(page, passkey_form(page), credential=json.dumps({"id": "AAAA"}))).reply


async def guess_the_password(chooser: Chooser, name: str) -> httpx.Response:
    return (await chooser.send(await _way(chooser, name, "PASSWORD"), Password=WRONG)).reply


@pytest.mark.parametrize("act", [sign_in, forget, see_where_the_code_went, reset, sign_up, confirm])
@pytest.mark.usefixtures("crowd")
async def test_a_form_answers_everybody_alike(flow: Flow, client: ClientEntry, act: Act) -> None:
    answers = {}
    for kind, name in NAMES.items():
        async with a_browser(application(flow)) as web:
            answers[kind] = told(await act(Person(web, client), name), name)

    assert dict.fromkeys(NAMES, answers["nobody"]) == answers


class TestByChoice:
    """Where the name comes first: which ways there are, and what each answers, must not tell either."""

    @pytest.fixture
    async def pool(self, flow: Flow) -> PoolEntry:
        return await a_choosing_pool(flow, "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")

    @pytest.fixture
    async def client(self, flow: Flow, pool: PoolEntry) -> ClientEntry:
        return await a_choosing_client(flow, pool)

    @pytest.mark.parametrize("act", [
        choose, see_the_code_page, guess_the_code, resend_the_code, see_the_passkey_page, show_a_wrong_passkey,
        guess_the_password,
    ])  # fmt: skip
    @pytest.mark.usefixtures("crowd")
    async def test_a_way_answers_everybody_alike(self, flow: Flow, client: ClientEntry, act: Choose) -> None:
        answers = {}
        for kind, name in NAMES.items():
            async with a_browser(application(flow)) as web:
                answers[kind] = told(await act(Chooser(web, client), name), name)

        assert dict.fromkeys(NAMES, answers["nobody"]) == answers

    @pytest.mark.usefixtures("crowd")
    async def test_codes_that_are_sent_count_for_everybody_alike(self, flow: Flow, client: ClientEntry) -> None:
        statuses: dict[str, list[int]] = {}
        for kind in ("known", "disabled", "nobody"):
            async with a_browser(application(flow)) as web:
                chooser = Chooser(web, client)
                statuses[kind] = [(await see_the_code_page(chooser, NAMES[kind])).status_code for _ in range(22)]

        assert (200, 401) == (statuses["nobody"][0], statuses["nobody"][-1])
        assert dict.fromkeys(statuses, statuses["nobody"]) == statuses


@pytest.mark.usefixtures("crowd")
async def test_who_guesses_is_made_to_wait_alike(flow: Flow, client: ClientEntry) -> None:
    waits: dict[str, list[int]] = {}
    for kind, name in NAMES.items():
        async with a_browser(application(flow)) as web:
            replies = [await sign_in(Person(web, client), name) for _ in range(7)]
            waits[kind] = [len(told(reply, name)[2]) for reply in replies]

    assert waits["nobody"][0] != waits["nobody"][-1]
    assert dict.fromkeys(NAMES, waits["nobody"]) == waits
