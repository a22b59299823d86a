"""The master key: minted once, kept in a file for ``up``, given by the operator in production."""

import base64
import binascii
import os
from pathlib import Path

from poolhouse.kit.ambient import Entropy, Secret
from poolhouse.kit.seal import MASTER_KEY_BYTES
from poolhouse.kit.settings import SettingError

ANOTHER = "master_key: the database was written with another one; start with that"
"""Said for ``SealBroken`` at a start: a restored database, most likely, without the key that it had."""


def mint(entropy: Entropy) -> str:
    """A new key in Base64."""
    return base64.b64encode(entropy.token(MASTER_KEY_BYTES)).decode()


def read(text: str | None) -> tuple[Secret, ...]:
    """The keys of the setting ``master_key``, newest first."""
    keys = tuple(Secret(part.strip()) for part in (text or "").split(",") if part.strip())
    if not keys:
        raise SettingError("master_key is not set: `poolhouse keys master` prints a new one; keep it safe")
    for key in keys:
        decode(key)
    return keys


def decode(key: Secret) -> bytes:
    """The bytes of one key."""
    try:
        raw = base64.b64decode(key.reveal(), validate=True)
    except binascii.Error as wrong:
        raise SettingError("master_key: not Base64") from wrong
    if len(raw) != MASTER_KEY_BYTES:
        raise SettingError(f"master_key: {MASTER_KEY_BYTES} bytes expected, {len(raw)} given")
    return raw


def of_directory(folder: Path, entropy: Entropy) -> Secret:
    """The key in *folder*, made at the first start; readable by its owner alone."""
    path = folder / "master.key"
    if not path.exists():
        # Under another name until it is whole: half a key, left by a full disk, would keep every later start from it.
        unfinished = folder / "master.key.new"
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(mint(entropy) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link never takes the place of a key that another start has made meanwhile.
        os.link(unfinished, path)
        unfinished.unlink()
    key = Secret(path.read_text().strip())
    decode(key)
    return key
