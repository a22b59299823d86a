"""
The sector of an app of the subject type ``pairwise`` (OIDC Core section 8.1): the host that its apps have in common.

Ours: it is fixed when it is first known (``sector_identifier``).  With another one each user would be another one to
the app, so that a change of an address alone never changes it: whoever means it says the new one.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.model.openid import OpenIdSettings


def settled(settings: OpenIdSettings, callbacks: Iterable[str]) -> OpenIdSettings:
    """*settings* with the sector that they and the callback URLs stand for; raises ``WrongSetting`` for another one."""
    if settings.subject_type != "pairwise":
        return settings
    held, callbacks = settings.sector_identifier, tuple(callbacks)
    if held is not None and settings.sector_identifier_uri is None and not callbacks:
        # No pages for now; when it has some again they are to be of the same sector.
        return settings
    found = _of(settings, callbacks)
    if held is None:
        return msgspec.structs.replace(settings, sector_identifier=found)
    if held != found:
        raise WrongSetting(
            f"sector_identifier would have to be {found} instead of {held}, and every user another one to the app: "
            "set it so if that is meant"
        )
    return settings


def check_document(document: Any, callbacks: Iterable[str]) -> None:
    """What ``sector_identifier_uri`` serves: a list with all the callback URLs (OIDC Registration section 5)."""
    if not isinstance(document, list) or not all(isinstance(each, str) for each in document):
        raise WrongSetting("sector_identifier_uri does not serve a list of URLs")
    if not set(callbacks) <= set(document):
        raise WrongSetting("sector_identifier_uri serves a list in which a callback URL is missing")


def _of(settings: OpenIdSettings, callbacks: Iterable[str]) -> str:
    if settings.sector_identifier_uri is not None:
        return _host(settings.sector_identifier_uri)
    found = {_host(each) for each in callbacks}
    if len(found) != 1 or "" in found:
        # An app of its own scheme, or of a person's own machine, has no host that says whose it is.
        raise WrongSetting(
            "sector_identifier_uri is needed: the callback URLs are not all https and of one host (subject_type)"
        )
    return next(iter(found))


def _host(url: str) -> str:
    parts = urlsplit(url)
    return (parts.hostname or "").lower() if parts.scheme == "https" else ""
