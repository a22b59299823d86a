"""The tabs Sign-in experience and Sign-up experience."""

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths, providers
from poolhouse.pool.console.calls import list_all
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.section import facts
from poolhouse.pool.console.settings import (
    choice,
    devices,
    mfa,
    passkeys,
    password,
    recovery,
    schema,
    sessions,
    sign_in,
    sign_up,
)
from poolhouse.pool.console.tabs import tab_page


def edit(visit: Visit, section: str) -> str:
    """The address of a section's Edit page."""
    return paths.of_pool(visit.pool_id, "edit", section)


async def show_sign_in(visit: Visit) -> Reply:
    """GET."""
    known = await facts(visit)
    passkey = passkeys.in_words(passkeys.filled(known.mfa), visit.flow.config, known.pool)
    case = "Case sensitive" if sign_in.is_case_sensitive(known.pool) else "Not case sensitive"
    return tab_page(
        visit,
        known.pool,
        "Sign-in experience",
        "sign_in.html",
        providers=providers.listed(visit, await list_all(visit, "ListIdentityProviders", UserPoolId=visit.pool_id)),
        additions=providers.additions(visit),
        sections=[
            (
                "Cognito user pool sign-in",
                [
                    ("Cognito user pool sign-in options", ", ".join(sign_in.in_words(known.pool))),
                    ("User name requirements", case),
                ],
                "",
                "Fixed when the user pool was created.",
            ),
            (
                "Options for choice-based sign-in",
                choice.in_words(known.pool),
                edit(visit, "choice-based-sign-in"),
                "",
            ),
            ("Passkey", passkey, edit(visit, "passkey"), ""),
            ("Password policy", password.in_words(password.of_pool(known.pool)), edit(visit, "password-policy"), ""),
            ("Multi-factor authentication", mfa.in_words(mfa.filled(known.mfa)), edit(visit, "mfa"), ""),
            (
                "User account recovery",
                recovery.in_words(recovery.filled(known.pool)),
                edit(visit, "account-recovery"),
                "",
            ),
            ("Device tracking", devices.in_words(devices.filled(known.pool)), edit(visit, "device-tracking"), ""),
            ("User sessions", sessions.in_words(sessions.filled(known.sessions)), edit(visit, "sessions"), ""),
        ],
    )


async def show_sign_up(visit: Visit) -> Reply:
    """GET."""
    known = await facts(visit)
    form = sign_up.filled(known.pool)
    return tab_page(
        visit,
        known.pool,
        "Sign-up experience",
        "sign_up.html",
        sections=[
            (
                "Attribute verification and user account confirmation",
                sign_up.in_words(form),
                edit(visit, "verification"),
                "",
            ),
            (
                "Self-service sign-up",
                [("Self-registration", "Enabled" if form.has("self_sign_up") else "Disabled")],
                edit(visit, "self-registration"),
                "",
            ),
            (
                "Required attributes",
                [("Required attributes", ", ".join(schema.required_of(known.pool)))],
                "",
                "Fixed when the user pool was created.",
            ),
        ],
        custom=[
            (
                each["Name"],
                each["AttributeDataType"],
                schema.bounds_in_words(each),
                "Yes" if each.get("Mutable") else "No",
            )
            for each in schema.custom_of(known.pool)
        ],
        add=edit(visit, "custom-attributes"),
    )
