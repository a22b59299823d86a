"""Each ``Reason`` as OAuth says it and as a hosted page says it."""

from types import MappingProxyType

from poolhouse.pool.spec.reasons import Reason

_CREDENTIALS = "The username or password is not right. Check both and try again."
_AGAIN = "This sign-in is no longer valid. Go back to the app and start again."
_CODE = "That code is not right. Check it, or ask for a new one."
_WAIT = "There were too many attempts. Wait a few minutes and try again."
_LONGER = "There were too many attempts. Wait a moment and try again. Each further wrong one makes the wait longer."
_APP = "The app that sent you here is not set up correctly. Tell its owner."
_PASSWORD = "Choose a password that has "  # noqa: S105
_SETUP = "This is not available here. Ask your administrator."

_GRANT = "invalid_grant"
_CLIENT = "invalid_client"
_REQUEST = "invalid_request"
_UNAUTHORIZED = "unauthorized_client"

#: Reason -> (error, error_description or ""). The descriptions that the service sends; most errors have none.
OAUTH: MappingProxyType[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.CLIENT_NOT_FOUND: (_CLIENT, ""),
        Reason.CLIENT_SECRET_WRONG: (_CLIENT, "invalid_client_secret"),
        Reason.CLIENT_ASSERTION_WRONG: (_CLIENT, "{why}"),
        Reason.CLIENT_CERTIFICATE_WRONG: (_CLIENT, "{why}"),
        Reason.DPOP_PROOF_WRONG: ("invalid_dpop_proof", "{why}"),
        Reason.BINDING_MISSING: (_REQUEST, "{why}"),
        Reason.REQUEST_SPENT: ("invalid_request_uri", ""),
        Reason.SECRET_NOT_RECEIVED: (_CLIENT, "invalid_client_secret"),
        Reason.SECRET_NOT_EXPECTED: (_CLIENT, "invalid_client_secret"),
        Reason.PARAMETER_MISSING: (_REQUEST, ""),
        Reason.GRANT_NOT_ALLOWED: (_UNAUTHORIZED, ""),
        Reason.GRANT_UNSUPPORTED: ("unsupported_grant_type", ""),
        Reason.AUTHORIZATION_CODE_INVALID: (_GRANT, ""),
        Reason.REDIRECT_URI_MISMATCH: (_UNAUTHORIZED, "invalid_redirect"),
        Reason.CODE_VERIFIER_WRONG: (_GRANT, ""),
        Reason.SCOPE_INVALID: ("invalid_scope", ""),
        Reason.SCOPE_UNREADABLE: (_GRANT, "The client cannot read all attributes of its scopes"),
        Reason.RESPONSE_TYPE_NOT_ALLOWED: (_UNAUTHORIZED, ""),
        Reason.LOGIN_REQUIRED: ("login_required", ""),
        Reason.REFRESH_TOKEN_INVALID: (_GRANT, ""),
        Reason.REFRESH_TOKEN_EXPIRED: (_GRANT, ""),
        Reason.REFRESH_TOKEN_REVOKED: (_GRANT, ""),
        Reason.REFRESH_TOKEN_REUSED: (_GRANT, ""),
        Reason.TOKEN_OF_OTHER_CLIENT: (_GRANT, ""),
        Reason.TOKEN_TYPE_UNSUPPORTED: ("unsupported_token_type", ""),
        Reason.REVOCATION_DISABLED: (_REQUEST, ""),
        Reason.USER_NOT_FOUND: (_GRANT, ""),
        Reason.USER_DISABLED: (_GRANT, ""),
        Reason.UNCONFIRMED: (_GRANT, ""),
        Reason.RESET_REQUIRED: (_GRANT, ""),
        Reason.ACCESS_TOKEN_INVALID: (
            "invalid_token",
            "Access token is expired, disabled, or deleted, or the user has globally signed out.",
        ),
        Reason.ACCESS_TOKEN_EXPIRED: (
            "invalid_token",
            "Access token is expired, disabled, or deleted, or the user has globally signed out.",
        ),
        Reason.ACCESS_TOKEN_REVOKED: (
            "invalid_token",
            "Access token is expired, disabled, or deleted, or the user has globally signed out.",
        ),
        Reason.ACCESS_TOKEN_SCOPE: (
            "invalid_token",
            "Access token is expired, disabled, or deleted, or the user has globally signed out.",
        ),
        Reason.BUSY: ("temporarily_unavailable", ""),
        Reason.RATE_EXCEEDED: ("temporarily_unavailable", "Rate exceeded"),
    }
)

