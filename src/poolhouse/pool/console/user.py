"""One user: what is known, what can be done."""

import json
from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths, user_lists
from poolhouse.pool.console.calls import MOST, call, get_pool, list_all, list_page, offers
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.protection import history
from poolhouse.pool.console.refusals import message_of, placed
from poolhouse.pool.console.settings.schema import attributes as schema_of
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.console.users import attributes_of
from poolhouse.pool.spec.errors import CognitoError

_FLAGS: Final = ("email_verified", "phone_number_verified")
_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    # in the address: operation, what was done
    "confirm": ("AdminConfirmSignUp", "The account was confirmed."),
    "reset-password": ("AdminResetUserPassword", "The password was reset: a code to choose a new one is on its way."),
    "disable": ("AdminDisableUser", "The user can no longer sign in, and all sessions have ended."),
    "enable": ("AdminEnableUser", "The user can sign in again."),
    "delete-software-token": ("AdminDeleteSoftwareToken", "The software token was deleted."),
    "sign-out": ("AdminUserGlobalSignOut", "The user was signed out everywhere."),
}
_MFA: Final = {"SMS_MFA": "SMS message", "SOFTWARE_TOKEN_MFA": "Authenticator apps", "EMAIL_OTP": "Email message"}


async def show(visit: Visit) -> Reply:
    """GET: the user's page."""
    pool = await get_pool(visit)
    return await _page(visit, pool, await get(visit))


async def act(visit: Visit) -> Reply:
    """POST: one of the operations that need nothing but the user."""
    name = visit.raw.params["action"]
    if name not in _ACTIONS:
        raise NotFound
    operation, word = _ACTIONS[name]
    user = await get(visit)
    try:
        await call(visit, operation, UserPoolId=visit.pool_id, Username=user["Username"])
    except CognitoError as error:
        return await _page(visit, await get_pool(visit), user, message_of(error))
    return go(visit, address(visit), word)


async def resend(visit: Visit) -> Reply:
    """POST: the invitation again, with a new temporary password."""
    user = await get(visit)
    attributes = attributes_of(user)
    medium = "EMAIL" if attributes.get("email") else "SMS"
    try:
        await call(
            visit,
            "AdminCreateUser",
            UserPoolId=visit.pool_id,
            Username=user["Username"],
            MessageAction="RESEND",
            DesiredDeliveryMediums=[medium],
        )
    except CognitoError as error:
        return await _page(visit, await get_pool(visit), user, message_of(error))
    return go(visit, address(visit), "The invitation is on its way again, with a new temporary password.")


async def delete(visit: Visit) -> Reply:
    """POST: typed to confirm."""
    user = await get(visit)
    if visit.form.text("confirmation") != shown_name(user):
        text = "Nothing was deleted: what you typed is not the user's name."
        return await _page(visit, await get_pool(visit), user, text)
    await call(visit, "AdminDeleteUser", UserPoolId=visit.pool_id, Username=user["Username"])
    return go(visit, paths.of_pool(visit.pool_id, "users"), f"User {shown_name(user)} was deleted.")


async def show_password(visit: Visit) -> Reply:
    """GET: the form for a password."""
    return await _password_form(visit, of(permanent=False), {})


async def set_password(visit: Visit) -> Reply:
    """POST: AdminSetUserPassword."""
    password = visit.form.verbatim("password")
    if not password:
        return await _password_form(visit, visit.form, {"password": "Enter a password."})
    user = await get(visit)
    try:
        await call(
            visit,
            "AdminSetUserPassword",
            UserPoolId=visit.pool_id,
            Username=user["Username"],
            Password=password,
            Permanent=visit.form.has("permanent"),
        )
    except CognitoError as error:
        codes = ("InvalidPasswordException", "PasswordHistoryPolicyViolationException", "password")
        places = dict.fromkeys(codes, "password")
        return await _password_form(visit, visit.form, placed(error, places))
    return go(visit, address(visit), "The password was set.")


async def show_attributes(visit: Visit) -> Reply:
    """GET: the form of all attributes that can be changed."""
    pool, user = await get_pool(visit), await get(visit)
    present = attributes_of(user)
    values = {f"a:{name}": value for name, value in present.items() if name not in _FLAGS}
    flags = {f"a:{name}": present.get(name) == "true" for name in _FLAGS}
    return _attributes_form(visit, pool, user, of(**values, **flags), {})


async def save_attributes(visit: Visit) -> Reply:
    """POST: what differs is written, what is empty now is deleted."""
    pool, user = await get_pool(visit), await get(visit)
    changes = changed(visit.form, editable(pool), attributes_of(user))
    if not changes:
        return go(visit, address(visit), "Nothing was changed.")
    try:
        await call(
            visit,
            "AdminUpdateUserAttributes",
            UserPoolId=visit.pool_id,
            Username=user["Username"],
            UserAttributes=[{"Name": name, "Value": value} for name, value in changes.items()],
        )
    except CognitoError as error:
        problems = placed(error, {"AliasExistsException": "a:email"})
        return _attributes_form(visit, pool, user, visit.form, problems)
    return go(visit, address(visit), "The attributes were saved.", visit.form)


def editable(pool: Mapping[str, Any]) -> list[str]:
    """Attributes that may change, in the order of the schema."""
    return [name for name, each in schema_of(pool).items() if each.get("Mutable") and name != "identities"]


