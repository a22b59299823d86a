"""
``/settings/authentication/candidates/{id}``: changed settings of a provider that wait beside those in force.

An administrator signs in through them, as themselves, and that puts them in force.  The address of this page is the
link to give to another administrator.
"""

import msgspec

from poolhouse.house import rollout
from poolhouse.house.audit import Event, Trail
from poolhouse.house.candidate import Candidate, find_candidate, remove_candidate
from poolhouse.house.context import Context, settings_path
from poolhouse.house.going_back import former_of, go_back
from poolhouse.house.guards import Refused
from poolhouse.house.model import Account, Document, Identity, PendingLogin
from poolhouse.house.pages import nowhere
from poolhouse.house.pages.authentication import show_problem
from poolhouse.house.pages.departing import remember, too_many
from poolhouse.house.pages.frame import AUTHENTICATION, account_of, page
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.pages.saving import candidate_path
from poolhouse.house.provider import Provider, find_provider, title
from poolhouse.house.rp.client import depart
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.form import LABELS
from poolhouse.house.rp.person import Person, email_key
from poolhouse.house.store import accounts
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

CANDIDATE, CONNECT = "candidate", "connect"
CONFIRMATION = "activate"
AFTER_CANDIDATE = {
    "active": "The changed settings are in force. Should sign-ins fail, the former ones come back by themselves.",
    "discarded": "The changed settings were discarded. What is in force stays as it is.",
    "back": "The former settings are in force again. What was in force until now can be put back the same way.",
    "gone": "No changed settings wait any more: they are in force, were discarded, or their time was over.",
}
"""What the provider's page says of a candidate that was there."""
MASK = "\N{BULLET}" * 6
_NO_REFERRER = (("referrer-policy", "no-referrer"),)
_OTHER = (
    "The sign-in worked, but whoever signed in is not connected to your account, so nothing was changed. Sign in as "
    "yourself; or connect that sign-in to your account, if it is yours, with the second button."
)


path = candidate_path


async def show(ctx: Context, visit: Visit) -> Reply:
    """What would change, and the ways to put it in force."""
    candidate = _waiting(ctx, visit)
    if candidate is None:
        return await _no_longer(ctx, visit)
    query = read_query(visit.raw)
    problem = _OTHER if query.get("who") == "other" else _REFUSALS.get(query.get("refused", ""), "")
    return _page(ctx, visit, candidate, problem=problem, can_connect=query.get("who") == "other")


async def sign_in(ctx: Context, visit: Visit) -> Reply:
    """Off to the provider by the candidate; the administrator's own session says whose sign-in it has to be."""
    candidate = _waiting(ctx, visit)
    if candidate is None:
        return await _no_longer(ctx, visit)
    departure = depart(
        rollout.alone(candidate),
        settings_version=ctx.live.document.version,
        redirect_url=ctx.redirect_url(candidate.provider.id),
        return_to="/",
        link_account_id=account_of(visit).id,
        purpose=CONNECT if visit.form.get("connect") == "yes" else CANDIDATE,
        now=ctx.clock.now(),
        entropy=ctx.entropy,
        ring=ctx.ring,
    )
    if not await remember(ctx, visit, departure.state, departure.pending):
        return too_many()
    return redirect(departure.url, headers=_NO_REFERRER)


async def tried(ctx: Context, pending: PendingLogin) -> Provider:
    """The candidate that a sign-in began with, if it is still the one that waits."""
    candidate = await _begun_with(ctx, pending)
    if candidate is None:
        raise SignInFailed(Failure.CANDIDATE_GONE)
    return rollout.alone(candidate)


async def _begun_with(ctx: Context, pending: PendingLogin) -> Candidate | None:
    began = await ctx.live.find_version(pending.settings_version)
    candidate = rollout.waiting(ctx.live.document, pending.provider, ctx.clock.now())
    if candidate is None or began is None or find_candidate(began.rollout, pending.provider) != candidate:
        return None
    return candidate


async def may_enter(ctx: Context, visit: Visit, pending: PendingLogin, person: Person) -> bool:
    """
    Whether *person* is the administrator who is signed in here.

    By the identity that is known; a new one is connected when its verified e-mail is the account's, or on the word of
    the account's owner.  A sign-in as somebody for a trial must not make that person an administrator.
    """
    account = visit.session.account if visit.session else None
    if account is None or account.id != pending.link_account_id or not account.is_admin:
        raise SignInFailed(Failure.LINK_OUTDATED)

    async def unit(tx: ReadTx) -> Identity | None:
        return await accounts.find_identity(tx, person.issuer, person.subject)

    identity = await ctx.db.read(unit)
    if identity is not None:
        return identity.account_id == account.id
    if pending.purpose == CONNECT:
        return True
    key = email_key(person.email)
    return bool(key) and person.is_email_verified and account.is_email_holder and key == email_key(account.email)


async def activate_after(ctx: Context, visit: Visit, account: Account, pending: PendingLogin) -> str:
    """
    Put the candidate in force, its administrator having come in by it; where to go next.

    Not another one, which was saved while the provider was asked and which nobody has come in by.
    """
    provider_id, candidate = pending.provider, await _begun_with(ctx, pending)
    if candidate is None:
        return with_query(settings_path(provider_id), done="gone")
    try:
        await _activate(ctx, visit, candidate, account, "signed in through them")
    except Refused:
        return with_query(path(provider_id), refused="guard")
    return with_query(settings_path(provider_id), done="active")


