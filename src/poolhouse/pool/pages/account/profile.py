"""``/account/profile``: the attributes that the app client of the page may read and write; and deleting the account."""

from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.attributes.permissions import writable
from poolhouse.pool.core.attributes.schema import FLAGS, by_name
from poolhouse.pool.core.attributes.values import CONTACTS
from poolhouse.pool.core.tokens import readable
from poolhouse.pool.flows import profile
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages.account.frame import Own, done, drop_session, frame, said, show
from poolhouse.pool.pages.account.views import Contact, DeleteView, OwnField, ProfileView
from poolhouse.pool.pages.fields import PREFIX, attribute_field, called
from poolhouse.pool.pages.views import DoneView
from poolhouse.pool.spec.errors import CognitoError
from poolhouse.pool.spec.shapes import SchemaAttributeType

_UNSEEN: Final = FLAGS | {"sub", "identities", "updated_at"}
_ICONS: Final = {"email": "mail", "phone_number": "phone"}


async def get(own: Own) -> Reply:
    return _page(own)


async def post(own: Own) -> Reply:
    """Only what has changed is written; a field that was emptied deletes."""
    allowed = {each.name for each in _changeable(own) if each.name}
    given = {
        field.removeprefix(PREFIX).removesuffix("]"): value.strip()
        for field, value in own.form.items()
        if field.startswith(PREFIX)
    }
    held = own.user.attributes
    changes = {name: value for name, value in given.items() if name in allowed and value != held.get(name, "")}
    if not changes:
        return done(own, "profile")
    entry = own.visit.site.entry
    try:
        await profile.update_attributes(
            own.visit.flow, entry.pool, own.user, changes, client=own.client, scene=own.scene
        )
    except Refused as no:
        return _page(own, said(own, no), changes)
    except CognitoError as no:
        if no.code != "InvalidParameterException":
            raise
        return _page(own, said(own, no), changes)
    return done(own, "profile", "profile")


async def get_delete(own: Own) -> Reply:
    """What will be lost, and the field to type in."""
    return _delete(own)


async def post_delete(own: Own) -> Reply:
    """Delete the account once its name is typed as it is shown."""
    if not may_delete(own):
        return done(own, "profile")
    pool = own.visit.site.entry.pool
    if own.form.get("confirmation", "").strip() != called(pool, own.user):
        return _delete(own, own.visit.say("That is not the name of your account. Nothing was deleted."))
    await profile.delete_account(own.visit.flow, own.user, scene=own.scene)
    say = own.visit.say
    view = DoneView(
        heading=say("Your account is deleted"), lead=say("You are signed out everywhere. You can close this page.")
    )
    return drop_session(own, view)


def may_delete(own: Own) -> bool:
    return own.visit.site.entry.pool.extended.account_deletion


def _changeable(own: Own) -> list[SchemaAttributeType]:
    """What the form holds; contacts have pages of their own."""
    schema = own.visit.site.entry.pool.settings.schema_attributes or ()
    may_write = writable(schema, own.client.settings.write_attributes)
    may_read = readable(own.client, dict.fromkeys(by_name(schema), ""))
    return [
        each
        for each in schema
        if each.name in may_write and each.name in may_read and each.mutable and each.name not in {*_UNSEEN, *CONTACTS}
    ]


def _page(own: Own, error: str = "", given: dict[str, str] | None = None) -> Reply:
    shown = {**own.user.attributes, **(given or {})}
    changeable = _changeable(own)
    in_form = {each.name for each in changeable}
    facts = [
        (own.visit.say(attribute_field(name).label), value)
        for name, value in sorted(readable(own.client, own.user.attributes).items())
        if name not in {*in_form, *_UNSEEN, *CONTACTS}
    ]
    fields = [_field(own, each, shown.get(str(each.name), "")) for each in _in_order(changeable)]
    view = ProfileView(
        frame=frame(own, error),
        contacts=tuple(_contact(own, each) for each in CONTACTS if _is_shown(own, each)),
        action=own.href("profile"),
        fields=tuple(fields),
        facts=((own.visit.say("Username"), called(own.visit.site.entry.pool, own.user)), *facts),
        delete_href=own.href("delete") if may_delete(own) else "",
    )
    return show(own, "profile.html", view)


def _in_order(attributes: list[SchemaAttributeType]) -> list[SchemaAttributeType]:
    """Names first, then what is required, then the rest of the standard ones, then the pool's own."""
    first = ("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username")

    def key(each: SchemaAttributeType) -> tuple[bool, int, bool, str]:
        name = str(each.name)
        place = first.index(name) if name in first else len(first)
        return (":" in name, place, not each.required, name)

    return sorted(attributes, key=key)


def _field(own: Own, attribute: SchemaAttributeType, value: str) -> OwnField:
    field = attribute_field(str(attribute.name), value)
    options: tuple[tuple[str, str], ...] = ()
    if attribute.attribute_data_type == "Boolean":
        none = () if attribute.required else (("", ""),)
        options = (*none, ("true", own.visit.say("Yes")), ("false", own.visit.say("No")))
    return OwnField(field=field, is_required=bool(attribute.required), options=options)


def may_change(own: Own, contact: str) -> bool:
    """Whether the app client writes this contact, and the pool lets it change."""
    schema = own.visit.site.entry.pool.settings.schema_attributes or ()
    attribute = by_name(schema).get(contact)
    return contact in writable(schema, own.client.settings.write_attributes) and bool(attribute and attribute.mutable)


def _is_shown(own: Own, contact: str) -> bool:
    return bool(readable(own.client, {contact: ""})) and (contact in own.user.attributes or may_change(own, contact))


def _contact(own: Own, contact: str) -> Contact:
    value = own.user.attributes.get(contact, "")
    can_go = may_change(own, contact) or (value and not own.user.is_verified(contact))
    return Contact(
        label=attribute_field(contact).label,
        icon=_ICONS[contact],
        value=value,
        is_verified=own.user.is_verified(contact),
        href=own.href(contact) if can_go else "",
    )


def _delete(own: Own, error: str = "") -> Reply:
    if not may_delete(own):
        return done(own, "profile")
    phrase = called(own.visit.site.entry.pool, own.user)
    view = DeleteView(frame=frame(own, error), action=own.href("delete"), back=own.href("profile"), phrase=phrase)
    return show(own, "delete.html", view)
