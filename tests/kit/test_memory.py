"""What hashes took is given back at rest."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import asyncio, re
from pathlib import Path
from poolhouse.kit import cpu, memory
from poolhouse.kit.passwords import hash_password

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

async def main():
    cpu.REST_SECONDS = 0.05
    pool = cpu.CpuPool(2, 10, at_rest=memory.give_back)
    before = resident()
    await asyncio.gather(*(pool.run(hash_password, "x") for _ in range(6)))
    await asyncio.sleep(0.5)
    print(resident() - before)
    pool.close()

memory.share_one_arena()
asyncio.run(main())
"""


@pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="memory is kept by glibc")
def test_hashes_leave_no_memory_behind() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)

    assert float(done.stdout) < 8, "two threads keep 19 MiB each"
