"""
The ways in which a sign-in at the provider can fail, and the labels of the form's fields.

No sentence repeats what the provider sent: an ``error_description`` is text of a stranger.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

CLIENT_ID = "Client ID"
CLIENT_SECRET = "Client Secret"  # noqa: S105 - a label
AUTHORIZATION_URL = "Authorization URL"
TOKEN_URL = "Token URL"  # noqa: S105 - a label
USERINFO_URL = "User Info URL"
JWKS_URL = "JWK Set URL"
SCOPE = "Scope"
USERNAME_ATTRIBUTE = "Username Attribute"
ISSUER = "Issuer"
SECRET_EXPIRES = "Client Secret ends on"  # noqa: S105 - a label
REDIRECT_URL = "Redirect URL"
FORM_POST = "Answer by form"


class Failure(Enum):
    """Why; the value is the word in the log."""

    # before the browser leaves
    AUTHORIZATION_UNREACHABLE = "authorization_unreachable"
    AUTHORIZATION_NOT_FOUND = "authorization_not_found"
    CLIENT_UNKNOWN = "client_unknown"
    REDIRECT_NOT_REGISTERED = "redirect_not_registered"
    # on the way back
    NO_PENDING_LOGIN = "no_pending_login"
    DUPLICATE_PARAMETER = "duplicate_parameter"
    NO_CODE = "no_code"
    OTHER_WAY_BACK = "other_way_back"
    FOREIGN_ISSUER = "foreign_issuer"
    INITIATED_BY_STRANGER = "initiated_by_stranger"
    FOREIGN_TARGET = "foreign_target"
    PROVIDER_REMOVED = "provider_removed"
    CANDIDATE_GONE = "candidate_gone"
    DENIED = "access_denied"
    SCOPE_REFUSED = "invalid_scope"
    CLIENT_NOT_ALLOWED = "unauthorized_client"
    REQUEST_REFUSED = "invalid_request"
    PROVIDER_BUSY = "temporarily_unavailable"
    PROVIDER_FAILED = "server_error"
    # token endpoint
    TOKEN_UNREACHABLE = "token_unreachable"  # noqa: S105 - a word
    TOKEN_NOT_FOUND = "token_not_found"  # noqa: S105 - a word
    TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105 - a word
    SECRET_REFUSED = "invalid_client"  # noqa: S105 - a word
    CODE_REFUSED = "invalid_grant"
    NO_ID_TOKEN = "no_id_token"  # noqa: S105 - a word
    # keys and ID token
    KEYS_UNREACHABLE = "keys_unreachable"
    KEYS_UNREADABLE = "keys_unreadable"
    KEY_UNKNOWN = "key_unknown"
    SIGNATURE_WRONG = "signature_wrong"
    ALGORITHM_REFUSED = "algorithm_refused"
    ID_TOKEN_MALFORMED = "id_token_malformed"  # noqa: S105 - a word
    ISSUER_WRONG = "issuer_wrong"
    DERIVED_ISSUER_WRONG = "derived_issuer_wrong"
    AUDIENCE_WRONG = "audience_wrong"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a word
    TOKEN_FROM_FUTURE = "token_from_future"  # noqa: S105 - a word
    NONCE_WRONG = "nonce_wrong"
    AT_HASH_WRONG = "at_hash_wrong"
    RENEWED_FOR_ANOTHER = "renewed_for_another"
    RENEWED_AFTER_ANOTHER = "renewed_after_another_sign_in"
    SIGN_IN_TOO_OLD = "sign_in_too_old"
    FOREIGN_ORGANISATION = "foreign_organisation"
    # UserInfo
    USERINFO_UNREACHABLE = "userinfo_unreachable"
    USERINFO_NOT_FOUND = "userinfo_not_found"
    USERINFO_REFUSED = "userinfo_refused"
    USERINFO_UNREADABLE = "userinfo_unreadable"
    USERINFO_OTHER_SUBJECT = "userinfo_other_subject"
    # account
    USERNAME_MISSING = "username_missing"
    USERNAME_UNUSABLE = "username_unusable"
    EMAIL_TAKEN = "email_taken"
    ACCOUNT_DISABLED = "account_disabled"
    IDENTITY_TAKEN = "identity_taken"
    LINK_OUTDATED = "link_outdated"
    NOT_INVITED = "not_invited"
    DOMAIN_NOT_ALLOWED = "domain_not_allowed"
    NOBODY_NEW = "nobody_new"


class SignInFailed(Exception):
    """
    A sign-in that ends here; *detail* is for the log only and never holds anything secret.

    *who* is the address or the user name that a provider has proved, for the audit log.
    """

    def __init__(self, failure: Failure, detail: str = "", *, who: str = "") -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.detail = detail
        self.who = who


_KNOWN_ERRORS: Mapping[str, Failure] = MappingProxyType(
    {
        "access_denied": Failure.DENIED,
        "invalid_scope": Failure.SCOPE_REFUSED,
        "unauthorized_client": Failure.CLIENT_NOT_ALLOWED,
        "unsupported_response_type": Failure.CLIENT_NOT_ALLOWED,
        "invalid_request": Failure.REQUEST_REFUSED,
        "temporarily_unavailable": Failure.PROVIDER_BUSY,
        "server_error": Failure.PROVIDER_FAILED,
        "interaction_required": Failure.DENIED,
        "login_required": Failure.DENIED,
        "consent_required": Failure.DENIED,
        "account_selection_required": Failure.DENIED,
    }
)


def of_error(code: str) -> Failure:
    """The failure behind an ``error`` parameter (RFC 6749 section 4.1.2.1); unknown ones are its fault."""
    return _KNOWN_ERRORS.get(code, Failure.PROVIDER_FAILED)
