"""An app client's extended settings as a form: those that act, and no others."""

from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.settings import extended
from poolhouse.pool.console.settings.extended import Group, Groups
from poolhouse.pool.console.settings.openid_fields import GROUPS
from poolhouse.pool.core.settings import openid
from poolhouse.pool.model.openid import NOTHING_EXTRA, OpenIdSettings


def groups() -> Groups:
    """What the page shows: fields of settings that the server acts on."""
    offered = frozenset(openid.offered())
    shown = (
        Group(each.title, each.text, tuple(field for field in each.fields if field.name in offered)) for each in GROUPS
    )
    return tuple(each for each in shown if each.fields)


def filled(settings: OpenIdSettings) -> Form:
    return extended.filled(groups(), settings)


def changes(form: Form) -> tuple[dict[str, object], Problems]:
    """Every setting of the page; None is its default."""
    return extended.changes(groups(), form)


def placed(wrong: openid.WrongSetting) -> Problems:
    """The sentence beside the field that it names."""
    return extended.placed(groups(), wrong)


def in_words(settings: OpenIdSettings) -> list[tuple[str, str]]:
    """The dialect, and what is not as with every app client."""
    return extended.in_words(groups(), settings, NOTHING_EXTRA, always=("dialect",))
