"""What the templates of sign-up and recovery may show, one struct for each."""

import msgspec

from poolhouse.pool.pages.faults import Fault
from poolhouse.pool.pages.rules import Rule
from poolhouse.pool.pages.views import AttributeField, Choice, NameField


class SignUpView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A new account; ``terms`` are the addresses of the terms of use and of the privacy policy.

    ``faults`` say what is wrong, field by field; the texts beside the fields are the same.  ``wants_password``: there
    is no account without one.
    """

    app: str
    action: str
    name: NameField
    username: str = ""
    rules: tuple[Rule, ...]
    wants_password: bool
    attributes: tuple[AttributeField, ...] = ()
    terms: tuple[str, str] | None = None
    faults: tuple[Fault, ...] = ()
    name_error: str = ""
    password_error: str = ""
    sign_in_url: str


class ConfirmView(msgspec.Struct, frozen=True, kw_only=True):
    """The code that confirms a new account."""

    action: str
    resend_action: str
    lead: str
    error: str = ""
    resend_error: str = ""
    notice: str = ""
    sign_in_url: str


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """The link of a verification mail was opened: one press confirms."""

    action: str
    username: str


class ForgotView(msgspec.Struct, frozen=True, kw_only=True):
    """Who has forgotten the password; ``ways`` are where a code can go to, if there is a choice."""

    action: str
    name: NameField
    username: str = ""
    ways: tuple[Choice, ...] = ()
    way: str = ""
    notice: str = ""
    error: str = ""
    name_error: str = ""
    sign_in_url: str


class ResetView(msgspec.Struct, frozen=True, kw_only=True):
    """The code that was sent, and a new password."""

    action: str
    username: str
    lead: str
    rules: tuple[Rule, ...]
    faults: tuple[Fault, ...] = ()
    code_error: str = ""
    password_error: str = ""
    again_error: str = ""
    forgot_url: str
    sign_in_url: str
