"""The languages of the hosted pages: those of the service's managed login, Arabic and Hebrew."""

import re
from collections.abc import Collection
from types import MappingProxyType
from typing import Final

import msgspec


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language as it names itself; *direction* is ``ltr`` or ``rtl``, as in HTML."""

    tag: str
    name: str
    direction: str = "ltr"


DEFAULT: Final = "en"
LANGUAGES: Final = MappingProxyType(
    {
        each.tag: each
        for each in (
            Language(tag="ar", name="العربية", direction="rtl"),
            Language(tag="de", name="Deutsch"),
            Language(tag="en", name="English"),
            Language(tag="es", name="Español"),
            Language(tag="fr", name="Français"),
            Language(tag="he", name="עברית", direction="rtl"),
            Language(tag="id", name="Bahasa Indonesia"),
            Language(tag="it", name="Italiano"),
            Language(tag="ja", name="日本語"),
            Language(tag="ko", name="한국어"),
            Language(tag="pt-BR", name="Português (Brasil)"),
            Language(tag="zh-CN", name="简体中文"),
            Language(tag="zh-TW", name="繁體中文"),
        )
    }
)
#: What browsers and apps say -> the tag that we have for it: scripts, neighbouring regions, tags of before 1989.
_MEANT: Final = MappingProxyType(
    {
        "in": "id",
        "iw": "he",
        "pt": "pt-BR",
        "zh": "zh-CN",
        "zh-hans": "zh-CN",
        "zh-hant": "zh-TW",
        "zh-hk": "zh-TW",
        "zh-mo": "zh-TW",
    }
)
_BY_LOWER: Final = MappingProxyType({tag.lower(): tag for tag in LANGUAGES})
_RANGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,7}")


def match(asked: str, offered: Collection[str]) -> str | None:
    """
    The offered language that one tag asks for, by taking away from its end (RFC 4647 section 3.4, Lookup).

    *asked* is a stranger's text: what is no tag asks for nothing.
    """
    if not _RANGE.fullmatch(asked):
        return None
    parts = asked.lower().split("-")
    while parts:
        wanted = "-".join(parts)
        for tag in (_BY_LOWER.get(wanted), _MEANT.get(wanted)):
            if tag is not None and tag in offered:
                return tag
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()
    return None
