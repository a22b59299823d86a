"""In which language a visitor is spoken to, and the menu to choose another."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.edge import HeaderPair, Raw, set_cookie
from poolhouse.pool.flows.site import Site
from poolhouse.pool.flows.speaking import offer_of, voice_for
from poolhouse.pool.languages.choosing import Offer, Wish, choose
from poolhouse.pool.languages.tags import LANGUAGES, match
from poolhouse.pool.languages.voice import ENGLISH, Voice

COOKIE: Final = "pool-lang"
_SECONDS: Final = 31_536_000
_PARAMETERS: Final = frozenset({"lang", "ui_locales"})


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The voice for a request, and whether its language was chosen by it."""

    voice: Voice = ENGLISH
    is_chosen: bool = False


class Tongue(msgspec.Struct, frozen=True, kw_only=True):
    """One language of the menu; *href* leads to the same page in it."""

    tag: str
    name: str
    direction: str
    href: str
    is_current: bool


def heard(site: Site, raw: Raw, query: str) -> Heard:
    """The voice for a request at a domain."""
    given = _given(query)
    wish = Wish(
        lang=given.get("lang", ""),
        ui_locales=given.get("ui_locales", ""),
        kept=raw.cookie(site.cookie(COOKIE)) or "",
        accepted=raw.header("accept-language"),
    )
    tag, is_chosen = choose(wish, offer_of(site.entry))
    return Heard(voice=voice_for(site.entry, tag), is_chosen=is_chosen)


def heard_anywhere(raw: Raw) -> Voice:
    """The voice for a request at no domain: by what the browser prefers."""
    tag, _ = choose(Wish(accepted=raw.header("accept-language")), Offer())
    return Voice(language=LANGUAGES[tag])


def kept(site: Site, voice: Voice) -> HeaderPair:
    """What the browser keeps of a choice: one of our own tags."""
    name = site.cookie(COOKIE)
    return set_cookie(name, voice.tag, secure=site.secure, path=site.cookie_path, max_age=_SECONDS)


def menu(site: Site, query: str, voice: Voice) -> tuple[Tongue, ...]:
    """The languages of a domain's pages by their names; none where there is but one."""
    offered = sorted(offer_of(site.entry).tags, key=lambda tag: LANGUAGES[tag].name.casefold())
    if len(offered) < 2:
        return ()
    return tuple(
        Tongue(
            tag=tag,
            name=LANGUAGES[tag].name,
            direction=LANGUAGES[tag].direction,
            href=f"?{_with_language(query, tag)}",
            is_current=tag == voice.tag,
        )
        for tag in offered
    )


def page_headers(voice: Voice) -> Sequence[HeaderPair]:
    """What tells caches and readers about the language and the coding (RFC 9110 sections 8.5 and 12.5.5)."""
    return ("content-language", voice.tag), ("vary", "accept-language, cookie, accept-encoding")


def carried(query: str, ui_locales: str, site: Site) -> str:
    """
    The query for the pages of a sign-in with the language that its request asks for, pushed or signed elsewhere.

    Outside of such a request a parameter means nothing to it (RFC 9126 section 4).  It is our own tag that is added.
    """
    if not ui_locales or _given(query).get("ui_locales"):
        return query
    offered = offer_of(site.entry).tags
    found = next((tag for each in ui_locales.split() if (tag := match(each, offered)) is not None), None)
    return query if found is None else f"{query}&{urlencode({'ui_locales': found})}"


def without_language(query: str) -> str:
    """A request as such, however it is read."""
    return "&".join(part for part in query.split("&") if part.partition("=")[0] not in _PARAMETERS)


def _with_language(query: str, tag: str) -> str:
    kept = [part for part in query.split("&") if part and part.partition("=")[0] != "lang"]
    return "&".join([*kept, urlencode({"lang": tag})])


def _given(query: str) -> dict[str, str]:
    """The first of each parameter; a query that cannot be read asks for nothing."""
    if not any(name in query for name in _PARAMETERS):
        return {}
    try:
        return {name: values[0] for name, values in forms.multi(query).items() if name in _PARAMETERS}
    except forms.FormError:
        return {}
