"""
Work in a process of its own, whose memory ends with it.

The first start of ``up`` makes two databases: Alembic, hashes and the operations that the demo calls would otherwise
stay in the memory of the program that then runs for weeks, some ten megabytes.
"""

import os
import traceback
from collections.abc import Callable
from typing import TypeVar

import click
import msgspec

T = TypeVar("T", bound=msgspec.Struct)


def apart(work: Callable[[], T], kind: type[T]) -> T:
    """
    What *work* returns, as JSON through a pipe.

    Call it before there are threads, connections or an event loop: a fork takes along only the caller.  When *work*
    fails, the child says why and this process ends as well.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # A child of a fork must not run its parent's clean-up.
        os._exit(_report(work, writer))
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        answer = told.read()
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(1)
    return msgspec.json.decode(answer, type=kind)


def _report(work: Callable[[], T], writer: int) -> int:
    try:
        with os.fdopen(writer, "wb") as told:
            told.write(msgspec.json.encode(work()))
    except click.ClickException as wrong:
        wrong.show()
        return 1
    except BaseException:  # noqa: BLE001 - nothing above would say it
        traceback.print_exc()
        return 1
    return 0
