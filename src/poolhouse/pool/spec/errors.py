"""
The errors of the JSON API: ``CognitoError``, the words of each ``Reason``, and constructors for the rest.

Texts are the service's where they are known; where not, ours says the same thing in the same style.
"""

from functools import partial
from types import MappingProxyType

from poolhouse.pool.spec.reasons import Reason, masked
from poolhouse.pool.spec.words import oauth, sentence

__all__ = ["GENERIC", "CognitoError", "Reason", "cognito", "masked", "oauth", "sentence"]

#: Codes of the protocol itself: every service of this kind has them, so the model does not list them.
GENERIC = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "RequestEntityTooLargeException",
        "SerializationException",
        "UnknownOperationException",
        "UnrecognizedClientException",
    }
)

_STATUS = MappingProxyType(
    {
        "InternalErrorException": 500,
        "InternalServerException": 500,
        "RequestEntityTooLargeException": 413,
    }
)


class CognitoError(Exception):
    """
    An answer of the JSON API that is not a result. *message* reaches the caller: it holds no secret.

    Only InvalidParameterException may carry a ``reason_code``.
    """

    def __init__(
        self, code: str, message: str = "", *, reason_code: str | None = None, reason: Reason | None = None
    ) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.reason_code = reason_code
        self.reason = reason

    @property
    def status(self) -> int:
        """The HTTP status: 400 for all but the service's own failures and a body too large to read."""
        return _STATUS.get(self.code, 400)


_NOT_AUTHORIZED = "NotAuthorizedException"
_INVALID = "InvalidParameterException"
_NOT_FOUND = "ResourceNotFoundException"
_PASSWORD = "InvalidPasswordException"  # noqa: S105
_POLICY = "Password did not conform with policy: "

