"""A request for access: somebody would like to open an app that they may not open."""

import msgspec

from poolhouse.kit.ambient import Epoch

OPEN, GRANTED, REFUSED, WITHDRAWN = "open", "granted", "refused", "withdrawn"
REASON_LIMIT = 500
ANSWER_LIMIT = 500


class AccessRequest(msgspec.Struct, frozen=True, kw_only=True):
    """*decided_at* is 0 while it is open; *answer* is a word of whoever decided, or the group that was given."""

    id: str
    app_id: str
    account_id: str
    reason: str
    state: str = OPEN
    asked_at: Epoch
    decided_at: Epoch = Epoch(0)
    decided_by: str = ""
    answer: str = ""
