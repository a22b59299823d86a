"""
Every failure in one table: the field of the OIDC form to look at, what happened, what to do.

The same table feeds the error page, the check after SAVE & RESTART, the log and the audit log.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from poolhouse.house.rp.failures import (
    AUTHORIZATION_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    FORM_POST,
    ISSUER,
    JWKS_URL,
    REDIRECT_URL,
    SCOPE,
    TOKEN_URL,
    USERINFO_URL,
    USERNAME_ATTRIBUTE,
    Failure,
)


class Explained(msgspec.Struct, frozen=True):
    """What a person is told."""

    field: str
    """The label in Admin Settings > Authentication > OIDC; ``""`` when no field is to blame."""
    sentence: str
    advice: str


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
        Failure.OTHER_WAY_BACK: Explained(
            FORM_POST,
            "The provider answered in another way than it was asked to.",
            "Turn the answer by form on only if the provider can do it.",
        ),
        Failure.FOREIGN_ISSUER: Explained(
            ISSUER,
            "The answer comes from another issuer than the one that was asked.",
            "Check that the Issuer and the Authorization URL belong to the same provider.",
        ),
        Failure.INITIATED_BY_STRANGER: Explained(
            "",
            "The page that led you here names a provider that people of this house do not sign in with.",
            "Go to the sign-in page and choose a way there.",
        ),
        Failure.FOREIGN_TARGET: Explained(
            "",
            "The page that led you here wants to lead you on to an address outside of this house.",
            "Go to the sign-in page and sign in there.",
        ),
        Failure.PROVIDER_REMOVED: Explained(
            "", "Sign-in with OIDC was turned off in the meantime.", "Use another way on the sign-in page."
        ),
        Failure.CANDIDATE_GONE: Explained(
            "",
            "The settings that this sign-in was to try are no longer waiting.",
            "They are in force, were discarded, or their time is over.",
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
            "Allow the authorization code grant for the client at the provider. "
            "Some providers say the same of a wrong Client Secret.",
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
        Failure.RENEWED_FOR_ANOTHER: Explained(
            "", "The provider answered about somebody else than the one who is signed in.", _AGAIN
        ),
        Failure.RENEWED_AFTER_ANOTHER: Explained(
            "", "The provider answered about another sign-in than the one that this session began with.", _AGAIN
        ),
        Failure.SIGN_IN_TOO_OLD: Explained(
            "",
            "You signed in at the provider longer ago than this house allows, or the provider does not say when.",
            "Sign out at the provider, then start again.",
        ),
        Failure.FOREIGN_ORGANISATION: Explained(
            "",
            "This account does not belong to the organisation that may sign in here.",
            "Start again and choose the account of your organisation.",
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
        Failure.NOT_INVITED: Explained(
            "",
            "You have no account in this house, and it lets in only people who were invited.",
            "Ask an administrator to invite the e-mail address that you sign in with at the provider.",
        ),
        Failure.DOMAIN_NOT_ALLOWED: Explained(
            "",
            "You have no account in this house, and your e-mail address is not one that it lets in by itself.",
            "Sign in with your work address, or ask an administrator to invite you.",
        ),
        Failure.NOBODY_NEW: Explained(
            "",
            "You have no account in this house, and it takes in nobody new at the moment.",
            "Ask an administrator of this house.",
        ),
    }
)