#: Reason -> (code, message). A name in braces is a parameter.
COGNITO: MappingProxyType[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.POOL_NOT_FOUND: (_NOT_FOUND, "User pool {pool} does not exist."),
        Reason.CLIENT_NOT_FOUND: (_NOT_FOUND, "User pool client {client} does not exist."),
        Reason.CLIENT_SECRET_WRONG: (_NOT_AUTHORIZED, "Invalid client secret"),
        Reason.CLIENT_ASSERTION_WRONG: (_NOT_AUTHORIZED, "Invalid client assertion: {why}"),
        Reason.CLIENT_CERTIFICATE_WRONG: (_NOT_AUTHORIZED, "Invalid client certificate: {why}"),
        Reason.DPOP_PROOF_WRONG: (_NOT_AUTHORIZED, "Invalid DPoP proof: {why}"),
        Reason.BINDING_MISSING: (_NOT_AUTHORIZED, "Access tokens of this app client are bound to a key: {why}"),
        Reason.REQUEST_SPENT: (_NOT_AUTHORIZED, "The authorization request was answered already."),
        Reason.SECRET_HASH_MISSING: (
            _NOT_AUTHORIZED,
            "Client {client} is configured with secret but SECRET_HASH was not received",
        ),
        Reason.SECRET_HASH_WRONG: (_NOT_AUTHORIZED, "Unable to verify secret hash for client {client}"),
        Reason.SECRET_HASH_MISMATCH: (_NOT_AUTHORIZED, "SecretHash does not match for the client: {client}"),
        Reason.SECRET_NOT_RECEIVED: (
            _NOT_AUTHORIZED,
            "Client {client} is configured for secret but secret was not received",
        ),
        Reason.SECRET_NOT_EXPECTED: (
            _NOT_AUTHORIZED,
            "Client {client} is not configured for secret but secret was received",
        ),
        Reason.FLOW_NOT_SUPPORTED: (_INVALID, "Initiate Auth method not supported."),
        Reason.FLOW_NOT_ENABLED: (_INVALID, "Auth flow not enabled for this client"),
        Reason.PASSWORD_FLOW_NOT_ENABLED: (_INVALID, "USER_PASSWORD_AUTH flow not enabled for this client"),
        Reason.CHALLENGE_NOT_SUPPORTED: (_INVALID, "Challenge {name} is not supported."),
        Reason.PARAMETER_MISSING: (_INVALID, "Missing required parameter {name}"),
        Reason.SRP_A_INVALID: (_INVALID, "SRP_A is not valid."),
        Reason.WRONG_PASSWORD: (_NOT_AUTHORIZED, "Incorrect username or password."),
        Reason.USER_NOT_FOUND: ("UserNotFoundException", "User does not exist."),
        Reason.USER_DISABLED: (_NOT_AUTHORIZED, "User is disabled."),
        Reason.UNCONFIRMED: ("UserNotConfirmedException", "User is not confirmed."),
        Reason.RESET_REQUIRED: ("PasswordResetRequiredException", "Password reset required for the user"),
        Reason.TEMP_PASSWORD_EXPIRED: (
            _NOT_AUTHORIZED,
            "Temporary password has expired and must be reset by an administrator.",
        ),
        Reason.LOCKED_OUT: (_NOT_AUTHORIZED, "Password attempts exceeded"),
        Reason.SESSION_INVALID: (_NOT_AUTHORIZED, "Invalid session for the user."),
        Reason.SESSION_EXPIRED: (_NOT_AUTHORIZED, "Invalid session for the user, session is expired."),
        Reason.SESSION_USED: (_NOT_AUTHORIZED, "Invalid session for the user, session can only be used once."),
        Reason.MFA_METHOD_NOT_FOUND: ("MFAMethodNotFoundException", "MFA method not found."),
        Reason.FACTOR_NOT_ALLOWED: (_INVALID, "Invalid MFA method"),
        Reason.NO_FIRST_FACTOR: (_NOT_AUTHORIZED, "Incorrect username or password."),
        Reason.CHALLENGE_NOT_OFFERED: (_INVALID, "Selected challenge is not available."),
        Reason.PASSKEY_WRONG: (_NOT_AUTHORIZED, "Invalid passkey credential."),
        Reason.CODE_MISMATCH: (
            "CodeMismatchException",
            "Invalid verification code provided, please try again.",
        ),
        Reason.CODE_EXPIRED: ("ExpiredCodeException", "Invalid code provided, please request a code again."),
        Reason.OTP_MISMATCH: ("CodeMismatchException", "Invalid code or auth state for the user."),
        Reason.TOTP_MISMATCH: ("CodeMismatchException", "Invalid code received for user"),
        Reason.TOTP_USED: ("ExpiredCodeException", "Your software token has already been used once."),
        Reason.ATTEMPT_LIMIT: (
            "LimitExceededException",
            "Attempt limit exceeded, please try after some time.",
        ),
        Reason.TOO_MANY_FAILED_ATTEMPTS: (
            "TooManyFailedAttemptsException",
            "Attempt limit exceeded, please try after some time.",
        ),
        Reason.CODE_DELIVERY_FAILED: ("CodeDeliveryFailureException", "Unable to deliver message"),
        Reason.PASSWORD_TOO_SHORT: (_PASSWORD, _POLICY + "Password not long enough"),
        Reason.PASSWORD_NEEDS_UPPERCASE: (_PASSWORD, _POLICY + "Password must have uppercase characters"),
        Reason.PASSWORD_NEEDS_LOWERCASE: (_PASSWORD, _POLICY + "Password must have lowercase characters"),
        Reason.PASSWORD_NEEDS_NUMBER: (_PASSWORD, _POLICY + "Password must have numeric characters"),
        Reason.PASSWORD_NEEDS_SYMBOL: (_PASSWORD, _POLICY + "Password must have symbol characters"),
        Reason.PASSWORD_USED_BEFORE: (
            "PasswordHistoryPolicyViolationException",
            "Password has previously been used.",
        ),
        Reason.PASSWORD_REQUIRED: (_INVALID, "User is required to have a password"),
        Reason.SIGN_UP_CLOSED: (_NOT_AUTHORIZED, "SignUp is not permitted for this user pool"),
        Reason.USERNAME_EXISTS: ("UsernameExistsException", "User already exists"),
        Reason.ACCOUNT_EXISTS: ("UsernameExistsException", "User account already exists"),
        Reason.CONTACT_EXISTS: (
            "UsernameExistsException",
            "An account with the given {attribute} already exists.",
        ),
        Reason.ALIAS_EXISTS: ("AliasExistsException", "An account with the {attribute} already exists."),
        Reason.UNKNOWN_USERNAME: ("UserNotFoundException", "Username/client id combination not found."),
        Reason.CANNOT_CONFIRM: (_NOT_AUTHORIZED, "User cannot be confirmed. Current status is {status}"),
        Reason.ALREADY_CONFIRMED: (_INVALID, "User is already confirmed."),
        Reason.NO_VERIFIED_CONTACT: (
            _INVALID,
            "Cannot reset password for the user as there is no registered/verified email or phone_number",
        ),
        Reason.PASSWORD_NOT_RESETTABLE: (
            _NOT_AUTHORIZED,
            "User password cannot be reset in the current state.",
        ),
        Reason.RECOVERY_BY_ADMIN: (_NOT_AUTHORIZED, "Contact administrator to reset password."),
        Reason.UNSUPPORTED_USER_STATE: (
            "UnsupportedUserStateException",
            "Resend not possible. {username} status is not FORCE_CHANGE_PASSWORD",
        ),
        Reason.USERNAME_NOT_EMAIL: (_INVALID, "Username should be an email."),
        Reason.USERNAME_NOT_PHONE: (_INVALID, "Username should be a phone number."),
        Reason.USERNAME_NOT_CONTACT: (_INVALID, "Username should be either an email or a phone number."),
        Reason.USERNAME_LOOKS_LIKE_EMAIL: (
            _INVALID,
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
        Reason.USERNAME_LOOKS_LIKE_PHONE: (
            _INVALID,
            "Username cannot be of phone number format, since user pool is configured for phone number alias.",
        ),
        Reason.CONTACT_DIFFERS_FROM_USERNAME: (
            _INVALID,
            "User {attribute} should be empty or same as username, since username attribute is {attribute}",
        ),
        Reason.EMAIL_FORMAT: (_INVALID, "Invalid email address format."),
        Reason.PHONE_FORMAT: (_INVALID, "Invalid phone number format."),
        Reason.ATTRIBUTE_SCHEMA: (_INVALID, "Attributes did not conform to the schema: {detail}"),
        Reason.ATTRIBUTE_IMMUTABLE: (_INVALID, "user.{attribute}: Attribute cannot be updated."),
        Reason.ATTRIBUTE_NOT_WRITABLE: (
            _NOT_AUTHORIZED,
            "A client attempted to write unauthorized attribute",
        ),
        Reason.DEVICE_NOT_FOUND: (_NOT_FOUND, "Device does not exist."),
        Reason.DEVICE_EXISTS: ("DeviceKeyExistsException", "Device key already exists."),
        Reason.DEVICE_KEY_INVALID: (_INVALID, "Invalid device key given."),
        Reason.DEVICE_TRACKING_OFF: (
            "InvalidUserPoolConfigurationException",
            "Device tracking is not enabled for this user pool.",
        ),
        Reason.SESSION_TRACKING_OFF: (
            "OperationNotEnabledException",
            "Session tracking is not enabled for this user pool.",
        ),
        Reason.SESSION_CURRENT: (_INVALID, "The current session cannot be revoked."),
        Reason.USER_SESSION_NOT_FOUND: (_NOT_FOUND, "Session does not exist."),
        Reason.ACCESS_TOKEN_INVALID: (_NOT_AUTHORIZED, "Invalid Access Token"),
        Reason.ACCESS_TOKEN_EXPIRED: (_NOT_AUTHORIZED, "Access Token has expired"),
        Reason.ACCESS_TOKEN_REVOKED: (_NOT_AUTHORIZED, "Access Token has been revoked"),
        Reason.ACCESS_TOKEN_SCOPE: (_NOT_AUTHORIZED, "Access Token does not have required scopes"),
        Reason.REFRESH_TOKEN_INVALID: (_NOT_AUTHORIZED, "Invalid Refresh Token."),
        Reason.REFRESH_TOKEN_EXPIRED: (_NOT_AUTHORIZED, "Refresh Token has expired"),
        Reason.REFRESH_TOKEN_REVOKED: (_NOT_AUTHORIZED, "Refresh Token has been revoked"),
        Reason.REFRESH_TOKEN_REUSED: ("RefreshTokenReuseException", "Refresh token reuse detected"),
        Reason.REVOCATION_DISABLED: (
            "UnsupportedOperationException",
            "Token revocation is not enabled for this client.",
        ),
        Reason.TOKEN_TYPE_UNSUPPORTED: ("UnsupportedTokenTypeException", "Unsupported token type"),
        Reason.TOKEN_OF_OTHER_CLIENT: (
            "UnauthorizedException",
            "The token was not issued to the client {client}",
        ),
        Reason.GRANT_NOT_ALLOWED: (_NOT_AUTHORIZED, "Grant not allowed for this client"),
        Reason.GRANT_UNSUPPORTED: (_INVALID, "Grant type not supported."),
        Reason.AUTHORIZATION_CODE_INVALID: (_NOT_AUTHORIZED, "Invalid authorization code"),
        Reason.REDIRECT_URI_MISMATCH: (_INVALID, "Invalid redirect_uri"),
        Reason.CODE_VERIFIER_WRONG: (_NOT_AUTHORIZED, "Invalid code_verifier"),
        Reason.SCOPE_INVALID: ("ScopeDoesNotExistException", "Invalid scope requested: {scope}"),
        Reason.SCOPE_UNREADABLE: (_NOT_AUTHORIZED, "The client cannot read all attributes of its scopes"),
        Reason.RESPONSE_TYPE_NOT_ALLOWED: (_NOT_AUTHORIZED, "Response type not allowed for this client"),
        Reason.LOGIN_REQUIRED: (_NOT_AUTHORIZED, "Login required"),
        Reason.GROUP_NOT_FOUND: (_NOT_FOUND, "Group not found."),
        Reason.GROUP_EXISTS: ("GroupExistsException", "A group with the name already exists."),
        Reason.RESOURCE_SERVER_NOT_FOUND: (_NOT_FOUND, "Resource server {identifier} does not exist."),
        Reason.BUSY: ("TooManyRequestsException", "Rate exceeded"),
        Reason.RATE_EXCEEDED: ("TooManyRequestsException", "Rate exceeded"),
        Reason.RISK_BLOCKED: (_NOT_AUTHORIZED, "Unable to login because of security reasons."),
        Reason.ADDRESS_BLOCKED: (_NOT_AUTHORIZED, "Request not allowed due to security reasons."),
        Reason.PASSWORD_COMPROMISED: (_PASSWORD, "Provided password cannot be used for security reasons."),
        Reason.PROTECTION_OFF: (
            "UserPoolAddOnNotEnabledException",
            "Threat protection is not enabled for user pool {pool}.",
        ),
        Reason.AUTH_EVENT_NOT_FOUND: (_NOT_FOUND, "Auth event {event} does not exist."),
        Reason.FEEDBACK_TOKEN_INVALID: (_NOT_AUTHORIZED, "Invalid feedback token."),
    }
)


