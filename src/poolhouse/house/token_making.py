"""Making and revoking tokens: what may be asked for, and one unit that writes it with its line in the audit log."""

import ipaddress
from collections.abc import Mapping, Sequence

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import Account, App
from poolhouse.house.store import accounts, documents, tokens
from poolhouse.house.store.apps import list_apps
from poolhouse.house.token_rules import LONGEST_DAYS, TokenRules
from poolhouse.house.tokens import SHOWN_LETTERS, Kind, Token, mint_token
from poolhouse.kit.ambient import Epoch, Secret, uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.seal import digest

NAME_LIMIT = 80
LIST_LIMIT = 50
DAY = 86_400
KEPT_DAYS = 30
"""How long a token that has expired is still shown to whoever looks for why something has stopped."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for, as it was typed."""

    name: str
    days: str
    apps: tuple[str, ...]
    is_for_all_apps: bool = False
    groups: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


class Made(msgspec.Struct, frozen=True):
    """Shown once; nobody can ask for the secret again."""

    token: Token
    secret: Secret


class NotMade(Exception):
    """Refused when it was to be written: the rules or the account have changed meanwhile."""


def behind_the_gateway(apps: Sequence[App]) -> list[App]:
    """The apps that a token can be for."""
    return [app for app in apps if app.gate is not None]


def check(wanted: Wanted, kind: Kind, *, rules: TokenRules, apps: Sequence[App]) -> dict[str, str]:
    """What is wrong, by field name; of a person's token that it may not be at all is wrong with ``person``."""
    errors = _check_personal(wanted, rules) if kind is Kind.PERSONAL else {}
    longest_days = rules.longest_days if kind is Kind.PERSONAL else LONGEST_DAYS
    if not wanted.name or len(wanted.name) > NAME_LIMIT or not wanted.name.isprintable():
        errors["name"] = f"Name has 1 to {NAME_LIMIT} characters."
    if read_days(wanted.days, longest_days) is None:
        errors["days"] = f"A whole number from 1 to {longest_days}."
    known = {app.id for app in behind_the_gateway(apps)}
    if kind is Kind.SERVICE and wanted.is_for_all_apps:
        errors["apps"] = "A service token names its apps."
    elif not wanted.is_for_all_apps and not wanted.apps:
        errors["apps"] = "Choose the apps that it is for."
    elif not set(wanted.apps) <= known:
        errors["apps"] = "One of the apps is no longer there. Choose again."
    if len(wanted.groups) > LIST_LIMIT or any(not _is_group(each) for each in wanted.groups):
        errors["groups"] = "One group in each line, without commas."
    wrong = next((each for each in wanted.networks if not _is_network(each)), None)
    if wrong is not None or len(wanted.networks) > LIST_LIMIT:
        errors["networks"] = f"{wrong[:60]} is no network; write 10.0.0.0/8." if wrong else "Too many networks."
    return errors


def _check_personal(wanted: Wanted, rules: TokenRules) -> dict[str, str]:
    if not rules.is_personal_allowed:
        return {"person": "Personal tokens are turned off."}
    if wanted.groups or wanted.networks:
        return {"person": "A personal token has the groups of its owner, and no networks of its own."}
    return {}


