"""``/consent``: what a third party's app asks for, in words, and the user's yes or no."""

from collections.abc import Collection
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode, urlsplit

from poolhouse.kit.edge import Reply
from poolhouse.pool.core import consent as core
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.core.client_document import host_of
from poolhouse.pool.flows import account_entry, client_logo
from poolhouse.pool.flows import authorize as flow_of
from poolhouse.pool.flows.browser import SESSION_COOKIE, THREAD_COOKIE, Recognised, find_session
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.pages.authorize import to_app
from poolhouse.pool.pages.fields import called
from poolhouse.pool.pages.going import met
from poolhouse.pool.pages.thread import CONSENT, CONSENT_PATH, is_of_request
from poolhouse.pool.pages.views import ConsentView
from poolhouse.pool.pages.visit import Visit, drop_cookie, go, page
from poolhouse.pool.spec.errors import Reason

#: Scope -> what it lets the app do; nothing is said of what every sign-in tells.
_WORDS: MappingProxyType[str, str] = MappingProxyType(
    {
        "openid": N_("Recognise you when you come back"),
        "email": N_("See your email address"),
        "phone": N_("See your phone number"),
        "profile": N_("See your name and the rest of your profile"),
        "address": N_("See your postal address"),
        "offline_access": N_("Keep this access while you are away"),
        "aws.cognito.signin.user.admin": N_("Read and change your account here, and sign you out"),
    }
)


async def get(visit: Visit) -> Reply:
    """The page; whoever is not signed in any more starts again."""
    come = await _met(visit)
    return come if isinstance(come, Reply) else await _page(visit, *come)


async def post(visit: Visit) -> Reply:
    """Allow: on to the app with what it asked for. Anything else denies (RFC 6749 section 4.1.2.1)."""
    come = await _met(visit)
    if isinstance(come, Reply):
        return come
    valid, known = come
    done = drop_cookie(visit, THREAD_COOKIE)
    if visit.form.get("answer") != "allow":
        denied = flow_of.told(valid, "access_denied")
        return to_app(visit, flow_of.refusal(visit.flow, visit.site.entry, denied), done)
    try:
        answer = await flow_of.answer_session(visit.flow, visit.site.entry, valid, known, visit.origin, has_agreed=True)
    except Refused as no:
        if no.reason is not Reason.LOGIN_REQUIRED:
            raise
        return go(visit, "/login", done)
    return to_app(visit, answer, done)


async def _met(visit: Visit) -> tuple[Valid, Recognised] | Reply:
    """The request that led here and who signed in for it, still of the class that was asked for."""
    come = await met(visit, CONSENT)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    known = await find_session(visit.flow, visit.site.entry, visit.cookie(SESSION_COOKIE))
    fits = known is not None and known.user.username == thread.username and is_of_request(visit, thread)
    if (
        known is None
        or not fits
        or flow_of.fault(visit.site.entry, valid, known.session.sub, known.session.amr) is not None
    ):
        return go(visit, "/login", drop_cookie(visit, THREAD_COOKIE))
    return valid, known


async def _page(visit: Visit, valid: Valid, known: Recognised) -> Reply:
    extended = valid.client.extended
    place = urlsplit(valid.redirect_uri)
    logo = None if extended.logo_uri is None else await client_logo.find(visit.flow, visit.site.entry, valid.client.id)
    view = ConsentView(
        app=valid.client.settings.client_name or visit.say("An app"),
        logo="" if logo is None else visit.site.href(f"/apps/{valid.client.id}/{client_logo.file_of(logo)}"),
        host=place.netloc or place.scheme,
        is_unknown=valid.is_unknown_app,
        origin=host_of(valid.client.id),
        username=called(visit.site.entry.pool, known.user),
        items=items(visit, valid),
        links=tuple(
            (label, url)
            for label, url in (
                (visit.say("About the app"), extended.client_uri),
                (visit.say("Its terms"), extended.tos_uri),
                (visit.say("Its privacy policy"), extended.policy_uri),
            )
            if url is not None
        ),
        action=visit.site.href(CONSENT_PATH, visit.query),
        other_url=visit.site.href("/login", _with_login(visit.query)),
        account_url=await account_entry.address(visit.flow, visit.site),
    )
    return page(visit, "consent.html", view, ends_at_app=True)


def items(visit: Visit, valid: Valid) -> tuple[str, ...]:
    """In words, what the request is for."""
    return in_words(visit, core.items(valid))


def in_words(visit: Visit, wanted: Collection[str]) -> tuple[str, ...]:
    """Items of an agreement in words, those of the pool's own scopes as their owner wrote them."""
    own = {
        f"{server.identifier}/{scope.scope_name}": f"{server.name}: {scope.scope_description}"
        for server in visit.site.entry.resource_servers
        for scope in server.scopes
    }
    words = [visit.say(_WORDS[scope]) for scope in _WORDS if scope in wanted]
    words += [own.get(item, item) for item in sorted(wanted) if item not in _WORDS and not item.startswith(core.CLAIM)]
    named = sorted(item.removeprefix(core.CLAIM) for item in wanted if item.startswith(core.CLAIM))
    return (*words, *(visit.say("See this of your account: %(name)s", name=_bare(name)) for name in named))


def _bare(claim: str) -> str:
    return claim.removeprefix("custom:").replace("_", " ")


def _with_login(query: str) -> str:
    """The same request, by somebody else: the sign-in page is shown whoever is signed in."""
    given = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "prompt"]
    return urlencode([*given, ("prompt", "login")])
