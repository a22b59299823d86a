"""
Write the contract of ``cognito-idp`` as data: ``pool/spec/cognito.json`` and the package ``pool/spec/shapes``.

The source is the service model inside the botocore package (Apache-2.0, see NOTICE). Names, types, limits and error
shapes are taken; documentation text is not. ``--check`` compares instead of writing and fails when a file drifts.
"""

import argparse
import json
import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

SPEC = Path(__file__).resolve().parent.parent / "src" / "poolhouse" / "pool" / "spec"
CONTRACT = SPEC / "cognito.json"
SHAPES = SPEC / "shapes"

# What these operations take and give is in modules of their own, imported at the first use: a structure is thirteen
# kilobytes of memory, and a server whose people sign in needs a third of them. The first pattern that is found counts.
FAMILIES = {
    "branding": r"Branding|UICustomization|Terms",
    "clients": r"UserPoolClient|Client(Secret|Token)|DerivedToken|ClientSecrets",
    "devices": r"Device(?!_)",
    "domains": r"Domain",
    "groups": r"Group",
    "identity_providers": r"IdentityProvider|ProviderForUser|SigningCertificate",
    "imports": r"Import|CSVHeader",
    "passkeys": r"WebAuthn",
    "resources": r"ResourceServer|Resource$|Replica|ProvisionedLimit",
    "risk": r"Risk|AuthEvent|LogDelivery",
    "sessions": r"Session",
    "pools": r"UserPool|CustomAttributes",
    "users": r"^Admin(?!InitiateAuth|RespondTo)|ListUsers",
}

LIMITS = ("min", "max", "pattern", "enum", "sensitive", "document")
PYTHON = {
    "string": "str",
    "integer": "int",
    "long": "int",
    "boolean": "bool",
    "blob": "bytes",
    "timestamp": "float",
}

TAKEN = {*PYTHON.values(), "list", "dict"}  # a member of this name would hide the type from those below it

# Where the service accepts what its model does not: a custom domain is a host name, with dots.
LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
CORRECTIONS = {"DomainType": {"pattern": rf"^{LABEL}(?:\.{LABEL})*$"}}
# What the model's own texts ask for and its enumerations lack: without it GetClientToken could not be switched on.
MISSING = {"ExplicitAuthFlowsType": ["ALLOW_CLIENT_TOKEN_AUTH"]}

HEADER = '''"""
The request and response structures of ``cognito-idp``. Written by ``tools/spec.py``: never edited by hand.

Class names are the shape names of the API. An optional member is ``None`` when absent and is then left out of the
encoded form. Timestamps are epoch seconds with a fraction; enumerations are strings, checked by ``spec.limits``.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

if TYPE_CHECKING:
@imports@


def spelled(**irregular: str) -> Callable[[str], str]:
    """Name members in PascalCase, except those in *irregular*, which are spelled as they say."""

    def wire_name(field: str) -> str:
        return irregular.get(field) or "".join(part[:1].upper() + part[1:] for part in field.split("_"))

    return wire_name


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=spelled()):
    """What all structures of the API have in common: the JSON form, and a ``repr`` without sensitive members."""

    SENSITIVE: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = (
            f"{name}=***" if name in self.SENSITIVE else f"{name}={value!r}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None
        )
        return f"{type(self).__name__}({', '.join(shown)})"


if not TYPE_CHECKING:  # with this, a type checker would take any name

    def __getattr__(name: str) -> Any:
        family = _FAMILY_OF.get(name)
        if family is None:
            raise AttributeError(name)
        found = globals()[name] = getattr(import_module(f"{__name__}.{family}"), name)
        return found


_FAMILY_OF = {
@families@
}
'''

FAMILY_HEADER = '''"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled
'''


def snake(name: str) -> str:
    """Turn a wire name into a field name: ``UserMFASettingList`` -> ``user_mfa_setting_list``."""
    plain = name.replace("URLs", "Urls")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain).lower()
    return f"{words}_" if keyword.iskeyword(words) or words in TAKEN else words


