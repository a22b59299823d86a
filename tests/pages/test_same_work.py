"""What takes time takes it for everybody: the slow hashes, counted, for those who exist and those who do not."""

from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

import msgspec
import pytest

from poolhouse.kit.cpu import CpuPool
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status, User
from tests.support.builders import PASSWORD, a_user
from tests.support.hosted import Page, Person
from tests.support.web import a_browser, application

P = ParamSpec("P")
T = TypeVar("T")
WRONG = "Wrong-password-1"


class Counting(CpuPool):
    """Threads that count what they are given."""

    def __init__(self) -> None:
        super().__init__(1, 100)
        self.done = 0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.done += 1
        return await super().run(work, *args, **kwargs)


@pytest.fixture
def hashes() -> Iterator[Counting]:
    counting = Counting()
    yield counting
    counting.close()


@pytest.fixture
async def crowd(flow: Flow, pool: PoolEntry, person: User) -> list[str]:
    """One of each kind, and a name that nobody has."""
    await a_user(flow, pool, email="off@example.com", email_verified="true", enabled=False)
    await a_user(flow, pool, email="bare@example.com", password=None)
    await a_user(flow, pool, email="reset@example.com", status=Status.RESET_REQUIRED)
    return ["jane@example.com", "off@example.com", "bare@example.com", "reset@example.com", "nobody@example.com"]


async def work(flow: Flow, client: ClientEntry, hashes: Counting, act: Callable[[Person], object]) -> int:
    before = hashes.done
    async with a_browser(application(msgspec.structs.replace(flow, cpu=hashes))) as web:
        await act(Person(web, client))  # type: ignore[misc]
    return hashes.done - before


async def test_a_wrong_password(flow: Flow, client: ClientEntry, hashes: Counting, crowd: list[str]) -> None:
    done = [await work(flow, client, hashes, lambda person: person.sign_in(name, WRONG)) for name in crowd]  # noqa: B023

    assert [1] * len(crowd) == done


async def test_a_forgotten_password(flow: Flow, client: ClientEntry, hashes: Counting, crowd: list[str]) -> None:
    async def forget(person: Person, name: str) -> None:
        link = (await person.open()).links["Forgot your password?"]
        page = await person.send(Page(await person.web.get(link)), Email=name)
        await person.send(page, Code="000000", New_password=PASSWORD, Confirm_new_password=PASSWORD)

    done = [await work(flow, client, hashes, lambda person: forget(person, name)) for name in crowd]  # noqa: B023

    assert [0] * len(crowd) == done


async def test_a_sign_up(flow: Flow, client: ClientEntry, hashes: Counting, crowd: list[str]) -> None:
    async def sign_up(person: Person, name: str) -> None:
        link = (await person.open()).links["Create an account"]
        await person.send(Page(await person.web.get(link)), Email=name, Password=PASSWORD)

    done = [await work(flow, client, hashes, lambda person: sign_up(person, name)) for name in crowd]  # noqa: B023

    assert [1] * len(crowd) == done
