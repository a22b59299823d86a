"""Admin Settings > Authentication > (a provider) > Button and options: how it is shown, and how it is asked."""

from functools import partial

from poolhouse.house.context import Context, settings_path
from poolhouse.house.guards import Refused
from poolhouse.house.pages import nowhere
from poolhouse.house.pages.authentication import PATH
from poolhouse.house.pages.frame import AUTHENTICATION, page
from poolhouse.house.pages.held import fill_held
from poolhouse.house.pages.saving import Outdated, candidate_path, provider_id, write_provider
from poolhouse.house.provider import Kind, Provider, Providers, find_provider, title
from poolhouse.house.rp.options_form import PROMPTS, Errors, OptionsForm, read_form, settle, shown
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, redirect

_LABELS = {
    "label": "Text of the button",
    "domains": "E-mail domains",
    "prompt": "At the provider",
    "max_age": "Oldest sign-in",
    "parameters": "More parameters",
    "is_form_post": "Answer by form",
    "is_renewed": "Keep up to date",
    "keeps_missing": "Keep claims that are left out",
}


async def show(ctx: Context, visit: Visit) -> Reply:
    """What is saved."""
    provider = find_provider(ctx.live.document.providers, provider_id(visit))
    if provider is None:
        return await nowhere.show(ctx, visit)
    return _page(ctx, visit, provider, shown(provider))


async def save(ctx: Context, visit: Visit) -> Reply:
    """``Save``."""
    provider = find_provider(ctx.live.document.providers, provider_id(visit))
    if provider is None:
        return await nowhere.show(ctx, visit)
    entered = fill_held(ctx.live, read_form(visit.form), shown(provider), _paths(provider.id))
    changed, errors = settle(entered, provider)
    if not errors:
        errors = _check_domains(ctx.live.document.providers, changed)
    if errors:
        return _page(ctx, visit, provider, entered, errors=errors, status=422)
    try:
        target = await write_provider(ctx, visit, partial(_settled, entered), describe=partial(_describe, entered))
    except (Refused, Outdated) as refused:
        return _page(ctx, visit, provider, entered, problem=str(refused), status=409)
    return redirect(target if target == candidate_path(provider_id(visit)) else f"{PATH}?done=provider-saved")


def _paths(its_id: str) -> dict[str, str]:
    """Fields of the form, and the settings that they are."""
    above = f"providers.{its_id}"
    return {name: f"{above}.{name}" if name in {"label", "domains"} else f"{above}.options.{name}" for name in _LABELS}


def _settled(entered: OptionsForm, before: Provider | None, _id: str) -> Provider:
    if before is None:
        raise Refused("The provider was disconnected since you opened the page.")
    return settle(entered, before)[0]


def _check_domains(providers: Providers, provider: Provider) -> Errors:
    """A domain leads to one place."""
    for other in providers:
        shared = set(other.domains) & set(provider.domains)
        if other.id != provider.id and shared:
            return {"domains": f"{min(shared)} belongs to {title(other)} already."}
    return {}


def _describe(entered: OptionsForm, before: Provider | None) -> str:
    old = shown(before) if before is not None else OptionsForm()
    changes = []
    for name, label in _LABELS.items():
        new = getattr(entered, name)
        if getattr(old, name) != new:
            words = ("on" if new else "off") if isinstance(new, bool) else ", ".join(new.split("\n"))
            changes.append(f"{label}: {words}")
    return "; ".join(changes) or "nothing changed"


def _page(
    ctx: Context,
    visit: Visit,
    provider: Provider,
    entered: OptionsForm,
    *,
    errors: Errors | None = None,
    problem: str = "",
    status: int = 200,
) -> Reply:
    return page(
        ctx,
        visit,
        "provider_options.html",
        current=AUTHENTICATION,
        status=status,
        provider_title=title(provider),
        is_github=provider.kind is Kind.GITHUB,
        settings_path=settings_path(provider.id),
        entered=entered,
        settings=_paths(provider.id),
        prompts=PROMPTS,
        errors=errors or {},
        problem=problem,
        version=ctx.live.document.version,
    )
