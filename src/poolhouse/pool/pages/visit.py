"""
From a request to a page: the one place where the domain is found, a form is believed, and errors become pages.

A form is believed when it carries the value of the browser's own XSRF-TOKEN cookie and the browser says that it comes
from this host: without both somebody else's page could sign a person in as somebody else (login CSRF).
"""

import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode, urlsplit

import msgspec
from starlette.types import ASGIApp

from poolhouse.kit import forms
from poolhouse.kit.ambient import mark, uuid4
from poolhouse.kit.edge import HeaderPair, Raw, Reply, clear_cookie, endpoint, redirect, set_cookie
from poolhouse.kit.edge import html as html_reply
from poolhouse.kit.html import Html, page_headers
from poolhouse.kit.log import get_logger
from poolhouse.kit.sheet import Sheet, gzipped, takes_gzip
from poolhouse.pool.core.risk.device import with_device
from poolhouse.pool.flows import familiar, rates
from poolhouse.pool.flows.bots import FormName
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.familiar import Familiar
from poolhouse.pool.flows.site import Site, query_text, resolve
from poolhouse.pool.languages.voice import Voice
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.model.risk import Seen
from poolhouse.pool.pages import bots, tongue, words
from poolhouse.pool.pages.bots import Challenge
from poolhouse.pool.pages.brakes import braked
from poolhouse.pool.pages.dress import Dress, dress
from poolhouse.pool.pages.tongue import Heard, Tongue
from poolhouse.pool.pages.trouble import NotBelieved, excused, problem
from poolhouse.pool.pages.words import Told

