"""
What the machine can do at most, on the server's core: one operation over and over, without a server around it.

    python benchmarks/limits.py rs256|argon2|srp [--seconds 2]      prints operations a second of processor time
"""

import argparse
import time
from collections.abc import Callable

import argon2
import gmpy2
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

NAMES = ("rs256", "argon2", "srp")


def rs256() -> Callable[[], object]:
    """RSA-2048 signature by OpenSSL: an access token has one, a sign-in two."""
    key, message, scheme, digest = rsa.generate_private_key(65537, 2048), b"x" * 600, padding.PKCS1v15(), SHA256()
    return lambda: key.sign(message, scheme, digest)


def argon2id() -> Callable[[], object]:
    """argon2id with 19 MiB, two passes: one password sign-in."""
    salt = b"0123456789abcdef"
    return lambda: argon2.low_level.hash_secret_raw(
        b"Correct-Horse-7", salt, 2, 19 * 1024, 1, 32, argon2.low_level.Type.ID
    )


def srp() -> Callable[[], object]:
    """The server's part of SRP-6a: three powers modulo 3072 bits, with exponents of 256."""
    modulus = gmpy2.mpz(2) ** 3072 - 1103717
    exponent = gmpy2.mpz(2) ** 255 + 95
    base = modulus // 3
    return lambda: [gmpy2.powmod(base, exponent, modulus) for _ in range(3)]


def rate(work: Callable[[], object], seconds: float) -> float:
    """Calls a second of this process's own time, so that a neighbour on the core does not count."""
    work()
    count, until, start = 0, time.perf_counter() + seconds, time.process_time()
    while time.perf_counter() < until:
        work()
        count += 1
    return count / (time.process_time() - start)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--seconds", type=float, default=2)
    given = parser.parse_args()
    print(rate({"rs256": rs256, "argon2": argon2id, "srp": srp}[given.name](), given.seconds))
