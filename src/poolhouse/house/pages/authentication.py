"""Admin Settings > Authentication: a card for each way to sign in, and the page of form login."""

from typing import Any

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context, settings_path
from poolhouse.house.guards import Refused, check_form_login_off
from poolhouse.house.live import Change
from poolhouse.house.model import Document, FormLogin
from poolhouse.house.pages.frame import AUTHENTICATION, account_of, page
from poolhouse.house.pages.held import keep_held
from poolhouse.house.pages.query import read_query
from poolhouse.house.provider import FIRST, FORM, Provider, find_provider, title
from poolhouse.house.sign_in_page import SignInPage
from poolhouse.house.store.sessions import delete_sessions_by_method
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect

PATH = AUTHENTICATION.href
ATTEMPTS = range(1, 21)
MINUTES = range(1, 1441)
_DONE = {
    "form-on": "Form login is on",
    "form-off": "Form login is off",
    "oidc-off": "OIDC is disconnected",
    "provider-on": "The provider is on",
    "provider-off": "The provider is off",
    "provider-gone": "The provider is disconnected",
    "provider-saved": "Provider saved",
    "page-saved": "Sign-in page saved",
    "form-saved": "Form login saved",
}


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/authentication``."""
    return _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def enable_form_login(ctx: Context, visit: Visit) -> Reply:
    """Takes effect at once, on every replica."""

    async def change(tx: Tx, document: Document) -> Document:
        await _note(ctx, visit, tx, "Form login", "enabled")
        return msgspec.structs.replace(
            document, form_login=msgspec.structs.replace(document.form_login, is_enabled=True)
        )

    return await _apply(ctx, visit, change, "form-on")


async def disconnect_form_login(ctx: Context, visit: Visit) -> Reply:
    """
    Passwords are kept; only the form is gone, and at once every session that it has opened.

    But for this one, so that a mistake can be undone from where it was made.
    """

    async def change(tx: Tx, document: Document) -> Document:
        await check_form_login_off(tx, document)
        ended = await delete_sessions_by_method(tx, FORM, keep=visit.session.key if visit.session else b"")
        await _note(ctx, visit, tx, "Form login", f"disconnected; sessions ended: {ended}")
        return msgspec.structs.replace(
            document, form_login=msgspec.structs.replace(document.form_login, is_enabled=False)
        )

    return await _apply(ctx, visit, change, "form-off")


async def save_sign_in_page(ctx: Context, visit: Visit) -> Reply:
    """Whether people are sent straight to the provider where that is the only way."""
    goes_straight = "goes_straight" in visit.form

    async def change(tx: Tx, document: Document) -> Document:
        await _note(ctx, visit, tx, "Sign-in page", f"Go straight to the provider: {'on' if goes_straight else 'off'}")
        return msgspec.structs.replace(document, sign_in=SignInPage(goes_straight=goes_straight))

    return await _apply(ctx, visit, change, "page-saved")


def show_problem(ctx: Context, visit: Visit, problem: str, *, status: int) -> Reply:
    """The page, with why nothing was changed."""
    return _page(ctx, visit, status=status, problem=problem)


async def edit_form_login(ctx: Context, visit: Visit) -> Reply:
    """``/settings/authentication/form-login``."""
    rules = ctx.live.document.form_login
    return _form_page(ctx, visit, attempts=str(rules.free_attempts), minutes=str(rules.longest_wait_minutes), errors={})


async def save_form_login(ctx: Context, visit: Visit) -> Reply:
    """The brakes on guessing."""
    attempts, minutes = (_entered(ctx, visit, name) for name in ("free_attempts", "longest_wait_minutes"))
    errors: dict[str, str] = {}
    if not _is_in(attempts, ATTEMPTS):
        errors["free_attempts"] = f"Give a number from {ATTEMPTS[0]} to {ATTEMPTS[-1]}."
    if not _is_in(minutes, MINUTES):
        errors["longest_wait_minutes"] = f"Give a number from {MINUTES[0]} to {MINUTES[-1]}."
    if errors:
        return _form_page(ctx, visit, attempts=attempts, minutes=minutes, errors=errors)

    async def change(tx: Tx, document: Document) -> Document:
        await _note(ctx, visit, tx, "Form login", f"Free attempts: {attempts}; Longest wait: {minutes} minutes")
        rules = FormLogin(
            is_enabled=document.form_login.is_enabled,
            free_attempts=int(attempts),
            longest_wait_minutes=int(minutes),
        )
        return keep_held(ctx.live, document, msgspec.structs.replace(document, form_login=rules))

    return await _apply(ctx, visit, change, "form-saved")


def _entered(ctx: Context, visit: Visit, name: str) -> str:
    """What was typed, or what holds where it is held."""
    if f"form_login.{name}" in ctx.live.held:
        return str(getattr(ctx.live.document.form_login, name))
    return visit.form.get(name, "").strip()


async def _note(ctx: Context, visit: Visit, tx: Tx, subject: str, detail: str) -> None:
    trail = Trail(ctx, visit)
    await trail.write(tx, Event.SETTINGS_CHANGED, subject=f"Authentication > {subject}", detail=detail)


async def _apply(ctx: Context, visit: Visit, change: Change, done: str) -> Reply:
    try:
        await ctx.live.change(change, by=account_of(visit).username)
    except Refused as refused:
        return _page(ctx, visit, status=409, problem=str(refused))
    return redirect(f"{PATH}?done={done}")


def _page(ctx: Context, visit: Visit, *, status: int = 200, done: str = "", problem: str = "") -> Reply:
    document = ctx.live.document
    first = find_provider(document.providers, FIRST)
    return page(
        ctx,
        visit,
        "authentication.html",
        current=AUTHENTICATION,
        status=status,
        done=done,
        problem=problem,
        form_login=document.form_login,
        first=_card(first) if first else None,
        others=[_card(each) for each in document.providers if each.id != FIRST],
        goes_straight=document.sign_in.goes_straight,
        version=document.version,
    )


def _card(provider: Provider) -> dict[str, Any]:
    facts = [("Issuer", provider.settings.issuer)]
    if provider.domains:
        facts.append(("E-mail domains", ", ".join(provider.domains)))
    return {
        "id": provider.id,
        "title": title(provider),
        "facts": facts,
        "is_enabled": provider.is_enabled,
        "path": settings_path(provider.id),
    }


def _form_page(ctx: Context, visit: Visit, *, attempts: str, minutes: str, errors: dict[str, str]) -> Reply:
    return page(
        ctx,
        visit,
        "form_login.html",
        current=AUTHENTICATION,
        status=422 if errors else 200,
        attempts=attempts,
        minutes=minutes,
        errors=errors,
    )


def _is_in(value: str, allowed: range) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 6 and int(value) in allowed
