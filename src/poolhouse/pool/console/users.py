"""The users of a pool: the list, and a new one."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_pool, list_page
from poolhouse.pool.console.choices import SEARCHES
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.refusals import message_of, placed
from poolhouse.pool.console.settings.checks import check_mail
from poolhouse.pool.console.settings.schema import required_of
from poolhouse.pool.console.tabs import crumbs, tab_page
from poolhouse.pool.spec.errors import CognitoError

ON_PAGE: Final = 25
_MOST_TOKENS: Final = 40
_LOOKS: Final = 30
_MATCHES: Final = (("begins", "begins with"), ("is", "is exactly"), ("contains", "contains"))
_OPERATORS: Final = {"is": "=", "begins": "^=", "contains": "*="}
_EXAMPLE: Final = 'email *= "@example.com" and status = "Enabled"'
_LANGUAGE: Final = (
    '= is exactly, ^= begins with, *= contains (in any case). Join conditions with "and"; every attribute can be'
    " searched, custom ones as custom:name."
)
_STRICT: Final = "= is exactly, ^= begins with. One condition."
_SEARCHED: Final = "The search has not seen every user yet: go on with the next page."
_INVITATIONS: Final = ("none", "email", "sms")
_PLACES: Final = {
    "InvalidPasswordException": "password",
    "UsernameExistsException": "username",
    "temporaryPassword": "password",
    "username": "username",
}


async def show_all(visit: Visit) -> Reply:
    """
    GET: users by user name, or those that one condition selects.

    The list can only be read forwards, so the way back is the tokens that led here, in the address.
    """
    pool = await get_pool(visit)
    known = _searches(visit, pool)
    text = filter_of(visit.query, known)
    came_by = list(visit.query.column("page"))[-_MOST_TOKENS:]
    problem = ""
    users: list[dict[str, Any]] = []
    token = ""
    try:
        users, token = await _look(visit, text, came_by[-1] if came_by else "")
    except CognitoError as error:
        problem = message_of(error)
    here = {name: visit.query.text(name) for name in ("attribute", "match", "value", "filter")}

    def at(tokens: list[str]) -> str:
        return paths.of_pool(visit.pool_id, "users", **here, page=tokens)

    return tab_page(
        visit,
        pool,
        "Users",
        "users.html",
        users=[line(visit, user) for user in users],
        searches=known,
        matches=_MATCHES[: 2 if visit.flow.config.strict else 3],
        language=_STRICT if visit.flow.config.strict else _LANGUAGE,
        example=_EXAMPLE,
        searched=_SEARCHED if token and len(users) < ON_PAGE else "",
        first_search="email" if "email" in (pool.get("UsernameAttributes") or []) else "username",
        search=visit.query,
        filter=text,
        problem=problem,
        previous=at(came_by[:-1]) if came_by else "",
        following=at([*came_by, token]) if token else "",
    )


def filter_of(query: Form, known: Sequence[tuple[str, str]] = SEARCHES) -> str:
    """The condition in the filter language (AWS API: ListUsers), or the expression given; empty selects everyone."""
    if query.text("filter"):
        return query.text("filter")
    attribute, value = query.text("attribute"), query.text("value")
    if attribute not in dict(known) or not value:
        return ""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{attribute} {_OPERATORS.get(query.text("match"), "^=")} "{quoted}"'


def _searches(visit: Visit, pool: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """What the service searches by, and outside strict mode every other attribute of the pool."""
    if visit.flow.config.strict:
        return SEARCHES
    names = [each["Name"] for each in pool.get("SchemaAttributes") or []]
    return [*SEARCHES, *((name, name) for name in names if name not in dict(SEARCHES))]


async def _look(visit: Visit, text: str, token: str) -> tuple[list[dict[str, Any]], str]:
    """
    A page of users; a search that goes row by row is taken up again some times, so that few pages are short.

    Each call looks at a bounded number of rows, and others have their turn between two of them.
    """
    users: list[dict[str, Any]] = []
    for _ in range(_LOOKS):
        found, token = await list_page(
            visit, "ListUsers", token, ON_PAGE - len(users), UserPoolId=visit.pool_id, Filter=text
        )
        users += found
        if not token or len(users) == ON_PAGE:
            break
        # On SQLite a read does not suspend.
        await asyncio.sleep(0)
    return users, token


def line(visit: Visit, user: Mapping[str, Any]) -> dict[str, Any]:
    """A user in a list."""
    attributes = attributes_of(user)
    return {
        "username": user["Username"],
        "href": paths.of_pool(visit.pool_id, "users", attributes["sub"]),
        "sub": attributes["sub"],
        "email": attributes.get("email", ""),
        "email_verified": attributes.get("email_verified") == "true",
        "phone": attributes.get("phone_number", ""),
        "status": user["UserStatus"],
        "enabled": user["Enabled"],
    }


def attributes_of(user: Mapping[str, Any]) -> dict[str, str]:
    """The attributes of a user, which two operations name differently."""
    listed = user.get("Attributes") or user.get("UserAttributes") or []
    return {each["Name"]: each.get("Value", "") for each in listed}


async def show_create(visit: Visit) -> Reply:
    """GET: the form for a new user."""
    first = of(invitation="none", temporary="set")
    return _form(visit, await get_pool(visit), first, {})


async def create(visit: Visit) -> Reply:
    """POST: AdminCreateUser."""
    pool = await get_pool(visit)
    problems = check(visit.form, pool)
    if problems:
        return _form(visit, pool, visit.form, problems)
    try:
        created = await call(visit, "AdminCreateUser", UserPoolId=visit.pool_id, **body(visit.form, pool))
    except CognitoError as error:
        return _form(visit, pool, visit.form, _placed(error, pool))
    word = f"User {visit.form.text('username') or visit.form.text('email') or created['User']['Username']} was created."
    return go(visit, paths.of_pool(visit.pool_id, "users"), word, visit.form)


def check(form: Form, pool: Mapping[str, Any]) -> Problems:
    """A name to sign in with; a password that somebody knows."""
    problems: Problems = {}
    names = pool.get("UsernameAttributes") or []
    check_mail(form, "email", problems, required=names == ["email"])
    if names == ["phone_number"] and not form.text("phone_number"):
        problems["phone_number"] = "Enter a phone number, with + and the country code."
    if len(names) > 1 and not (form.text("email") or form.text("phone_number")):
        problems["email"] = "Enter an email address or a phone number: people sign in with one of them."
    if not names and not form.text("username"):
        problems["username"] = "Enter a user name."
    if form.text("temporary") == "set" and not form.verbatim("password"):
        problems["password"] = "Enter a temporary password."  # noqa: S105
    if form.text("temporary") == "generate" and form.text("invitation") == "none":
        problems["temporary"] = "Nobody would know a generated password: set one, or send an invitation."
    if form.text("invitation") == "email" and not form.text("email"):
        problems.setdefault("email", "Enter the email address that the invitation goes to.")
    if form.text("invitation") == "sms" and not form.text("phone_number"):
        problems.setdefault("phone_number", "Enter the phone number that the invitation goes to.")
    if form.text("invitation") not in _INVITATIONS:
        problems["invitation"] = "Choose one."
    return problems


def body(form: Form, pool: Mapping[str, Any]) -> dict[str, Any]:
    """AdminCreateUser without the pool."""
    email, phone = form.text("email"), form.text("phone_number")
    by_contact = bool(pool.get("UsernameAttributes"))
    attributes = {name: form.text(f"a:{name}") for name in asked_for(pool)}
    attributes |= {"email": email, "phone_number": phone}
    if email:
        attributes["email_verified"] = "true" if form.has("email_verified") else "false"
    if phone:
        attributes["phone_number_verified"] = "true" if form.has("phone_number_verified") else "false"
    wanted: dict[str, Any] = {
        "Username": (email or phone) if by_contact else form.text("username"),
        "UserAttributes": [{"Name": name, "Value": value} for name, value in attributes.items() if value],
    }
    if form.text("temporary") == "set":
        wanted["TemporaryPassword"] = form.verbatim("password")
    if form.text("invitation") == "none":
        wanted["MessageAction"] = "SUPPRESS"
    else:
        wanted["DesiredDeliveryMediums"] = [form.text("invitation").upper()]
    return wanted


def asked_for(pool: Mapping[str, Any]) -> list[str]:
    """What the pool requires besides e-mail and phone, which the form has anyway."""
    return [name for name in required_of(pool) if name not in {"email", "phone_number"}]


def _placed(error: CognitoError, pool: Mapping[str, Any]) -> Problems:
    """Where an address is the user name, what is said of the user name is about it."""
    names = pool.get("UsernameAttributes") or []
    first = names[0] if names else "username"
    return placed(error, {**_PLACES, "UsernameExistsException": first, "username": first})


def _form(visit: Visit, pool: Mapping[str, Any], form: Form, problems: Problems) -> Reply:
    return edit_page(
        visit,
        title="Create user",
        lead=f"A new user of {pool['Name']}, who chooses a password of their own at the first sign-in.",
        fields="user_create.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, "Users"),
        submit="Create user",
        by_contact=bool(pool.get("UsernameAttributes")),
        asks_email=pool.get("UsernameAttributes") != ["phone_number"],
        asked_for=asked_for(pool),
        has_sms="SmsConfiguration" in pool,
    )
