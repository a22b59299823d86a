"""What a client works out before it sends: codes it was sent, codes of an app, proofs."""

import base64
import hmac
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pycognito.aws_srp import AWSSRP

from poolhouse.kit.ambient import Clock
from poolhouse.pool.core.totp import code_at, step_at
from tests.support.authenticator import Authenticator
from tests.support.builders import PASSWORD

COMPUTED = frozenset({"code", "totp", "secret_hash", "credential", "srp_a", "srp_signature", "srp_timestamp"})
RELYING_PARTY = "app.example"
"""That of the pools whose passkeys `<credential>` makes."""


class Computed:
    """
    The values of the names in ``COMPUTED``, for a request of the file that is played.

    - ``<code>``: the code in the newest message of the pool ``<pool>``; ``<code:other>`` asks ``<pool:other>``.
    - ``<totp>``: what an app shows now that was given ``<seed>``; ``<totp:other>`` has ``<seed:other>``.
    - ``<secret_hash:ann>``: what the client ``<client>`` with ``<secret>`` sends beside a username.
    - ``<credential>``: what an authenticator makes of the registration ``<challenge>``. ``<credential:second>`` is
      another one's, and three make what is refused: ``foreign``, ``elsewhere`` and ``unheard``.
    - ``<srp_a>``, ``<srp_signature>``, ``<srp_timestamp>``: an SRP exchange of ann with her password. The second half
      needs ``<salt>``, ``<srp_b>`` and ``<secret_block>`` from the first.
    """

    def __init__(self, clock: Clock, last_code: Callable[[str], Awaitable[str]], values: Mapping[str, str]) -> None:
        self._clock = clock
        self._last_code = last_code
        self._values = values
        self._srp: Any = None
        self._proofs: dict[str, dict[str, str]] = {}
        self._authenticators: dict[str, Authenticator] = {}

    async def value(self, kind: str, argument: str) -> Any:
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
            case "credential":
                options = {"rp": {"id": RELYING_PARTY}, "challenge": self._values["challenge"], "user": {"id": ""}}
                return self._authenticator(argument).register(options)
            case "srp_a":
                client = self._values["client"]
                self._srp = AWSSRP("ann", PASSWORD, self._values["pool"], client, client=object())
                public: str = self._srp.get_auth_params()["SRP_A"]
                return public
            case _:
                return self._proof()["TIMESTAMP" if kind == "srp_timestamp" else "PASSWORD_CLAIM_SIGNATURE"]

    def _authenticator(self, name: str) -> Authenticator:
        if name in self._authenticators:
            return self._authenticators[name]
        origin = "https://evil.example" if name == "foreign" else f"https://{RELYING_PARTY}"
        party = f"other.{RELYING_PARTY}" if name == "elsewhere" else None
        made = Authenticator(origin, rp=party, algorithm=-8 if name == "unheard" else None)
        return self._authenticators.setdefault(name, made)

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