def read_days(text: str, longest: int) -> int | None:
    """A number of days; None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 5 or not 1 <= int(text) <= min(longest, LONGEST_DAYS):
        return None
    return int(text)


async def make_personal(ctx: Context, trail: Trail, account: Account, wanted: Wanted, *, by: str = "") -> Made:
    """One for *account*, by its owner; ``NotMade`` when that may not be any more, or it has too many."""
    made = _mint(ctx, wanted, Kind.PERSONAL, account_id=account.id, by=by or account.username)

    async def unit(tx: Tx) -> None:
        rules = (await documents.newest_document(tx, ctx.ring)).tokens
        now_there = await accounts.find_account(tx, account.id)
        if not rules.is_personal_allowed or read_days(wanted.days, rules.longest_days) is None:
            raise NotMade("The rules on personal tokens have changed meanwhile. Look at the form again.")
        if now_there is None or not now_there.is_enabled:
            raise NotMade("Your account may not be used any more.")
        if len(await tokens.list_tokens_of(tx, account.id)) >= tokens.PER_PERSON:
            raise NotMade(f"You have {tokens.PER_PERSON} tokens. Revoke one that you no longer need first.")
        await tokens.put_token(tx, made.token, digest(made.secret.reveal()))
        await trail.write(tx, Event.TOKEN_MADE, subject=account, detail=await _described(tx, made.token))

    await ctx.db.write(unit)
    return made


async def make_service(ctx: Context, trail: Trail, wanted: Wanted, *, by: str) -> Made:
    """One for a machine, by an administrator."""
    made = _mint(ctx, wanted, Kind.SERVICE, account_id="", by=by)

    async def unit(tx: Tx) -> None:
        await tokens.put_token(tx, made.token, digest(made.secret.reveal()))
        await trail.write(tx, Event.TOKEN_MADE, subject="Service", detail=await _described(tx, made.token))

    await ctx.db.write(unit)
    return made


async def revoke(ctx: Context, trail: Trail, token_id: str, *, kind: Kind, account_id: str | None = None) -> bool:
    """End it now, on every replica; with *account_id* only if it is theirs.  Whether it was there."""

    async def unit(tx: Tx) -> bool:
        held = await tokens.find_token_by_id(tx, token_id)
        if held is None or held.token.kind is not kind or account_id not in {None, held.token.account_id}:
            return False
        if not await tokens.delete_token(tx, token_id):
            return False
        detail = f"{held.token.name} ({held.token.start}…)"
        await trail.write(tx, Event.TOKEN_REVOKED, subject=held.account or "Service", detail=detail)
        return True

    return await ctx.db.write(unit)


async def sweep(ctx: Context) -> None:
    """Clear away what expired long ago; it opened nothing since then."""
    before = Epoch(ctx.clock.now() - KEPT_DAYS * DAY)
    await ctx.db.write(lambda tx: tokens.delete_dead_tokens(tx, before))


def app_names(token: Token, apps: Mapping[str, App]) -> str:
    """What the token is for, in words."""
    if token.is_for_all_apps:
        return "All apps"
    return ", ".join(apps[each].name if each in apps else "(removed)" for each in token.apps)


def _mint(ctx: Context, wanted: Wanted, kind: Kind, *, account_id: str, by: str) -> Made:
    days = read_days(wanted.days, LONGEST_DAYS)
    if days is None:
        raise ValueError("not checked")
    secret, now = mint_token(ctx.entropy), ctx.clock.now()
    token = Token(
        id=uuid4(ctx.entropy),
        kind=kind,
        account_id=account_id,
        name=wanted.name,
        start=secret.reveal()[:SHOWN_LETTERS],
        apps=() if wanted.is_for_all_apps else wanted.apps,
        is_for_all_apps=wanted.is_for_all_apps,
        groups=wanted.groups,
        networks=wanted.networks,
        created_at=now,
        created_by=by,
        expires_at=Epoch(now + days * DAY),
        used_at=None,
        used_from="",
    )
    return Made(token, secret)


async def _described(tx: Tx, token: Token) -> str:
    apps = {app.id: app for app in await list_apps(tx)}
    days = (token.expires_at - token.created_at) // DAY
    parts = [f"{token.name} ({token.start}…)", f"apps: {app_names(token, apps)}", f"{days} days"]
    parts += [f"groups: {', '.join(token.groups)}"] if token.groups else []
    parts += [f"networks: {', '.join(token.networks)}"] if token.networks else []
    return "; ".join(parts)


def _is_group(text: str) -> bool:
    return "," not in text and text.isprintable()


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
