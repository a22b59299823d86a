"""What the programs refuse to start with: each by one sentence that says what to do, and an exit code."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from poolhouse.cli.masters import mint
from poolhouse.house.app import build
from poolhouse.house.settings.applying import apply_changes
from poolhouse.kit.ambient import ScriptedEntropy, Secret, SystemClock, SystemEntropy
from poolhouse.pool.app import build as build_pool
from poolhouse.pool.config import PoolSettings
from tests.house.world import house_settings
from tests.journey.installation import free_port
from tests.support import builders
from tests.system.programs import PASSWORD, an_address, outcome

pytestmark = pytest.mark.client

KEY = mint(ScriptedEntropy())
SAFE = {"POOLHOUSE_MASTER_KEY": KEY, "POOLHOUSE_ADMIN_PASSWORD": PASSWORD}
PROGRAMS = ["pool", "house"]


def serve(program: str, *flags: str, folder: Path | None = None, **env: str) -> tuple[int, str]:
    """``serve`` with safe settings but for those given."""
    database = f"sqlite:///{folder}/x.db" if folder else "sqlite://"
    given = dict(zip(flags[::2], flags[1::2], strict=True))
    line = {"--base-url": "https://id.example.com", "--database": database, "--port": str(free_port()), **given}
    return outcome("serve", program, *(part for pair in line.items() for part in pair), **{**SAFE, **env})


def check_sentence(result: tuple[int, str], *parts: str, code: int = 1) -> None:
    """One line for a person, which names the setting, and no traceback."""
    assert result[0] == code, result
    assert "Traceback" not in result[1]
    assert len(result[1].splitlines()) == 1, result[1]
    for part in parts:
        assert part in result[1]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64!", f"{KEY},c2hvcnQ="])
def test_without_a_whole_master_key_nothing_starts(program: str, key: str) -> None:
    check_sentence(serve(program, POOLHOUSE_MASTER_KEY=key), "master_key")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("password", ["", "short", "elevenchars"])
def test_without_a_long_password_nothing_starts(program: str, password: str) -> None:
    check_sentence(serve(program, POOLHOUSE_ADMIN_PASSWORD=password), "admin_password", "12 characters")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    "url", ["http://id.example.com", "http://10.0.0.1:8400", "http://localhost.evil.example", "id.example.com", "https://", "https://u:p@id.example.com", "https://id.example.com/path"]
)  # fmt: skip
def test_a_base_url_that_others_could_listen_on_is_refused(program: str, url: str) -> None:
    check_sentence(serve(program, "--base-url", url), "base_url")


@pytest.mark.parametrize("program", PROGRAMS)
def test_several_processes_on_sqlite_are_refused(program: str, tmp_path: Path) -> None:
    check_sentence(serve(program, "--workers", "2", folder=tmp_path), "--workers", "SQLite", "PostgreSQL")
    check_sentence(serve(program, "--workers", "0", folder=tmp_path), "--workers")


@pytest.mark.parametrize("program", PROGRAMS)
def test_without_a_database_nothing_starts(program: str) -> None:
    result = outcome("serve", program, "--base-url", "https://id.example.com", **SAFE)

    check_sentence(result, "database")


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_unknown_setting_is_refused_wherever_it_stands(program: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('master_keey = "x"\n')

    check_sentence(serve(program, "--config", str(file)), str(file), "master_keey")
    check_sentence(serve(program, POOLHOUSE_MASTER_KEEY="x"), "POOLHOUSE_MASTER_KEEY")
    code, said = serve(program, "--master-keey", "x")
    assert (2, True) == (code, "No such option" in said)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_value_of_the_wrong_kind_is_refused(program: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('port = "many"\n')
    given = {"--config": str(file), "--base-url": "https://id.example.com", "--database": "sqlite://"}
    result = outcome("serve", program, *(part for pair in given.items() for part in pair), **SAFE)

    check_sentence(result, str(file), "port", "number expected")


def test_a_secret_is_not_a_flag() -> None:
    for program in PROGRAMS:
        code, said = serve(program, "--master-key", KEY)
        assert (2, True) == (code, "No such option" in said)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_taken_port_is_told_in_one_sentence(program: str, tmp_path: Path) -> None:
    with taken_port() as port:
        code, said = serve(program, "--port", str(port), folder=tmp_path)

    assert code != 0
    assert "Traceback" not in said
    assert str(port) in said


def test_up_tells_of_a_taken_port_in_one_sentence(tmp_path: Path) -> None:
    with taken_port() as port:
        mine = ("up", "--data", str(tmp_path / "kept"), "--bare")
        first = outcome(*mine, "--port", str(port), "--house-port", str(free_port()))
        second = outcome(*mine, "--port", str(free_port()), "--house-port", str(port))

    check_sentence(first, f"cannot listen on 127.0.0.1:{port}: Address already in use")
    check_sentence(second, f"cannot listen on 127.0.0.1:{port}: Address already in use")
    # Nothing was made yet: an administrator's password that was never printed would be lost.
    assert not list((tmp_path / "kept").glob("*.db"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_up_listens_on_loopback_only(host: str, tmp_path: Path) -> None:
    check_sentence(outcome("up", "--host", host, "--data", str(tmp_path / "kept")), f"--host {host}", "loopback only")


def test_a_second_up_on_a_directory_is_refused(tmp_path: Path) -> None:
    with an_address().up(tmp_path):
        second = outcome("up", "--data", str(tmp_path / "kept"), "--port", str(free_port()), "--bare")

    check_sentence(second, "in use by another `poolhouse up`")


def test_a_directory_that_cannot_be_written_to_is_told_in_one_sentence() -> None:
    check_sentence(outcome("up", "--bare", "--data", "/proc/nothing"), "--data", "/proc/nothing")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_is_not_there_is_told(workers: str) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere"
    code, said = serve("pool", "--database", nowhere, "--workers", workers)

    assert code == 3
    assert "Traceback" not in said
    assert "no connection to PostgreSQL: Connection refused\n" in said


async def a_house(url: str) -> None:
    house = await build(house_settings(database=url), clock=SystemClock(), entropy=SystemEntropy())
    mail = {"host": "mail.example.com", "sender": "a@example.com", "username": "a", "password": Secret("a password")}
    await apply_changes(house.ctx, {f"mail.{name}": value for name, value in mail.items()}, by="test")
    await house.close()


async def a_pool(url: str) -> None:
    settings = PoolSettings(
        base_url="http://localhost:8400", database=url, master_keys=(Secret(KEY),), admin_email="admin@example.com",
        admin_password=Secret(PASSWORD),
    )  # fmt: skip
    server = await build_pool(settings, clock=SystemClock(), entropy=SystemEntropy())
    await builders.a_pool(server.flow)
    await server.close()


@pytest.mark.parametrize(("program", "made"), [("house", a_house), ("pool", a_pool)])
async def test_a_database_of_another_master_key_is_told(
    program: str, made: Callable[[str], Awaitable[None]], tmp_path: Path
) -> None:
    """As after a restore without the key that the database had."""
    url = f"sqlite:///{tmp_path}/{program}.db"
    await made(url)
    flags = ("--database", url, "--base-url", "http://localhost:8500")

    code, said = await asyncio.to_thread(serve, program, *flags, POOLHOUSE_MASTER_KEY=mint(SystemEntropy()))

    assert code == 3
    assert "Traceback" not in said
    assert "master_key: the database was written with another one" in said


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_behind_an_unnamed_proxy_warns(program: str, tmp_path: Path) -> None:
    with taken_port() as port:
        flags = ("--port", str(port))
        unnamed = serve(program, *flags, folder=tmp_path)[1]
        named = serve(program, *flags, "--trusted-proxies", "127.0.0.1", folder=tmp_path)[1]
        local = serve(program, *flags, "--base-url", f"http://localhost:{port}", folder=tmp_path)[1]

    assert ([True, False, False]) == ["warning: trusted_proxies" in said for said in (unnamed, named, local)]


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield int(held.getsockname()[1])
