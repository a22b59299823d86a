"""Why a request of a user or an app is refused: the values that the core and the flows return."""

from enum import StrEnum


class Reason(StrEnum):
    """
    A refusal, without words.

    ``spec.errors`` has the words of the JSON API, ``spec.words`` those of OAuth and of the hosted pages. A name in
    braces there is a parameter that the reason needs.
    """

    # The app client and its proof
    POOL_NOT_FOUND = "pool_not_found"
    CLIENT_NOT_FOUND = "client_not_found"
    CLIENT_SECRET_WRONG = "client_secret_wrong"  # noqa: S105 (a reason, not a secret; so below)
    CLIENT_ASSERTION_WRONG = "client_assertion_wrong"
    CLIENT_CERTIFICATE_WRONG = "client_certificate_wrong"
    DPOP_PROOF_WRONG = "dpop_proof_wrong"
    BINDING_MISSING = "binding_missing"
    REQUEST_SPENT = "request_spent"
    SECRET_HASH_MISSING = "secret_hash_missing"  # noqa: S105
    SECRET_HASH_WRONG = "secret_hash_wrong"  # noqa: S105
    SECRET_HASH_MISMATCH = "secret_hash_mismatch"  # noqa: S105
    SECRET_NOT_RECEIVED = "secret_not_received"  # noqa: S105
    SECRET_NOT_EXPECTED = "secret_not_expected"  # noqa: S105

    # Which flow, with what
    FLOW_NOT_SUPPORTED = "flow_not_supported"
    FLOW_NOT_ENABLED = "flow_not_enabled"
    PASSWORD_FLOW_NOT_ENABLED = "password_flow_not_enabled"  # noqa: S105
    CHALLENGE_NOT_SUPPORTED = "challenge_not_supported"
    PARAMETER_MISSING = "parameter_missing"
    SRP_A_INVALID = "srp_a_invalid"

    # The user's sign-in
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    USER_NOT_FOUND = "user_not_found"
    USER_DISABLED = "user_disabled"
    UNCONFIRMED = "unconfirmed"
    RESET_REQUIRED = "reset_required"
    TEMP_PASSWORD_EXPIRED = "temp_password_expired"  # noqa: S105
    LOCKED_OUT = "locked_out"
    SESSION_INVALID = "session_invalid"
    SESSION_EXPIRED = "session_expired"
    SESSION_USED = "session_used"
    MFA_METHOD_NOT_FOUND = "mfa_method_not_found"
    FACTOR_NOT_ALLOWED = "factor_not_allowed"
    NO_FIRST_FACTOR = "no_first_factor"
    CHALLENGE_NOT_OFFERED = "challenge_not_offered"
    PASSKEY_WRONG = "passkey_wrong"

    # Codes
    CODE_MISMATCH = "code_mismatch"
    CODE_EXPIRED = "code_expired"
    OTP_MISMATCH = "otp_mismatch"
    TOTP_MISMATCH = "totp_mismatch"
    TOTP_USED = "totp_used"
    ATTEMPT_LIMIT = "attempt_limit"
    TOO_MANY_FAILED_ATTEMPTS = "too_many_failed_attempts"
    CODE_DELIVERY_FAILED = "code_delivery_failed"

    # New passwords
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105
    PASSWORD_NEEDS_UPPERCASE = "password_needs_uppercase"  # noqa: S105
    PASSWORD_NEEDS_LOWERCASE = "password_needs_lowercase"  # noqa: S105
    PASSWORD_NEEDS_NUMBER = "password_needs_number"  # noqa: S105
    PASSWORD_NEEDS_SYMBOL = "password_needs_symbol"  # noqa: S105
    PASSWORD_USED_BEFORE = "password_used_before"  # noqa: S105
    PASSWORD_REQUIRED = "password_required"  # noqa: S105

    # Sign-up, confirmation, recovery
    SIGN_UP_CLOSED = "sign_up_closed"
    USERNAME_EXISTS = "username_exists"
    ACCOUNT_EXISTS = "account_exists"
    CONTACT_EXISTS = "contact_exists"
    ALIAS_EXISTS = "alias_exists"
    UNKNOWN_USERNAME = "unknown_username"
    CANNOT_CONFIRM = "cannot_confirm"
    ALREADY_CONFIRMED = "already_confirmed"
    NO_VERIFIED_CONTACT = "no_verified_contact"
    PASSWORD_NOT_RESETTABLE = "password_not_resettable"  # noqa: S105
    RECOVERY_BY_ADMIN = "recovery_by_admin"
    UNSUPPORTED_USER_STATE = "unsupported_user_state"

    # Usernames and attributes
    USERNAME_NOT_EMAIL = "username_not_email"
    USERNAME_NOT_PHONE = "username_not_phone"
    USERNAME_NOT_CONTACT = "username_not_contact"
    USERNAME_LOOKS_LIKE_EMAIL = "username_looks_like_email"
    USERNAME_LOOKS_LIKE_PHONE = "username_looks_like_phone"
    CONTACT_DIFFERS_FROM_USERNAME = "contact_differs_from_username"
    EMAIL_FORMAT = "email_format"
    PHONE_FORMAT = "phone_format"
    ATTRIBUTE_SCHEMA = "attribute_schema"
    ATTRIBUTE_IMMUTABLE = "attribute_immutable"
    ATTRIBUTE_NOT_WRITABLE = "attribute_not_writable"

    # Devices
    DEVICE_NOT_FOUND = "device_not_found"
    DEVICE_EXISTS = "device_exists"
    DEVICE_KEY_INVALID = "device_key_invalid"
    DEVICE_TRACKING_OFF = "device_tracking_off"

    # Sessions of users
    SESSION_TRACKING_OFF = "session_tracking_off"
    SESSION_CURRENT = "session_current"
    USER_SESSION_NOT_FOUND = "user_session_not_found"

    # Tokens
    ACCESS_TOKEN_INVALID = "access_token_invalid"  # noqa: S105
    ACCESS_TOKEN_EXPIRED = "access_token_expired"  # noqa: S105
    ACCESS_TOKEN_REVOKED = "access_token_revoked"  # noqa: S105
    ACCESS_TOKEN_SCOPE = "access_token_scope"  # noqa: S105
    REFRESH_TOKEN_INVALID = "refresh_token_invalid"  # noqa: S105
    REFRESH_TOKEN_EXPIRED = "refresh_token_expired"  # noqa: S105
    REFRESH_TOKEN_REVOKED = "refresh_token_revoked"  # noqa: S105
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105
    REVOCATION_DISABLED = "revocation_disabled"
    TOKEN_TYPE_UNSUPPORTED = "token_type_unsupported"  # noqa: S105
    TOKEN_OF_OTHER_CLIENT = "token_of_other_client"  # noqa: S105

    # OAuth grants
    GRANT_NOT_ALLOWED = "grant_not_allowed"
    GRANT_UNSUPPORTED = "grant_unsupported"
    AUTHORIZATION_CODE_INVALID = "authorization_code_invalid"
    REDIRECT_URI_MISMATCH = "redirect_uri_mismatch"
    CODE_VERIFIER_WRONG = "code_verifier_wrong"
    SCOPE_INVALID = "scope_invalid"
    SCOPE_UNREADABLE = "scope_unreadable"
    RESPONSE_TYPE_NOT_ALLOWED = "response_type_not_allowed"
    LOGIN_REQUIRED = "login_required"

    # Groups, and the server itself
    GROUP_NOT_FOUND = "group_not_found"
    GROUP_EXISTS = "group_exists"
    RESOURCE_SERVER_NOT_FOUND = "resource_server_not_found"
    BUSY = "busy"
    RATE_EXCEEDED = "rate_exceeded"

    # Threat protection
    RISK_BLOCKED = "risk_blocked"
    ADDRESS_BLOCKED = "address_blocked"
    PASSWORD_COMPROMISED = "password_compromised"  # noqa: S105
    PROTECTION_OFF = "protection_off"
    AUTH_EVENT_NOT_FOUND = "auth_event_not_found"
    FEEDBACK_TOKEN_INVALID = "feedback_token_invalid"  # noqa: S105


#: What a client that prevents user existence errors is told instead (developer guide, "Managing error responses").
#: The answer to the two of a pair is the same bytes, so nothing can be learned from it.
_MASKED = {
    Reason.USER_NOT_FOUND: Reason.WRONG_PASSWORD,
    Reason.USER_DISABLED: Reason.WRONG_PASSWORD,
    Reason.RESET_REQUIRED: Reason.WRONG_PASSWORD,
    Reason.UNKNOWN_USERNAME: Reason.CODE_MISMATCH,
}


def masked(reason: Reason) -> Reason:
    """Give *reason* as a client with PreventUserExistenceErrors ENABLED may see it; most stay as they are."""
    return _MASKED.get(reason, reason)
