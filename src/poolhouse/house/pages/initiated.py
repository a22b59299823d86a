"""
``/login/initiate``: a sign-in that a provider's own portal begins (OIDC Core section 4).

Only a provider that is set up here can be named, and only a page of this house be led to: the address can be called
by anybody.
"""

from poolhouse.house.context import INITIATE_PATH, Context
from poolhouse.house.pages.oidc import in_a_window, is_navigation, leave
from poolhouse.house.pages.query import with_query
from poolhouse.house.pages.sign_in_failed import NO_REFERRER, fail, too_often
from poolhouse.house.provider import Provider, enabled, find_issuer
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.person import EMAIL_LIMIT
from poolhouse.house.rp.urls import local_path
from poolhouse.house.visit import Visit
from poolhouse.kit import forms
from poolhouse.kit.edge import Reply, redirect

_NAMES = ("iss", "login_hint", "target_link_uri")


async def take_form(ctx: Context, visit: Visit) -> Reply:
    """Sent as a form it is answered by the same address as a link: a form of another site comes without cookies."""
    try:
        asked = _read(forms.body_text(visit.raw.body))
    except (SignInFailed, forms.FormError):
        return await fail(ctx, visit, Failure.DUPLICATE_PARAMETER, None)
    return redirect(with_query(INITIATE_PATH, **asked), headers=NO_REFERRER)


async def start(ctx: Context, visit: Visit) -> Reply:
    """Off to the provider that ``iss`` names; whoever is signed in already goes straight on."""
    if not is_navigation(visit):
        return in_a_window()
    if not ctx.limiter.allows(visit.address):
        return too_often()
    try:
        asked = _read(visit.raw.query)
        provider = _named(ctx, asked.get("iss", ""))
        target = _own(ctx, asked.get("target_link_uri", ""))
    except SignInFailed as failed:
        return await fail(ctx, visit, failed.failure, None)
    if visit.session is not None:
        return redirect(target, headers=NO_REFERRER)
    hint = asked.get("login_hint", "")
    hint = hint if len(hint) <= EMAIL_LIMIT and hint.isprintable() else ""
    return await leave(ctx, visit, provider, return_to=target, is_checked=True, login_hint=hint)


def _read(text: str) -> dict[str, str]:
    try:
        found = forms.single(text)
    except forms.FormError as wrong:
        raise SignInFailed(Failure.DUPLICATE_PARAMETER) from wrong
    return {name: found[name] for name in _NAMES if found.get(name)}


def _named(ctx: Context, issuer: str) -> Provider:
    provider = find_issuer(enabled(ctx.live.document.providers), issuer)
    if provider is None:
        raise SignInFailed(Failure.INITIATED_BY_STRANGER)
    return provider


def _own(ctx: Context, url: str) -> str:
    """The path of *url*, which must be a page of this house; ``/`` for none at all."""
    if url in {"", ctx.origin.url, ctx.origin.at("/")}:
        return "/"
    path = url.removeprefix(ctx.origin.url)
    if path == url or local_path(path) != path:
        raise SignInFailed(Failure.FOREIGN_TARGET)
    return path
