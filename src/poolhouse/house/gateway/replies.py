"""What the gateway says itself: a page to a person, JSON to a script, never a redirect that a script would follow."""

from collections.abc import Mapping

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.policy import Miss
from poolhouse.house.gateway.table import RESERVED, Entry
from poolhouse.house.model import Session
from poolhouse.house.pages.problem import problem
from poolhouse.house.visit import Visit
from poolhouse.kit.address import client_address
from poolhouse.kit.ambient import hex_token
from poolhouse.kit.edge import HeaderPair, Raw, Reply, json_reply

RULES: Mapping[str, tuple[str, str]] = {
    "groups": ("Group that is needed", "Only members of certain groups may open it."),
    "email_domains": (
        "Verified e-mail address at",
        "Only people with a verified address of certain domains may open it.",
    ),
    "claims": ("Claim that is needed", "The provider has to say certain things of a person."),
    "networks": ("Network that is needed", "It can be opened from certain networks only."),
    "hours": ("Time when it is open", "It can be opened at certain times only."),
}
WHY_PATH = "/user/apps/"
"""The house's own page on one app, for whoever is signed in."""
NO_STORE: HeaderPair = ("cache-control", "no-store")
BY_COOKIE: HeaderPair = ("www-authenticate", "Cookie")
"""A person would sign in, and a program has nothing to (RFC 9110 section 11.6.1 wants a challenge)."""
RETRY_AFTER: HeaderPair = ("retry-after", "5")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal: *code* for scripts, the rest for people.  The links open a new tab if *opens_tab*."""

    status: int
    code: str
    heading: str
    what: str
    todo: str
    why: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    opens_tab: bool = False


def wants_page(head: Head) -> bool:
    """
    Whether a person is about to look at the answer.

    Browsers say so themselves (``Sec-Fetch-Mode: navigate``); older ones ask for HTML, and scripts in them say that
    they are scripts, or do not ask for HTML.
    """
    mode = head.get(b"sec-fetch-mode")
    if mode:
        return mode == b"navigate" and not head.is_websocket
    if head.is_websocket or head.get(b"x-requested-with"):
        return False
    return b"text/html" in head.get(b"accept").lower()


def is_navigation(head: Head) -> bool:
    """A page that is opened now, not ahead of time and not by a form whose contents a redirect would lose."""
    return head.method in {b"GET", b"HEAD"} and wants_page(head) and b"prefetch" not in head.get(b"sec-purpose")


def visit_of(ctx: Context, front: Front, head: Head, session: Session | None = None) -> Visit:
    """The request as the house's own pages know one."""
    raw = raw_of(front, head)
    return Visit(
        raw=raw,
        address=client_address(raw, ctx.proxies),
        reference=hex_token(ctx.entropy, 6),
        browser="",
        is_new_browser=False,
        session_id="",
        session=session,
        csrf="",
    )


def raw_of(front: Front, head: Head) -> Raw:
    path, _, query = head.target.partition(b"?")
    return Raw(
        method=head.method.decode("ascii"),
        path=path.decode("latin-1"),
        query=query.decode("latin-1"),
        headers=tuple(head.headers),
        peer=front.peer,
    )


def explain(ctx: Context, visit: Visit, head: Head, words: Words, *, on_app_host: bool) -> Reply:
    """A page or JSON, both with the reference under which the log has the rest."""
    if not wants_page(head):
        body = {"error": words.code, "message": f"{words.what} {words.todo}".strip(), "reference": visit.reference}
        return json_reply(body, words.status, (NO_STORE, ("vary", "accept, sec-fetch-mode")))
    reply = problem(
        ctx,
        visit,
        status=words.status,
        heading=words.heading,
        what=words.what,
        why=words.why,
        todo=words.todo,
        facts=words.facts,
        links=words.links if words.opens_tab else (*words.links, ("Go to the home page", ctx.origin.at("/"))),
        opens_tab=words.opens_tab,
    )
    if not on_app_host:
        return reply
    # On an app's host our own files are below the reserved path.
    body_there = reply.body.replace(b'"/static/', b'"' + RESERVED + b"static/")
    return Reply(reply.status, body_there, reply.headers)


