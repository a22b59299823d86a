"""
boto3 calls every operation of the catalogue: it can write each request and read each answer.

The requests are those of the exchanges (`tests/exchanges`): what prepares an operation, and then its first success.
What the answers say is compared there; here it is that boto3 finds in them what the exchange names.
"""

import asyncio
import base64
import contextlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore import xform_name

from poolhouse.kit.ambient import SystemClock
from poolhouse.pool.api.catalogue import OPERATIONS
from tests.clients.known import Known
from tests.clients.mailbox import newest_code
from tests.exchanges.files import GOLDEN, Step, given, member, operation_of, read
from tests.exchanges.names import Names
from tests.exchanges.placeholders import PLACEHOLDER
from tests.journey.installation import Installation

pytestmark = pytest.mark.client


class Run:
    """One file, played against a running server by boto3."""

    def __init__(self, idp: Any, place: Installation, known: Known) -> None:
        self.idp = idp
        self.pools: list[str] = []

        async def code_of(pool_id: str) -> str:
            return await newest_code(place, known, pool_id)

        self.names = Names(SystemClock(), code_of)

    def call(self, step: Step, operation: str) -> dict[str, Any]:
        shape = self.idp.meta.service_model.operation_model(operation).input_shape
        sent = asyncio.run(self.names.filled(step.send))
        answer: dict[str, Any] = getattr(self.idp, xform_name(operation))(**typed(shape, sent))
        del answer["ResponseMetadata"]
        if operation == "CreateUserPool":
            self.pools.append(answer["UserPool"]["Id"])
        for name, path in step.keep.items():
            self.names.values[name] = member(answer, path)
        return answer

    def play(self, path: Path) -> tuple[Any, Any]:
        """Prepare the operation and call it: what its exchange says, and what boto3 read."""
        golden, operation = read(path), operation_of(path)
        for step in (each for name in golden.given for each in given()[name]):
            self.call(step, step.call)
        for step in golden.steps:
            if step.send is msgspec.UNSET or step.refused is not msgspec.UNSET:
                continue
            answer = self.call(step, step.call or operation)
            if step.rule and (step.call or operation) == operation:
                return step.answer, answer
        raise AssertionError(f"{path.name} shows no success")

    def clean(self) -> None:
        """Pools and domains of a file: another one uses the same prefixes."""
        for pool_id in self.pools:
            with contextlib.suppress(self.idp.exceptions.ResourceNotFoundException):
                pool = self.idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]
                for kind in ("Domain", "CustomDomain"):
                    if kind in pool:
                        self.idp.delete_user_pool_domain(UserPoolId=pool_id, Domain=pool[kind])
                if pool["DeletionProtection"] == "ACTIVE":
                    self.idp.update_user_pool(UserPoolId=pool_id, DeletionProtection="INACTIVE")
                self.idp.delete_user_pool(UserPoolId=pool_id)


def typed(shape: Any, value: Any) -> Any:
    """*value*, which is JSON, as boto3 wants it."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {key: typed(shape.members[key], each) for key, each in value.items() if each is not None}
    if shape.type_name == "list":
        return [typed(shape.member, each) for each in value]
    return base64.b64decode(value) if shape.type_name == "blob" else value


def outline(value: Any) -> Any:
    """What there is in *value*, whatever it says; a token of an exchange is a value."""
    if isinstance(value, dict) and not (len(value) == 1 and PLACEHOLDER.fullmatch(next(iter(value)))):
        return {key: outline(each) for key, each in value.items()}
    return [outline(each) for each in value] if isinstance(value, list) else None


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_boto3_calls_it_and_reads_its_answer(idp: Any, place: Installation, known: Known, operation: str) -> None:
    run = Run(idp, place, known)
    try:
        expected, answer = run.play(GOLDEN / f"{operation}.json")
    finally:
        run.clean()

    assert outline(expected or {}) == outline(answer)
