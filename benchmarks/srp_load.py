"""
Sign-ins by USER_SRP_AUTH from a process of its own: the client's half costs about as much as the server's.

    python benchmarks/srp_load.py URL < parameters.json > measured.json

The client's secret number is 1, so that it raises to one power a sign-in instead of three: nothing of what the server
does depends on it.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import gmpy2
import uvloop

MODULUS = gmpy2.mpz(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
GENERATOR = gmpy2.mpz(2)


def pad(number: Any) -> bytes:
    """Big-endian bytes with the sign bit clear, as the protocol hashes numbers."""
    return int(number).to_bytes(int(number).bit_length() // 8 + 1, "big")


def number(*parts: bytes) -> Any:
    return gmpy2.mpz(int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big"))


MULTIPLIER = number(pad(MODULUS), pad(GENERATOR))


class Person:
    """One user's half; what depends on the salt alone is kept."""

    def __init__(self, pool_id: str, client_id: str, username: str, password: str) -> None:
        self._pool, self._client_id, self._username, self._password = (
            pool_id.partition("_")[2], client_id, username, password,
        )  # fmt: skip
        self._of_salt: dict[str, tuple[Any, Any]] = {}

    def begin(self) -> dict[str, Any]:
        asked = {"USERNAME": self._username, "SRP_A": "2"}
        return {"AuthFlow": "USER_SRP_AUTH", "ClientId": self._client_id, "AuthParameters": asked}

    def prove(self, challenge: dict[str, str]) -> dict[str, Any]:
        user_id, block = challenge["USER_ID_FOR_SRP"], challenge["SECRET_BLOCK"]
        now = time.gmtime()
        timestamp = time.strftime(f"%a %b {now.tm_mday} %H:%M:%S UTC %Y", now)
        key = self._key(user_id, challenge["SALT"], gmpy2.mpz(challenge["SRP_B"], 16))
        message = b"".join((self._pool.encode(), user_id.encode(), base64.b64decode(block), timestamp.encode()))
        proof = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
        return {
            "ClientId": self._client_id,
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": {
                "USERNAME": challenge["USERNAME"],
                "PASSWORD_CLAIM_SECRET_BLOCK": block,
                "PASSWORD_CLAIM_SIGNATURE": proof,
                "TIMESTAMP": timestamp,
            },
        }

    def _key(self, user_id: str, salt: str, server_public: Any) -> bytes:
        if salt not in self._of_salt:
            inner = hashlib.sha256(f"{self._pool}{user_id}:{self._password}".encode()).digest()
            x = number(pad(int(salt, 16)), inner)
            self._of_salt[salt] = x, MULTIPLIER * gmpy2.powmod(GENERATOR, x, MODULUS)
        x, masked = self._of_salt[salt]
        u = number(pad(2), pad(server_public))
        shared = gmpy2.powmod((server_public - masked) % MODULUS, 1 + u * x, MODULUS)
        early = hmac.digest(pad(u), pad(shared), "sha256")
        return hmac.digest(early, b"Caldera Derived Key\x01", "sha256")[:16]


class Connection:
    """Keep-alive HTTP/1.1, as little of it as these two requests need."""

    def __init__(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host, self._reader, self._writer = host, reader, writer

    async def ask(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        content = json.dumps(body).encode()
        self._writer.write(
            f"POST / HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/x-amz-json-1.1\r\n"
            f"x-amz-target: AWSCognitoIdentityProviderService.{operation}\r\n"
            f"content-length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        answer: dict[str, Any] = json.loads(await self._reader.readexactly(size))
        return answer

    def close(self) -> None:
        self._writer.close()


async def load(url: str, given: dict[str, Any]) -> dict[str, float]:
    """Sign-ins by as many connections as *given*, each of a person of its own."""
    times: list[float] = []
    failures = 0
    end = time.perf_counter() + given["seconds"]

    async def one(person: Person, connection: Connection) -> None:
        nonlocal failures
        while (start := time.perf_counter()) < end:
            asked = await connection.ask("InitiateAuth", person.begin())
            if "ChallengeParameters" in asked:
                asked = await connection.ask("RespondToAuthChallenge", person.prove(asked["ChallengeParameters"]))
            failures += "AuthenticationResult" not in asked
            times.append(time.perf_counter() - start)

    host = urlsplit(url).netloc
    name, _, port = host.partition(":")
    people = [Person(given["pool_id"], given["client_id"], each, given["password"]) for each in given["usernames"]]
    connections = [Connection(host, *(await asyncio.open_connection(name, int(port)))) for _ in people]
    start = time.perf_counter()
    await asyncio.gather(*map(one, people, connections))
    spent = time.perf_counter() - start
    for connection in connections:
        connection.close()
    times.sort()
    return {
        "count": len(times),
        "rps": len(times) / spent,
        "p50": times[len(times) // 2] * 1000,
        "p99": times[int(len(times) * 0.99)] * 1000,
        "failures": failures,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(load(sys.argv[1], json.load(sys.stdin)))))
