"""
An app's picture (``logo_uri``, RFC 7591), fetched once, when an administrator names its address, and served by us.

Shown from the app's own host it would tell that host who is asked for consent, before anybody agreed, and could be
another picture each time.  Apps that register themselves have none: a stranger's could show anybody's.
"""

import hashlib
from typing import Final

from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.outgoing import Unreachable
from poolhouse.pool.core.branding import image_kind
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.openid import ClientLogo
from poolhouse.pool.model.pool import Client
from poolhouse.pool.store import logos as store

SIZE: Final = 100_000
CALL_SECONDS: Final = 5.0
_SUFFIXES: Final = {"PNG": "png", "JPEG": "jpg"}


async def fetch(flow: Flow, url: str) -> bytes:
    """What is there, by the guarded client; raises ``WrongSetting`` for what is no picture of ours to serve."""
    try:
        answer = await flow.http.get(url, accept="image/png, image/jpeg", seconds=CALL_SECONDS)
    except Unreachable as wrong:
        raise WrongSetting(f"logo_uri cannot be fetched ({wrong.trouble})") from wrong
    if answer.status != 200:
        raise WrongSetting(f"logo_uri answers {answer.status}")
    if len(answer.body) > SIZE or image_kind(answer.body) is None:
        raise WrongSetting(f"logo_uri is not a PNG or JPEG of {SIZE} bytes at most")
    return answer.body


async def keep_in(tx: Tx, client: Client, picture: bytes | None) -> None:
    """The picture that was fetched for the address in the settings, or none without one; None: what there is stays."""
    url = client.extended.logo_uri
    if url is None:
        await store.drop_logo(tx, client.id)
    elif picture is not None:
        await store.put_logo(tx, ClientLogo(client_id=client.id, pool_id=client.pool_id, url=url, picture=picture))


async def find(flow: Flow, entry: PoolEntry, client_id: str) -> ClientLogo | None:
    found = await flow.database.read(lambda tx: store.find_logo(tx, client_id))
    return found if found is not None and found.pool_id == entry.pool.id else None


def suffix_of(logo: ClientLogo) -> str:
    return _SUFFIXES[image_kind(logo.picture) or "PNG"]


def file_of(logo: ClientLogo) -> str:
    """The name by which it is served: by its content, so that it may be kept for ever."""
    return f"logo.{hashlib.sha256(logo.picture).hexdigest()[:16]}.{suffix_of(logo)}"
