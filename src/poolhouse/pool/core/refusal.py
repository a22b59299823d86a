"""A refusal is a value: the core returns it, the surface raises it."""

import msgspec

from poolhouse.pool.spec.errors import COGNITO, Reason


class Refusal(msgspec.Struct, frozen=True):
    """
    The error's code (an exception name of the API model) and the sentence that the API's caller reads.

    Where OAuth and the pages need words of their own there is a *reason*, with the parameters of its texts.
    """

    code: str
    message: str
    reason: Reason | None = None
    params: tuple[tuple[str, str], ...] = ()


def refused(reason: Reason, **params: str) -> Refusal:
    """The refusal that *reason* stands for; to leave out a parameter of its text is a bug (KeyError)."""
    code, message = COGNITO[reason]
    return Refusal(code, message.format_map(params), reason, tuple(params.items()))


def invalid_parameter(message: str) -> Refusal:
    """The request contradicts itself or the pool."""
    return Refusal("InvalidParameterException", message)


def not_supported(setting: str) -> Refusal:
    """
    The setting is one of the service's, and this server cannot act on it.

    Ours: refused instead of stored, since a setting that is shown and does nothing is a trap.
    """
    return invalid_parameter(f"{setting} is not supported by this server.")