async def activate_now(ctx: Context, visit: Visit) -> Reply:
    """Without a sign-in: after a Test login that came back a moment ago, or on the administrator's typed word."""
    candidate = _waiting(ctx, visit)
    if candidate is None:
        return await _no_longer(ctx, visit)
    is_tested = rollout.is_tested(candidate, ctx.clock.now())
    if not is_tested and visit.form.get("confirmation", "").strip() != CONFIRMATION:
        return _page(ctx, visit, candidate, problem=rollout.NEEDS_TEST, status=422)
    try:
        await _activate(ctx, visit, candidate, account_of(visit), "after a test" if is_tested else "untested")
    except Refused as refused:
        return _page(ctx, visit, candidate, problem=str(refused), status=409)
    return redirect(with_query(settings_path(candidate.provider.id), done="active"))


async def discard(ctx: Context, visit: Visit) -> Reply:
    """What is in force stays as it is."""
    provider_id = visit.raw.params["id"]
    trail = Trail(ctx, visit)

    async def change(tx: Tx, document: Document) -> Document:
        candidate = find_candidate(document.rollout, provider_id)
        if candidate is None:
            return document
        await trail.write(tx, Event.CANDIDATE_DISCARDED, subject=_subject(candidate))
        return msgspec.structs.replace(document, rollout=remove_candidate(document.rollout, provider_id))

    await ctx.live.change(change, by=account_of(visit).username)
    return redirect(with_query(settings_path(provider_id), done="discarded"))


class WayBack(msgspec.Struct, frozen=True):
    """Where the button leads, and how long it is there."""

    path: str
    left: str


def way_back(ctx: Context, provider_id: str) -> WayBack | None:
    """For the page of a provider whose settings were changed within a day."""
    now = ctx.clock.now()
    former = former_of(ctx.live.document, provider_id, now)
    if former is None:
        return None
    minutes = max(1, (former.until - now) // 60)
    return WayBack(f"{path(provider_id)}/back", f"{minutes // 60} h {minutes % 60} min")


async def go_back_now(ctx: Context, visit: Visit) -> Reply:
    """The button on the page of a provider whose settings were changed within a day."""
    provider_id = visit.raw.params["id"]
    if find_provider(ctx.live.document.providers, provider_id) is None:
        return await nowhere.show(ctx, visit)
    try:
        await go_back(ctx, Trail(ctx, visit), provider_id, account_of(visit))
    except Refused as refused:
        return show_problem(ctx, visit, str(refused), status=409)
    return redirect(with_query(settings_path(provider_id), done="back"))


async def _activate(ctx: Context, visit: Visit, candidate: Candidate, account: Account, how: str) -> None:
    trail = Trail(ctx, visit)

    async def change(tx: Tx, document: Document) -> Document:
        activated = await rollout.activate(tx, ctx, document, candidate)
        await trail.write(tx, Event.PROVIDER_ACTIVATED, actor=account, subject=_subject(candidate), detail=how)
        return activated

    await ctx.live.change(change, by=account.username)


def _waiting(ctx: Context, visit: Visit) -> Candidate | None:
    return rollout.waiting(ctx.live.document, visit.raw.params["id"], ctx.clock.now())


async def _no_longer(ctx: Context, visit: Visit) -> Reply:
    provider_id = visit.raw.params["id"]
    if find_provider(ctx.live.document.providers, provider_id) is None:
        return await nowhere.show(ctx, visit)
    return redirect(with_query(settings_path(provider_id), done="gone"))


def _subject(candidate: Candidate) -> str:
    return f"Authentication > {title(candidate.provider)}"


_REFUSALS = {"guard": "Nothing was changed: with these settings no administrator could sign in any more."}


def _page(
    ctx: Context, visit: Visit, candidate: Candidate, *, problem: str = "", can_connect: bool = False, status: int = 200
) -> Reply:
    now = ctx.clock.now()
    provider = candidate.provider
    return page(
        ctx,
        visit,
        "candidate.html",
        current=AUTHENTICATION,
        status=status,
        leads_to_provider=True,
        name=title(provider),
        problem=problem,
        can_connect=can_connect,
        changes=_changes(find_provider(ctx.live.document.providers, provider.id), provider),
        by=candidate.by,
        minutes=max(1, (candidate.expires_at - now) // 60),
        is_tested=rollout.is_tested(candidate, now),
        link=ctx.origin.at(path(provider.id)),
        path=path(provider.id),
        settings_path=settings_path(provider.id),
        redirect_url=ctx.redirect_url(provider.id),
    )


def _changes(before: Provider | None, after: Provider) -> list[tuple[str, str, str]]:
    """Label, value in force, value that waits; of a secret only that it is another one."""
    rows: list[tuple[str, str, str]] = []
    for name, label in LABELS.items():
        old = getattr(before.settings, name, "") if before else ""
        new = getattr(after.settings, name, "")
        if old != new:
            rows.append((label, MASK, MASK) if name == "client_secret" else (label, str(old), str(new)))
    if before is not None and before.options != after.options:
        rows.append(("Options", "as they are", "changed"))
    return rows or [("Learned from the provider's document", "as it was", "changed")]
