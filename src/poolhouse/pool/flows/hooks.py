"""
Lambda triggers: what happens where a pool has one.

Settings of triggers are kept and shown, and no trigger can be run by this server.  A flow that would run one stops:
to go on without a check that somebody configured would open what the check was to close.
"""

from typing import Final

from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import CognitoError

_NAMES: Final = {
    "pre_sign_up": "PreSignUp",
    "post_confirmation": "PostConfirmation",
    "pre_authentication": "PreAuthentication",
    "post_authentication": "PostAuthentication",
    "define_auth_challenge": "DefineAuthChallenge",
    "create_auth_challenge": "CreateAuthChallenge",
    "verify_auth_challenge_response": "VerifyAuthChallengeResponse",
    "pre_token_generation": "PreTokenGeneration",
    "pre_token_generation_config": "PreTokenGeneration",
    "user_migration": "UserMigration",
    "custom_message": "CustomMessage",
    "custom_sms_sender": "CustomSMSSender",
    "custom_email_sender": "CustomEmailSender",
}
TOKENS: Final = ("pre_token_generation", "pre_token_generation_config")
"""The triggers that run wherever tokens are minted for a user."""
SIGN_IN: Final = ("pre_authentication", "post_authentication", *TOKENS)
"""The triggers of a sign-in by password, whatever its steps."""


def require_none(pool: Pool, *triggers: str) -> None:
    """Refuse where one of *triggers* (members of ``LambdaConfigType``) is set: UnexpectedLambdaException."""
    configured = pool.settings.lambda_config
    if configured is None:
        return
    for trigger in triggers:
        if getattr(configured, trigger) is not None:
            raise CognitoError(
                "UnexpectedLambdaException", f"{_NAMES[trigger]} invocation failed: the trigger is not available."
            )
