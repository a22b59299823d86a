"""
A sign-in takes as long as its hash.  What ends a user's sign-ins ends those that are under way, too.

Each case lets somebody prove the password, changes something, and only then asks for tokens or a code.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import (
    authorize,
    browser,
    issue,
    judging,
    people,
    refresh,
    refresh_tokens,
    sign_in,
    sign_out,
    users,
)
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.store import grants
from poolhouse.pool.store import users as user_store
from tests.support.builders import PASSWORD, a_client, a_pool, a_user
from tests.support.web import Asking, a_web_client

End = Callable[[Flow, PoolEntry, User], Awaitable[None]]


async def delete(flow: Flow, entry: PoolEntry, user: User) -> None:
    await flow.database.write(lambda tx: user_store.drop_user(tx, user))


async def give_the_name_again(flow: Flow, entry: PoolEntry, user: User) -> None:
    await delete(flow, entry, user)
    await a_user(flow, entry, user.username)


async def disable_and_enable(flow: Flow, entry: PoolEntry, user: User) -> None:
    await users.disable(flow, entry.pool, user.username)
    await users.enable(flow, entry.pool, user.username)


async def set_password(flow: Flow, entry: PoolEntry, user: User) -> None:
    await users.set_password(flow, entry.pool, user.username, "Another-Pass-8", permanent=True)


async def sign_out_everywhere(flow: Flow, entry: PoolEntry, user: User) -> None:
    await sign_out.everywhere(flow, user)


ENDS = [delete, give_the_name_again, disable_and_enable, set_password, sign_out_everywhere]


async def a_sign_in(flow: Flow) -> tuple[PoolEntry, ClientEntry, User]:
    entry = await a_pool(flow)
    client = await a_client(flow, entry)
    return entry, client, await a_user(flow, entry, "ada")


@pytest.mark.parametrize("end", ENDS)
async def test_a_sign_in_under_way_gives_no_tokens(flow: Flow, end: End) -> None:
    entry, client, user = await a_sign_in(flow)
    proved = await sign_in.begin(flow, entry, client.client, username="ada", password=PASSWORD)
    assert isinstance(proved, sign_in.SignedIn)

    await end(flow, entry, user)

    with pytest.raises(Refused):
        await sign_in.tokens(flow, entry, client.client, proved)


@pytest.mark.parametrize("end", ENDS)
async def test_a_sign_in_under_way_gives_a_page_no_session(flow: Flow, end: End) -> None:
    entry, client, user = await a_sign_in(flow)
    grant = issue.new_grant(flow, client.client, user, scope="openid", hosted=True, auth_time=0, amr=("pwd",))
    token, session = browser.mint_session(flow, user, ("pwd",))
    await flow.database.write(lambda tx: grants.put_session(tx, session))
    assert None is not await browser.find_session(flow, entry, token)

    await end(flow, entry, user)

    if end is sign_out_everywhere:
        # The service's: only /logout ends a browser's session.
        assert None is not await browser.find_session(flow, entry, token)
    else:
        assert None is await browser.find_session(flow, entry, token)
    with pytest.raises(Refused):
        await issue.start(flow, entry, client.client, user, grant)


async def end_the_session(flow: Flow, entry: PoolEntry, user: User) -> None:
    await flow.database.write(lambda tx: grants.drop_sessions_of(tx, entry.pool.id, user.username))


async def let_it_run_out(flow: Flow, entry: PoolEntry, user: User) -> None:
    assert isinstance(flow.clock, FixedClock)
    flow.clock.advance(browser.SESSION_SECONDS)


@pytest.mark.parametrize("end", [*ENDS[:-1], end_the_session, let_it_run_out])
async def test_a_session_that_ends_before_its_code_is_written_gives_none(flow: Flow, end: End) -> None:
    entry = await a_pool(flow)
    client, user = await a_web_client(flow, entry), await a_user(flow, entry, "ada")
    token, session = browser.mint_session(flow, user, ("pwd",))
    await flow.database.write(lambda tx: grants.put_session(tx, session))
    valid = await judging.judge(flow, entry, urlencode(Asking(client).params()))
    known = await browser.find_session(flow, entry, token)
    assert isinstance(valid, Valid)
    assert known is not None
    await authorize.answer_session(flow, entry, valid, known)

    await end(flow, entry, user)

    with pytest.raises(Refused, match="login_required"):
        await authorize.answer_session(flow, entry, valid, known)


async def test_nothing_of_a_deleted_user_reaches_the_next_of_that_name(flow: Flow) -> None:
    entry, client, user = await a_sign_in(flow)
    orphan = issue.new_grant(flow, client.client, user, scope="openid", hosted=False, auth_time=0, amr=("pwd",))
    await give_the_name_again(flow, entry, user)
    token, record = refresh_tokens.mint(flow, orphan, generation=0)
    await flow.database.write(lambda tx: grants.put_grant(tx, orphan))
    await flow.database.write(lambda tx: grants.put_refresh_token(tx, record))

    with pytest.raises(Refused):
        await _renew(flow, entry, client, token)


async def test_a_session_asks_again_once_a_second_factor_is_required(flow: Flow) -> None:
    entry, _, user = await a_sign_in(flow)
    token, session = browser.mint_session(flow, user, ("pwd",))
    await flow.database.write(lambda tx: grants.put_session(tx, session))
    mfa = msgspec.structs.replace(entry.pool.mfa, mfa_configuration="ON")
    stricter = msgspec.structs.replace(entry, pool=msgspec.structs.replace(entry.pool, mfa=mfa))

    assert None is not await browser.find_session(flow, entry, token)
    assert None is await browser.find_session(flow, stricter, token)


async def test_signing_out_everywhere_keeps_the_user_as_he_was(flow: Flow) -> None:
    entry, _, user = await a_sign_in(flow)

    await sign_out.everywhere(flow, user)

    async def read(tx: ReadTx) -> User | None:
        return await people.find(tx, entry.pool, "ada")

    after = await flow.database.read(read)
    assert after is not None
    same = msgspec.structs.replace(after.credentials, epoch=0)
    assert (user.status, user.attributes, user.credentials) == (after.status, after.attributes, same)


async def _renew(flow: Flow, entry: PoolEntry, client: ClientEntry, token: str) -> object:
    return await refresh.renew(flow, ProvenClient(entry, client.client, bool(client.secrets)), token)
