"""Operations that do what a test of the pipeline needs, under names that the model has."""

from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy, DatabaseDown, UnstorableValue
from poolhouse.pool.api.dispatch import Call, operation
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import CognitoError, Reason


@operation
async def describe_user_pool(call: Call, request: shapes.DescribeUserPoolRequest) -> shapes.DescribeUserPoolResponse:
    """Answer with what it was called with."""
    who = call.caller.name if call.caller else "nobody"
    pool = shapes.UserPoolType(id=request.user_pool_id, name=who, arn=call.region, creation_date=1733691812.447)
    return shapes.DescribeUserPoolResponse(user_pool=pool)


@operation
async def delete_user_pool(call: Call, request: shapes.DeleteUserPoolRequest) -> None:
    """Answer with nothing, as the model says."""


@operation
async def sign_up(call: Call, request: shapes.SignUpRequest) -> shapes.SignUpResponse:
    """Fail in the way that the username asks for."""
    match request.username:
        case "refused":
            raise Refused(Reason.CLIENT_NOT_FOUND, client=request.client_id)
        case "busy":
            raise Busy
        case "database-busy":
            raise DatabaseBusy("no connection within the bound")
        case "database-down":
            raise DatabaseDown("no route to 192.0.2.1")
        case "unstorable":
            raise UnstorableValue("pending_value")
        case "broken":
            message = "the database password is hunter2"
            raise RuntimeError(message)
        case "newline":
            raise CognitoError("InvalidParameterException", "a\r\nset-cookie: b=c \u4e16", reason_code="WHY")
        case _:
            return shapes.SignUpResponse(user_confirmed=False, user_sub=call.source_ip)


@operation
async def confirm_sign_up(call: Call, request: shapes.ConfirmSignUpRequest) -> shapes.ConfirmSignUpResponse:
    """Answer with the wrong thing: a bug."""
    return shapes.SignUpResponse(user_confirmed=True, user_sub="")  # type: ignore[return-value]
