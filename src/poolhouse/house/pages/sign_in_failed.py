"""The page on which every failed sign-in ends: it names the field to look at, and leads on."""

from poolhouse.house import rollout
from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context, settings_path
from poolhouse.house.pages.problem import problem
from poolhouse.house.provider import FIRST, Provider, title
from poolhouse.house.rp import failures
from poolhouse.house.rp.explained import EXPLAINED, Explained
from poolhouse.house.rp.failures import Failure
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import HeaderPair, Reply, text
from poolhouse.kit.html import page_headers
from poolhouse.kit.log import get_logger

# Neither code nor state may travel on in a Referer.
NO_REFERRER: tuple[HeaderPair, ...] = (("referrer-policy", "no-referrer"),)
SIGN_IN_PAGE = "/user/login?local=1"
"""The sign-in page itself, also where people are sent straight to the provider."""

# Anybody can call the callback with nothing in hand; that is a line in the log, not in the audit log.
_ANYBODY = frozenset(
    {
        Failure.NO_PENDING_LOGIN,
        Failure.DUPLICATE_PARAMETER,
        Failure.INITIATED_BY_STRANGER,
        Failure.FOREIGN_TARGET,
    }
)
_FORBIDDEN = frozenset(
    {
        Failure.ACCOUNT_DISABLED,
        Failure.DENIED,
        Failure.DOMAIN_NOT_ALLOWED,
        Failure.EMAIL_TAKEN,
        Failure.FOREIGN_ORGANISATION,
        Failure.IDENTITY_TAKEN,
        Failure.NOBODY_NEW,
        Failure.NOT_INVITED,
        Failure.OTHER_WAY_BACK,
    }
)


async def fail(
    ctx: Context,
    visit: Visit,
    failure: Failure,
    provider: Provider | None,
    *,
    detail: str = "",
    who: str = "",
    onward: str | None = None,
) -> Reply:
    """The page, the line in the log and the line in the audit log, all under one reference."""
    explained = EXPLAINED[failure]
    get_logger().warning(
        "sign-in failed",
        program="house",
        reference=visit.reference,
        provider=provider.id if provider else "",
        issuer=provider.settings.issuer if provider else "",
        reason=failure.value,
        field=explained.field,
        error=detail,
    )
    if failure not in _ANYBODY:
        words = ", ".join(word for word in (failure.value, explained.field, detail) if word)
        await _write_failure(ctx, visit, failure, provider, words, who)
    return problem(
        ctx,
        visit,
        status=403 if failure in _FORBIDDEN else 400,
        heading="Sign-in did not work",
        what=explained.sentence,
        todo=explained.advice,
        facts=_facts(explained, provider),
        links=_links(visit, explained, provider, onward),
        headers=_headers(),
    )


async def _write_failure(
    ctx: Context, visit: Visit, failure: Failure, provider: Provider | None, words: str, who: str
) -> None:
    trail = Trail(ctx, visit)
    detail = f"{title(provider) if provider else 'OIDC'}: {words}"

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.SIGN_IN_FAILED, actor=who, detail=detail, is_refusal=True)
        if provider is not None:
            await rollout.note_failure(tx, ctx.live.document, provider, failure, ctx.clock.now())

    await ctx.db.write(unit)


def too_often() -> Reply:
    return text("Too many sign-ins from your address. Try again in a minute.\n", 429, (("retry-after", "60"),))


def _facts(explained: Explained, provider: Provider | None) -> tuple[tuple[str, str], ...]:
    if not explained.field:
        return ()
    name = title(provider) if provider else "OIDC"
    facts = [("Field to check", explained.field), ("Where", f"Admin Settings > Authentication > {name}")]
    if explained.field == failures.USERNAME_ATTRIBUTE and provider is not None:
        facts.insert(1, ("It is set to", provider.settings.username_attribute))
    return tuple(facts)


def _links(
    visit: Visit, explained: Explained, provider: Provider | None, onward: str | None
) -> tuple[tuple[str, str], ...]:
    links = [("Back to the sign-in page", SIGN_IN_PAGE)]
    if visit.session is not None:
        links = [("Go to the home page", "/")]
        if explained.field and visit.session.account.is_admin:
            provider_id, name = (provider.id, title(provider)) if provider else (FIRST, "OIDC")
            links.insert(0, (f"Open the {name} settings", settings_path(provider_id)))
    if onward is not None:
        links.append(("Continue to the provider anyway", onward))
    return tuple(links)


def _headers() -> tuple[HeaderPair, ...]:
    """Of a page of the callback, whose URL holds a code and a state."""
    kept = [pair for pair in page_headers() if pair[0] != "referrer-policy"]
    return (*kept, *NO_REFERRER)


def in_circles(ctx: Context, visit: Visit, name: str) -> Reply:
    """Instead of one more redirect of many, which a browser would end with an error that says nothing."""
    return problem(
        ctx,
        visit,
        status=508,
        heading="Signing in goes in circles",
        what=f"This browser was sent to {name} many times within a minute, and came back each time.",
        why="Most often the browser does not keep this house's cookie, or the address that is open is not the one that "
        "the house is set up for.",
        todo=f"Open {ctx.origin.url}, allow its cookies, wait a minute and sign in once. If it comes back, give the "
        "reference to an administrator.",
        links=(("Go to the sign-in page", SIGN_IN_PAGE),),
    )
