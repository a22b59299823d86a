"""Query strings of our own pages: read leniently, since a wrong one is only a page without its message."""

from urllib.parse import urlencode

from poolhouse.kit import forms
from poolhouse.kit.edge import Raw


def read_query(raw: Raw) -> dict[str, str]:
    """Names to values; of a repeated name none, of an unreadable query nothing."""
    try:
        found = forms.multi(raw.query)
    except forms.FormError:
        return {}
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def with_query(path: str, **fields: str) -> str:
    """*path* with those *fields* that are not empty."""
    filled = {name: value for name, value in fields.items() if value}
    return f"{path}?{urlencode(filled)}" if filled else path
