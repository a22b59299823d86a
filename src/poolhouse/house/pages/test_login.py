"""
``/settings/authentication/drafts/{draft}``: settings that are being tried, and what the trial has found.

Everything here is for the one administrator who entered them.  The sign-in of a trial has a record of its own; its
return ends on this page, opens no session, and makes no account.
"""

from typing import Any

import msgspec

from poolhouse.house import drafts
from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context, settings_path
from poolhouse.house.drafts import Came, Draft, Finding
from poolhouse.house.foreseen import Foreseen, foresee
from poolhouse.house.model import PendingLogin
from poolhouse.house.pages.frame import AUTHENTICATION, account_of, page
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import with_query
from poolhouse.house.provider import Provider
from poolhouse.house.rp.client import Callback, depart, prove
from poolhouse.house.rp.diagnosis import Report, diagnose
from poolhouse.house.rp.explained import EXPLAINED
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.form import LABELS
from poolhouse.house.store import drafts as draft_store
from poolhouse.house.store.drafts import TestLogin
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect
from poolhouse.kit.seal import digest

PATH = f"{AUTHENTICATION.href}/drafts"
VALUE_SHOWN = 300
_NO_REFERRER = (("referrer-policy", "no-referrer"),)
_VERDICTS = {
    "good": ("Good", "success"),
    "warning": ("Look at it", "warning"),
    "wrong": ("Wrong", "danger"),
    "unknown": ("Not known yet", "neutral"),
}


class Claim(msgspec.Struct, frozen=True):
    """One claim as the page shows it; ``is_name``: it could name the user."""

    name: str
    value: str
    is_name: bool


async def begin(ctx: Context, visit: Visit, provider: Provider, *, opened: str, trimmed: tuple[str, ...]) -> Reply:
    """Ask the provider's addresses, keep the draft with what they answered, and go to its page."""
    report = await diagnose(ctx.relying.wire, provider, redirect_url=ctx.redirect_url(provider.id), entropy=ctx.entropy)
    draft = Draft(provider=provider, opened=opened, report=_kept(report), trimmed=trimmed)
    draft_id = await drafts.put(ctx, draft, account_id=account_of(visit).id)
    await _note(ctx, visit, draft, "checked")
    return redirect(f"{PATH}/{draft_id}")


async def show(ctx: Context, visit: Visit) -> Reply:
    """The report, and what the last sign-in brought."""
    draft = await _find(ctx, visit)
    return _gone(ctx, visit) if draft is None else await _page(ctx, visit, draft)


async def check_again(ctx: Context, visit: Visit) -> Reply:
    """The same questions once more: something was changed at the provider."""
    draft = await _find(ctx, visit)
    if draft is None:
        return _gone(ctx, visit)
    report = await diagnose(
        ctx.relying.wire, draft.provider, redirect_url=ctx.redirect_url(draft.provider.id), entropy=ctx.entropy
    )
    return await _change(ctx, visit, msgspec.structs.replace(draft, report=_kept(report)))


async def choose_claim(ctx: Context, visit: Visit) -> Reply:
    """The claim picker: another Username Attribute for the draft."""
    draft = await _find(ctx, visit)
    if draft is None:
        return _gone(ctx, visit)
    chosen = visit.form.get("username_attribute", "")
    offered = {claim.name for claim in _claims(draft) if claim.is_name}
    if chosen not in offered:
        return await _page(ctx, visit, draft, problem="Choose one of the claims that came.", status=422)
    settings = msgspec.structs.replace(draft.provider.settings, username_attribute=chosen)
    provider = msgspec.structs.replace(draft.provider, settings=settings)
    return await _change(ctx, visit, msgspec.structs.replace(draft, provider=provider))


async def sign_in(ctx: Context, visit: Visit) -> Reply:
    """Off to the provider with the draft, in a tab of its own."""
    draft = await _find(ctx, visit)
    if draft is None:
        return _gone(ctx, visit)
    departure = depart(
        draft.provider,
        settings_version=0,
        redirect_url=ctx.redirect_url(draft.provider.id),
        return_to=PATH,
        link_account_id=None,
        now=ctx.clock.now(),
        entropy=ctx.entropy,
        ring=ctx.ring,
    )
    pending = departure.pending
    login = TestLogin(_draft_id(visit), pending.nonce_digest, pending.sealed_verifier)

    async def unit(tx: Tx) -> None:
        await draft_store.put_login(
            tx,
            login,
            state_digest=digest(departure.state),
            browser_digest=digest(visit.browser),
            provider=draft.provider.id,
            now=ctx.clock.now(),
            expires_at=pending.expires_at,
        )

    await ctx.db.write(unit)
    return redirect(departure.url, headers=_NO_REFERRER)


