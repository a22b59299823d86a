"""
Changing the rules on claims: what a change would do, and doing it to everybody who is here.

Rules hold at once and not only from the next sign-in on, so that a rule that is taken away opens nothing any more.
"""

from collections.abc import AsyncIterator, Sequence

import msgspec

from poolhouse.house.audit import Event, Trail, UnattendedTrail
from poolhouse.house.claim_rules import Due, apply_rules, due_of
from poolhouse.house.context import Context
from poolhouse.house.model import Account, Document
from poolhouse.house.people import ClaimRule
from poolhouse.house.rounds import Round
from poolhouse.house.store import accounts, directory, sessions
from poolhouse.house.store.directory import Said
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx

Rules = tuple[ClaimRule, ...]


async def count_changed(ctx: Context, before: Rules, after: Rules) -> int:
    """How many of the people who are here would get something else."""
    changed: set[str] = set()
    async for page in _pages(ctx):
        for said in page:
            claims = msgspec.json.decode(said.claims)
            if due_of(before, said.provider, claims) != due_of(after, said.provider, claims):
                changed.add(said.account_id)
    return len(changed)


async def due_of_account(ctx: Context, account: Account, rules: Rules) -> tuple[Due, int]:
    """What *rules* make of what was said last of somebody, by every provider, and how many have said anything."""

    async def unit(tx: ReadTx) -> list[tuple[str, str]]:
        return [(each.provider, each.claims) for each in await accounts.list_identities(tx, account.id) if each.claims]

    said = await ctx.db.read(unit)
    due = Due()
    for provider, claims in said:
        more = due_of(rules, provider, msgspec.json.decode(claims))
        due = Due(due.groups | more.groups, due.roles | more.roles)
    return due, len(said)


async def save_rules(
    ctx: Context, visit: Visit, actor: Account, *, add: ClaimRule | None, remove: str, words: str
) -> None:
    """Add a rule, or remove the one with the name *remove* (``rule_name``), and apply what holds then."""
    trail = Trail(ctx, visit)

    async def change(tx: Tx, document: Document) -> Document:
        kept = tuple(each for each in document.people.rules if rule_name(each) != remove)
        rules = (*kept, add) if add is not None and add not in kept else kept
        await trail.write(tx, Event.SETTINGS_CHANGED, subject="Claim rules", detail=words)
        return msgspec.structs.replace(document, people=msgspec.structs.replace(document.people, rules=rules))

    await ctx.live.change(change, by=actor.username)
    await apply_to_all(ctx, trail, but=actor.id)


class RuleWatch:
    """Applies rules that came into force otherwise: by the command line, a file, an older version restored."""

    def __init__(self, ctx: Context) -> None:
        self._applied = ctx.live.document.people.rules

    async def look(self, ctx: Context) -> None:
        """A round; on a replica that has not seen a change it costs one comparison."""
        rules = ctx.live.document.people.rules
        if rules != self._applied:
            await apply_to_all(ctx, UnattendedTrail(ctx, "claim rules"))
            self._applied = rules


def rule_round(ctx: Context) -> Round:
    """Looks for such changes, from now on."""
    return Round(name="claim rules", seconds=15, run=RuleWatch(ctx).look)


async def apply_to_all(ctx: Context, trail: Trail, *, but: str = "") -> None:
    """Page by page, each in a unit of its own; whoever gains or loses powers signs in anew, except for one account."""
    async for page in _pages(ctx):

        async def unit(tx: Tx, page: Sequence[Said] = page) -> None:
            for said in page:
                await _apply(tx, ctx, trail, said, but)

        await ctx.db.write(unit)


async def _apply(tx: Tx, ctx: Context, trail: Trail, said: Said, but: str) -> None:
    account = await accounts.find_account(tx, said.account_id)
    if account is None:
        return
    is_changed = await apply_rules(
        tx,
        trail,
        ctx.live.document,
        account,
        provider=said.provider,
        claims=msgspec.json.decode(said.claims),
        now=ctx.clock.now(),
    )
    if is_changed and account.id != but:
        await sessions.delete_sessions_of(tx, account.id)


def rule_name(rule: ClaimRule) -> str:
    """What stands for a rule in a form: two that say the same are one."""
    return msgspec.json.encode(rule).decode()


async def _pages(ctx: Context) -> AsyncIterator[list[Said]]:
    after = ("", "")
    while True:
        start = after

        async def unit(tx: ReadTx, start: tuple[str, str] = start) -> list[Said]:
            return await directory.list_said(tx, after=start)

        page = await ctx.db.read(unit)
        yield page
        if len(page) < directory.SAID_PAGE:
            return
        after = (page[-1].issuer, page[-1].subject)
