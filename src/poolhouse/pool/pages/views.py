"""One struct for each template: all that it may show."""

import msgspec

from poolhouse.pool.pages.words import Told


class NameField(msgspec.Struct, frozen=True, kw_only=True):
    """
    How people name themselves in this pool; ``kind`` is the keyboard that a phone should show.

    ``missing`` is what is said when nothing was entered.  All of it is English until a page says it.
    """

    label: str
    missing: str = ""
    kind: str = "text"
    hint: str = ""


class AttributeField(msgspec.Struct, frozen=True, kw_only=True):
    """
    One attribute that a person fills in; label and hint are English until a page says them.

    ``type`` is that of the input, or ``boolean``.  ``bounds`` are attributes of the input.
    """

    field: str
    label: str
    type: str = "text"
    autocomplete: str = ""
    hint: str = ""
    value: str = ""
    error: str = ""
    required: bool = True
    bounds: tuple[tuple[str, str], ...] = ()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of several ways."""

    value: str
    label: str
    text: str


class FeedbackView(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that looked risky, and one press to say whose it was."""

    action: str
    button: str
    at: int
    device: str = ""
    address: str = ""


class DeviceCodeView(msgspec.Struct, frozen=True, kw_only=True):
    """The code that a device shows."""

    action: str
    code: str = ""
    error: str = ""


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whether to let a device in: for which app, for what, and where the request came from.

    ``is_unknown``: nobody vouched for the app.  ``account`` is the ``sub`` of the user who is asked.
    """

    app: str
    is_unknown: bool
    action: str
    code: str
    username: str
    account: str
    seen: str
    asked_at: int
    items: tuple[str, ...]
    switch_url: str


class SignOutView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the user wants to be signed out, as *app* has asked or nobody known."""

    action: str
    username: str
    app: str = ""


class SignedOutView(msgspec.Struct, frozen=True, kw_only=True):
    """
    The browser is signed out; ``frames`` are the addresses at which apps in it are told so.

    ``target`` is where it goes on after that, ``host`` as people read it; ``""`` for nowhere.  ``account_url``: as in
    ``ConsentView``.
    """

    frames: tuple[str, ...]
    target: str = ""
    host: str = ""
    account_url: str = ""


class DoneView(msgspec.Struct, frozen=True, kw_only=True):
    """Something is finished, and nothing is to be done here; where to sign in, if that is next."""

    heading: str
    lead: str
    sign_in_url: str = ""


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """Something cannot be done; the app client that it concerns, if one does."""

    told: Told
    app_name: str = ""
    app_id: str = ""


class FormPostView(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for an app, on its way there by a form; *host* is where that is."""

    action: str
    host: str
    fields: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return "FormPostView(***)"


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an app asks for; *host* is where the answer goes, *links* are labels and addresses of the app's own.

    *logo* is the app's picture, "" where it has none; *account_url* is the account page, "" where the pool offers none.
    """

    app: str
    logo: str = ""
    host: str
    is_unknown: bool
    origin: str = ""
    username: str
    items: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    action: str
    other_url: str
    account_url: str = ""