async def come_back(ctx: Context, visit: Visit, callback: Callback) -> Reply | None:
    """The return of a trial; ``None`` when this answer belongs to none of this administrator's in this browser."""
    account = visit.session.account if visit.session else None
    if account is None or not account.is_admin or not callback.state or visit.is_new_browser:
        return None
    provider_id = visit.raw.params["id"]

    async def unit(tx: Tx) -> TestLogin | None:
        return await draft_store.take_login(
            tx,
            state_digest=digest(callback.state),
            browser_digest=digest(visit.browser),
            provider=provider_id,
            now=ctx.clock.now(),
        )

    login = await ctx.db.write(unit)
    if login is None:
        return None
    draft = await drafts.find(ctx, login.draft_id, account_id=account.id)
    if draft is None:
        return _gone(ctx, visit)
    came = await _prove(ctx, draft, login, callback)
    tried = msgspec.structs.replace(draft, came=came)
    if not await drafts.change(ctx, login.draft_id, tried, account_id=account.id):
        return _gone(ctx, visit)
    await _note(ctx, visit, tried, came.failure or "came back")
    return redirect(f"{PATH}/{login.draft_id}#came", headers=_NO_REFERRER)


async def _prove(ctx: Context, draft: Draft, login: TestLogin, callback: Callback) -> Came:
    now = ctx.clock.now()
    pending = PendingLogin(
        provider=draft.provider.id,
        settings_version=0,
        nonce_digest=login.nonce_digest,
        sealed_verifier=login.sealed_verifier,
        return_to=PATH,
        link_account_id=None,
        created_at=now,
        expires_at=now,
    )
    back = ctx.redirect_url(draft.provider.id)
    if draft.provider.options.is_form_post != callback.is_posted:
        return Came(at=now, failure=Failure.OTHER_WAY_BACK.value)
    try:
        proved = await prove(ctx.relying.wire, draft.provider, pending, callback, redirect_url=back)
    except SignInFailed as failed:
        return Came(at=now, failure=failed.failure.value)
    return Came(at=now, claims=drafts.shown_claims(proved.claims))


async def _find(ctx: Context, visit: Visit) -> Draft | None:
    return await drafts.find(ctx, _draft_id(visit), account_id=account_of(visit).id)


async def _change(ctx: Context, visit: Visit, draft: Draft) -> Reply:
    if not await drafts.change(ctx, _draft_id(visit), draft, account_id=account_of(visit).id):
        return _gone(ctx, visit)
    return redirect(f"{PATH}/{_draft_id(visit)}")


def _draft_id(visit: Visit) -> str:
    return visit.raw.params["draft"]


def _kept(report: Report) -> tuple[Finding, ...]:
    return tuple(Finding(line.field, line.verdict.value, line.sentence, line.advice) for line in report)


async def _note(ctx: Context, visit: Visit, draft: Draft, word: str) -> None:
    """That a trial was made is audited; what came of whom is not."""
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.LOGIN_TESTED, subject=draft.provider.settings.issuer, detail=word)

    await ctx.db.write(unit)


def _claims(draft: Draft) -> tuple[Claim, ...]:
    """What came, the ones that could name a user first among equals."""
    if draft.came is None:
        return ()
    found: list[Claim] = []
    for name, value in sorted(draft.came.claims.items()):
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        plain = "".join(c if c.isprintable() else " " for c in text[:VALUE_SHOWN])
        is_name = isinstance(value, str) and bool(value.strip()) and name not in {"iss", "aud", "azp", "token_use"}
        found.append(Claim(name, plain + ("…" if len(text) > VALUE_SHOWN else ""), is_name))
    return tuple(sorted(found, key=lambda claim: not claim.is_name))


async def _page(ctx: Context, visit: Visit, draft: Draft, *, problem: str = "", status: int = 200) -> Reply:
    came = draft.came
    foreseen: Foreseen | None = None
    if came is not None and not came.failure:
        foreseen = await foresee(ctx, came.claims, draft.provider, address=visit.address)
    failure = EXPLAINED[Failure(came.failure)] if came is not None and came.failure else None
    form_path = settings_path(draft.provider.id)
    view: dict[str, Any] = {
        "rows": [(line.field, *_VERDICTS[line.verdict], line.sentence, line.advice) for line in draft.report],
        "claims": _claims(draft),
    }
    return page(
        ctx,
        visit,
        "test_login.html",
        current=AUTHENTICATION,
        status=status,
        leads_to_provider=True,
        draft=draft,
        failure=failure,
        foreseen=foreseen,
        path=f"{PATH}/{_draft_id(visit)}",
        edit_path=with_query(form_path, draft=_draft_id(visit), kind=draft.provider.kind.value),
        save_path=form_path,
        trimmed=tuple(LABELS[name] for name in draft.trimmed if name in LABELS),
        problem=problem,
        **view,
    )


def _gone(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=404,
        heading="This trial is over",
        what="A trial of settings is kept for half an hour, and only for the administrator who began it.",
        todo="Open the settings again, and press Test login.",
        links=(("Open Authentication", AUTHENTICATION.href),),
    )