def sign_in_first(login_url: str, reference: str, challenges: tuple[HeaderPair, ...]) -> Reply:
    """For scripts: where a person would sign in, to be opened in a window (RFC 9110 section 11.6.1)."""
    body = {
        "error": "sign_in_required",
        "message": "Sign in first.",
        "login_url": login_url,
        "reference": reference,
    }
    return json_reply(body, 401, (NO_STORE, *challenges, ("vary", "accept, sec-fetch-mode")))


def sign_in_and_send_again(entry: Entry, login_url: str) -> Words:
    """A form that came without a session: a redirect would lose what is in it, and nobody would know."""
    return Words(
        status=401,
        code="sign_in_required",
        heading="Sign in, then send it again",
        what=f"{entry.app.name} did not get what you have just sent: your session is over. Your browser still has it.",
        todo="Sign in in a new tab. Then reload this one: your browser asks whether to send it again.",
        links=(("Sign in in a new tab", login_url),),
        opens_tab=True,
    )


def not_allowed(ctx: Context, entry: Entry, misses: tuple[Miss, ...], who: str) -> Words:
    """Why not, and what would help."""
    facts = [("Signed in as", who)] if who else []
    facts += [(RULES[miss.rule][0], miss.wanted) for miss in misses]
    is_of_person = any(miss.rule in {"groups", "email_domains", "claims"} for miss in misses)
    todo = "Ask an administrator of this house for access."
    links = [("See why, and what would help", ctx.origin.at(f"{WHY_PATH}{entry.app.id}"))]
    if is_of_person:
        todo = "If your groups have changed since you signed in, sign out and in again. Otherwise ask an administrator."
    return Words(
        status=403,
        code="not_allowed",
        heading=f"You may not open {entry.app.name}",
        what=" ".join(RULES[miss.rule][1] for miss in misses),
        todo=todo,
        facts=tuple(facts),
        links=tuple(links),
    )


def closed(entry: Entry) -> Words:
    """Its settings cannot be read, so nobody may pass."""
    return Words(
        status=503,
        code="app_closed",
        heading=f"{entry.app.name} is closed",
        what="Its settings cannot be read by this version of the house, so nobody may open it.",
        todo="An administrator can save them anew in Admin Settings > Apps.",
    )


def maintenance(entry: Entry, text: str) -> Words:
    return Words(
        status=503,
        code="maintenance",
        heading=f"{entry.app.name} is being worked on",
        what=text,
        todo="Try again later.",
    )


def no_answer(entry: Entry, status: int) -> Words:
    """The app's own fault, in words for the person who waits."""
    name = entry.app.name
    if status == 413:
        return Words(
            status=413,
            code="too_large",
            heading="Too large",
            what=f"{name} does not take that much at once.",
            todo="Send something smaller, or ask an administrator to raise the limit.",
        )
    late = status == 504
    return Words(
        status=status,
        code="app_late" if late else "app_down",
        heading=f"{name} does not answer",
        what=f"The house is there, but {name} {'did not answer in time' if late else 'cannot be reached'}.",
        todo="Try again in a minute; if it stays, give the reference to an administrator.",
        links=(("Try again", entry.app.url),),
    )


FOREIGN_PAGE = Words(
    status=403,
    code="foreign_origin",
    heading="This connection came from another page",
    what="A websocket of an app is opened by the app's own pages, and by those that it lists with credentials.",
    todo="Open the app and try again there. An administrator lists other pages in the app's form (Other origins).",
)
LOOP = Words(
    status=508,
    code="loop",
    heading="This app leads back to this house",
    what="What the app's settings name as its upstream is the house itself.",
    todo="An administrator can change the upstream in Admin Settings > Apps.",
)
NOT_KEPT = Words(
    status=400,
    code="way_lost",
    heading="The way to the app was lost",
    what="Each way is good for one use, for a minute, and in the browser that began it.",
    todo="Open the app again. If this page comes back, your browser does not keep the cookies of this address.",
)
NOTHING_THERE = Words(
    status=404,
    code="not_found",
    heading="There is no such page",
    what="Addresses below /.house/ belong to the house.",
    todo="",
)
BROKEN = Words(
    status=500,
    code="internal_error",
    heading="Something went wrong",
    what="It is a fault of this house, not yours. It has been logged.",
    todo="Try again; if it stays, give the reference to an administrator.",
)
