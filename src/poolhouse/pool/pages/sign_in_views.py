"""One struct for each template of a sign-in: all that it may show (``views`` has the others)."""

import msgspec
from markupsafe import Markup

from poolhouse.pool.pages.rules import Rule
from poolhouse.pool.pages.views import AttributeField, Choice, NameField


class PasskeyView(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser is asked for a passkey with (``options``, JSON), and where its answer goes, with ``ticket``."""

    action: str
    options: str
    ticket: str


class ProviderButton(msgspec.Struct, frozen=True, kw_only=True):
    """An identity provider that people may come from."""

    label: str
    kind: str
    href: str


class SignInView(msgspec.Struct, frozen=True, kw_only=True):
    """The name and the password; ``by_name``: the name alone, and the rest on the next page."""

    app: str
    action: str
    name: NameField
    by_name: bool = False
    username: str = ""
    error: str = ""
    notice: str = ""
    passkey: PasskeyView | None = None
    providers: tuple[ProviderButton, ...] = ()
    forgot_url: str = ""
    sign_up_url: str = ""


class WaysView(msgspec.Struct, frozen=True, kw_only=True):
    """The ways to sign in, each a button."""

    action: str
    username: str
    choices: tuple[Choice, ...]
    error: str = ""
    notice: str = ""
    start_url: str


class PasswordView(msgspec.Struct, frozen=True, kw_only=True):
    """The password of one who has said who he is; ``other_url`` leads to the other ways."""

    action: str
    username: str
    error: str = ""
    notice: str = ""
    forgot_url: str = ""
    other_url: str = ""
    start_url: str


class FirstCodeView(msgspec.Struct, frozen=True, kw_only=True):
    """A code in the place of a password."""

    action: str
    username: str
    lead: str
    graphic: str = ""
    error: str = ""
    notice: str = ""
    other_url: str = ""
    start_url: str


class PasskeyPageView(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey of one who has said who he is."""

    passkey: PasskeyView
    username: str
    error: str = ""
    other_url: str = ""
    start_url: str


class AddPasskeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A new passkey; ``is_invited``: nobody has asked for it, so it can be left for later."""

    action: str
    options: str
    username: str
    is_invited: bool
    error: str = ""


class NewPasswordView(msgspec.Struct, frozen=True, kw_only=True):
    """The user's own password in place of a temporary one, and attributes that the pool requires."""

    action: str
    username: str
    rules: tuple[Rule, ...]
    attributes: tuple[AttributeField, ...] = ()
    error: str = ""
    start_url: str


class CodeView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A code of a second factor; ``lead`` says where it is to be found, and ``graphic`` shows it (kit/hosted.html).

    ``is_sent``: it can be sent again.  ``has_others``: another factor can be chosen.  ``asks_device``: the person may
    have this browser remembered.
    """

    action: str
    heading: str
    lead: str
    graphic: str = ""
    error: str = ""
    notice: str = ""
    is_sent: bool = False
    has_others: bool = False
    asks_device: bool = False
    start_url: str


class ChoiceView(msgspec.Struct, frozen=True, kw_only=True):
    """One of several second factors."""

    action: str
    heading: str
    lead: str
    legend: str
    choices: tuple[Choice, ...]
    error: str = ""
    start_url: str


class AuthenticatorView(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticator app is being set up; ``picture`` is the QR code of ``uri`` as inline SVG."""

    action: str
    picture: Markup
    uri: str
    secret: str
    error: str = ""
    has_others: bool = False
    start_url: str


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """A phone number or an address that a second factor will use."""

    action: str
    heading: str
    lead: str
    field: AttributeField
    error: str = ""
    has_others: bool = False
    start_url: str
