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


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a message says, and how the pool wants it sent.

    ``code`` is the code in it, by itself, so that a test need not search the text for it.
    """

    subject: str = ""
    text: str
    html: str | None = None
    sender: str | None = None
    reply_to: str | None = None
    configuration_set: str | None = None
    code: str | None = None

    def __repr__(self) -> str:
        return "Content(***)"
