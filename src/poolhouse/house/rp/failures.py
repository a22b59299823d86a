"""
Every way a sign-in at the provider can fail, in one table: the field of the OIDC form to look at, what happened,
what to do.  The same table feeds the error page, the check after SAVE & RESTART, the log and the audit log.

No sentence repeats what the provider sent: an ``error_description`` is text of a stranger.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

import msgspec

CLIENT_ID = "Client ID"
CLIENT_SECRET = "Client Secret"  # noqa: S105 - a label
AUTHORIZATION_URL = "Authorization URL"
TOKEN_URL = "Token URL"  # noqa: S105 - a label
USERINFO_URL = "User Info URL"
JWKS_URL = "JWK Set URL"
SCOPE = "Scope"
USERNAME_ATTRIBUTE = "Username Attribute"
ISSUER = "Issuer"
REDIRECT_URL = "Redirect URL"


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
    FOREIGN_ISSUER = "foreign_issuer"
    PROVIDER_REMOVED = "provider_removed"
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


class Explained(msgspec.Struct, frozen=True):
    """What a person is told."""

    field: str
    """The label in Admin Settings > Authentication > OIDC; ``""`` when no field is to blame."""
    sentence: str
    advice: str


class SignInFailed(Exception):
    """A sign-in that ends here; *detail* is for the log only and never holds anything secret."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.detail = detail


_AGAIN = "Go back to the sign-in page and start again."
_COPY_AGAIN = "Copy the value again from the provider's console."

