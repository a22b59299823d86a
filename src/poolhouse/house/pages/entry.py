"""Admin Settings > Who may come in: new people, by provider, and whom a provider may speak for."""

from collections.abc import Mapping
from typing import cast, get_args

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import Document
from poolhouse.house.pages.frame import ENTRY, account_of, page
from poolhouse.house.pages.held import keep_held
from poolhouse.house.pages.query import read_query
from poolhouse.house.people import Authority, Newcomers, Newness, People
from poolhouse.house.people_checks import DAYS
from poolhouse.house.provider import Provider, title
from poolhouse.house.rp.person import domain_key
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect

PATH = ENTRY.href
RULES_PATH = f"{PATH}/rules"
TABS = (("New people", PATH), ("Claim rules", RULES_PATH))
CHOICES: tuple[tuple[Newness, str, str], ...] = (
    ("everybody", "Everybody who can sign in at a provider", "The first sign-in makes an account."),
    ("domains", "Only some e-mail domains, and who is invited", "The provider must say that the address is verified."),
    ("invited", "Only who is invited", "By an invitation to a verified address."),
    ("nobody", "Nobody new", "Who has an account comes in as before."),
)
_WHO = get_args(Newness)


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/entry``."""
    done = "Saved" if read_query(visit.raw).get("done") == "saved" else ""
    return _page(ctx, visit, _fields(ctx.live.document), done=done)


async def save(ctx: Context, visit: Visit) -> Reply:
    """All of it at once."""
    providers = ctx.live.document.providers
    form = _entered(ctx, visit)
    read, errors = _read(form, providers)
    if errors:
        return _page(ctx, visit, {**_fields(ctx.live.document), **form}, errors=errors)
    trail = Trail(ctx, visit)

    async def change(tx: Tx, document: Document) -> Document:
        people = msgspec.structs.replace(
            document.people,
            newcomers=read.newcomers,
            newcomers_of=read.newcomers_of,
            authorities=read.authorities,
            invitation_days=read.invitation_days,
        )
        following = keep_held(ctx.live, document, msgspec.structs.replace(document, people=people))
        detail = _changes(document.people, following.people)
        await trail.write(tx, Event.SETTINGS_CHANGED, subject="Who may come in", detail=detail)
        return following

    await ctx.live.change(change, by=account_of(visit).username)
    return redirect(f"{PATH}?done=saved")


def _entered(ctx: Context, visit: Visit) -> dict[str, str]:
    """What was typed, and what holds in the fields of settings that are held."""
    now = _fields(ctx.live.document)
    return {**visit.form, **{name: value for name, value in now.items() if _path(name) in ctx.live.held}}


def _path(name: str) -> str:
    """The setting that a field belongs to."""
    kind, _, its_id = name.partition("-")
    if kind == "authority":
        return "people.authorities"
    if its_id:
        return "people.newcomers_of"
    return "people.invitation_days" if kind == "invitation_days" else f"people.newcomers.{kind}"


def _read(form: Mapping[str, str], providers: tuple[Provider, ...]) -> tuple[People, dict[str, str]]:
    errors: dict[str, str] = {}
    newcomers = _newcomers(form, "who", "domains", errors)
    of = {each.id: _newcomers(form, f"who-{each.id}", f"domains-{each.id}", errors) for each in providers}
    authorities: dict[str, Authority] = {}
    for each in providers:
        name = f"authority-{each.id}"
        for domain in _domains(form, name, errors):
            if domain in authorities:
                errors[name] = f"{domain} belongs to another provider already."
            authorities.setdefault(domain, Authority(domain=domain, provider=each.id))
    days = form.get("invitation_days", "").strip()
    if not (days.isascii() and days.isdigit() and len(days) < 4 and int(days) in DAYS):
        errors["invitation_days"] = f"Give a number from {DAYS[0]} to {DAYS[-1]}."
    people = People(
        newcomers=newcomers or Newcomers(),
        newcomers_of={provider: rule for provider, rule in of.items() if rule is not None},
        authorities=tuple(authorities.values()),
        invitation_days=int(days) if "invitation_days" not in errors else DAYS[0],
    )
    return people, errors


def _newcomers(form: Mapping[str, str], who_name: str, domains_name: str, errors: dict[str, str]) -> Newcomers | None:
    who = form.get(who_name, "")
    domains = _domains(form, domains_name, errors)
    if who == "domains" and not domains:
        errors.setdefault(domains_name, "Give at least one domain, such as example.com.")
    if who not in _WHO:
        if who_name == "who" or who:
            errors[who_name] = "Choose one."
        return None
    return Newcomers(who=cast("Newness", who), domains=tuple(domains) if who == "domains" else ())


def _domains(form: Mapping[str, str], name: str, errors: dict[str, str]) -> list[str]:
    found: dict[str, None] = {}
    for word in form.get(name, "").replace(",", " ").split():
        key = domain_key(word)
        if "." not in key:
            errors[name] = f"{word[:80]} is not a domain; write example.com."
            return []
        found[key] = None
    return list(found)


def _fields(document: Document) -> dict[str, str]:
    """The form as it is filled for what holds now."""
    people = document.people
    fields = {
        "who": people.newcomers.who,
        "domains": "\n".join(people.newcomers.domains),
        "invitation_days": str(people.invitation_days),
    }
    for each in document.providers:
        own = people.newcomers_of.get(each.id)
        fields[f"who-{each.id}"] = own.who if own else ""
        fields[f"domains-{each.id}"] = "\n".join(own.domains) if own else ""
        fields[f"authority-{each.id}"] = "\n".join(a.domain for a in people.authorities if a.provider == each.id)
    return fields


def _changes(old: People, new: People) -> str:
    """Changed fields with what they are now."""
    words = []
    if new.newcomers != old.newcomers:
        words.append(f"New people: {_words(new.newcomers)}")
    for provider in sorted(old.newcomers_of.keys() | new.newcomers_of.keys()):
        now = new.newcomers_of.get(provider)
        if now != old.newcomers_of.get(provider):
            words.append(f"New people of {provider}: {_words(now) if now else 'as for all'}")
    if new.authorities != old.authorities:
        said = ", ".join(f"{each.domain} by {each.provider}" for each in new.authorities)
        words.append(f"Connected by verified address: {said or 'nobody'}")
    if new.invitation_days != old.invitation_days:
        words.append(f"Invitations: {new.invitation_days} days")
    return "; ".join(words) or "nothing"


def _words(newcomers: Newcomers) -> str:
    return f"{newcomers.who} ({', '.join(newcomers.domains)})" if newcomers.domains else newcomers.who


def _page(
    ctx: Context, visit: Visit, fields: Mapping[str, str], *, errors: dict[str, str] | None = None, done: str = ""
) -> Reply:
    return page(
        ctx,
        visit,
        "entry.html",
        current=ENTRY,
        status=422 if errors else 200,
        done=done,
        tabs=TABS,
        fields=fields,
        errors=errors or {},
        choices=CHOICES,
        providers=[(each.id, title(each)) for each in ctx.live.document.providers],
    )