CSRF_COOKIE = "XSRF-TOKEN"
CSRF_FIELD = "_csrf"
BODY_LIMIT = 65_536
_TOKEN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """
    One request of a browser at a domain.

    *query* is the query in ASCII; *form* is what was posted, already believed; *csrf* is what forms of the page carry.
    *voice* is the language of the visitor; *is_at_page*: the address can be asked for again in another one.
    *challenge* is what a form of this page has to come with (``bots``).
    """

    flow: Flow
    html: Html
    site: Site
    raw: Raw
    request_id: str
    query: str
    form: dict[str, str]
    csrf: str
    voice: Voice
    is_at_page: bool
    challenge: Challenge | None = None

    def say(self, text: str, /, **values: object) -> str:
        """One of our texts in the visitor's language; its ``%(name)s`` are *values*."""
        return self.voice.say(text, **values)

    def say_many(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The text for a *number* of things, which is ``%(n)s`` in it."""
        return self.voice.say_many(one, many, number, **values)

    def refusal(self, no: Refused) -> str:
        """A refusal as a sentence for the visitor."""
        return self.voice.refusal(no.reason, no.params)

    @property
    def tongues(self) -> tuple[Tongue, ...]:
        """The menu of languages."""
        return tongue.menu(self.site, self.query, self.voice) if self.is_at_page else ()

    def cookie(self, name: str) -> str | None:
        return self.raw.cookie(self.site.cookie(name))

    @property
    def familiar(self) -> tuple[Familiar, ...]:
        """Who has signed in with this browser before."""
        return familiar.open_cookie(self.flow, self.site.entry, self.cookie(familiar.COOKIE))

    @property
    def origin(self) -> Origin:
        return Origin(self.raw.peer, self.raw.header("user-agent"))

    @property
    def seen(self) -> Seen:
        """What threat protection goes by."""
        marks = {each.sub: each.mark for each in self.familiar}
        language = self.voice.tag
        seen = Seen(address=self.raw.peer, request_id=self.request_id, familiar=marks, language=language)
        # The name of the field in which the service's own pages send it; ours collect nothing.
        collected = self.form.get("cognitoAsfData", "")
        return with_device(seen, encoded=collected, user_agent=self.raw.header("user-agent"))


Visitor = Callable[[Visit], Awaitable[Reply]]
Unproved = Callable[[Visit, str], Awaitable[Reply]]
"""The form once more, with what was wrong."""


def visiting(
    flow: Flow,
    html: Html,
    *,
    get: Visitor | None = None,
    post: Visitor | None = None,
    from_apps: bool = False,
    rate: str | None = None,
    spends: bool = False,
    form: FormName | None = None,
    unproved: Unproved | None = None,
) -> ASGIApp:
    """
    An endpoint with a visitor for each method; any other method is refused.

    *from_apps*: posts come from the pages of apps, so that nothing is believed of them but their parameters.
    *rate* is the category in which posts count.  *spends*: a post that goes well counts for its address, too, since
    it makes an account or has something sent.  *form* is what bots may not send, on the pages of this endpoint;
    *unproved* answers in the place of *post* where the check against them did not go through.
    """

    async def checked(visit: Visit) -> Reply:
        return await _checked(visit, visitors[visit.raw.method], form, unproved)

    visitors = {name: each for name, each in {"GET": get, "HEAD": get, "POST": post}.items() if each is not None}

    async def handle(raw: Raw) -> Reply:
        request_id = mark(flow.entropy)
        voice = tongue.heard_anywhere(raw)
        if raw.method not in visitors:
            return problem(html, words.METHOD, request_id, voice).with_headers(("allow", ", ".join(visitors)))
        log = get_logger().bind(request_id=request_id, route=raw.path)
        try:
            site = await resolve(flow, raw)
            if site is None:
                log.info("no such domain", host=raw.host)
                reply = problem(html, words.NO_DOMAIN, request_id, voice)
            else:
                known = tongue.heard(site, raw, query_text(raw))
                voice = known.voice
                if rate is not None and raw.method == "POST":
                    rates.count(flow, site.entry.pool.id, rate)
                visit = _visit(
                    flow, html, raw, request_id, site, known, believes=not from_apps, is_at_page=get is not None
                )
                reply = await _answered(visit, checked, keeps=known.is_chosen, counts=not from_apps, spends=spends)
        except Exception as no:  # noqa: BLE001 (whatever goes wrong ends on a page)
            reply = excused(html, no, request_id, voice, log)
        return reply.with_headers(("x-amz-cognito-request-id", request_id))

    return endpoint(
        handle, limit=BODY_LIMIT, on_oversize=lambda raw: problem(html, words.TOO_LARGE, "", tongue.heard_anywhere(raw))
    )


def _visit(
    flow: Flow, html: Html, raw: Raw, request_id: str, site: Site, known: Heard, *, believes: bool, is_at_page: bool
) -> Visit:
    held = raw.cookie(CSRF_COOKIE) or ""
    return Visit(
        flow=flow,
        html=html,
        site=site,
        raw=raw,
        request_id=request_id,
        query=query_text(raw),
        form=_believed(site, raw, held) if raw.method == "POST" and believes else {},
        csrf=held if _TOKEN.fullmatch(held) else uuid4(flow.entropy),
        voice=known.voice,
        is_at_page=is_at_page,
    )


async def _checked(visit: Visit, visitor: Visitor, form: FormName | None, unproved: Unproved | None) -> Reply:
    """The visitor's reply; where bots have to be kept out of a form, only after its check."""
    if form is None:
        return await visitor(visit)
    challenge = await bots.challenge(visit.flow, visit.site, visit.raw, form, visit.form)
    visit = msgspec.structs.replace(visit, challenge=challenge)
    if unproved is not None and visit.raw.method == "POST" and challenge is not None and challenge.is_due:
        wrong = await bots.fault(visit.flow, visit.site, visit.raw, form, visit.form)
        if wrong:
            return await unproved(visit, visit.say(wrong))
    return await visitor(visit)


async def _answered(visit: Visit, visitor: Visitor, *, keeps: bool, counts: bool, spends: bool) -> Reply:
    """
    The visitor's reply with the cookies of every page; *keeps*: that of the language, too.

    *counts*: a form is counted for its address (``brakes``), even one with nothing but a button.
    """
    site = visit.site
    form = visit.form if counts and visit.raw.method == "POST" else None
    reply = await braked(visit.flow, site, visit.raw, form, lambda: visitor(visit), spends=spends)
    reply = reply.with_headers(*site.headers)
    if keeps:
        reply = reply.with_headers(tongue.kept(site, visit.voice))
    if visit.csrf != (visit.raw.cookie(CSRF_COOKIE) or "") and reply.body:
        return reply.with_headers(set_cookie(CSRF_COOKIE, visit.csrf, secure=site.secure, path=site.cookie_path))
    return reply


def page(
    visit: Visit, template: str, view: msgspec.Struct, *, status: int = 200, ends_at_app: bool = False,
    frames: Sequence[str] = (), look_of: str = "", asks: bool = False, links: bool = False,
) -> Reply:  # fmt: skip
    """
    A rendered page.

    *ends_at_app*: its form may be answered by a redirect to the app.  Browsers apply ``form-action`` to every redirect
    that follows a post, to those of the app as well, and where these lead nobody here can know: such a page goes
    without it.  What it guards against, a form planted into the page, needs a page that is not escaped.  *frames*: the
    origins of frames in it.  *look_of*: the app client whose look it has, where its address names none.  *asks*: its
    form is one that bots may not send.  *links*: it links its style sheets and does not have them within it.
    """
    challenge = visit.challenge if asks else None
    worn = dress(visit.site, urlencode({"client_id": look_of}) if look_of else visit.query)
    sheets = () if links else (visit.html.hosted_sheet, *((worn.style,) if worn.style is not None else ()))
    body = visit.html.render(
        f"hosted/{template}", visit.voice, view=view, csrf=visit.csrf, dress=worn, tongues=visit.tongues,
        challenge=challenge, sheets=sheets, **_theme(worn),
    )  # fmt: skip
    theirs = challenge.origins if challenge is not None else ()
    policy = page_headers(
        None if ends_at_app else "'self'", (*frames, *theirs), scripts=theirs, sheets=sheets,
        works=challenge is not None and challenge.seed != "",
    )  # fmt: skip
    return _packed(visit, html_reply(body, status, (*policy, *tongue.page_headers(visit.voice))), sheets)


def _packed(visit: Visit, reply: Reply, sheets: Sequence[Sheet]) -> Reply:
    """The page with its sheets compressed, for a browser that takes that."""
    if not sheets or not takes_gzip(visit.raw.header("accept-encoding")):
        return reply
    return Reply(reply.status, gzipped(reply.body, sheets), (*reply.headers, ("content-encoding", "gzip")))


def _theme(worn: Dress) -> dict[str, str]:
    return {"theme": worn.scheme} if worn.scheme else {}


def sorry(visit: Visit, told: Told, app: tuple[str, str] | None = None) -> Reply:
    """``problem`` for a visitor of a domain, in the look of the app client that the address names."""
    worn = dress(visit.site, visit.query)
    return problem(visit.html, told, visit.request_id, visit.voice, app, visit.tongues, worn)


def go(visit: Visit, path: str, *headers: HeaderPair) -> Reply:
    """To another page of this domain, with the parameters of the authorization request."""
    return redirect(visit.site.href(path, visit.query), headers=headers)


def keep_cookie(visit: Visit, name: str, value: str, seconds: int) -> HeaderPair:
    """Set one of our own cookies: unreadable for scripts, for this domain only."""
    site = visit.site
    return set_cookie(site.cookie(name), value, secure=site.secure, path=site.cookie_path, max_age=seconds)


def drop_cookie(visit: Visit, name: str) -> HeaderPair:
    site = visit.site
    return clear_cookie(site.cookie(name), secure=site.secure, path=site.cookie_path)


def _believed(site: Site, raw: Raw, held: str) -> dict[str, str]:
    """The fields of a posted form, once it is known to be from a page of this browser and this host."""
    if raw.media_type != "application/x-www-form-urlencoded" or not _is_from_here(site, raw):
        raise NotBelieved
    try:
        form = forms.single(forms.body_text(raw.body))
    except forms.FormError as wrong:
        raise NotBelieved from wrong
    shown = form.pop(CSRF_FIELD, "")
    if not _TOKEN.fullmatch(held) or not hmac.compare_digest(shown.encode(), held.encode()):
        raise NotBelieved
    return form


def _is_from_here(site: Site, raw: Raw) -> bool:
    """
    By the headers that no script can forge; programs that send neither are left to the cookie.

    Here is where the browser went (the Host header, which serves for comparison only) or, behind a proxy that changes
    it, where the configuration has the domain.
    """
    origin = raw.header("origin")
    if origin and urlsplit(origin).netloc.lower() not in {raw.host, urlsplit(site.url).netloc.lower()}:
        return False
    return raw.header("sec-fetch-site") in {"", "same-origin", "none"}
