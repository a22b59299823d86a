"""Every form of the hosted pages answers alike, to the byte, whoever the name that was typed belongs to."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from tests.support.builders import PASSWORD, a_user
from tests.support.hosted import Page, Person
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
_CHANGING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # request ids and CSRF tokens
)
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
    return reply.status_code, headers, _CHANGING.sub("-", reply.text.replace(name, "NAME"))


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


@pytest.mark.parametrize("act", [sign_in, forget, see_where_the_code_went, reset, sign_up, confirm])
@pytest.mark.usefixtures("crowd")
async def test_a_form_answers_everybody_alike(flow: Flow, client: ClientEntry, act: Act) -> None:
    answers = {}
    for kind, name in NAMES.items():
        async with a_browser(application(flow)) as web:
            answers[kind] = told(await act(Person(web, client), name), name)

    assert dict.fromkeys(NAMES, answers["nobody"]) == answers


@pytest.mark.usefixtures("crowd")
async def test_who_guesses_is_made_to_wait_alike(flow: Flow, client: ClientEntry) -> None:
    waits: dict[str, list[int]] = {}
    for kind, name in NAMES.items():
        async with a_browser(application(flow)) as web:
            replies = [await sign_in(Person(web, client), name) for _ in range(7)]
            waits[kind] = [len(told(reply, name)[2]) for reply in replies]

    assert waits["nobody"][0] != waits["nobody"][-1]
    assert dict.fromkeys(NAMES, waits["nobody"]) == waits
