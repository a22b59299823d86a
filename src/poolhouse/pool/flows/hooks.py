"""
Lambda triggers: the event that a flow sends, and the checked answer that it gets.

    answer = await invoke(flow, pool, VERIFY, event, VerifyAnswer)

A trigger that cannot be asked, or that answers with something else, ends the flow: to go on without a check that
somebody configured would open what the check was to close.  So does one that this server does not run
(``require_none``).  Ask outside any transaction.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from poolhouse.pool.effects import hooks as effects
from poolhouse.pool.effects.hook_targets import LambdaEndpoint, Webhook
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import CognitoError

T = TypeVar("T", bound=msgspec.Struct)


class Trigger(msgspec.Struct, frozen=True):
    """A trigger: its name in messages, and its member of ``LambdaConfigType``."""

    name: str
    member: str


DEFINE: Final = Trigger("DefineAuthChallenge", "define_auth_challenge")
CREATE: Final = Trigger("CreateAuthChallenge", "create_auth_challenge")
VERIFY: Final = Trigger("VerifyAuthChallengeResponse", "verify_auth_challenge_response")
RUN: Final = frozenset(
    {
        "DefineAuthChallenge",
        "CreateAuthChallenge",
        "VerifyAuthChallengeResponse",
        "PreTokenGeneration",
        "PostConfirmation",
    }
)
"""The triggers that this server calls."""
_POST_CONFIRMATION: Final = Trigger("PostConfirmation", "post_confirmation")
SIGNED_UP: Final = "PostConfirmation_ConfirmSignUp"
RECOVERED: Final = "PostConfirmation_ConfirmForgotPassword"
NO_CLIENT: Final = "CLIENT_ID_NOT_APPLICABLE"
"""The client id in events of an administrator's operation."""

_NAMES: Final = {
    "pre_sign_up": "PreSignUp",
    "pre_authentication": "PreAuthentication",
    "post_authentication": "PostAuthentication",
    "user_migration": "UserMigration",
    "custom_message": "CustomMessage",
    "custom_sms_sender": "CustomSMSSender",
    "custom_email_sender": "CustomEmailSender",
}
SIGN_IN: Final = ("pre_authentication", "post_authentication")
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


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from event to event; *response* is what the function is to fill."""

    source: str
    username: str
    client_id: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    version: str = "1"


class _Caller(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    aws_sdk_version: str = "aws-sdk-unknown-unknown"
    client_id: str


class _Envelope(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    version: str
    region: str
    user_pool_id: str
    user_name: str
    caller_context: _Caller
    trigger_source: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]


def answered_by(flow: Flow, pool_id: str, member: str, function: str) -> str:
    """In words, what answers for *function* as this pool's trigger *member* (of the API's LambdaConfigType)."""
    if member not in RUN:
        return "Not available: what would call it is refused"
    match flow.hooks.targets.find(function, pool_id):
        case Webhook(url=url):
            return f"Webhook {_shown(url)}"
        case LambdaEndpoint(url=url):
            return f"Lambda endpoint {_shown(url)}"
        case None:
            return "Nothing: what would call it is refused"


def _shown(url: str) -> str:
    """Without the query, which may hold a key."""
    return url.partition("?")[0]


def arn(pool: Pool, trigger: Trigger) -> str | None:
    """The function that the pool names for *trigger*."""
    configured = pool.settings.lambda_config
    named: str | None = None if configured is None else getattr(configured, trigger.member)
    return named


async def invoke(flow: Flow, pool: Pool, trigger: Trigger, event: Event, answer: type[T], *, function: str) -> T:
    """
    The response of *function* to *event*, in the form of *answer*.

    UserLambdaValidationException where the function refused, InvalidLambdaResponseException where it answered with
    something else, UnexpectedLambdaException where it did not answer, or where nobody said what *function* is.
    """
    envelope = _Envelope(
        version=event.version,
        region=pool.region,
        user_pool_id=pool.id,
        user_name=event.username,
        caller_context=_Caller(client_id=event.client_id),
        trigger_source=event.source,
        request=event.request,
        response=event.response,
    )
    try:
        told = await flow.hooks.call(function, msgspec.json.encode(envelope), pool_id=pool.id)
    except effects.Threw as error:
        raise CognitoError("UserLambdaValidationException", f"{trigger.name} failed with error {error}.") from error
    except effects.Failed as failure:
        message = f"{trigger.name} invocation failed due to error {failure}."
        raise CognitoError("UnexpectedLambdaException", message) from failure
    except effects.Garbled as garbled:
        raise unrecognizable() from garbled
    try:
        return msgspec.convert(told.get("response"), answer)
    except msgspec.ValidationError as wrong:
        raise unrecognizable() from wrong


class _Nothing(msgspec.Struct, frozen=True):
    """The answer of a trigger that is told something and asked nothing."""


async def confirmed(
    flow: Flow, pool: Pool, user: User, source: str, *, client_id: str, metadata: Mapping[str, str] | None
) -> None:
    """
    Tell the post confirmation trigger of *user*, who is stored as confirmed: an error leaves him so.

    The service's order; whoever asked is told of the error.
    """
    function = arn(pool, _POST_CONFIRMATION)
    if function is None:
        return
    event = Event(
        source=source,
        username=user.username,
        client_id=client_id,
        request={"userAttributes": attributes(user), **optional(clientMetadata=metadata)},
        response={},
    )
    await invoke(flow, pool, _POST_CONFIRMATION, event, _Nothing, function=function)


def unrecognizable() -> CognitoError:
    """The function's answer has not the form, or not the meaning, that its trigger asks for."""
    return CognitoError("InvalidLambdaResponseException", "Unrecognizable lambda output")


def attributes(user: User) -> dict[str, str]:
    """``userAttributes`` of an event: strings all, with ``sub`` and the status."""
    return {"sub": user.sub, "cognito:user_status": user.status.value, **user.attributes}


def optional(**members: Any) -> dict[str, Any]:
    """The members that have a value, as the service leaves out the others."""
    return {name: value for name, value in members.items() if value is not None}
