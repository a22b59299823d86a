"""The six steps, under the names that guides print."""

from collections.abc import Callable
from typing import Final

import msgspec

from poolhouse.pool.console.form import Form, Problems, merged, of
from poolhouse.pool.console.settings import (
    client,
    domain,
    email,
    hosted_ui,
    mfa,
    pairs,
    password,
    permissions,
    recovery,
    schema,
    sign_in,
    sign_up,
    sms,
)
from poolhouse.pool.console.settings.checks import check_name
from poolhouse.pool.console.wizard import plan

_FIELDS: Final = "console/fields/"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """
    One page of the wizard.

    ``check`` is given the whole draft: what is right in one step can depend on another.  ``proposed`` fills the step
    in before it has been seen, in view of the steps before it.
    """

    slug: str
    title: str
    lead: str
    templates: tuple[str, ...]
    fields: tuple[str, ...]
    check: Callable[[Form], Problems]
    proposed: Callable[[Form, str], Form]


def _proposed_sign_in(_: Form, _region: str) -> Form:
    return Form()


def _check_security(form: Form) -> Problems:
    return {**password.check(form), **mfa.check(form), **recovery.check(form)}


def _proposed_security(_: Form, _region: str) -> Form:
    """MFA is off at first: a pool that nobody configured further must let people sign in."""
    return merged(
        password.filled(password.DEFAULTS),
        of(mfa="OFF", methods=["totp"], recovery=True, recovery_by="email"),
    )


def _check_sign_up(form: Form) -> Problems:
    return {**sign_up.check(form), **schema.check(form)}


def _proposed_sign_up(form: Form, _region: str) -> Form:
    """What people sign in with is verified and required; with user names alone, the e-mail address."""
    contacts = [option for option in sign_in.chosen(form) if option != "username"] or ["email"]
    verified = ["email"] if "email" in contacts else contacts
    return of(self_sign_up=True, verify=True, verified=verified, keep=True, kept=verified, required=contacts)


def _check_delivery(form: Form) -> Problems:
    problems = {**email.check(form), **(sms.check(form, required=plan.needs_sms(form)) if plan.shows_sms(form) else {})}
    if mfa.wants(form, "email") and form.text("provider") != "ses":
        problems["provider"] = (
            "Codes by email at sign-in need Send email with Amazon SES: choose it, or take Email message out of the MFA"
            " methods in step 2."
        )
    if plan.sms(form) is not None and form.text("mfa") != "OFF" and not mfa.wants(form, "sms"):
        problems["sms_role"] = (
            "A user pool with SMS settings offers SMS message whenever MFA is on: choose it in step 2, or No MFA."
        )
    return problems


def _proposed_delivery(_: Form, region: str) -> Form:
    return of(provider="cognito", ses_region=region, sms_region=region)


def _check_integration(form: Form) -> Problems:
    problems: Problems = {}
    check_name(form, "pool_name", problems, what="the user pool")
    problems |= client.check(form, is_new=True)
    problems |= permissions.check(form, plan.described(form))
    problems |= pairs.check_tags(form)
    if form.has("hosted"):
        is_custom = form.text("domain_type") == "custom"
        problems |= domain.check_host(form) if is_custom else domain.check_prefix(form)
        problems |= hosted_ui.check(form, has_secret=form.text("secret") == "generate")
    return problems


def _proposed_integration(form: Form, _region: str) -> Form:
    return merged(
        client.new(),
        hosted_ui.new(),
        permissions.filled({}, plan.described(form)),
        of(domain_type="cognito"),
    )


def _nothing(_: Form) -> Problems:
    return {}


STEPS: Final = (
    Step(
        slug="sign-in-experience",
        title="Configure sign-in experience",
        lead="Decide what people sign in with.",
        templates=(_FIELDS + "sign_in.html",),
        fields=sign_in.FIELDS,
        check=sign_in.check,
        proposed=_proposed_sign_in,
    ),
    Step(
        slug="security-requirements",
        title="Configure security requirements",
        lead="Decide on passwords, on a second factor, and on how a lost password is replaced.",
        templates=(_FIELDS + "password_policy.html", _FIELDS + "mfa.html", _FIELDS + "recovery.html"),
        fields=(*password.FIELDS, *mfa.FIELDS, *recovery.FIELDS),
        check=_check_security,
        proposed=_proposed_security,
    ),
    Step(
        slug="sign-up-experience",
        title="Configure sign-up experience",
        lead="Decide who may make an account, and what is asked of them.",
        templates=(
            _FIELDS + "self_sign_up.html",
            _FIELDS + "verification.html",
            _FIELDS + "required.html",
            _FIELDS + "custom_attributes.html",
        ),
        fields=(*sign_up.FIELDS, *schema.FIELDS),
        check=_check_sign_up,
        proposed=_proposed_sign_up,
    ),
    Step(
        slug="message-delivery",
        title="Configure message delivery",
        lead="Decide how codes and invitations reach people.",
        templates=("console/wizard/delivery.html",),
        fields=(*email.FIELDS, *sms.FIELDS),
        check=_check_delivery,
        proposed=_proposed_delivery,
    ),
    Step(
        slug="integrate-your-app",
        title="Integrate your app",
        lead="Name the user pool, and make the first app client.",
        templates=("console/wizard/integrate.html",),
        fields=(
            "pool_name", "hosted", *domain.FIELDS, *client.FIELDS, *hosted_ui.FIELDS, *permissions.FIELDS,
            *pairs.TAG_FIELDS,
        ),
        check=_check_integration,
        proposed=_proposed_integration,
    ),
    Step(
        slug="review",
        title="Review and create",
        lead="Nothing has been created yet. Look over your choices; what is marked as fixed cannot be changed later.",
        templates=(),
        fields=(),
        check=_nothing,
        proposed=_proposed_sign_in,
    ),
)  # fmt: skip
FILLED: Final = STEPS[:-1]
REVIEW: Final = STEPS[-1]


def find(slug: str) -> Step | None:
    return next((step for step in STEPS if step.slug == slug), None)