#: Reason -> sentence. An unknown, a disabled and a wrong user read the same: a page is open to anyone.
SENTENCES: MappingProxyType[Reason, str] = MappingProxyType(
    {
        Reason.WRONG_PASSWORD: _CREDENTIALS,
        Reason.USER_NOT_FOUND: _CREDENTIALS,
        Reason.USER_DISABLED: _CREDENTIALS,
        Reason.UNKNOWN_USERNAME: _CODE,
        Reason.UNCONFIRMED: "Your account is not confirmed yet. Enter the code that was sent to you.",
        Reason.RESET_REQUIRED: "Your password must be changed. Ask for a code and choose a new one.",
        Reason.TEMP_PASSWORD_EXPIRED: "Your temporary password has expired. Ask your administrator for a new one.",
        Reason.LOCKED_OUT: _LONGER,
        Reason.ATTEMPT_LIMIT: _WAIT,
        Reason.TOO_MANY_FAILED_ATTEMPTS: _WAIT,
        Reason.BUSY: "The server is busy. Wait a moment and try again.",
        Reason.RATE_EXCEEDED: "There are too many requests at this moment. Wait a few seconds and try again.",
        Reason.RISK_BLOCKED: "This sign-in was stopped for security reasons. Try again later, or reset your password.",
        Reason.ADDRESS_BLOCKED: "Requests from your network are not allowed here. Ask your administrator.",
        Reason.PASSWORD_COMPROMISED: "This password is known from a data breach. Choose another one.",
        Reason.PROTECTION_OFF: _SETUP,
        Reason.AUTH_EVENT_NOT_FOUND: "This link is not valid, or it has expired.",
        Reason.FEEDBACK_TOKEN_INVALID: "This link is not valid, or it has expired.",
        Reason.SESSION_INVALID: _AGAIN,
        Reason.SESSION_EXPIRED: "This sign-in took too long. Go back to the app and start again.",
        Reason.SESSION_USED: _AGAIN,
        Reason.LOGIN_REQUIRED: "Sign in to continue.",
        Reason.MFA_METHOD_NOT_FOUND: "You have not set up this way to confirm it is you. Choose another one.",
        Reason.FACTOR_NOT_ALLOWED: "You cannot sign in this way. Choose another one.",
        Reason.NO_FIRST_FACTOR: "There is no way for you to sign in here. Ask your administrator.",
        Reason.CHALLENGE_NOT_OFFERED: "You cannot sign in this way. Choose another one.",
        Reason.PASSKEY_WRONG: "That passkey was not accepted. Try again, or choose another way.",
        Reason.CODE_MISMATCH: _CODE,
        Reason.OTP_MISMATCH: _CODE,
        Reason.TOTP_MISMATCH: "That code is not right. Enter the one that your app shows now.",
        Reason.TOTP_USED: "That code was used already. Wait for the next one.",
        Reason.CODE_EXPIRED: "That code has expired. Ask for a new one.",
        Reason.CODE_DELIVERY_FAILED: "The code could not be sent. Wait a moment and ask for it again.",
        Reason.PASSWORD_TOO_SHORT: "That password is too short. Choose a longer one.",
        Reason.PASSWORD_NEEDS_UPPERCASE: _PASSWORD + "an upper-case letter.",
        Reason.PASSWORD_NEEDS_LOWERCASE: _PASSWORD + "a lower-case letter.",
        Reason.PASSWORD_NEEDS_NUMBER: _PASSWORD + "a number.",
        Reason.PASSWORD_NEEDS_SYMBOL: _PASSWORD + "a symbol.",
        Reason.PASSWORD_USED_BEFORE: "You have used that password before. Choose another one.",
        Reason.PASSWORD_REQUIRED: "Enter a password.",
        Reason.SIGN_UP_CLOSED: "You cannot create an account here yourself. Ask your administrator.",
        Reason.USERNAME_EXISTS: "That username is taken. Choose another one.",
        Reason.ACCOUNT_EXISTS: "That username is taken. Choose another one.",
        Reason.CONTACT_EXISTS: "There is an account with this %(attribute)s already. Sign in instead.",
        Reason.ALIAS_EXISTS: "There is an account with this %(attribute)s already. Sign in to that one.",
        Reason.CANNOT_CONFIRM: "This account cannot be confirmed now. Try to sign in.",
        Reason.ALREADY_CONFIRMED: "Your account is confirmed already. Sign in.",
        Reason.NO_VERIFIED_CONTACT: "There is no address to send a code to. Ask your administrator.",
        Reason.PASSWORD_NOT_RESETTABLE: "This password cannot be reset here. Ask your administrator.",
        Reason.RECOVERY_BY_ADMIN: "Ask your administrator for a new password.",
        Reason.UNSUPPORTED_USER_STATE: _SETUP,
        Reason.USERNAME_NOT_EMAIL: "Enter an email address as your username.",
        Reason.USERNAME_NOT_PHONE: "Enter a phone number as your username, with + and the country code.",
        Reason.USERNAME_NOT_CONTACT: "Enter an email address or a phone number as your username.",
        Reason.USERNAME_LOOKS_LIKE_EMAIL: "A username cannot be an email address here. Choose another one.",
        Reason.USERNAME_LOOKS_LIKE_PHONE: "A username cannot be a phone number here. Choose another one.",
        Reason.CONTACT_DIFFERS_FROM_USERNAME: "The %(attribute)s must be the same as your username.",
        Reason.EMAIL_FORMAT: "That is not an email address. Check it and try again.",
        Reason.PHONE_FORMAT: "That is not a phone number. Write it with + and the country code.",
        Reason.ATTRIBUTE_SCHEMA: "Some of what you entered is not accepted: %(detail)s",
        Reason.ATTRIBUTE_IMMUTABLE: "The %(attribute)s cannot be changed.",
        Reason.ATTRIBUTE_NOT_WRITABLE: "You cannot change this here.",
        Reason.ACCESS_TOKEN_INVALID: _AGAIN,
        Reason.ACCESS_TOKEN_EXPIRED: _AGAIN,
        Reason.ACCESS_TOKEN_REVOKED: _AGAIN,
        Reason.ACCESS_TOKEN_SCOPE: _AGAIN,
        Reason.REFRESH_TOKEN_INVALID: _AGAIN,
        Reason.REFRESH_TOKEN_EXPIRED: _AGAIN,
        Reason.REFRESH_TOKEN_REVOKED: _AGAIN,
        Reason.REFRESH_TOKEN_REUSED: _AGAIN,
        Reason.AUTHORIZATION_CODE_INVALID: _AGAIN,
        Reason.POOL_NOT_FOUND: _APP,
        Reason.CLIENT_NOT_FOUND: _APP,
        Reason.CLIENT_SECRET_WRONG: _APP,
        Reason.SECRET_HASH_MISSING: _APP,
        Reason.SECRET_HASH_WRONG: _APP,
        Reason.SECRET_HASH_MISMATCH: _APP,
        Reason.SECRET_NOT_RECEIVED: _APP,
        Reason.SECRET_NOT_EXPECTED: _APP,
        Reason.FLOW_NOT_SUPPORTED: _APP,
        Reason.FLOW_NOT_ENABLED: _APP,
        Reason.PASSWORD_FLOW_NOT_ENABLED: _APP,
        Reason.CHALLENGE_NOT_SUPPORTED: _APP,
        Reason.PARAMETER_MISSING: _APP,
        Reason.SRP_A_INVALID: _APP,
        Reason.CLIENT_ASSERTION_WRONG: _APP,
        Reason.CLIENT_CERTIFICATE_WRONG: _APP,
        Reason.DPOP_PROOF_WRONG: _APP,
        Reason.BINDING_MISSING: _APP,
        Reason.REQUEST_SPENT: _AGAIN,
        Reason.REVOCATION_DISABLED: _APP,
        Reason.TOKEN_TYPE_UNSUPPORTED: _APP,
        Reason.TOKEN_OF_OTHER_CLIENT: _APP,
        Reason.GRANT_NOT_ALLOWED: _APP,
        Reason.GRANT_UNSUPPORTED: _APP,
        Reason.REDIRECT_URI_MISMATCH: _APP,
        Reason.CODE_VERIFIER_WRONG: _APP,
        Reason.SCOPE_INVALID: _APP,
        Reason.SCOPE_UNREADABLE: _APP,
        Reason.RESPONSE_TYPE_NOT_ALLOWED: _APP,
        Reason.DEVICE_NOT_FOUND: _APP,
        Reason.DEVICE_EXISTS: _APP,
        Reason.DEVICE_KEY_INVALID: _APP,
        Reason.DEVICE_TRACKING_OFF: _APP,
        Reason.SESSION_TRACKING_OFF: _APP,
        Reason.SESSION_CURRENT: _APP,
        Reason.USER_SESSION_NOT_FOUND: _APP,
        Reason.GROUP_NOT_FOUND: _SETUP,
        Reason.GROUP_EXISTS: _SETUP,
        Reason.RESOURCE_SERVER_NOT_FOUND: _SETUP,
    }
)


def oauth(reason: Reason) -> tuple[str, str]:
    """
    Put *reason* into an OAuth error and its description (``""`` for none).

    A reason without a row of its own says nothing about itself: ``invalid_grant`` (RFC 6749 section 5.2).
    """
    return OAUTH.get(reason, (_GRANT, ""))


def sentence(reason: Reason, **params: str) -> str:
    """Put *reason* into a sentence for the person in front of a hosted page."""
    return SENTENCES[reason] % params
