"""The commands for texts of the hosted pages that a pool has of its own."""

from collections.abc import Awaitable
from typing import Final, TypeVar

import click
import msgspec

from poolhouse.pool.flows import own_texts
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.own_texts import WrongText
from poolhouse.pool.spec.errors import Reason

LIMIT: Final = own_texts.FILE_LIMIT + 1
T = TypeVar("T")


async def show(flow: Flow, pool_id: str, language: str, *, as_po: bool) -> None:
    """Print them."""
    held = await _of(pool_id, own_texts.find(flow, pool_id, language))
    shown = own_texts.as_po(language, held) if as_po else msgspec.json.format(msgspec.json.encode(held))
    click.echo(shown.decode().rstrip())


async def take(flow: Flow, pool_id: str, language: str, content: bytes) -> None:
    """Take those of a file; others stay as they are."""
    try:
        given = own_texts.read_file(language, content)
    except WrongText as wrong:
        raise click.ClickException(str(wrong)) from wrong
    held = await _of(pool_id, own_texts.change(flow, pool_id, language, given))
    click.echo(f"{len(given)} taken; the pool now has {len(held)} of its own in {language}")


async def _of(pool_id: str, work: Awaitable[T]) -> T:
    try:
        return await work
    except WrongText as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except Refused as no:
        if no.reason is Reason.POOL_NOT_FOUND:
            raise click.ClickException(f"there is no user pool {pool_id}") from no
        raise
