"""
The sections of a pool's settings: each is read from what was described and written back by an operation.

A save changes the members of its section and sends all of them: the rest stays as it is (``calls.update_pool``).
"""

from typing import Final

from poolhouse.pool.console.calls import call, update_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.section import Facts, Section
from poolhouse.pool.console.settings import (
    dcr,
    email,
    messages,
    mfa,
    pairs,
    password,
    recovery,
    schema,
    sign_up,
    sms,
    triggers,
)
from poolhouse.pool.console.settings.checks import check_name


async def _save_password(visit: Visit, form: Form, known: Facts) -> None:
    policies = {**(known.pool.get("Policies") or {}), "PasswordPolicy": password.policy(form)}
    await update_pool(visit, known.pool, Policies=policies)


def _check_mfa(form: Form, known: Facts) -> Problems:
    sender = (known.pool.get("EmailConfiguration") or {}).get("EmailSendingAccount")
    return mfa.check(form, has_sms="SmsConfiguration" in known.pool, has_ses=sender == "DEVELOPER")


async def _save_mfa(visit: Visit, form: Form, known: Facts) -> None:
    body = mfa.body(form, known.mfa, known.pool.get("SmsAuthenticationMessage"))
    await call(visit, "SetUserPoolMfaConfig", UserPoolId=visit.pool_id, **body)


async def _save_recovery(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, AccountRecoverySetting=recovery.setting(form))


async def _save_verification(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, **sign_up.verification(form))


async def _save_registration(visit: Visit, form: Form, known: Facts) -> None:
    config = sign_up.registration(form, known.pool.get("AdminCreateUserConfig") or {})
    await update_pool(visit, known.pool, AdminCreateUserConfig=config)


def _check_added(form: Form, _known: Facts) -> Problems:
    return schema.check(form) or ({} if schema.rows(form) else {"custom": "Add at least one attribute."})


async def _add_attributes(visit: Visit, form: Form, _known: Facts) -> None:
    await call(visit, "AddCustomAttributes", UserPoolId=visit.pool_id, CustomAttributes=schema.custom(form))


async def _save_email(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, EmailConfiguration=email.configuration(form, known.account))


async def _save_triggers(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, LambdaConfig=triggers.config(form, known.pool.get("LambdaConfig") or {}))


async def _save_sms(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, SmsConfiguration=sms.configuration(form))


async def _save_verification_message(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, VerificationMessageTemplate=messages.verification(form))


async def _save_invitation(visit: Visit, form: Form, known: Facts) -> None:
    config = {**(known.pool.get("AdminCreateUserConfig") or {}), "InviteMessageTemplate": messages.invitation(form)}
    config.pop("UnusedAccountValidityDays", None)
    given = {name: value for name, value in config.items() if value is not None}
    await update_pool(visit, known.pool, AdminCreateUserConfig=given)


async def _save_authentication(visit: Visit, form: Form, known: Facts) -> None:
    """The text of a factor that is on belongs to it; that of SMS is a member of the pool otherwise."""
    text = form.verbatim("mfa_sms_message").strip() or None
    if known.mfa.get("MfaConfiguration", "OFF") == "OFF":
        await update_pool(visit, known.pool, SmsAuthenticationMessage=text)
        return
    body = dict(known.mfa)
    if "SmsMfaConfiguration" in body:
        body["SmsMfaConfiguration"] = {"SmsAuthenticationMessage": text} if text else {}
    else:
        await update_pool(visit, known.pool, SmsAuthenticationMessage=text)
    if "EmailMfaConfiguration" in body:
        body["EmailMfaConfiguration"] = messages.email_authentication(form)
    await call(visit, "SetUserPoolMfaConfig", UserPoolId=visit.pool_id, **body)


def _check_pool_name(form: Form, _known: Facts) -> Problems:
    problems: Problems = {}
    check_name(form, "pool_name", problems, what="the user pool")
    return problems


async def _save_pool_name(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, PoolName=form.text("pool_name"))


async def _save_tags(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, UserPoolTags=pairs.tags(form))


async def _save_dcr(visit: Visit, form: Form, known: Facts) -> None:
    had = known.pool.get("DcrConfiguration")
    config = dcr.configuration(form) if form.has("dcr") or had else None
    await update_pool(visit, known.pool, DcrConfiguration=config)


_SIGN_IN: Final = "Sign-in experience"
_SIGN_UP: Final = "Sign-up experience"
_MESSAGING: Final = "Messaging"
_PROPERTIES: Final = "User pool properties"

