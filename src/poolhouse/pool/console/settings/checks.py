"""What several groups ask of a value, and how they say that it is not so."""

import re
from typing import Final

from poolhouse.pool.console.form import Form, Problems

_NAME: Final = re.compile(r"[\w\s+=,.@-]+")
_ARN: Final = re.compile(r"arn:[\w+=/,.@-]+:[\w+=/,.@-]+:[\w+=/,.@-]*:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+){0,2}")
_MAIL: Final = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")
NAME_LENGTH: Final = 128


def check_name(form: Form, field: str, problems: Problems, *, what: str) -> None:
    """A name of the kind that pools, app clients and resource servers have."""
    value = form.text(field)
    if not value:
        problems[field] = f"Enter a name for {what}."
    elif len(value) > NAME_LENGTH:
        problems[field] = f"Use at most {NAME_LENGTH} characters."
    elif not _NAME.fullmatch(value):
        problems[field] = "Use letters, digits, spaces and + = , . @ - _ only."


def check_number(form: Form, field: str, problems: Problems, low: int, high: int) -> None:
    number = form.number(field)
    if number is None or not low <= number <= high:
        problems[field] = f"Enter a whole number from {low} to {high}."


def check_arn(form: Form, field: str, problems: Problems, *, required: bool) -> None:
    value = form.text(field)
    if value and not _ARN.fullmatch(value):
        problems[field] = "That is not an ARN. One looks like arn:aws:service:region:123456789012:name."
    elif required and not value:
        problems[field] = "Enter an ARN."


def check_mail(form: Form, field: str, problems: Problems, *, required: bool = False) -> None:
    value = form.text(field)
    if value and not _MAIL.fullmatch(value):
        problems[field] = "That is not an email address."
    elif required and not value:
        problems[field] = "Enter an email address."


def check_choice(form: Form, field: str, problems: Problems, allowed: tuple[str, ...]) -> None:
    if form.text(field) not in allowed:
        problems[field] = "Choose one."
