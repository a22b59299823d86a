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
    if not _EASIEST <= settings.bot_check_difficulty <= _HARDEST:
        raise WrongSetting(f"bot_check_difficulty is a number from {_EASIEST} to {_HARDEST}")
    _check_captcha(settings)


def _check_captcha(settings: HostedSettings) -> None:
    for name in _OF_CAPTCHA:
        if settings.bot_check == "captcha" and not getattr(settings, name):
            raise WrongSetting(f"{name} is needed for a captcha")
    if settings.captcha_script is not None and not origin_of(settings.captcha_script):
        raise WrongSetting("captcha_script is no https URL")
    if settings.captcha_verify is not None and not _VERIFY.fullmatch(settings.captcha_verify):
        raise WrongSetting("captcha_verify is no https URL; plain http is for this machine only")
    origins = settings.captcha_origins
    if len(origins) > _ORIGINS or not all(origin_of(each) == each for each in origins):
        raise WrongSetting(f"captcha_origins are origins such as https://newassets.example.com, at most {_ORIGINS}")
    if settings.captcha_field is not None and not _RESPONSE.fullmatch(settings.captcha_field):
        raise WrongSetting("captcha_field is a name such as cf-turnstile-response")
    if settings.captcha_site_key is not None and not _SITE_KEY.fullmatch(settings.captcha_site_key):
        raise WrongSetting("captcha_site_key is made of letters, digits, hyphens, dots and underscores")


def origin_of(url: str) -> str:
    """The origin of an https URL, as the policy of a page names it; "" for anything else."""
    found = _URL.fullmatch(url) if len(url) <= LENGTH else None
    return found[1].lower() if found else ""


_EASIEST: Final = 10
_HARDEST: Final = 24
_ORIGINS: Final = 10
_OF_CAPTCHA: Final = ("captcha_script", "captcha_verify", "captcha_site_key", "captcha_secret", "captcha_field")
_URL: Final = re.compile(r"(https://[A-Za-z0-9.-]+(?::\d{1,5})?)(?:[/?][A-Za-z0-9._~:/?@!$&()*+,=%-]*)?")
_VERIFY: Final = re.compile(
    r"(?:https://[A-Za-z0-9.-]+|http://(?:localhost|127\.0\.0\.1|\[::1\]))"
    r"(?::\d{1,5})?(?:[/?][A-Za-z0-9._~:/?@!$&()*+,=%-]{0,1000})?"
)
_RESPONSE: Final = re.compile(r"[a-z][a-z0-9-]{0,40}-response")
_SITE_KEY: Final = re.compile(r"[A-Za-z0-9_.-]{1,200}")
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