SECTIONS: Final = (
    Section(
        slug="password-policy",
        tab=_SIGN_IN,
        title="Edit password policy",
        lead="Passwords that people have already stay as they are.",
        fields="password_policy.html",
        filled=lambda known: password.filled(password.of_pool(known.pool)),
        check=lambda form, _: password.check(form),
        save=_save_password,
    ),
    Section(
        slug="mfa",
        tab=_SIGN_IN,
        title="Edit multi-factor authentication",
        fields="mfa.html",
        filled=lambda known: mfa.filled(known.mfa),
        check=_check_mfa,
        save=_save_mfa,
        places={"InvalidParameterException": "methods"},
    ),
    Section(
        slug="account-recovery",
        tab=_SIGN_IN,
        title="Edit user account recovery",
        fields="recovery.html",
        filled=lambda known: recovery.filled(known.pool),
        check=lambda form, _: recovery.check(form),
        save=_save_recovery,
    ),
    Section(
        slug="verification",
        tab=_SIGN_UP,
        title="Edit attribute verification and user account confirmation",
        fields="verification.html",
        filled=lambda known: sign_up.filled(known.pool),
        check=lambda form, _: sign_up.check(form),
        save=_save_verification,
        places={"InvalidParameterException": "verified"},
    ),
    Section(
        slug="self-registration",
        tab=_SIGN_UP,
        title="Edit self-service sign-up",
        fields="self_sign_up.html",
        filled=lambda known: sign_up.filled(known.pool),
        check=lambda _form, _known: {},
        save=_save_registration,
    ),
    Section(
        slug="custom-attributes",
        tab=_SIGN_UP,
        title="Add custom attributes",
        fields="custom_attributes.html",
        filled=lambda _: of(custom_name=[], custom_type=[]),
        check=_check_added,
        save=_add_attributes,
        places={"customAttributes": "custom", "InvalidParameterException": "custom"},
    ),
    Section(
        slug="email",
        tab=_MESSAGING,
        title="Edit email",
        fields="email.html",
        filled=lambda known: email.filled(known.pool, known.region),
        check=lambda form, _: email.check(form),
        save=_save_email,
        places={
            "emailConfiguration.sourceArn": "source_arn",
            "emailConfiguration.replyToEmailAddress": "reply_to",
            "emailConfiguration.configurationSet": "configuration_set",
            "emailConfiguration.from": "from_address",
        },
    ),
    Section(
        slug="sms",
        tab=_MESSAGING,
        title="Edit SMS",
        fields="sms.html",
        filled=lambda known: sms.filled(known.pool, known.region),
        check=lambda form, _: sms.check(form, required=False),
        save=_save_sms,
        places={"smsConfiguration.snsCallerArn": "sms_role", "smsConfiguration.snsRegion": "sms_region"},
    ),
    Section(
        slug="verification-message",
        tab=_MESSAGING,
        title="Edit verification message",
        lead="Sent to prove an address or to choose a new password. Left empty, a text of this server's own is sent.",
        fields="verification_message.html",
        filled=lambda known: messages.filled_verification(known.pool),
        check=lambda form, _: messages.check_verification(form),
        save=_save_verification_message,
        places={
            "verificationMessageTemplate.emailMessageByLink": "email_message_by_link",
            "verificationMessageTemplate.emailSubjectByLink": "email_subject_by_link",
            "verificationMessageTemplate.emailMessage": "email_message",
            "verificationMessageTemplate.emailSubject": "email_subject",
            "verificationMessageTemplate.smsMessage": "sms_message",
        },
    ),
    Section(
        slug="invitation-message",
        tab=_MESSAGING,
        title="Edit invitation message",
        lead="Sent to users whom an administrator creates. Left empty, a text of this server's own is sent.",
        fields="invitation_message.html",
        filled=lambda known: messages.filled_invitation(known.pool),
        check=lambda form, _: messages.check_invitation(form),
        save=_save_invitation,
        places={
            "adminCreateUserConfig.inviteMessageTemplate.emailMessage": "email_message",
            "adminCreateUserConfig.inviteMessageTemplate.emailSubject": "email_subject",
            "adminCreateUserConfig.inviteMessageTemplate.sMSMessage": "sms_message",
        },
    ),
    Section(
        slug="mfa-message",
        tab=_MESSAGING,
        title="Edit MFA message",
        lead="Sent with a code at sign-in. Left empty, a text of this server's own is sent.",
        fields="mfa_message.html",
        filled=lambda known: messages.filled_authentication(known.pool, known.mfa),
        check=lambda form, _: messages.check_authentication(form),
        save=_save_authentication,
        places={"smsAuthenticationMessage": "mfa_sms_message", "emailMfaConfiguration.message": "mfa_email_message"},
    ),
    Section(
        slug="client-registration",
        tab="App Integration",
        title="Edit dynamic client registration",
        fields="dcr.html",
        filled=lambda known: dcr.filled(known.pool),
        check=lambda form, _: dcr.check(form),
        save=_save_dcr,
        places={"allowedScopes": "dcr_scopes", "dcrConfiguration.allowedScopes": "dcr_scopes"},
    ),
    Section(
        slug="name",
        tab=_PROPERTIES,
        title="Edit user pool name",
        fields="pool_name.html",
        filled=lambda known: of(pool_name=known.pool["Name"]),
        check=_check_pool_name,
        save=_save_pool_name,
        places={"poolName": "pool_name"},
    ),
    Section(
        slug="tags",
        tab=_PROPERTIES,
        title="Edit tags",
        fields="pool_tags.html",
        filled=lambda known: pairs.filled_tags(known.pool),
        check=lambda form, _: pairs.check_tags(form),
        save=_save_tags,
        places={"userPoolTags": "tag", "UserPoolTaggingException": "tag"},
    ),
    Section(
        slug="triggers",
        tab=_PROPERTIES,
        title="Edit Lambda triggers",
        lead="A trigger that is set and cannot be called stops what would call it.",
        fields="triggers.html",
        filled=lambda known: triggers.filled(known.pool),
        check=lambda form, _: triggers.check(form),
        save=_save_triggers,
        places={"lambdaConfig": triggers.field("PreSignUp")},
    ),
)
