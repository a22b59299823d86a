"""
The names of the four levels of a step-up (AWS API: AcrConfigurationType); ``core.step_up`` says what satisfies each.

A pool that names some has all four stored, as the service answers them.
"""

from collections.abc import Mapping
from typing import Final

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.spec.shapes import AcrLevelConfigType, UserPoolType

LEVELS: Final = (1, 2, 3, 4)
DEFAULTS: Final = {level: f"urn:cognito:loa:{level}" for level in LEVELS}


def completed(given: Mapping[str, AcrLevelConfigType] | None) -> dict[str, AcrLevelConfigType] | None:
    """The names of all levels; None where none is given, which leaves the defaults to hold unsaid."""
    if not given:
        return None
    defaults = {f"Level{level}": AcrLevelConfigType(acr_value=name) for level, name in DEFAULTS.items()}
    return {**defaults, **given}


def names(settings: UserPoolType) -> dict[int, str]:
    """What each level is called in this pool, in requests and in the ``acr`` claim."""
    given = settings.acr_configuration or {}
    return {
        level: given[f"Level{level}"].acr_value if f"Level{level}" in given else default
        for level, default in DEFAULTS.items()
    }


def check(settings: UserPoolType) -> Refusal | None:
    """Refuse two levels of one name; those that are not named have their defaults. The text is ours."""
    if len(set(names(settings).values())) < len(LEVELS):
        return invalid_parameter("The values of AcrConfiguration must be unique, default names included.")
    return None
