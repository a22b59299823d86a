"""``poolhouse house tokens``: tokens for API calls, as the pages have them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from poolhouse.house.audit import UnattendedTrail
from poolhouse.house.context import Context
from poolhouse.house.groups import find_person
from poolhouse.house.model import Account, App
from poolhouse.house.settings.applying import COMMAND_LINE
from poolhouse.house.settings.values import WrongSettings
from poolhouse.house.store import apps as app_store
from poolhouse.house.store import tokens as store
from poolhouse.house.token_making import (
    NotMade,
    Wanted,
    app_names,
    behind_the_gateway,
    check,
    make_personal,
    make_service,
    revoke,
)
from poolhouse.house.tokens import Held, Kind


async def list_tokens(ctx: Context, *, kind: str, person: str, as_json: bool) -> None:
    """Of people and of machines, the newest first; never a token itself, of which there is a digest only."""
    account = await _person(ctx, person) if person else None
    found: list[Held] = []
    for each in Kind:
        if kind in {"", each.value}:
            found += await ctx.db.read(lambda tx, each=each: store.list_tokens(tx, each))  # type: ignore[misc]
    if account is not None:
        found = [held for held in found if held.token.account_id == account.id]
    apps = {app.id: app for app in await ctx.db.read(app_store.list_apps)}
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode([_plain(held, apps) for held in found]), indent=2).decode())
        return
    for held in found:
        token = held.token
        used = f"last used {_day(token.used_at)} from {token.used_from}" if token.used_at else "never used"
        who = held.account.username if held.account else "service"
        what = (token.name, app_names(token, apps), f"until {_day(token.expires_at)}", used)
        click.echo("  ".join((token.id, f"{token.start}…", who, *what)))


async def create(
    ctx: Context,
    name: str,
    *,
    days: int,
    urls: Sequence[str],
    is_for_all_apps: bool,
    groups: Sequence[str],
    networks: Sequence[str],
    person: str,
) -> None:
    """The token on standard output, once; nobody can ask for it again."""
    known = await ctx.db.read(app_store.list_apps)
    wanted = Wanted(
        name=name.strip(),
        days=str(days),
        apps=_chosen(urls, known),
        is_for_all_apps=is_for_all_apps,
        groups=tuple(groups),
        networks=tuple(networks),
    )
    account = await _person(ctx, person) if person else None
    kind = Kind.SERVICE if account is None else Kind.PERSONAL
    errors = check(wanted, kind, rules=ctx.live.document.tokens, apps=known)
    if errors:
        raise WrongSettings(errors)
    trail = UnattendedTrail(ctx, COMMAND_LINE)
    try:
        if account is None:
            made = await make_service(ctx, trail, wanted, by=COMMAND_LINE)
        else:
            made = await make_personal(ctx, trail, account, wanted, by=COMMAND_LINE)
    except NotMade as refused:
        raise click.ClickException(f"nothing was made: {refused}") from refused
    click.echo(made.secret.reveal())
    click.echo(f"It is shown this once. Its id is {made.token.id}, good until {_day(made.token.expires_at)}.", err=True)


async def end(ctx: Context, token_id: str) -> None:
    """At once, on every replica."""
    trail = UnattendedTrail(ctx, COMMAND_LINE)
    if not any([await revoke(ctx, trail, token_id, kind=kind) for kind in Kind]):
        raise click.ClickException(f"there is no token {token_id}")
    click.echo(f"revoked {token_id}")


def _chosen(urls: Sequence[str], known: Sequence[App]) -> tuple[str, ...]:
    by_url = {app.url: app.id for app in behind_the_gateway(known)}
    missing = [url for url in urls if url not in by_url]
    if missing:
        raise WrongSettings({"apps": f"No app behind the gateway is at {missing[0]}; `poolhouse house apps list`."})
    return tuple(by_url[url] for url in urls)


async def _person(ctx: Context, typed: str) -> Account:
    account = await ctx.db.read(lambda tx: find_person(tx, typed))
    if account is None:
        raise click.ClickException(f"nobody has the e-mail address or user name {typed}")
    return account


def _plain(held: Held, apps: Mapping[str, App]) -> dict[str, Any]:
    token = held.token
    return {
        "id": token.id,
        "kind": token.kind.value,
        "person": held.account.username if held.account else None,
        "name": token.name,
        "start": token.start,
        "apps": None if token.is_for_all_apps else [apps[each].url for each in token.apps if each in apps],
        "groups": token.groups,
        "networks": token.networks,
        "created_at": token.created_at,
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
        "used_from": token.used_from,
    }


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