def changed(form: Form, names: list[str], present: Mapping[str, str]) -> dict[str, str]:
    """
    What to send: an empty value deletes.

    A new address without its flag would be an unverified one (AWS API: AdminUpdateUserAttributes), so both go together.
    """
    wanted: dict[str, str] = {}
    for name in names:
        if name in _FLAGS:
            value = "true" if form.has(f"a:{name}") else "false"
            is_other = value != present.get(name, "false")
        else:
            value = form.text(f"a:{name}")
            is_other = value != present.get(name, "")
        if is_other:
            wanted[name] = value
    for contact in ("email", "phone_number"):
        flag = f"{contact}_verified"
        if contact in wanted and flag in names:
            wanted[flag] = "true" if form.has(f"a:{flag}") else "false"
        if wanted.get(contact) == "" or not (wanted.get(contact) or present.get(contact)):
            wanted.pop(flag, None)
    return wanted


async def join(visit: Visit) -> Reply:
    """POST: into a group."""
    user = await get(visit)
    await call(
        visit,
        "AdminAddUserToGroup",
        UserPoolId=visit.pool_id,
        Username=user["Username"],
        GroupName=visit.form.text("group"),
    )
    return go(visit, address(visit), f"The user is in the group {visit.form.text('group')} now.")


async def leave(visit: Visit) -> Reply:
    """POST: out of a group."""
    user = await get(visit)
    await call(
        visit,
        "AdminRemoveUserFromGroup",
        UserPoolId=visit.pool_id,
        Username=user["Username"],
        GroupName=visit.form.text("group"),
    )
    return go(visit, address(visit), f"The user is no longer in the group {visit.form.text('group')}.")


def shown_name(user: Mapping[str, Any]) -> str:
    """What a person calls the user: an address where the user name is only a number of ours."""
    attributes = attributes_of(user)
    name: str = user["Username"]
    return (attributes.get("email") or attributes.get("phone_number") or name) if name == attributes["sub"] else name


async def get(visit: Visit) -> dict[str, Any]:
    """By ``sub``, which is in the address: it is nobody's name or address, so nothing personal gets into a log."""
    return await call(visit, "AdminGetUser", UserPoolId=visit.pool_id, Username=visit.raw.params["user"])


def address(visit: Visit, *more: str) -> str:
    return paths.of_pool(visit.pool_id, "users", visit.raw.params["user"], *more)


async def _page(visit: Visit, pool: Mapping[str, Any], user: Mapping[str, Any], refusal: str = "") -> Reply:
    of_user = {"UserPoolId": visit.pool_id, "Username": user["Username"]}
    groups = await list_all(visit, "AdminListGroupsForUser", **of_user)
    names = {group["GroupName"] for group in groups}
    some, more = await list_page(visit, "ListGroups", "", MOST, UserPoolId=visit.pool_id)
    attributes = attributes_of(user)
    methods = [_MFA.get(each, each) for each in user.get("UserMFASettingList") or []]
    preferred = user.get("PreferredMfaSetting") or ""
    return page(
        visit,
        "user.html",
        status=422 if refusal else 200,
        user=user,
        name=shown_name(user),
        here=address(visit),
        attributes=[(name, value) for name, value in attributes.items() if name not in {"sub", "identities"}],
        identities=json.loads(attributes.get("identities", "[]")),
        can_link=bool((await list_page(visit, "ListIdentityProviders", "", 1, UserPoolId=visit.pool_id))[0]),
        sub=attributes["sub"],
        mfa=[("MFA methods", ", ".join(methods) or "None"), ("Preferred method", _MFA.get(preferred, preferred))],
        groups=[(group, paths.of_pool(visit.pool_id, "groups", "group", name=group["GroupName"])) for group in groups],
        can_edit_mfa=offers(visit, "AdminSetUserMFAPreference"),
        other_groups=[(group["GroupName"], group["GroupName"]) for group in some if group["GroupName"] not in names],
        many_groups=bool(more),
        crumbs=crumbs(visit, pool, "Users"),
        factors=await user_lists.factors(visit, of_user),
        devices=await user_lists.devices(visit, pool, of_user),
        sessions=await user_lists.sessions(visit, of_user),
        consents=await user_lists.consents(visit, of_user),
        can_sign_out=offers(visit, "AdminUserGlobalSignOut"),
        refusal=refusal,
        events=await history(visit, dict(pool), user["Username"]),
    )


async def _password_form(visit: Visit, form: Form, problems: Problems) -> Reply:
    pool, user = await get_pool(visit), await get(visit)
    return edit_page(
        visit,
        title="Set password",
        lead=f"A password for {shown_name(user)}.",
        fields="user_password.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, "Users", (shown_name(user), address(visit))),
        submit="Set password",
        name=shown_name(user),
    )


def _attributes_form(
    visit: Visit, pool: Mapping[str, Any], user: Mapping[str, Any], form: Form, problems: Problems
) -> Reply:
    names = editable(pool)
    return edit_page(
        visit,
        title="Edit user attributes",
        fields="user_attributes.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, "Users", (shown_name(user), address(visit))),
        names=[name for name in names if name not in _FLAGS],
        flags=[name for name in names if name in _FLAGS],
    )
