"""What a client works out before it sends: codes it was sent, codes of an app, proofs."""

import base64
import hmac
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pycognito.aws_srp import AWSSRP

from poolhouse.kit.ambient import Clock
from poolhouse.pool.core.totp import code_at, step_at
from tests.support.builders import PASSWORD

COMPUTED = frozenset({"code", "totp", "secret_hash", "srp_a", "srp_signature", "srp_timestamp"})


class Computed:
    """
    The values of the names in ``COMPUTED``, for a request of the file that is played.

    - ``<code>``: the code in the newest message of the pool ``<pool>``; ``<code:other>`` asks ``<pool:other>``.
    - ``<totp>``: what an app shows now that was given ``<seed>``; ``<totp:other>`` has ``<seed:other>``.
    - ``<secret_hash:ann>``: what the client ``<client>`` with ``<secret>`` sends beside a username.
    - ``<srp_a>``, ``<srp_signature>``, ``<srp_timestamp>``: an SRP exchange of ann with her password. The second half
      needs ``<salt>``, ``<srp_b>`` and ``<secret_block>`` from the first.
    """

    def __init__(self, clock: Clock, last_code: Callable[[str], Awaitable[str]], values: Mapping[str, str]) -> None:
        self._clock = clock
        self._last_code = last_code
        self._values = values
        self._srp: Any = None
        self._proofs: dict[str, dict[str, str]] = {}

    async def value(self, kind: str, argument: str) -> str:
        match kind:
            case "code":
                return await self._last_code(self._values[f"pool:{argument}" if argument else "pool"])
            case "totp":
                seed = self._values[f"seed:{argument}" if argument else "seed"]
                return code_at(base64.b32decode(seed + "=" * (-len(seed) % 8)), step_at(self._clock.now()))
            case "secret_hash":
                told = self._values.get(argument, argument) + self._values["client"]
                digest = hmac.digest(self._values["secret"].encode(), told.encode(), "sha256")
                return base64.b64encode(digest).decode()
            case "srp_a":
                client = self._values["client"]
                self._srp = AWSSRP("ann", PASSWORD, self._values["pool"], client, client=object())
                public: str = self._srp.get_auth_params()["SRP_A"]
                return public
            case "srp_signature":
                return self._proof()["PASSWORD_CLAIM_SIGNATURE"]
            case _:
                return self._proof()["TIMESTAMP"]

    def _proof(self) -> dict[str, str]:
        block = self._values["secret_block"]
        if block not in self._proofs:
            challenge = {
                "USERNAME": "ann",
                "USER_ID_FOR_SRP": "ann",
                "SALT": self._values["salt"],
                "SRP_B": self._values["srp_b"],
                "SECRET_BLOCK": block,
            }
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                self._proofs[block] = self._srp.process_challenge(challenge, {"USERNAME": "ann"})
        return self._proofs[block]
