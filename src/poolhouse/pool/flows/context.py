"""What every flow is given, and how it says no."""

from typing import Any, NoReturn

import msgspec

from poolhouse.kit.ambient import Clock, Entropy
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.outgoing import Http
from poolhouse.kit.seal import KeyRing
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.effects.breached import Breached, WordList
from poolhouse.pool.effects.hooks import Hooks, without_targets
from poolhouse.pool.effects.sinks import Sinks
from poolhouse.pool.flows.buckets import Buckets
from poolhouse.pool.flows.directory import Directory
from poolhouse.pool.flows.document_cache import Documents
from poolhouse.pool.flows.journal import Journal
from poolhouse.pool.flows.key_cache import KeyCache
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.spec.errors import CognitoError, Reason, cognito


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """
    The surroundings of a flow; one per program, made by the composition root.

    ``cpu`` is for hashes and SRP (milliseconds), ``signer`` for signatures (a quarter of one): a signature does not
    queue behind hashes.  ``hooks`` calls triggers (``flows.hooks``).  ``http`` calls out; by default to nothing on this
    machine or on a private network.  ``journal`` takes what is written after the answer, ``breached`` knows passwords
    that nobody should use, ``sinks`` where logs go; ``client_keys`` are keys that clients publish, ``buckets`` tell
    what has come lately.
    """

    database: Database
    directory: Directory
    clock: Clock
    entropy: Entropy
    ring: KeyRing
    cpu: CpuPool
    signer: CpuPool
    config: ServerConfig
    hooks: Hooks = msgspec.field(default_factory=without_targets)
    http: Http = msgspec.field(default_factory=lambda: Http(allow_loopback=False, allow_private=False))
    journal: Journal = msgspec.field(default_factory=Journal)
    breached: Breached = msgspec.field(default_factory=WordList)
    buckets: Buckets = msgspec.field(default_factory=Buckets)
    client_keys: KeyCache = msgspec.field(default_factory=KeyCache)
    client_documents: Documents = msgspec.field(default_factory=Documents)
    sinks: Sinks = msgspec.field(default_factory=Sinks)


class Refused(Exception):
    """
    A refusal that leaves a flow; the surface translates it into its own dialect (``spec.errors``).

    *params* fill the braces of the message.
    """

    def __init__(self, reason: Reason, **params: Any) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.params = params


class NotGranted(Exception):
    """
    A refusal that only OAuth's endpoints have, in the words of their RFCs; no page and no operation ever says it.

    *status* is 400 but where something else than the request is at fault.
    """

    def __init__(self, error: str, description: str = "", *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


def stop(refusal: Refusal) -> NoReturn:
    """
    Leave with a refusal of the core.

    One that stands for a ``Reason`` leaves as ``Refused``, so that each surface says it in words of its own; one with
    words that only the API has leaves with those.
    """
    if refusal.reason is not None and cognito(refusal.reason, **dict(refusal.params)).message == refusal.message:
        raise Refused(refusal.reason, **dict(refusal.params))
    raise CognitoError(refusal.code, refusal.message, reason=refusal.reason)
