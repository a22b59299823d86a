"""Randomness is unbiased and time moves only when it is told to."""

import os
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from poolhouse.kit.ambient import (
    FixedClock,
    ScriptedEntropy,
    Secret,
    SystemClock,
    SystemEntropy,
    digits,
    letters,
    mark,
    urlsafe,
    uuid4,
    uuid7,
)


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(100)
    clock.advance(1.5)

    assert (101, 101_500) == (clock.now(), clock.now_ms())


def test_the_system_clock_counts_seconds_since_1970() -> None:
    assert SystemClock().now() > 1_780_000_000


def test_scripted_entropy_repeats_itself_and_system_entropy_does_not() -> None:
    assert ScriptedEntropy("a").token(40) == ScriptedEntropy("a").token(40)
    assert SystemEntropy().token(16) != SystemEntropy().token(16)


def test_every_digit_is_equally_likely() -> None:
    counts = Counter(digits(ScriptedEntropy(), 60_000))

    assert set("0123456789") == set(counts)
    assert all(abs(count - 6_000) < 400 for count in counts.values())


@pytest.mark.parametrize(("n", "alphabet"), [(0, "ab"), (9, "0123456789abcdefghijklmnopqrstuv")])
def test_letters_have_the_length_and_alphabet_asked_for(n: int, alphabet: str) -> None:
    made = letters(ScriptedEntropy(), n, alphabet)

    assert n == len(made)
    assert set(made) <= set(alphabet)


class Same:
    """Always the same byte."""

    def __init__(self, byte: int) -> None:
        self._byte = byte

    def token(self, n: int) -> bytes:
        return bytes([self._byte]) * n

    def mark(self) -> bytes:
        return self.token(16)


@pytest.mark.parametrize("byte", [0, 0x3F, 0x40, 0x80, 0xC0, 0xFF])
def test_a_uuid_is_the_standards_version_4(byte: int) -> None:
    made = str(uuid.UUID(bytes=bytes([byte]) * 16, version=4))

    assert (made, made) == (uuid4(Same(byte)), mark(Same(byte)))


def test_no_two_uuids_are_the_same() -> None:
    entropy = ScriptedEntropy()

    assert 100 == len({uuid4(entropy) for _ in range(100)})


def test_no_two_marks_are_the_same_in_any_thread() -> None:
    entropy = SystemEntropy()
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda _: mark(entropy), range(4000)))

    assert 4000 == len(set(drawn))


def test_a_forked_process_draws_marks_of_its_own() -> None:
    entropy = SystemEntropy()
    entropy.mark()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, entropy.mark())
        os._exit(0)
    os.waitpid(child, 0)

    assert entropy.mark() != os.read(read, 16)


@pytest.mark.parametrize("byte", [0, 0x3F, 0x40, 0x80, 0xC0, 0xFF])
def test_a_uuid_of_a_moment_is_the_standards_version_7(byte: int) -> None:
    made = uuid.UUID(uuid7(Same(byte), 1_800_000_000_123))

    assert (7, uuid.RFC_4122) == (made.version, made.variant)
    assert 1_800_000_000_123 == int(made.hex[:12], 16)
    assert made.hex[20:] == (f"{byte:02x}" * 10)[7:19]


def test_uuids_of_later_moments_come_later() -> None:
    entropy = ScriptedEntropy()
    made = [uuid7(entropy, now_ms) for now_ms in (1, 255, 1_700_000_000_000, 1_800_000_000_000)]

    assert sorted(made) == made


def test_urlsafe_text_has_no_padding() -> None:
    assert 43 == len(urlsafe(ScriptedEntropy(), 32))


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("hunter2")

    assert ("***", "***", "hunter2") == (repr(secret), str(secret), secret.reveal())
