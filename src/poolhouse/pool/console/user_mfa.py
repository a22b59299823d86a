"""The second factors of one user (AdminSetUserMFAPreference)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import user as users
from poolhouse.pool.console.calls import call, get_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.settings.mfa import METHODS
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.spec.errors import CognitoError

MEMBERS: Final[Mapping[str, tuple[str, str]]] = {
    # method: (as AdminGetUser lists it, member of the request)
    "totp": ("SOFTWARE_TOKEN_MFA", "SoftwareTokenMfaSettings"),
    "sms": ("SMS_MFA", "SMSMfaSettings"),
    "email": ("EMAIL_OTP", "EmailMfaSettings"),
}


async def show(visit: Visit) -> Reply:
    """GET: which factors are on, and which is asked for first."""
    user = await users.get(visit)
    return await _form(visit, user, filled(user), {})


async def save(visit: Visit) -> Reply:
    """POST: what is on, or was, is said to the operation; it leaves the others as they are."""
    user = await users.get(visit)
    preferred = visit.form.text("preferred")
    if preferred and not visit.form.has("methods", preferred):
        return await _form(visit, user, visit.form, {"preferred": "Only a method that is on can be preferred."})
    wanted = body(visit.form, filled(user))
    try:
        if wanted:
            await call(
                visit, "AdminSetUserMFAPreference", UserPoolId=visit.pool_id, Username=user["Username"], **wanted
            )
    except CognitoError as error:
        return await _form(visit, user, visit.form, placed(error, {"InvalidParameterException": "methods"}))
    return go(visit, users.address(visit), "The second factors were saved.")


def filled(user: Mapping[str, Any]) -> Form:
    """The form of a user as AdminGetUser describes one."""
    listed = user.get("UserMFASettingList") or []
    preferred = user.get("PreferredMfaSetting")
    return of(
        methods=[method for method, (name, _) in MEMBERS.items() if name in listed],
        preferred=next((method for method, (name, _) in MEMBERS.items() if name == preferred), ""),
    )


def body(form: Form, before: Form) -> dict[str, Any]:
    """A factor that neither is nor was on is left out: switching off what a pool has not got would be refused."""
    return {
        member: {"Enabled": form.has("methods", method), "PreferredMfa": form.text("preferred") == method}
        for method, (_, member) in MEMBERS.items()
        if form.has("methods", method) or before.has("methods", method)
    }


async def _form(visit: Visit, user: Mapping[str, Any], form: Form, problems: Problems) -> Reply:
    pool = await get_pool(visit)
    name = users.shown_name(user)
    return edit_page(
        visit,
        title="Edit multi-factor authentication",
        lead=f"What {name} is asked for besides the password.",
        fields="user_mfa.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, "Users", (name, users.address(visit))),
        preferences=[("", "None"), *METHODS],
    )
