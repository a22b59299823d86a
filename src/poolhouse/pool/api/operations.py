"""What an operation is: an async function of (call, request), marked by ``@operation`` and held against the model."""

import inspect
from collections.abc import Callable, Coroutine, Iterable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar, get_type_hints

import msgspec

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.contract import OperationModel, contract

_MARK = "poolhouse_operation"
# The model wants these signed, and its texts say otherwise: a client's secret proves it, and where IAM credentials
# are another proof, the value is True. A signature on the other one means nothing.
OTHER_PROOFS = {"GetClientToken": False, "GetDerivedToken": True}

Request = TypeVar("Request", bound=shapes.Shape)
Response = TypeVar("Response", bound=shapes.Shape | None)


class Administrator(msgspec.Struct, frozen=True):
    """A proof: somebody who may administer pools, named by access key id or by the console's e-mail address."""

    name: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """
    The surroundings of one call.

    *caller* is set for every operation that must be signed, and for one that may be and is; None for the others: those
    prove themselves by what is in the request. *region* is that of the signature's scope. *agent* is the User-Agent
    header, *languages* the Accept-Language header.
    """

    ctx: Flow
    region: str
    account: str
    caller: Administrator | None
    request_id: str
    source_ip: str
    operation: str
    agent: str = ""
    languages: str = ""

    @property
    def origin(self) -> Origin:
        return Origin(self.source_ip, self.agent)


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """
    An operation of the API and the function that performs it.

    *signed*: without an administrator's signature it is refused.  *may_sign*: a signature is one of two proofs.
    """

    name: str
    function: Callable[[Call, Any], Coroutine[Any, Any, Any]]
    request: type[shapes.Shape]
    response: type[shapes.Shape] | None
    signed: bool
    may_sign: bool = False


class DoesNotFitModel(TypeError):
    """A function marked as an operation is not what the API's model says."""


def operation(
    function: Callable[[Call, Request], Coroutine[Any, Any, Response]],
) -> Callable[[Call, Request], Coroutine[Any, Any, Response]]:
    """Mark *function* as the operation of its name: ``create_user_pool`` is CreateUserPool. Nothing else happens."""
    vars(function)[_MARK] = True
    return function


def collect(modules: Iterable[ModuleType]) -> Mapping[str, Operation]:
    """
    Gather the marked functions of *modules* by the name of their operation.

    Refuses a name that the model does not have, a second function of the same name, and parameters or a result that
    are not the structures of the model.
    """
    by_function = {model.function: name for name, model in contract().operations.items()}
    found: dict[str, Operation] = {}
    for function in (each for module in modules for each in _marked(module)):
        name = by_function.get(function.__name__)
        if name is None:
            message = f"{function.__name__}: no operation of the API has this name"
            raise DoesNotFitModel(message)
        if name in found:
            message = f"{function.__name__} is there twice: {function.__module__} has the second"
            raise DoesNotFitModel(message)
        found[name] = _checked(name, contract().operations[name], function)
    return MappingProxyType(found)


def _marked(module: ModuleType) -> list[Callable[..., Any]]:
    """Give the operations that *module* defines, without those that it imports."""
    return [
        each
        for each in vars(module).values()
        if inspect.isfunction(each) and _MARK in vars(each) and each.__module__ == module.__name__
    ]


def _checked(name: str, model: OperationModel, function: Callable[..., Any]) -> Operation:
    request: type[shapes.Shape] = getattr(shapes, model.input)
    response: type[shapes.Shape] | None = getattr(shapes, model.output) if model.output else None
    expected = {"call": Call, "request": request, "return": response or type(None)}
    if not inspect.iscoroutinefunction(function) or get_type_hints(function) != expected:
        message = f"{function.__name__} must be: async (call: Call, request: {model.input}) -> {model.output}"
        raise DoesNotFitModel(message)
    return Operation(
        name=name,
        function=function,
        request=request,
        response=response,
        signed=model.auth == "sigv4" and name not in OTHER_PROOFS,
        may_sign=OTHER_PROOFS.get(name, False),
    )
