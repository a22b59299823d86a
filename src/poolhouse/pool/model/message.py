"""What goes to the outbox: messages to people, written in the transaction that caused them."""

import msgspec

from poolhouse.pool.model.pool import PoolId


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """
    One message.

    ``medium`` is EMAIL or SMS; ``kind`` names the occasion in Cognito's words (``CustomMessage_SignUp`` ...).
    ``sealed`` is the JSON of subject and body (purpose "message", row = id): a message holds a code.
    """

    id: str
    pool_id: PoolId
    kind: str
    medium: str
    destination: str
    sealed: bytes
    created_ms: int
    tries: int = 0
    next_try_at: int = 0
    state: str = "waiting"


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What an e-mail of ours says, part by part, in one language: both its text and its HTML are made of it.

    ``preheader`` is the line that a list of mails shows beside the subject, ``opening`` the first line of the text
    where that is another one.  ``code`` stands by itself, ``facts`` are labels and values, ``actions`` are labels and
    addresses, the first of them the one that is meant.  ``asides`` are said in small print, ``app`` is who writes
    ("" for nobody in particular).
    """

    language: str
    heading: str
    preheader: str
    opening: str = ""
    paragraphs: tuple[str, ...]
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    asides: tuple[str, ...] = ()
    app: str = ""


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a pool's letters look beside our own look: colours as ``#rrggbb``, "" for ours.

    ``logo`` is a picture that travels with the letter, ``logo_kind`` its subtype of ``image/``.
    """

    accent: str = ""
    on_accent: str = ""
    accent_dark: str = ""
    on_accent_dark: str = ""
    logo: bytes = b""
    logo_kind: str = ""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a message says, and how the pool wants it sent.

    A template of the pool's own is ``html``; else ``letter`` is what its HTML is made of when it is sent, with the
    looks of ``client_id``.  ``code`` is the code in it, by itself, so that a test need not search the text for it.
    """

    subject: str = ""
    text: str
    html: str | None = None
    letter: Letter | None = None
    client_id: str = ""
    sender: str | None = None
    reply_to: str | None = None
    configuration_set: str | None = None
    code: str | None = None

    def __repr__(self) -> str:
        return "Content(***)"
