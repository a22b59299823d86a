"""Errors of the API in plain words, beside the field that they are about."""

import re
from collections.abc import Mapping
from typing import Final

from poolhouse.pool.console.form import Problems
from poolhouse.pool.spec.errors import CognitoError

_VIOLATION: Final = re.compile(
    r"Value(?: '.*?'| null)? at '(?P<path>[^']+)' failed to satisfy constraint: (?P<rule>.*?)(?=; Value|\Z)", re.DOTALL
)
_RULES: Final = (
    (re.compile(r"length greater than or equal to 1\b(?!\d)"), "Fill this in."),
    (re.compile(r"must not be null"), "Fill this in."),
    (re.compile(r"length less than or equal to (\d+)"), "Use at most {} characters."),
    (re.compile(r"length greater than or equal to (\d+)"), "Use at least {} characters."),
    (re.compile(r"value less than or equal to (-?\d+)"), "Enter {} or less."),
    (re.compile(r"value greater than or equal to (-?\d+)"), "Enter {} or more."),
    (
        re.compile(r"regular expression pattern: (.+?)\]?$", re.DOTALL),
        "Some characters are not allowed here. Allowed: {}",
    ),
)


def placed(error: CognitoError, fields: Mapping[str, str]) -> Problems:
    """
    The sentences of *error* by field.

    *fields* leads from the code of an error, or from the beginning of a member's path (``policies.passwordPolicy``), to
    the name of a field; what fits none is about the form as a whole. A message in words of its own is about the member
    that it names.
    """
    problems: Problems = {}
    for found in _VIOLATION.finditer(error.message):
        name = _field(found["path"], fields)
        sentence = in_words(found["rule"])
        problems.setdefault(name, sentence if name else f"{found['path']}: {sentence}")
    if not problems:
        problems[_named(error.message, fields) or fields.get(error.code, "")] = message_of(error)
    return problems


def _named(message: str, fields: Mapping[str, str]) -> str:
    """The field of a member whose last name is in *message*; names of one word are words, too, so they do not count."""
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", message)}
    for path, name in fields.items():
        leaf = path.rpartition(".")[2]
        if leaf.lower() in words and leaf != leaf.lower() and leaf[0].islower():
            return name
    return ""


def message_of(error: CognitoError) -> str:
    """What the error says; its code where it says nothing."""
    return error.message or error.code


def in_words(rule: str) -> str:
    """A constraint as a sentence for a person."""
    for pattern, sentence in _RULES:
        found = pattern.search(rule)
        if found is not None:
            return sentence.format(*found.groups())
    return rule


def _field(path: str, fields: Mapping[str, str]) -> str:
    for begin, name in fields.items():
        if path == begin or path.startswith((begin + ".", begin + "[")):
            return name
    return ""
