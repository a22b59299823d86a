"""
The style sheet of the classic pages: rules on a few classes, and nothing that could fetch, run or hide.

Ours: read with a CSS parser and refused by name, as the service does in words of its own.  A rule may set colours,
fonts, borders and sizes of one of the service's classes; an address, a function or a statement is never taken.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from poolhouse.pool.core.refusal import Refusal, invalid_parameter

CLASSES: Final = frozenset(
    {
        "background-customizable", "banner-customizable", "errorMessage-customizable", "idpButton-customizable",
        "idpDescription-customizable", "inputField-customizable", "label-customizable", "legalText-customizable",
        "logo-customizable", "passwordCheck-notValid-customizable", "passwordCheck-valid-customizable",
        "redirect-customizable", "socialButton-customizable", "submitButton-customizable",
        "textDescription-customizable",
    }
)  # fmt: skip
_STATES: Final = frozenset({"hover", "focus", "active"})
_PREFIXES: Final = ("background-color", "border", "color", "font", "height", "line-height", "margin", "max-height",
                    "max-width", "min-height", "min-width", "padding", "text-align", "text-decoration",
                    "text-transform", "width", "box-shadow", "letter-spacing", "opacity")  # fmt: skip
_FUNCTIONS: Final = frozenset({"rgb", "rgba", "hsl", "hsla"})
_VALUES: Final = frozenset({"ident", "dimension", "percentage", "number", "hash", "whitespace", "string"})


def _parser() -> ModuleType:
    import tinycss2  # noqa: PLC0415 (for the few who send a style sheet)

    parser: ModuleType = tinycss2
    return parser


def check(css: str) -> Refusal | None:
    """Refuse the first thing in *css* that the pages would not take."""
    wrong = next(_wrong(css), None)
    return None if wrong is None else invalid_parameter(f"CSS is not valid: {wrong}")


def _wrong(css: str) -> Iterator[str]:
    if "<" in css:
        yield "it contains HTML"
    for node in _parser().parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if node.type == "at-rule":
            yield f"@{node.lower_at_keyword[:32]} is not allowed"
        elif node.type == "error":
            yield f"it cannot be read at line {node.source_line}"
        else:
            yield from _wrong_selector(node)
            yield from _wrong_declarations(node)


def _wrong_selector(rule: Any) -> Iterator[str]:
    """A list of ``.class`` or ``.class:state``."""
    selector = _parser().serialize(rule.prelude).strip()
    for one in selector.split(","):
        name, _, state = one.strip().removeprefix(".").partition(":")
        if not one.strip().startswith(".") or name not in CLASSES:
            yield f"{one.strip()[:64]} is not one of the classes that can be customized"
        elif state and state not in _STATES:
            yield f"{one.strip()[:64]} has a state that cannot be customized"


def _wrong_declarations(rule: Any) -> Iterator[str]:
    for node in _parser().parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":
            yield f"it cannot be read at line {node.source_line}"
        elif not any(node.lower_name == known or node.lower_name.startswith(f"{known}-") for known in _PREFIXES):
            yield f"{node.lower_name[:64]} is not a property that can be customized"
        elif "image" in node.lower_name or not all(map(_is_plain, node.value)):
            yield f"the value of {node.lower_name[:64]} is not allowed"


def _is_plain(value: Any) -> bool:
    if value.type == "function":
        return value.lower_name in _FUNCTIONS and all(map(_is_plain, value.arguments))
    if value.type == "literal":
        return value.value in {",", "/"}
    return value.type in _VALUES
