"""The extended settings of a pool: which of them can be."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from poolhouse.pool.core.settings.openid import LENGTH, WrongSetting
from poolhouse.pool.languages.tags import LANGUAGES
from poolhouse.pool.model.hosted import HostedSettings


def read(given: Mapping[str, Any]) -> HostedSettings:
    """The settings of a JSON object; raises ``WrongSetting``."""
    try:
        settings = msgspec.convert(given, HostedSettings)
    except msgspec.ValidationError as wrong:
        raise WrongSetting(str(wrong)) from wrong
    check(settings)
    return settings


def check(settings: HostedSettings) -> None:
    """Raises ``WrongSetting`` for the first rule that *settings* break."""
    if settings.help_url is not None and not _is_linked(settings.help_url):
        raise WrongSetting("help_url is neither an https URL nor a mailto one")
    names = settings.sign_up_attributes
    if len(set(names)) < len(names) or len(names) > _ATTRIBUTES or not all(map(_NAME.fullmatch, names)):
        raise WrongSetting(f"sign_up_attributes are names of attributes, each once, at most {_ATTRIBUTES}")
    known = ", ".join(LANGUAGES)
    if len(set(settings.languages)) < len(settings.languages) or not set(settings.languages) <= set(LANGUAGES):
        raise WrongSetting(f"languages are some of these, each once: {known}")
    if settings.default_language not in (settings.languages or LANGUAGES):
        raise WrongSetting(
            f"default_language is one of the offered languages: {', '.join(settings.languages) or known}"
        )


_ATTRIBUTES: Final = 20
_NAME: Final = re.compile(r"(?:custom:)?[A-Za-z0-9_.:-]{1,30}")
_MAILTO: Final = "mailto"


def _is_linked(url: str) -> bool:
    """What a page may link: nothing that runs there, and nothing unencrypted."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > LENGTH:
        return False
    try:
        parts = urlsplit(url)
        host, user = parts.hostname, parts.username
    except ValueError:
        return False
    if parts.scheme == _MAILTO:
        return "@" in parts.path
    return parts.scheme == "https" and bool(host) and user is None
