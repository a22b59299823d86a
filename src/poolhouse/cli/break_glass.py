"""``poolhouse break-glass``: a link that lets an administrator in once, made beside a running house."""

from datetime import UTC, datetime
from pathlib import Path

import click

from poolhouse.cli import masters
from poolhouse.cli.places import ADDRESS_FILE
from poolhouse.house.app import build
from poolhouse.house.config import HouseSettings, read_origin
from poolhouse.house.emergency import EmergencyLink, NoSuchAdministrator, diagnose
from poolhouse.kit.ambient import SystemEntropy
from poolhouse.kit.settings import SettingError

DEFAULT_FOLDER = Path("poolhouse-data")


def house_of(data: Path | None, database: str | None, base_url: str | None, master_key: str | None) -> HouseSettings:
    """The house in the directory of ``up``, or a served one."""
    if database:
        if not base_url:
            raise SettingError("base_url: say where browsers reach the house, with --base-url or POOLHOUSE_BASE_URL")
        return HouseSettings(
            base_url=read_origin(base_url).url,
            database=database,
            master_keys=masters.read(master_key),
            admin_email="",
        )
    folder = data or DEFAULT_FOLDER
    if not (folder / "house.db").exists():
        raise click.ClickException(
            f"there is no house in {folder}; give --data, or --database with POOLHOUSE_MASTER_KEY"
        )
    noted = folder / ADDRESS_FILE
    address = base_url or (noted.read_text().strip() if noted.exists() else "http://localhost:8500")
    authority = folder / "ca.pem"
    return HouseSettings(
        base_url=read_origin(address).url,
        database=f"sqlite:///{folder.resolve()}/house.db",
        master_keys=(masters.of_directory(folder, SystemEntropy()),),
        admin_email="",
        provider_ca=str(authority) if authority.exists() else "",
    )


async def break_glass(settings: HouseSettings, *, email: str, minutes: int, checks: bool) -> None:
    """Make the link, print it alone on standard output, and say on the other what seems to be broken."""
    house = await build(settings, makes_first_admin=False)
    try:
        link = await house.make_emergency_link(email=email, minutes=minutes)
        click.echo(_heading(link), err=True)
        click.echo(link.url)
        if checks:
            for line in await diagnose(house.ctx):
                click.echo(f"  {line}", err=True)
    except NoSuchAdministrator as nobody:
        raise click.ClickException(str(nobody)) from nobody
    finally:
        await house.close()


def _heading(link: EmergencyLink) -> str:
    until = datetime.fromtimestamp(link.expires_at, UTC).strftime("%H:%M UTC")
    who = link.account.email or link.account.username
    return f"Signs {who} in once, until {until}. Open it in a browser; it is in the audit log."