def pascal(field: str) -> str:
    """Turn a field name into the wire name that a regular member has."""
    return "".join(part[:1].upper() + part[1:] for part in field.split("_"))


def references(shape: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the shapes that *shape* is made of."""
    for member in shape.get("members", {}).values():
        yield member["shape"]
    for part in ("member", "key", "value"):
        if part in shape:
            yield shape[part]["shape"]


def dependencies_first(model: Mapping[str, Any]) -> list[str]:
    """Order the shapes that operations use so that each comes after what it is made of."""
    ordered: dict[str, None] = {}
    pending: set[str] = set()

    def visit(name: str) -> None:
        if name in ordered:
            return
        if name in pending:
            message = f"shape {name} contains itself: the generator has no form for that"
            raise SystemExit(message)
        pending.add(name)
        for other in references(model["shapes"][name]):
            visit(other)
        pending.discard(name)
        ordered[name] = None

    for _, operation in sorted(model["operations"].items()):
        for side in ("input", "output"):
            if side in operation:
                visit(operation[side]["shape"])
    return list(ordered)


def compact_shape(name: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a server checks of *shape*, nothing that is prose."""
    compact: dict[str, Any] = {"type": shape["type"]}
    if shape["type"] == "structure":
        compact["members"] = {name: member["shape"] for name, member in shape["members"].items()}
        if shape.get("required"):
            compact["required"] = list(shape["required"])
    for part in ("member", "key", "value"):
        if part in shape:
            compact[part] = shape[part]["shape"]
    compact.update({key: shape[key] for key in LIMITS if key in shape})
    if name in MISSING:
        compact["enum"] = [*compact["enum"], *MISSING[name]]
    return compact | CORRECTIONS.get(name, {})


def contract(model: Mapping[str, Any]) -> dict[str, Any]:
    """Give the whole content of ``cognito.json``."""
    meta = model["metadata"]
    return {
        "service": {
            "api_version": meta["apiVersion"],
            "json_version": meta["jsonVersion"],
            "signing_name": meta.get("signingName", meta["endpointPrefix"]),
            "target_prefix": meta["targetPrefix"],
        },
        "operations": {
            name: {
                "function": snake(name),
                "auth": "none" if operation.get("authtype") == "none" else "sigv4",
                "input": operation["input"]["shape"],
                "output": operation["output"]["shape"] if "output" in operation else None,
                "errors": sorted(error["shape"] for error in operation["errors"]),
            }
            for name, operation in sorted(model["operations"].items())
        },
        "errors": {
            name: {"status": 500 if shape.get("fault") else 400, "members": sorted(shape["members"])}
            for name, shape in sorted(model["shapes"].items())
            if shape.get("exception")
        },
        "shapes": {name: compact_shape(name, model["shapes"][name]) for name in sorted(dependencies_first(model))},
    }


def annotation(model: Mapping[str, Any], name: str, prefix: str) -> str:
    """Give the Python type of the shape *name*."""
    shape = model["shapes"][name]
    match shape["type"]:
        case "structure":
            return "Any" if shape.get("document") else prefix + name
        case "list":
            return f"list[{annotation(model, shape['member']['shape'], prefix)}]"
        case "map":
            key, value = (annotation(model, shape[part]["shape"], prefix) for part in ("key", "value"))
            return f"dict[{key}, {value}]"
        case scalar:
            return PYTHON[scalar]


def fields(model: Mapping[str, Any], shape: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Yield the lines of a class body, required members first."""
    required = set(shape.get("required", ()))
    for name in sorted(shape["members"], key=lambda member: member not in required):
        kind = annotation(model, shape["members"][name]["shape"], prefix)
        optional = kind if kind == "Any" else f"{kind} | None"
        yield f"    {snake(name)}: {kind if name in required else f'{optional} = None'}"


def is_sensitive(model: Mapping[str, Any], name: str) -> bool:
    """Tell whether the shape *name*, or an element of the list or map that it is, must not be shown."""
    shape = model["shapes"][name]
    parts = [shape[part]["shape"] for part in ("member", "value") if part in shape]
    return bool(shape.get("sensitive")) or any(is_sensitive(model, part) for part in parts)


def structure(model: Mapping[str, Any], name: str, prefix: str = "") -> str:
    """Give the class of the structure *name*; *prefix* stands before the names of other structures."""
    shape = model["shapes"][name]
    spelled = {snake(member): member for member in shape["members"]}
    if len(spelled) != len(shape["members"]):
        message = f"two members of {name} would share a field name"
        raise SystemExit(message)
    irregular = ", ".join(f'{field}="{wire}"' for field, wire in spelled.items() if pascal(field) != wire)
    rename = f", rename=spelled({irregular})" if irregular else ""
    body = "\n".join(fields(model, shape, prefix))
    hidden = sorted(snake(member) for member, ref in shape["members"].items() if is_sensitive(model, ref["shape"]))
    if hidden:
        body += f"\n    SENSITIVE: ClassVar[frozenset[str]] = frozenset({hidden})"
    body = body or "    pass"
    return f"class {name}(Shape, frozen=True, kw_only=True{rename}):\n{body}"


def families(model: Mapping[str, Any]) -> dict[str, str]:
    """Give the family of each structure that is what one operation takes or gives, and nothing else is made of."""
    found = {}
    parts = {part for shape in model["shapes"].values() for part in references(shape)}
    for name, operation in sorted(model["operations"].items()):
        family = next((family for family, pattern in FAMILIES.items() if re.search(pattern, name)), None)
        sides = [operation[side]["shape"] for side in ("input", "output") if side in operation]
        if family is not None:
            found.update({side: family for side in sides if side not in parts})
    return found


def structures(model: Mapping[str, Any]) -> dict[Path, str]:
    """Give the modules of ``spec.shapes`` with their contents."""
    names = [
        name
        for name in dependencies_first(model)
        if model["shapes"][name]["type"] == "structure" and not model["shapes"][name].get("document")
    ]
    family_of = families(model)
    head = HEADER.rstrip("\n").replace(
        "@imports@", "\n".join(f"    from poolhouse.pool.spec.shapes.{family} import *" for family in sorted(FAMILIES))
    )
    head = head.replace(
        "@families@", "\n".join(f'    "{name}": "{family}",' for name, family in sorted(family_of.items()))
    )
    common = [structure(model, name) for name in names if name not in family_of]
    found = {SHAPES / "__init__.py": "\n\n\n".join([head, *common]) + "\n"}
    for family in FAMILIES:
        own = [structure(model, name, "shapes.") for name in names if family_of.get(name) == family]
        found[SHAPES / f"{family}.py"] = "\n\n\n".join([FAMILY_HEADER.rstrip("\n"), *own]) + "\n"
    return found


def one_entry_a_line(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Write JSON of which a change is seen as the line of one operation or shape."""
    written = (
        f'"{title}": {{\n' + ",\n".join(f'"{name}": {json.dumps(entry)}' for name, entry in section.items()) + "\n}"
        for title, section in sections.items()
    )
    return "{\n" + ",\n".join(written) + "\n}\n"


def outputs() -> dict[Path, str]:
    """Give each file of the contract with the content it must have."""
    model = Loader().load_service_model("cognito-idp", "service-2")
    return {CONTRACT: one_entry_a_line(contract(model)), **structures(model)}


def main() -> int:
    """Write the files, or with ``--check`` name those that differ and fail."""
    parser = argparse.ArgumentParser(description="Write the contract of cognito-idp from botocore's model.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    drifted = [
        path for path, text in outputs().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in drifted:
        if check:
            print(f"{path.name} differs from the model: run python tools/spec.py", file=sys.stderr)
        else:
            path.write_text(outputs()[path], encoding="utf-8")
            print(f"wrote {path.name}")
    return 1 if check and drifted else 0


if __name__ == "__main__":
    raise SystemExit(main())