def cognito(reason: Reason, **params: str) -> CognitoError:
    """Put *reason* into the words of the JSON API; to leave out a parameter of its text is a bug (KeyError)."""
    code, message = COGNITO[reason]
    return CognitoError(code, message.format_map(params), reason=reason)


# One constructor for each error that operations raise with a text of their own: ``raise invalid_parameter("...")``.
invalid_parameter = partial(CognitoError, "InvalidParameterException")
resource_not_found = partial(CognitoError, "ResourceNotFoundException")
not_authorized = partial(CognitoError, "NotAuthorizedException")
limit_exceeded = partial(CognitoError, "LimitExceededException")
too_many_requests = partial(CognitoError, "TooManyRequestsException", "Rate exceeded")
internal_error = partial(CognitoError, "InternalErrorException", "Internal server error")
access_denied = partial(CognitoError, "AccessDeniedException")
alias_exists = partial(CognitoError, "AliasExistsException")
concurrent_modification = partial(CognitoError, "ConcurrentModificationException")
duplicate_provider = partial(CognitoError, "DuplicateProviderException")
feature_unavailable_in_tier = partial(CognitoError, "FeatureUnavailableInTierException")
invalid_oauth_flow = partial(CognitoError, "InvalidOAuthFlowException")
invalid_user_pool_configuration = partial(CognitoError, "InvalidUserPoolConfigurationException")
operation_not_enabled = partial(CognitoError, "OperationNotEnabledException")
precondition_not_met = partial(CognitoError, "PreconditionNotMetException")
scope_does_not_exist = partial(CognitoError, "ScopeDoesNotExistException")
unauthorized = partial(CognitoError, "UnauthorizedException")
unsupported_identity_provider = partial(CognitoError, "UnsupportedIdentityProviderException")
unsupported_operation = partial(CognitoError, "UnsupportedOperationException")
user_import_in_progress = partial(CognitoError, "UserImportInProgressException")
user_pool_tagging = partial(CognitoError, "UserPoolTaggingException")
serialization = partial(CognitoError, "SerializationException")
unknown_operation = partial(CognitoError, "UnknownOperationException")
