"""What the API shows of users and groups."""

from collections.abc import Collection, Sequence

from poolhouse.pool.model.pool import Group
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import invalid_parameter


def date(ms: int) -> float:
    """A timestamp as the API has it: seconds with three decimals."""
    return ms / 1000


def attributes_view(user: User, wanted: Collection[str] | None = None) -> list[shapes.AttributeType]:
    """The user's attributes, ``sub`` first; only the *wanted* ones that it has."""
    every = {"sub": user.sub, **user.attributes}
    return [
        shapes.AttributeType(name=name, value=value)
        for name, value in every.items()
        if wanted is None or name in wanted
    ]


def factors_view(user: User) -> list[str] | None:
    """The second factors that are on for the user, by the names of their challenges; None for none."""
    held = user.credentials.factors
    names = (("SMS_MFA", held.sms), ("SOFTWARE_TOKEN_MFA", held.totp), ("EMAIL_OTP", held.email))
    return [name for name, is_on in names if is_on] or None


def given_attributes(given: Sequence[shapes.AttributeType]) -> dict[str, str]:
    """Attributes of a request by name, a missing value as a blank one; a name that comes twice is refused."""
    named = {each.name: each.value or "" for each in given}
    if len(named) < len(given):
        raise invalid_parameter("Duplicate attribute names are not allowed.")
    return named


def user_view(user: User, wanted: Collection[str] | None = None) -> shapes.UserType:
    """A user in a list."""
    return shapes.UserType(
        username=user.username,
        attributes=attributes_view(user, wanted),
        user_create_date=date(user.created_ms),
        user_last_modified_date=date(user.modified_ms),
        enabled=user.enabled,
        user_status=user.status.value,
    )


def group_view(group: Group) -> shapes.GroupType:
    return shapes.GroupType(
        group_name=group.name,
        user_pool_id=group.pool_id,
        description=group.description,
        role_arn=group.role_arn,
        precedence=group.precedence,
        last_modified_date=date(group.modified_ms),
        creation_date=date(group.created_ms),
    )
