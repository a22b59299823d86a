"""The thread pool: bounded, and busy beyond its bound."""

import asyncio
import os
import threading
import time
import weakref

import pytest

from poolhouse.kit.cpu import ROUNDS_OF_SEVERAL, Busy, CpuPool, cores


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


async def test_without_threads_the_loop_itself_works() -> None:
    pool = CpuPool(0, 1)

    assert threading.get_ident() == await pool.run(threading.get_ident)
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0)
    pool.close()


async def test_without_threads_work_begins_once_all_of_a_tick_have_asked() -> None:
    pool, order = CpuPool(0, 100), list[str]()

    async def ask(number: int) -> None:
        order.append(f"asked {number}")
        await pool.run(order.append, f"worked {number}")

    await asyncio.gather(*(ask(number) for number in range(3)))

    assert [f"{what} {number}" for what in ("asked", "worked") for number in range(3)] == order
    pool.close()


async def test_without_threads_who_asks_a_moment_later_comes_along() -> None:
    pool, order = CpuPool(0, 100), list[str]()

    async def ask(number: int) -> None:
        for _ in range(number):
            await asyncio.sleep(0)
        order.append("asked")
        await pool.run(order.append, "worked")

    await asyncio.gather(*(ask(number) for number in range(3)))

    assert [*(["asked"] * 3), *(["worked"] * 3)] == order
    pool.close()


async def test_without_threads_nobody_waits_for_those_who_keep_coming() -> None:
    pool, order = CpuPool(0, 10_000), list[str]()
    first = asyncio.ensure_future(pool.run(order.append, "first"))

    async def keep_coming() -> None:
        while not first.done():
            order.append("another")
            asyncio.get_running_loop().call_soon(asyncio.ensure_future, pool.run(order.append, "later"))
            await asyncio.sleep(0)

    await asyncio.wait_for(keep_coming(), 5)

    assert order.index("first") < 3 * ROUNDS_OF_SEVERAL
    pool.close()


async def test_without_threads_nobody_waits_for_others_whose_work_is_slow() -> None:
    pool, slow, is_over = CpuPool(0, 100), list[int](), False

    async def hold_the_loop() -> None:
        while not is_over:
            slow.append(1)
            time.sleep(0.002)  # noqa: ASYNC251 - as a commit would
            await asyncio.sleep(0)

    other = asyncio.ensure_future(hold_the_loop())
    await asyncio.gather(pool.run(int), pool.run(int))
    is_over = True
    await other

    assert len(slow) < 10
    pool.close()


def test_without_threads_a_pool_outlives_a_loop_that_ended_while_somebody_waited() -> None:
    pool = CpuPool(0, 2)

    async def leave() -> None:
        left = [asyncio.ensure_future(pool.run(int)) for _ in range(2)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in left)

    async def come() -> list[int]:
        return list(await asyncio.gather(pool.run(int), pool.run(int)))

    asyncio.run(leave())

    assert [0, 0] == asyncio.run(come())
    pool.close()


@pytest.mark.parametrize("threads", [0, 1])
async def test_work_that_ends_an_iteration_is_an_error_like_any_other(threads: int) -> None:
    pool = CpuPool(threads, 10)

    with pytest.raises(RuntimeError):
        await pool.run(next, iter(()))
    assert 0 == await pool.run(int)
    pool.close()


async def test_without_threads_the_rest_is_heard_between_two_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolhouse.kit.cpu.TOGETHER", 2)
    pool, order = CpuPool(0, 100), list[str]()
    loop = asyncio.get_running_loop()

    def work() -> None:
        order.append("work")
        loop.call_soon(order.append, "rest")

    await asyncio.gather(*(pool.run(work) for _ in range(3)))

    assert ["work", "work", "rest", "rest", "work"] == order[:5]
    pool.close()


async def test_without_threads_there_is_a_limit_as_well_and_closing_drops_what_waits() -> None:
    pool = CpuPool(0, 1)
    waiting = asyncio.ensure_future(pool.run(int))
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await pool.run(int)
    pool.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_closing_drops_what_waits_and_lets_what_runs_end() -> None:
    pool, running, gate = CpuPool(1, 3), threading.Event(), threading.Event()

    def hold() -> str:
        running.set()
        gate.wait()
        return "ended"

    first, second = asyncio.ensure_future(pool.run(hold)), asyncio.ensure_future(pool.run(int))
    await asyncio.to_thread(running.wait)
    threading.Timer(0.05, gate.set).start()
    pool.close()

    assert "ended" == await first
    with pytest.raises(asyncio.CancelledError):
        await second


async def test_an_idle_thread_keeps_nothing_alive() -> None:
    class Password:
        pass

    pool, secret = CpuPool(1, 1), Password()
    gone = weakref.ref(secret)
    await pool.run(repr, secret)
    del secret
    # The thread lets go after it has answered; a busy machine takes its time.
    for _ in range(1000):
        if gone() is None:
            break
        await asyncio.sleep(0.01)

    assert gone() is None
    pool.close()


def test_the_cores_are_those_that_this_process_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert 1 == cores()
    finally:
        os.sched_setaffinity(0, allowed)
    assert len(allowed) == cores()


async def test_a_thread_comes_to_rest_once_after_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolhouse.kit.cpu.REST_SECONDS", 0.02)
    rests: list[int] = []
    pool = CpuPool(1, 2, at_rest=lambda: rests.append(threading.get_ident()))
    thread = await pool.run(threading.get_ident)
    await asyncio.sleep(0.2)
    assert [thread] == rests

    assert 0 == await pool.run(int)
    await asyncio.sleep(0.2)
    assert [thread, thread] == rests
    pool.close()