EXPLAINED: Mapping[Failure, Explained] = MappingProxyType(
    {
        Failure.AUTHORIZATION_UNREACHABLE: Explained(
            AUTHORIZATION_URL,
            "The provider's sign-in page cannot be reached from this house.",
            "Check the host name and the port, and that the provider is running.",
        ),
        Failure.AUTHORIZATION_NOT_FOUND: Explained(
            AUTHORIZATION_URL,
            "There is no sign-in page at this address.",
            "Check the path; it often ends with /authorize.",
        ),
        Failure.CLIENT_UNKNOWN: Explained(
            CLIENT_ID,
            "The provider does not accept this client.",
            "Copy the Client ID again, and check that the provider lists the Redirect URL for it.",
        ),
        Failure.REDIRECT_NOT_REGISTERED: Explained(
            REDIRECT_URL,
            "The provider does not know the address to come back to.",
            "Copy the Redirect URL and add it to the client's callback URLs at the provider, letter for letter.",
        ),
        Failure.NO_PENDING_LOGIN: Explained(
            "",
            "This browser has not begun this sign-in in the last ten minutes, or it is completed already.",
            _AGAIN,
        ),
        Failure.DUPLICATE_PARAMETER: Explained(
            "", "The answer of the provider names the same thing twice, so it was not read.", _AGAIN
        ),
        Failure.NO_CODE: Explained(
            AUTHORIZATION_URL,
            "The provider sent neither a code nor an error.",
            "Check that this address starts the authorization code flow.",
        ),
        Failure.FOREIGN_ISSUER: Explained(
            ISSUER,
            "The answer comes from another issuer than the one that was asked.",
            "Check that the Issuer and the Authorization URL belong to the same provider.",
        ),
        Failure.PROVIDER_REMOVED: Explained(
            "", "Sign-in with OIDC was turned off in the meantime.", "Use another way on the sign-in page."
        ),
        Failure.DENIED: Explained("", "The sign-in was cancelled at the provider.", _AGAIN),
        Failure.SCOPE_REFUSED: Explained(
            SCOPE,
            "The provider does not grant one of the requested scopes to this client.",
            "Allow the scopes for the client at the provider, or take out the ones it does not offer.",
        ),
        Failure.CLIENT_NOT_ALLOWED: Explained(
            CLIENT_ID,
            "The provider does not let this client sign people in.",
            "Allow the authorization code grant for the client at the provider.",
        ),
        Failure.REQUEST_REFUSED: Explained(
            AUTHORIZATION_URL,
            "The provider refused the request.",
            "Check that all URLs belong to one provider, and that the client allows the authorization code grant.",
        ),
        Failure.PROVIDER_BUSY: Explained("", "The provider is busy.", "Wait a minute, then start again."),
        Failure.PROVIDER_FAILED: Explained("", "The provider reports a fault of its own.", "Try again later."),
        Failure.TOKEN_UNREACHABLE: Explained(
            TOKEN_URL,
            "The provider's token endpoint cannot be reached from this house.",
            "Check the host name and the port, and that the provider is running.",
        ),
        Failure.TOKEN_NOT_FOUND: Explained(
            TOKEN_URL, "There is no token endpoint at this address.", "Check the path; it often ends with /token."
        ),
        Failure.TOKEN_UNREADABLE: Explained(
            TOKEN_URL, "What answers at this address does not speak OAuth 2.0.", _COPY_AGAIN
        ),
        Failure.SECRET_REFUSED: Explained(
            CLIENT_SECRET,
            "The provider refused this house's Client ID and Client Secret.",
            "Copy the Client Secret again; it may have been replaced at the provider.",
        ),
        Failure.CODE_REFUSED: Explained(
            TOKEN_URL,
            "The token endpoint did not accept the code that the provider had just issued.",
            "Check that Token URL and Authorization URL belong to the same provider, then start again.",
        ),
        Failure.NO_ID_TOKEN: Explained(
            SCOPE,
            "The provider sent no ID token.",
            "Scope must hold openid, and the client must be allowed to ask for it.",
        ),
        Failure.KEYS_UNREACHABLE: Explained(
            JWKS_URL,
            "The provider's keys cannot be fetched.",
            "Check the host name, the port and the path, and that the provider is running.",
        ),
        Failure.KEYS_UNREADABLE: Explained(
            JWKS_URL,
            "What answers at this address is not a JWK set with a usable key.",
            "Check the path; it often ends with /.well-known/jwks.json.",
        ),
        Failure.KEY_UNKNOWN: Explained(
            JWKS_URL,
            "The ID token was signed with a key that is not in the JWK set.",
            "Check that the JWK Set URL belongs to the same user pool or tenant as the other URLs.",
        ),
        Failure.SIGNATURE_WRONG: Explained(
            JWKS_URL,
            "The signature of the ID token does not fit the provider's key.",
            "Check that the JWK Set URL belongs to the same provider as the Token URL.",
        ),
        Failure.ALGORITHM_REFUSED: Explained(
            ISSUER,
            "The ID token is signed in a way that this house does not accept from this provider.",
            "Set the client's ID token signature to RS256 at the provider.",
        ),
        Failure.ID_TOKEN_MALFORMED: Explained(
            TOKEN_URL, "The ID token cannot be read, or something required is missing in it.", _COPY_AGAIN
        ),
        Failure.ISSUER_WRONG: Explained(
            ISSUER,
            "The ID token was issued by another issuer than the one that is set.",
            "Set the Issuer to exactly what the provider puts into its tokens, final slash included.",
        ),
        Failure.DERIVED_ISSUER_WRONG: Explained(
            JWKS_URL,
            "The ID token was issued by another issuer than the one that the JWK Set URL belongs to.",
            "Correct the JWK Set URL, or fill in the Issuer.",
        ),
        Failure.AUDIENCE_WRONG: Explained(
            CLIENT_ID, "The ID token was made for another client.", "Copy the Client ID again."
        ),
        Failure.TOKEN_EXPIRED: Explained(
            "", "The ID token had run out when it arrived.", "Check the clocks of this machine and of the provider."
        ),
        Failure.TOKEN_FROM_FUTURE: Explained(
            "", "The ID token is not valid yet.", "Check the clocks of this machine and of the provider."
        ),
        Failure.NONCE_WRONG: Explained("", "The ID token belongs to another sign-in.", _AGAIN),
        Failure.AT_HASH_WRONG: Explained(
            TOKEN_URL, "The ID token and the access token do not belong together.", _COPY_AGAIN
        ),
        Failure.USERINFO_UNREACHABLE: Explained(
            USERINFO_URL,
            "The provider's UserInfo endpoint cannot be reached from this house.",
            "Check the host name and the port.",
        ),
        Failure.USERINFO_NOT_FOUND: Explained(
            USERINFO_URL,
            "There is no UserInfo endpoint at this address.",
            "Check the path; it often ends with /userInfo.",
        ),
        Failure.USERINFO_REFUSED: Explained(
            USERINFO_URL,
            "The UserInfo endpoint refused the access token that the provider had just issued.",
            "Check that User Info URL and Token URL belong to the same provider, and that Scope holds openid.",
        ),
        Failure.USERINFO_UNREADABLE: Explained(
            USERINFO_URL, "What answers at this address is not a UserInfo endpoint.", _COPY_AGAIN
        ),
        Failure.USERINFO_OTHER_SUBJECT: Explained(
            USERINFO_URL,
            "The UserInfo endpoint speaks of another person than the ID token.",
            "Check that User Info URL and Token URL belong to the same provider.",
        ),
        Failure.USERNAME_MISSING: Explained(
            USERNAME_ATTRIBUTE,
            "The provider said nothing about the attribute that names the user.",
            "Give the user this attribute at the provider, add the scope that releases it, or name another.",
        ),
        Failure.USERNAME_UNUSABLE: Explained(
            USERNAME_ATTRIBUTE,
            "The attribute that names the user holds something that cannot be a user name.",
            "Correct it at the provider, or name another attribute.",
        ),
        Failure.EMAIL_TAKEN: Explained(
            "",
            "An account with your e-mail address exists here already and is not connected to this sign-in.",
            "Sign in to it the way you did before, open Your account, and press Connect. "
            "If you cannot, ask an administrator.",
        ),
        Failure.ACCOUNT_DISABLED: Explained(
            "", "Your account has been disabled.", "Ask an administrator of this house."
        ),
        Failure.IDENTITY_TAKEN: Explained(
            "",
            "This sign-in is connected to another account already.",
            "Sign in to that account and disconnect it there, or ask an administrator.",
        ),
        Failure.LINK_OUTDATED: Explained(
            "",
            "You signed out while you were connecting your account.",
            "Sign in again, then press Connect once more.",
        ),
    }
)

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
