"""What is answered to a request that does not get to the app."""

from poolhouse.house.context import Context
from poolhouse.house.gateway import replies, way
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.judge import Outcome, Verdict
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target
from poolhouse.kit.edge import Reply


def refusal(ctx: Context, front: Front, head: Head, entry: Entry, target: Target, verdict: Verdict) -> Reply:
    """As whoever asks can make use of it: a page, JSON, or the way to sign in."""
    path = (target.path + target.query).decode("ascii")
    if verdict.outcome is Outcome.SIGN_IN:
        if replies.is_navigation(head):
            return way.start(ctx, entry, head, path)
        visit = replies.visit_of(ctx, front, head)
        return replies.sign_in_first(way.login_url(ctx, entry, path), visit.reference)
    if verdict.rejection is not None:
        reference = replies.visit_of(ctx, front, head).reference
        return replies.token_refused(verdict.rejection, reference)
    words = replies.closed(entry)
    if verdict.outcome is Outcome.MAINTENANCE and entry.gate is not None:
        words = replies.maintenance(entry, entry.gate.maintenance)
    elif verdict.outcome is Outcome.FOREIGN:
        words = replies.FOREIGN_PAGE
    elif verdict.outcome is Outcome.REFUSED and verdict.seen is not None:
        words = replies.not_allowed(ctx, entry, verdict.misses, verdict.seen.account.username)
    return replies.explain(ctx, replies.visit_of(ctx, front, head), head, words, on_app_host=not entry.is_own_host)
