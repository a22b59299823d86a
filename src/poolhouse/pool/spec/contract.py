"""``cognito.json`` as typed structs: what the model of the API says of operations, shapes and errors."""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec


class ServiceModel(msgspec.Struct, frozen=True):
    """What the protocol needs to know of the service."""

    api_version: str
    json_version: str
    signing_name: str
    target_prefix: str


class OperationModel(msgspec.Struct, frozen=True):
    """One operation: the function that implements it, who may call it, and its structures."""

    function: str
    auth: Literal["sigv4", "none"]
    input: str
    output: str | None
    errors: frozenset[str]


class ErrorModel(msgspec.Struct, frozen=True):
    """One error shape."""

    status: int
    members: tuple[str, ...]


class ShapeModel(msgspec.Struct, frozen=True):
    """One shape. ``members`` maps wire names to shapes; ``member`` is a list's, ``key`` and ``value`` a map's."""

    type: Literal["structure", "list", "map", "string", "integer", "long", "boolean", "blob", "timestamp"]
    members: dict[str, str] = {}
    required: frozenset[str] = frozenset()
    member: str = ""
    key: str = ""
    value: str = ""
    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    document: bool = False


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole model."""

    service: ServiceModel
    operations: dict[str, OperationModel]
    errors: dict[str, ErrorModel]
    shapes: dict[str, ShapeModel]


@cache
def contract() -> Contract:
    """Read the model, once in a process."""
    return msgspec.json.decode(files(__package__).joinpath("cognito.json").read_bytes(), type=Contract)
