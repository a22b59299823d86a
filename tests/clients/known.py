"""
Everything secret that a run of a client has sent or received, so that a log can be searched for it.

botocore's model says which members are sensitive; codes and challenge parameters, which it does not mark, are added.
"""

import json
from collections.abc import Iterator
from typing import Any

PUBLIC = {"AttributeValueType", "ClientIdType", "SessionIpAddressType", "UserContextDataType", "UsernameType"}
"""Sensitive for the model, yet no secret: some of these a log may name."""
UNMARKED = {"ConfirmationCodeType", "SecretCodeType"}
IN_MAPS = {
    "PASSWORD", "NEW_PASSWORD", "SECRET_HASH", "REFRESH_TOKEN", "PASSWORD_CLAIM_SIGNATURE",
    "PASSWORD_CLAIM_SECRET_BLOCK", "SECRET_BLOCK", "SRP_A", "SRP_B", "SALT",
}  # fmt: skip
SHORTEST = 6


class Known:
    """The secrets so far."""

    def __init__(self, *secrets: str) -> None:
        self._values = {each for each in secrets if len(each) >= SHORTEST}

    def add(self, *secrets: str) -> None:
        self._values |= {each for each in secrets if len(each) >= SHORTEST}

    def watch(self, client: Any) -> None:
        """Learn from every call of a boto3 client."""
        client.meta.events.register("provide-client-params.*.*", self._sent)
        client.meta.events.register("after-call.*.*", self._received)

    def leaks(self, log: str) -> list[str]:
        """The lines of *log* that show a secret; its timestamps look like codes, so they are left out."""
        return [line for line in log.splitlines() if any(each in _without_time(line) for each in self._values)]

    def _sent(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.input_shape is not None:
            self.add(*_secrets(model.input_shape, params))

    def _received(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if model.output_shape is not None:
            self.add(*_secrets(model.output_shape, parsed))


def _without_time(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if isinstance(entry, dict):
        entry.pop("timestamp", None)
    return json.dumps(entry)


def _secrets(shape: Any, value: Any) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            for name, member in shape.members.items():
                if name in value:
                    yield from _secrets(member, value[name])
        case "list":
            for each in value:
                yield from _secrets(shape.member, each)
        case "map":
            yield from (str(each) for key, each in value.items() if key in IN_MAPS)
        case "string" if (shape.metadata.get("sensitive") and shape.name not in PUBLIC) or shape.name in UNMARKED:
            yield value
