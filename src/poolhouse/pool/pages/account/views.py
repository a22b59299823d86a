"""One struct for each template of the account page: all that it may show."""

import msgspec
from markupsafe import Markup

from poolhouse.pool.pages.rules import Rule
from poolhouse.pool.pages.views import AttributeField


class NavItem(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the account; *is_current*: the one that is shown, or that this one belongs to."""

    label: str
    href: str
    icon: str
    is_current: bool


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is around every page.

    *account* is the ``sub`` of the user: forms carry it, so that none is sent for somebody else.  *told* is the word
    of what was just done, *warning* of what was not, *error* of what is wrong with the form that was sent.
    """

    account: str
    name: str
    items: tuple[NavItem, ...]
    home: str
    sign_out_action: str
    told: str = ""
    warning: str = ""
    error: str = ""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Every page has a frame."""

    frame: Frame


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the overview, and the page that it leads to; *kind* colours its badge."""

    icon: str
    label: str
    value: str
    href: str
    badge: str = ""
    kind: str = "neutral"


class OverviewView(View, frozen=True, kw_only=True):
    """What there is."""

    called: str
    summaries: tuple[Summary, ...]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """An e-mail address or a phone number; *href* is "" where it cannot be changed here."""

    label: str
    icon: str
    value: str
    is_verified: bool
    href: str


class OwnField(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute that can be changed; *options* for one of few values, else "" of them."""

    field: AttributeField
    is_required: bool
    options: tuple[tuple[str, str], ...] = ()


class ProfileView(View, frozen=True, kw_only=True):
    """The attributes: to be changed, and to be read only."""

    contacts: tuple[Contact, ...]
    action: str
    fields: tuple[OwnField, ...]
    facts: tuple[tuple[str, str], ...]
    delete_href: str


class ContactView(View, frozen=True, kw_only=True):
    """
    A contact is changed or verified.

    *waits_at* is where a code is on its way to, ``""`` for nowhere.
    """

    action: str
    back: str
    field: AttributeField
    heading: str
    current: str
    is_verified: bool
    waits_at: str
    can_change: bool
    can_remove: bool
    remove_label: str


class PasswordView(View, frozen=True, kw_only=True):
    """A new password; *has_one*: the present one is asked for."""

    action: str
    back: str
    username: str
    rules: tuple[Rule, ...]
    has_one: bool


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One second step: whether it is in use, and what can be done about it."""

    value: str
    icon: str
    label: str
    text: str
    is_on: bool
    is_preferred: bool
    can_prefer: bool
    can_remove: bool
    set_up_href: str = ""


class PasskeyItem(msgspec.Struct, frozen=True, kw_only=True):
    """One passkey."""

    id: str
    name: str
    created_at: int
    is_synced: bool


class SecurityView(View, frozen=True, kw_only=True):
    """How the person signs in; *password_href* is "" where there can be no password."""

    password_href: str
    has_password: bool
    factor_action: str
    ways: tuple[Way, ...]
    is_required: bool
    needs_password: bool
    passkey_action: str
    add_passkey_href: str
    passkeys: tuple[PasskeyItem, ...] | None


class AppView(View, frozen=True, kw_only=True):
    """An authenticator app is set up; without *secret* there is only the beginning."""

    action: str
    back: str
    shown: str = ""
    picture: Markup = Markup()
    uri: str = ""
    secret: str = ""


class CodeFactorView(View, frozen=True, kw_only=True):
    """A second step by codes that are sent; *waits_at* is where one is on its way to."""

    action: str
    back: str
    heading: str
    lead: str
    destination: str
    waits_at: str
    contact_href: str


class PasskeyView(View, frozen=True, kw_only=True):
    """A passkey is added; *options* are for the browser, "" before they were asked for."""

    action: str
    back: str
    options: str = ""
    failed: str
    cancelled: str
    unsupported: str


class PlaceItem(msgspec.Struct, frozen=True, kw_only=True):
    """One browser or app that is signed in."""

    id: str
    icon: str
    label: str
    details: tuple[str, ...]
    began_at: int
    active_at: int | None
    is_current: bool


class DeviceItem(msgspec.Struct, frozen=True, kw_only=True):
    """One device that is remembered."""

    key: str
    name: str
    address: str
    used_at: int


class SessionsView(View, frozen=True, kw_only=True):
    """Where the person is signed in; *devices* is None where none are remembered in this pool."""

    action: str
    places: tuple[PlaceItem, ...]
    devices: tuple[DeviceItem, ...] | None


class AppItem(msgspec.Struct, frozen=True, kw_only=True):
    """One app that was let in."""

    client_id: str
    name: str
    items: tuple[str, ...]
    since: int


class AppsView(View, frozen=True, kw_only=True):
    """Apps that were let in."""

    action: str
    apps: tuple[AppItem, ...]


class EventItem(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in, or what else was recorded."""

    what: str
    outcome: str
    kind: str
    at: int
    where: str


class ActivityView(View, frozen=True, kw_only=True):
    """What was recorded of late."""

    events: tuple[EventItem, ...]


class DeleteView(View, frozen=True, kw_only=True):
    """The account is to be deleted: *phrase* is to be typed."""

    action: str
    back: str
    phrase: str
