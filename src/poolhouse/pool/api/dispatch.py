"""
The pipeline of every operation, for HTTP and for the console in process.

    target -> operation -> caller -> body -> limits -> request -> the operation -> response -> reply

Every exception denies: a refusal in the service's words, anything else as InternalErrorException with nothing of its
cause but the request id, under which the log has it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.kit.ambient import mark
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy, UnstorableValue
from poolhouse.kit.edge import Raw, Reply
from poolhouse.kit.log import get_logger
from poolhouse.pool.api import protocol
from poolhouse.pool.api.authorization import check_policy
from poolhouse.pool.api.operations import OTHER_PROOFS, Administrator, Call, Operation, collect, operation
from poolhouse.pool.api.rates import Rates
from poolhouse.pool.api.sigv4 import FindKey, NoteUse, Signer, read_signer, verify
from poolhouse.pool.api.sigv4_claim import is_signed, missing_token
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import (
    CognitoError,
    cognito,
    internal_error,
    invalid_parameter,
    too_many_requests,
    unknown_operation,
)
from poolhouse.pool.spec.limits import check, present, refusal
from poolhouse.pool.spec.shapes import Shape

__all__ = ["AccessKeys", "Administrator", "AnyCredentials", "Api", "Call", "Operation", "collect", "operation"]

log = get_logger()


class AnyCredentials(msgspec.Struct, frozen=True):
    """Whoever signs is an administrator, from this machine only: ``poolhouse up``."""


class AccessKeys(msgspec.Struct, frozen=True):
    """Whoever signs with a known access key is an administrator, as far as the key's policy goes."""

    find_key: FindKey
    note_use: NoteUse


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON API: what it offers, what the operations work with, and whom it believes to be an administrator."""

    ctx: Flow
    operations: Mapping[str, Operation]
    credentials: AnyCredentials | AccessKeys
    rates: Rates | None = None

    async def handle(self, raw: Raw) -> Reply:
        """Answer one HTTP request to the API's only path."""
        request_id = mark(self.ctx.entropy)
        if raw.method == "OPTIONS" and protocol.is_from_page(raw):
            return protocol.preflight(request_id)
        if raw.method != "POST" or raw.media_type != protocol.MEDIA_TYPE:
            return protocol.not_this_protocol(request_id)
        is_administrators = False
        name = ""
        try:
            name = protocol.target_operation(raw)
            is_administrators = contract().operations[name].auth == "sigv4" and name not in OTHER_PROOFS
            reply = protocol.success(request_id, await self._answer(name, raw, request_id))
        except Exception as problem:  # noqa: BLE001 (the surface's one place where everything becomes a refusal)
            reply = protocol.failure(request_id, _refusal(problem, name, request_id))
        return reply if is_administrators else protocol.shared(reply, raw)

    def oversize(self, _raw: Raw) -> Reply:
        """Answer a body that was too large to be read (``kit.edge.endpoint``'s *on_oversize*)."""
        return protocol.failure(mark(self.ctx.entropy), CognitoError("RequestEntityTooLargeException"))

    async def call(
        self,
        name: str,
        body: Mapping[str, Any],
        *,
        caller: Administrator | None,
        region: str | None = None,
        source_ip: str = "",
        agent: str = "",
    ) -> dict[str, Any]:
        """
        Perform an operation without HTTP, for a caller whom another surface has proved.

        *body* and the answer are as in JSON. An administrator's operation without a *caller* is refused.
        """
        request_id = mark(self.ctx.entropy)
        try:
            registered = self._operation(name)
            origin = Origin(source_ip, agent)
            call = self._call(registered, caller=caller, region=region, request_id=request_id, origin=origin)
            response = await _perform(registered, call, dict(body))
        except CognitoError:
            raise
        except Exception as problem:
            raise _refusal(problem, name, request_id) from problem
        builtins: dict[str, Any] = {} if response is None else msgspec.to_builtins(response)
        return builtins

    async def _answer(self, name: str, raw: Raw, request_id: str) -> Shape | None:
        registered = self._operation(name)
        caller = region = None
        must_prove = registered.signed or (registered.may_sign and is_signed(raw))
        signer = await self._signer(raw) if must_prove else None
        body = protocol.decode(raw.body)
        if signer is not None:
            caller, region = Administrator(signer.access_key_id), signer.region
            check_policy(signer.policy, caller.name, name, body, region=region, account=self.ctx.config.account)
        if self.rates is not None:
            await self.rates.check(name, body)
        origin = Origin(raw.peer, raw.header("user-agent"), raw.header("accept-language"))
        call = self._call(registered, caller=caller, region=region, request_id=request_id, origin=origin)
        return await _perform(registered, call, body)

    def _operation(self, name: str) -> Operation:
        try:
            return self.operations[name]
        except KeyError as missing:
            raise unknown_operation(f"{name} is not available on this server.") from missing

    async def _signer(self, raw: Raw) -> Signer:
        """Who sent an administrator's operation, proved where the server asks for proof."""
        protocol.check_not_from_page(raw)
        if isinstance(self.credentials, AnyCredentials):
            protocol.check_local(raw)
            return read_signer(raw)
        signer = await verify(raw, now=self.ctx.clock.now(), find_key=self.credentials.find_key)
        await self.credentials.note_use(signer.access_key_id, signer.used_at)
        return signer

    def _call(
        self,
        registered: Operation,
        *,
        caller: Administrator | None,
        region: str | None,
        request_id: str,
        origin: Origin,
    ) -> Call:
        if registered.signed and caller is None:
            raise missing_token()
        config = self.ctx.config
        return Call(
            ctx=self.ctx,
            region=region or config.region,
            account=config.account,
            caller=caller,
            request_id=request_id,
            source_ip=origin.address,
            agent=origin.agent,
            languages=origin.languages,
            operation=registered.name,
        )


async def _perform(registered: Operation, call: Call, body: Any) -> Shape | None:
    body = present(registered.name, body)
    violations = check(registered.name, body, strict=call.ctx.config.strict)
    if violations:
        raise refusal(violations)
    response = await registered.function(call, msgspec.convert(body, registered.request))
    if type(response) is not (registered.response or type(None)):
        message = f"{registered.name} answered with a {type(response).__name__}"
        raise TypeError(message)
    return response


def _refusal(problem: Exception, name: str, request_id: str) -> CognitoError:
    match problem:
        case CognitoError():
            return problem
        case Refused():
            return cognito(problem.reason, **problem.params)
        case Busy() | DatabaseBusy():
            return too_many_requests()
        case UnstorableValue():
            # Which value stays with us: the name is a column's, not the request's.
            log.info("refused", operation=name, request_id=request_id, reason="unstorable")
            return invalid_parameter("A parameter contains characters that are not allowed.")
        case _:
            log.error("operation failed", operation=name, request_id=request_id, exc_info=problem)
            return internal_error()
