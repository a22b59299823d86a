"""
boto3 calls every operation of the catalogue: it can write each request and read each answer.

The requests are those of the exchanges (`tests/exchanges`): what prepares an operation, and then its first success.
What the answers say is compared there; here it is that boto3 finds in them what the exchange names, and raises the class
that it has for each error.
"""

import asyncio
import base64
import contextlib
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from poolhouse.kit.ambient import SystemClock
from poolhouse.pool.api.catalogue import OPERATIONS
from tests.clients.connections import connect_unchecked, refused
from tests.clients.known import Known
from tests.clients.mailbox import newest_code
from tests.exchanges.files import GOLDEN, Step, given, member, operation_of, paths, read
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

    def prepare(self, path: Path, until: Step) -> None:
        """Whatever the file does before the exchange *until*, but for what is refused."""
        golden, operation = read(path), operation_of(path)
        for step in (each for name in golden.given for each in given()[name]):
            self.call(step, step.call)
        for step in golden.steps:
            if step == until:
                return
            # What shows another setting cannot be had here.
            is_served = step.refused is msgspec.UNSET and not (step.rule and golden.server)
            if step.send is not msgspec.UNSET and is_served:
                self.call(step, step.call or operation)

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


def first(path: Path) -> Step:
    """The first success of a file; or its first refusal, where there is no success or only by another setting."""
    golden, operation = read(path), operation_of(path)
    ours = [step for step in golden.steps if step.rule and step.call in {"", operation}]
    served = [step for step in ours if step.refused is msgspec.UNSET and not golden.server]
    # Where the file has a setting of its own, its last refusal that boto3 would send is the one without the setting.
    refusals = [step for step in ours if step.refused is not msgspec.UNSET and step.send]
    return served[0] if served else refusals[-1] if golden.server else refusals[0]


def typed(shape: Any, value: Any) -> Any:
    """*value*, which is JSON, as boto3 wants it."""
    if getattr(shape, "is_document_type", False):
        return value
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
    path, run = GOLDEN / f"{operation}.json", Run(idp, place, known)
    exchange = first(path)
    try:
        run.prepare(path, exchange)
        if isinstance(exchange.refused, tuple):
            with refused(exchange.refused[0]):
                run.call(exchange, operation)
        else:
            assert outline(exchange.answer or {}) == outline(run.call(exchange, operation))
    finally:
        run.clean()


@pytest.fixture(scope="module")
def trusting(place: Installation, known: Known) -> Iterator[Any]:
    client = connect_unchecked(place, known)
    yield client
    client.close()


def playable(path: Path) -> Iterator[Step]:
    """The steps of a file, until there is one for which the machine's clock would have to be moved."""
    return takewhile(lambda step: step.advance <= 1, read(path).steps)


@pytest.mark.parametrize("path", [each for each in paths() if not read(each).server], ids=lambda path: path.stem)
def test_boto3_raises_the_errors_of_its_exchanges(trusting: Any, place: Installation, known: Known, path: Path) -> None:
    run = Run(trusting, place, known)
    try:
        for name in read(path).given:
            for step in given()[name]:
                run.call(step, step.call)
        for step in playable(path):
            time.sleep(step.advance)
            if step.send is not msgspec.UNSET and not step.headers:
                play(run, step, step.call or operation_of(path))
    finally:
        run.clean()


def play(run: Run, step: Step, operation: str) -> None:
    """Send a step, and find the error of its exchange where it is refused."""
    raised = None
    for _ in range(step.repeat):
        try:
            answer = run.call(step, operation)
        except ClientError as error:
            raised = error
        else:
            # Only for the names in it: what differs is told by the exchanges themselves.
            list(run.names.differences(step.answer, answer, ""))
    expected = step.refused[0] if isinstance(step.refused, tuple) else ""
    assert expected == (raised.response["Error"]["Code"] if raised else ""), (step.rule, raised)
    listed = run.idp.meta.service_model.operation_model(operation).error_shapes
    if expected in {shape.name for shape in listed}:
        assert type(raised) is getattr(run.idp.exceptions, expected)
