"""The part of an app's form that says which pages of other origins may call it."""

from collections.abc import Mapping

from poolhouse.house.gate import Cors
from poolhouse.house.gateway.cors import MAX_AGE

_LISTS = ("origins", "methods", "headers", "exposed")


def read_cors(form: Mapping[str, str], errors: dict[str, str]) -> Cors | None:
    """As it was entered; None where no origin is."""
    lists = {name: tuple(form.get(f"cors_{name}", "").replace(",", " ").split()) for name in _LISTS}
    if not lists["origins"]:
        return None
    seconds = form.get("cors_max_age", "").strip()
    is_number = seconds.isascii() and seconds.isdigit() and len(seconds) < 7 and int(seconds) in MAX_AGE
    if not is_number:
        errors["cors_max_age"] = f"A whole number from {MAX_AGE[0]} to {MAX_AGE[-1]}."
    return Cors(
        origins=lists["origins"],
        allows_credentials=form.get("cors_credentials") == "on",
        methods=lists["methods"],
        headers=lists["headers"],
        exposed=lists["exposed"],
        max_age=int(seconds) if is_number else MAX_AGE[0],
    )


def cors_fields(cors: Cors | None) -> dict[str, str]:
    """The form's fields; of the defaults where there is none."""
    shown = cors or Cors(origins=())
    return {
        **{f"cors_{name}": "\n".join(getattr(shown, name)) for name in ("origins", "exposed")},
        **{f"cors_{name}": ", ".join(getattr(shown, name)) for name in ("methods", "headers")},
        "cors_credentials": "on" if shown.allows_credentials else "",
        "cors_max_age": str(shown.max_age),
    }
