"""``poolhouse keys rotate --house``."""

from datetime import UTC, datetime

import click

from poolhouse.house.app import build
from poolhouse.house.audit import COMMAND_LINE
from poolhouse.house.config import HouseSettings
from poolhouse.house.gateway.key_rotation import RotationUnderWay, rotate


async def rotate_house_keys(settings: HouseSettings, *, at_once: bool, revoke: bool) -> None:
    """A new key for the assertions that apps get; its id alone is on standard output."""
    house = await build(settings, makes_first_admin=False)
    try:
        made = await rotate(house.ctx, by=COMMAND_LINE, at_once=at_once, revoke=revoke)
    except RotationUnderWay as ahead:
        raise click.ClickException(
            f"the house has a new key that signs from {_moment(ahead.at)}; --now: at once"
        ) from ahead
    finally:
        await house.close()
    click.echo(made.kid)
    click.echo(f"It signs from {_moment(made.signs_from)}.", err=True)


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
