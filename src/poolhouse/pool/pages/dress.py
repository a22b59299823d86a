"""Which style sheet and pictures a page links: by the client that its address names."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.sheet import Sheet, sheet
from poolhouse.pool.flows.site import Site
from poolhouse.pool.model.branding import ALL, Look


class Dress(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a page links: addresses, and ``scheme`` "light" or "dark" where the look fixes one; "" for none.

    ``style`` is what there is at the address ``sheet``, for a page that has it within itself.

    ``help_url`` is the pool's, the rest the app client's.
    """

    sheet: str = ""
    style: Sheet | None = None
    logo: str = ""
    favicon: str = ""
    scheme: str = ""
    has_header: bool = False
    has_footer: bool = False
    has_ground: bool = False
    help_url: str = ""


def dress(site: Site, query: str) -> Dress:
    """The dress of the client that the address names; a page of no client has our own look."""
    help_url = site.entry.pool.extended.help_url or ""
    try:
        client_id = forms.single(query).get("client_id", "")
    except forms.FormError:
        return Dress(help_url=help_url)
    found = _look(site, client_id)
    if found is None:
        return Dress(help_url=help_url)
    owner, look = found
    base = site.href(f"/branding/{owner}/")
    return Dress(
        sheet=f"{base}style.{_digest(look.sheet)}.css" if look.sheet else "",
        style=_within(look.sheet, base if site.managed else "") if look.sheet else None,
        logo=base + look.logo if look.logo else "",
        favicon=base + look.favicon if look.favicon else "",
        scheme=look.scheme,
        has_header=look.has_header,
        has_footer=look.has_footer,
        has_ground=look.has_ground,
        help_url=help_url,
    )


def terms_of(site: Site, client_id: str, tag: str) -> tuple[str, str] | None:
    """Where terms of use and privacy policy are in a language, once a client has both (AWS API: CreateTerms)."""
    found = {each.name: each.links for each in site.entry.appearance.terms.get(client_id, ())}
    use, privacy = found.get("terms-of-use"), found.get("privacy-policy")
    if use is None or privacy is None:
        return None
    return _in_language(use, tag), _in_language(privacy, tag)


#: Language -> how terms documents name it (AWS API: CreateTerms).
_DOCUMENTS: Final = MappingProxyType(
    {
        "de": "german", "en": "english", "es": "spanish", "fr": "french", "id": "bahasa-indonesia", "it": "italian",
        "ja": "japanese", "ko": "korean", "pt-BR": "portuguese-brazil", "zh-CN": "chinese-simplified",
        "zh-TW": "chinese-traditional",
    }
)  # fmt: skip


def _in_language(links: Mapping[str, str], tag: str) -> str:
    """The document in the page's language, else the one for every language, else the English one, else any."""
    wanted = (f"cognito:{_DOCUMENTS.get(tag, 'default')}", "cognito:default", "cognito:english")
    return next((links[each] for each in wanted if each in links), next(iter(links.values())))


def _look(site: Site, client_id: str) -> tuple[str, Look] | None:
    appearance = site.entry.appearance
    owners = (client_id,) if site.managed else (client_id, ALL)
    looks = appearance.managed if site.managed else appearance.classic
    return next(((owner, looks[owner]) for owner in owners if owner in looks), None)


@lru_cache(maxsize=64)
def _within(css: str, base: str) -> Sheet:
    """
    The sheet of a look as a part of pages; the pictures that a managed one names are under *base*.

    A classic one names none: what looks like an address there is a text.
    """
    return sheet(css.replace('url("', f'url("{base}') if base else css)


def _digest(sheet: str) -> str:
    return hashlib.sha256(sheet.encode()).hexdigest()[:12]
