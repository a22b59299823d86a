"""The thread pool: bounded, and busy beyond its bound."""

import asyncio
import threading

import pytest

from poolhouse.kit.cpu import Busy, CpuPool


async def test_work_runs_in_a_thread_and_its_error_arrives() -> None:
    pool = CpuPool(1, 4)

    assert threading.get_ident() != await pool.run(threading.get_ident)
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0)
    pool.close()


async def test_beyond_the_limit_the_answer_is_busy_at_once() -> None:
    pool, gate = CpuPool(1, 2), threading.Event()
    waiting = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await pool.run(int)
    gate.set()
    assert [True, True] == await asyncio.gather(*waiting)
    assert 0 == await pool.run(int)
    pool.close()


async def test_a_caller_that_gives_up_does_not_make_room() -> None:
    pool, gate = CpuPool(1, 1), threading.Event()
    caller = asyncio.ensure_future(pool.run(gate.wait))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await pool.run(int)
    gate.set()
    while True:
        try:
            assert 0 == await pool.run(int)
            break
        except Busy:
            await asyncio.sleep(0.001)
    pool.close()
