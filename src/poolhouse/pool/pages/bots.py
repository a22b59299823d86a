"""
What keeps bots out of the forms that make an account, have a code sent, or are guessed at: the setting ``bot_check``.

Off, which is the default, there is nothing of it on any page.
"""

from typing import Final

import msgspec

from poolhouse.kit.edge import Raw
from poolhouse.pool.core.settings.hosted import origin_of
from poolhouse.pool.flows import bots
from poolhouse.pool.flows.bots import FormName
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.site import Site
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.pages.brakes import failures

FREE: Final = 3
"""Failed sign-ins of an address, or of a browser that the user has signed in with, before the check is asked for."""
_FAILED: Final = N_("The check that no program sends this form did not go through. Send the form again.")
_UNREACHABLE: Final = N_(
    "The check that no program sends this form cannot be made at the moment. Try again in a few minutes."
)


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a page asks the browser: a proof of work (``seed`` and ``bits``), or a widget of a provider.

    ``is_due``: a form that was posted has to come with an answer.
    """

    is_due: bool
    seed: str = ""
    bits: int = 0
    script: str = ""
    widget: str = ""
    site_key: str = ""
    origins: tuple[str, ...] = ()


async def challenge(flow: Flow, site: Site, raw: Raw, form: FormName, posted: dict[str, str]) -> Challenge | None:
    """What *form* has to come with; None where nothing."""
    settings, is_due = site.entry.pool.extended, True
    if settings.bot_check == "off":
        return None
    if form == "sign_in":
        if settings.bot_check_when != "after_failures":
            return None
        # A posted form is counted already: it shows on its page what the next one has to come with.
        count = await failures(flow, site, raw, posted)
        if count < FREE:
            return None
        is_due = count > FREE
    if settings.bot_check == "proof_of_work":
        bits = settings.bot_check_difficulty
        return Challenge(is_due=is_due, seed=bots.seed(flow, site.entry, form, bits), bits=bits)
    script = settings.captcha_script or ""
    return Challenge(
        is_due=is_due,
        script=script,
        widget=(settings.captcha_field or "").removesuffix("-response"),
        site_key=settings.captcha_site_key or "",
        origins=tuple(dict.fromkeys((origin_of(script), *settings.captcha_origins))),
    )


async def fault(flow: Flow, site: Site, raw: Raw, form: FormName, posted: dict[str, str]) -> str:
    """What is wrong with the answer that was *posted*, English; "" if nothing is."""
    settings = site.entry.pool.extended
    if settings.bot_check == "proof_of_work":
        given, answer = posted.get("proof_seed", ""), posted.get("proof_answer", "")
        return "" if await bots.is_worked(flow, site.entry, form, given, answer) else _FAILED
    verdict = await bots.verified(flow, site.entry, posted.get(settings.captcha_field or "", ""), raw.peer)
    return {"passed": "", "failed": _FAILED, "unreachable": _UNREACHABLE}[verdict]
