"""
Branding documents: which ones are taken, and what they are together with what they leave out.

A style's settings are a tree whose shape the service fixed; ``spec/branding.json`` is the whole of it with the values
of our own look.  Ours: a branch, a type, a colour or a word that the tree does not have is refused and named, where the
service answers in a validator's words.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.model.branding import Picture
from poolhouse.pool.spec import shapes

_COLOUR: Final = re.compile(r"[0-9a-fA-F]{8}")
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "display": frozenset({"BUTTON", "INPUT"}),
    "type": frozenset({"FEDERATED", "USERNAME_PASSWORD"}),
    "interfaceStyle": frozenset({"BUTTON_LIST", "DROPDOWN"}),
    "horizontal": frozenset({"START", "CENTER", "END"}),
    "vertical": frozenset({"START", "CENTER", "END"}),
    "sessionTimerDisplay": frozenset({"NONE", "BANNER", "STATIC"}),
    "colorSchemeMode": frozenset({"LIGHT", "DARK", "DYNAMIC"}),
    "spacingDensity": frozenset({"COMPACT", "REGULAR", "SPACIOUS"}),
    "location": frozenset({"START", "CENTER", "END"}),
    "position": frozenset({"TOP", "BOTTOM"}),
    "formInclusion": frozenset({"IN", "OUT"}),
    "displayType": frozenset({"TEXT", "IMAGE"}),
    "enforcement": frozenset({"NONE"}),
    "enabledTypes": frozenset({"ICO", "SVG"}),
}
_RADIUS: Final = 100
_DEEPEST: Final = 12
_STARTS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "ICO": (b"\0\0\1\0",),
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "WEBP": (b"RIFF",),
}
# Possessive, since there is one way to read a run of comments: an upload must not make this try all the others.
_SVG: Final = re.compile(rb"\s*+(?:<\?xml(?>[^>]*?\?>)\s*+)?+(?:<!--(?>.*?-->)\s*+)*+<svg[\s>]", re.DOTALL)


@cache
def _tree() -> dict[str, Any]:
    tree: dict[str, Any] = msgspec.json.decode(files("poolhouse.pool.spec").joinpath("branding.json").read_bytes())
    return tree


def check_source(settings: object, assets: object, *, provided: bool) -> Refusal | None:
    """A style is the server's own, or it has settings; the sentence is the service's."""
    if provided is (settings is not None):
        return invalid_parameter("useCognitoProvidedValues or settings should be specified (but not both)")
    if provided and assets:
        return invalid_parameter("assets cannot be specified together with useCognitoProvidedValues")
    return None


def check_settings(settings: Any) -> Refusal | None:
    """Refuse the first part of *settings* that the tree of styles does not have."""
    if not isinstance(settings, dict):
        return invalid_parameter("Settings must be a JSON object.")
    wrong = next(_wrong(settings, _tree(), "settings", 0), None)
    return None if wrong is None else invalid_parameter(f"Settings are not valid: {wrong}")


def merged(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """The whole tree: *settings*, and for what they leave out the values of our own look."""
    whole: dict[str, Any] = _over(_tree(), settings or {})
    return whole


def check_assets(assets: Sequence[shapes.AssetType]) -> Refusal | None:
    """Each is an image of the kind it says, and there is one for each use, mode and kind of file."""
    seen = set()
    for asset in assets:
        kind = (asset.category, asset.color_mode, asset.extension, asset.resource_id)
        if kind in seen:
            return invalid_parameter(f"Assets are not valid: {asset.category} {asset.color_mode} is there twice.")
        seen.add(kind)
        if not asset.bytes_:
            return invalid_parameter(f"Assets are not valid: {asset.category} has no bytes.")
        if not _is_image(asset.bytes_, asset.extension):
            return invalid_parameter(
                f"Assets are not valid: {asset.category} is not an image of type {asset.extension}."
            )
    return None


def pictures(assets: Sequence[shapes.AssetType]) -> tuple[Picture, ...]:
    """What of the assets a page has to know."""
    return tuple(
        Picture(
            category=asset.category,
            mode=asset.color_mode,
            extension=asset.extension,
            digest=hashlib.sha256(asset.bytes_ or b"").hexdigest()[:12],
        )
        for asset in assets
    )


def image_kind(image: bytes) -> str | None:
    """PNG or JPEG, the two kinds of logo that the classic pages have; None for anything else."""
    return next((kind for kind in ("PNG", "JPEG") if image.startswith(_STARTS[kind])), None)


def _is_image(image: bytes, extension: str) -> bool:
    if extension == "SVG":
        return _SVG.match(image) is not None
    if extension == "WEBP" and image[8:12] != b"WEBP":
        return False
    return image.startswith(_STARTS[extension])


def _wrong(given: Any, tree: Any, path: str, depth: int) -> Iterator[str]:
    """Where *given* is not a part of *tree*, in the order in which it was written."""
    if depth > _DEEPEST:
        yield f"{path} is nested too deeply"
    elif isinstance(tree, dict):
        yield from _wrong_branch(given, tree, path, depth)
    elif isinstance(tree, list):
        if not isinstance(given, list):
            yield f"{path} must be a list"
            return
        for item in given:
            yield from _wrong_item(item, tree, path, depth)
    else:
        yield from _wrong_leaf(given, tree, path)


def _wrong_branch(given: Any, tree: dict[str, Any], path: str, depth: int) -> Iterator[str]:
    if not isinstance(given, dict):
        yield f"{path} must be an object"
        return
    for name, value in given.items():
        # Buttons of identity providers are named by the providers, and each is like the standard one.
        known = _tree()["components"]["idpButton"]["standard"] if path.endswith(".idpButton.custom") else tree.get(name)
        if known is None:
            yield f"{path}.{name[:64]} is not known"
        else:
            yield from _wrong(value, known, f"{path}.{name}", depth + 1)


def _wrong_item(item: Any, tree: list[Any], path: str, depth: int) -> Iterator[str]:
    if path.endswith(".federation.order"):
        if not isinstance(item, str):
            yield f"{path} must be a list of names"
    elif isinstance(tree[0], str):
        yield from _wrong_leaf(item, tree[0], path)
    else:
        yield from _wrong(item, tree[0], path, depth + 1)


def _wrong_leaf(given: Any, tree: Any, path: str) -> Iterator[str]:
    name = path.rpartition(".")[2]
    if isinstance(tree, bool):
        if not isinstance(given, bool):
            yield f"{path} must be true or false"
    elif isinstance(tree, float):
        if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= _RADIUS:
            yield f"{path} must be a number from 0 to {_RADIUS}"
    elif not isinstance(given, str):
        yield f"{path} must be a text"
    elif name in _WORDS:
        if given not in _WORDS[name]:
            yield f"{path} must be one of {', '.join(sorted(_WORDS[name]))}"
    elif _COLOUR.fullmatch(tree) and not _COLOUR.fullmatch(given):
        yield f"{path} must be a colour of eight hexadecimal digits"


def _over(tree: Any, given: Any) -> Any:
    if isinstance(tree, dict) and isinstance(given, Mapping):
        return {name: _over(tree.get(name), given[name]) if name in given else tree[name] for name in {**tree, **given}}
    return given
