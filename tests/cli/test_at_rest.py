"""What a program that only waits has in memory: nothing that serves a rare path alone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from poolhouse.cli import masters
from poolhouse.kit.ambient import SystemEntropy
from tests.journey.installation import free_port

# Started as the command is, and asked for its modules once it answers.
CODE = """
import os, signal, socket, sys, threading, time
from poolhouse.cli.__main__ import main

def is_ready(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False

def look(ports):
    while not all(map(is_ready, ports)):
        time.sleep(0.05)
    with open(sys.argv[1], "w") as file:
        file.write("\\n".join(sys.modules))
    os.kill(os.getpid(), signal.SIGTERM)

ports = [int(port) for port in sys.argv[2].split(",")]
threading.Thread(target=look, args=(ports,), daemon=True).start()
main(sys.argv[3:])
"""
RARE = {
    "acme", "aiohttp", "aiosmtplib", "alembic", "asyncpg", "babel", "cryptography.x509", "email.headerregistry",
    "joserfc", "josepy", "mako", "phonenumbers", "prometheus_client", "pyexpat", "requests", "segno",
    "sqlalchemy.dialects.postgresql.base", "sqlalchemy.ext.asyncio", "sqlalchemy.orm", "tinycss2", "trustme",
    "urllib.request", "webauthn", "zoneinfo", "zxcvbn",
    "poolhouse.cli.admin_commands", "poolhouse.cli.backup_commands", "poolhouse.cli.house_commands",
    "poolhouse.kit.composing",
}  # fmt: skip
RARE_POOL = {
    "poolhouse.pool.api.branding", "poolhouse.pool.api.groups", "poolhouse.pool.api.risk", "poolhouse.pool.console.app",
    "poolhouse.pool.spec.shapes.groups", "poolhouse.pool.spec.shapes.risk",
}  # fmt: skip
RARE_HOUSE = {
    "poolhouse.house.pages.groups", "poolhouse.house.pages.provisioning", "poolhouse.house.pages.users",
    "poolhouse.house.scim.surface", "poolhouse.house.settings.applying",
}  # fmt: skip


def loaded(folder: Path, ports: list[int], *arguments: str, env: dict[str, str] | None = None) -> set[str]:
    """The modules of the program once it is ready."""
    names, told = folder / "modules", ",".join(map(str, ports))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POOLHOUSE_")}
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(names), told, *arguments],
        check=False, env={**kept, "PYTHONPATH": "src", **(env or {})}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    # uvicorn ends by the signal that it got, once it has shut down.
    assert done.returncode in {0, -signal.SIGTERM}
    return set(names.read_text().split())


def served(folder: Path, program: str) -> set[str]:
    port = free_port()
    env = {
        "POOLHOUSE_MASTER_KEY": masters.mint(SystemEntropy()),
        "POOLHOUSE_ADMIN_PASSWORD": "Correct-Horse-7-Battery",
        "POOLHOUSE_DATABASE": f"sqlite:///{folder}/{program}.db",
    }
    line = ["serve", program, "--base-url", f"http://localhost:{port}", "--port", str(port)]
    # The first start makes the database, with what that needs.
    loaded(folder, [port], *line, env=env)
    return loaded(folder, [port], *line, env=env)


@pytest.mark.parametrize(("program", "rare"), [("pool", RARE_POOL), ("house", RARE_HOUSE | {"poolhouse.pool.config"})])
def test_a_served_program_has_not_imported_what_only_rare_paths_need(
    tmp_path: Path, program: str, rare: set[str]
) -> None:
    assert set() == served(tmp_path, program) & (RARE | rare)


def test_up_has_not_imported_what_only_rare_paths_need(tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    line = ["up", "--data", str(tmp_path / "data"), "--port", str(ports[0]), "--house-port", str(ports[1])]

    assert set() == loaded(tmp_path, ports, *line) & (RARE | RARE_POOL | RARE_HOUSE)


def test_every_operation_is_where_the_catalogue_says() -> None:
    from poolhouse.pool.api.catalogue import MODULES, OPERATIONS
    from poolhouse.pool.spec.contract import contract

    assert contract().operations.keys() == OPERATIONS.keys()
    for module, names in MODULES.items():
        for name in names:
            assert f"poolhouse.pool.api.{module}" == OPERATIONS[name].function.__module__


def test_every_structure_is_found_by_its_name() -> None:
    from poolhouse.pool.spec import shapes
    from poolhouse.pool.spec.contract import contract

    for name, shape in contract().shapes.items():
        if shape.type == "structure" and not shape.document:
            assert name == getattr(shapes, name).__name__
    with pytest.raises(AttributeError):
        _ = shapes.NoSuchShape  # type: ignore[attr-defined]
