"""Messages with sample values: what a pool writes on each occasion, to look at and to send to oneself."""

from typing import Final

from poolhouse.pool.flows import alerts, messages, notices
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.notices import Happened, Scene
from poolhouse.pool.flows.reader import Reader
from poolhouse.pool.flows.stationery import printed
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.message import Content
from poolhouse.pool.model.risk import Action
from poolhouse.pool.store import outbox

CODE: Final = "123456"
USERNAME: Final = "ana@example.com"
LINK: Final = "https://example.com/confirmUser?client_id=example&user_name=ana%40example.com&confirmation_code=123456"
ADDRESS: Final = "203.0.113.7"
_DEVICE: Final = "Firefox, Linux"
#: What can be looked at. Messages that people wait for: kind, and whether it is by link.
_ASKED_FOR: Final = {
    "sign-up": (messages.SIGN_UP, False),
    "sign-up-link": (messages.SIGN_UP, True),
    "attribute": (messages.VERIFY_ATTRIBUTE, False),
    "forgot-password": (messages.FORGOT_PASSWORD, False),
    "invitation": (messages.INVITATION, False),
    "authentication": (messages.AUTHENTICATION, False),
}
#: Mails about a risky sign-in: what was done about it.
_RISKS: Final = {
    "risk-blocked": Action.BLOCK,
    "risk-second-factor": Action.MFA_REQUIRED,
    "risk-watched": Action.NO_ACTION,
}
#: Notices: what was changed, and which one of several.
_NOTICES: Final = {
    f"notice-{each.value.replace('_', '-').replace(' ', '-')}": (
        (each, N_("Authenticator app")) if each in {Happened.FACTOR_ADDED, Happened.FACTOR_REMOVED} else (each, "")
    )
    for each in Happened
}
OCCASIONS: Final = (*_ASKED_FOR, *_NOTICES, *_RISKS)


def sample(flow: Flow, entry: PoolEntry, occasion: str, tag: str) -> Content:
    """The e-mail of one of ``OCCASIONS`` for somebody who reads the language *tag*."""
    reader = Reader(entry=entry, locale=tag)
    if occasion in _NOTICES:
        scene = Scene(entry=entry, client=None, device=_DEVICE, address=ADDRESS)
        return notices.written_for(flow, scene, reader, _NOTICES[occasion])
    if occasion in _RISKS:
        return alerts.sample(flow, entry, _RISKS[occasion], reader, ADDRESS)
    kind, by_link = _ASKED_FOR[occasion]
    return messages.written(
        flow, entry.pool, kind=kind, medium="EMAIL", username=USERNAME, code=CODE,
        reader=reader, link=LINK if by_link else None,
    )  # fmt: skip


async def page_of(flow: Flow, entry: PoolEntry, content: Content) -> str:
    """Its HTML, for a browser."""
    return (await printed(flow, entry.pool.id, content, embedded=True)).html or ""


async def send(flow: Flow, entry: PoolEntry, content: Content, occasion: str, address: str) -> None:
    """Have it delivered to *address*; refuses where there is no mail server."""
    messages.check_can_send(flow, "EMAIL")
    kind = notices.KIND if occasion in _NOTICES else alerts.KIND if occasion in _RISKS else _ASKED_FOR[occasion][0]
    message = messages.sealed(flow, entry.pool, content, kind=kind, medium="EMAIL", destination=address)
    await flow.database.write(lambda tx: outbox.put_message(tx, message))
