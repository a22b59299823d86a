"""What is wrong with what was typed into a form, field by field, before a flow looks at it."""

import msgspec

from poolhouse.pool.core.attributes.formats import is_birthdate, is_boolean, is_datetime, is_email, is_phone, number_of
from poolhouse.pool.core.attributes.schema import LONGEST_STRING, bound
from poolhouse.pool.languages.voice import Voice
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import SchemaAttributeType


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A field and what is wrong with it; ``field`` is the name of its input, "" for the form as a whole."""

    field: str
    label: str
    text: str


def attribute_fault(attribute: SchemaAttributeType, value: str, voice: Voice) -> str:
    """What is wrong with one attribute by the pool's schema, in the page's words; ``""`` if nothing is."""
    if not value:
        return voice.say("Fill in this field.") if attribute.required else ""
    match attribute.attribute_data_type:
        case "Number":
            return _number(attribute, value, voice)
        case "Boolean":
            return "" if is_boolean(value) else voice.say("Choose yes or no.")
        case "DateTime":
            return "" if is_datetime(value) else voice.say("Enter a date and a time, as in 2030-12-31T09:30.")
        case _:
            return _text(attribute, value, voice)


def _text(attribute: SchemaAttributeType, value: str, voice: Voice) -> str:
    match attribute.name:
        case "email" if not is_email(value):
            return voice.refusal(Reason.EMAIL_FORMAT, {})
        case "phone_number" if not is_phone(value):
            return voice.refusal(Reason.PHONE_FORMAT, {})
        case "birthdate" if not is_birthdate(value):
            return voice.say("Enter a date, as in 1990-12-31.")
    bounds = attribute.string_attribute_constraints
    low = (bound(bounds.min_length, 0) if bounds else 0) or 0
    high = (bound(bounds.max_length, LONGEST_STRING) if bounds else LONGEST_STRING) or LONGEST_STRING
    if len(value) < low:
        return voice.say_many("Use at least %(n)s character.", "Use at least %(n)s characters.", low)
    if len(value) > high:
        return voice.say_many("Use at most %(n)s character.", "Use at most %(n)s characters.", high)
    return ""


def _number(attribute: SchemaAttributeType, value: str, voice: Voice) -> str:
    number = number_of(value)
    if number is None:
        return voice.say("Enter a number.")
    bounds = attribute.number_attribute_constraints
    if bounds is not None and bounds.min_value is not None and number < int(bounds.min_value):
        return voice.say("Enter a number of %(least)s or more.", least=voice.number(int(bounds.min_value)))
    if bounds is not None and bounds.max_value is not None and number > int(bounds.max_value):
        return voice.say("Enter a number of %(most)s or less.", most=voice.number(int(bounds.max_value)))
    return ""
