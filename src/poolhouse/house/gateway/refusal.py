"""What is answered to a request that does not get to the app."""

from poolhouse.house.context import Context
from poolhouse.house.gateway import replies, way
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.judge import Outcome, Rejection, Verdict
from poolhouse.house.gateway.resource import metadata_url, resource_of
from poolhouse.house.gateway.seen import Seen
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target
from poolhouse.kit.edge import HeaderPair, Reply, json_reply
from poolhouse.kit.log import get_logger


def refusal(ctx: Context, front: Front, head: Head, entry: Entry, target: Target, verdict: Verdict) -> Reply:
    """As whoever asks can make use of it: a page, JSON, or the way to sign in."""
    path = (target.path + target.query).decode("ascii")
    if verdict.outcome is Outcome.SIGN_IN:
        if replies.is_navigation(head):
            return way.start(ctx, entry, head, path)
        visit = replies.visit_of(ctx, front, head)
        if replies.wants_page(head) and head.method not in {b"GET", b"HEAD"}:
            url = way.login_url(ctx, entry, entry.prefix.decode("ascii"))
            words = replies.sign_in_and_send_again(entry, url)
            reply = replies.explain(ctx, visit, head, words, on_app_host=not entry.is_own_host)
            return reply.with_headers(replies.BY_COOKIE)
        challenges = challenge(entry, None) or (("www-authenticate", "Cookie"),)
        return replies.sign_in_first(way.login_url(ctx, entry, path), visit.reference, challenges)
    if verdict.rejection is not None:
        return _token_refused(entry, verdict.rejection, replies.visit_of(ctx, front, head).reference)
    visit = replies.visit_of(ctx, front, head)
    words = replies.closed(entry)
    if verdict.outcome is Outcome.MAINTENANCE and entry.gate is not None:
        words = replies.maintenance(entry, entry.gate.maintenance)
    elif verdict.outcome is Outcome.FOREIGN:
        words = replies.FOREIGN_PAGE
    elif verdict.outcome is Outcome.REFUSED and verdict.seen is not None:
        _note(entry, verdict, verdict.seen, visit.reference)
        words = replies.not_allowed(ctx, entry, verdict.misses, verdict.seen.account.username)
    return replies.explain(ctx, visit, head, words, on_app_host=not entry.is_own_host)


def _note(entry: Entry, verdict: Verdict, seen: Seen, reference: str) -> None:
    """What an administrator finds by the reference on the page."""
    get_logger().info(
        "app refused",
        program="house",
        app=entry.app.id,
        account_id=seen.account.id,
        missed=[miss.rule for miss in verdict.misses],
        reference=reference,
    )


def _token_refused(entry: Entry, why: Rejection, reference: str) -> Reply:
    """What is wrong with the token, never a way to sign in: whoever sends one is a program, whatever it accepts."""
    body = {"error": why.error, "message": why.what, "reference": reference}
    if why.status in {429, 503}:
        return json_reply(body, why.status, (replies.NO_STORE, ("retry-after", "60" if why.status == 429 else "5")))
    return json_reply(body, why.status, (replies.NO_STORE, *challenge(entry, why)))


def challenge(entry: Entry, why: Rejection | None) -> tuple[HeaderPair, ...]:
    """
    RFC 6750 section 3, RFC 9728 section 5.1: what is wrong, and where to find out who gives out tokens.

    None when nothing was sent and the app takes nobody's tokens but the house's.
    """
    parts: list[str] = []
    if why is not None:
        parts += [f'error="{why.error}"', f'error_description="{why.what}"']
    found = metadata_url(entry)
    if found:
        parts.append(f'resource_metadata="{found}"')
    resource = resource_of(entry)
    scope = why.scope if why is not None and why.scope else " ".join(resource.scopes) if resource else ""
    if scope:
        parts.append(f'scope="{scope}"')
    return (("www-authenticate", "Bearer " + ", ".join(parts)),) if parts else ()
