"""What the Save button of each section does, and the checks that look at more than its own fields."""

from poolhouse.pool.console.calls import call, update_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.section import Facts
from poolhouse.pool.console.settings import (
    choice,
    dcr,
    devices,
    email,
    messages,
    mfa,
    pairs,
    passkeys,
    password,
    recovery,
    schema,
    sessions,
    sign_up,
    sms,
    triggers,
)
from poolhouse.pool.console.settings.checks import check_name


async def save_password(visit: Visit, form: Form, known: Facts) -> None:
    policies = {**(known.pool.get("Policies") or {}), "PasswordPolicy": password.policy(form)}
    await update_pool(visit, known.pool, Policies=policies)


def check_choice(form: Form, known: Facts) -> Problems:
    return choice.check(form, has_sms="SmsConfiguration" in known.pool)


async def save_choice(visit: Visit, form: Form, known: Facts) -> None:
    policies = {**(known.pool.get("Policies") or {}), "SignInPolicy": choice.policy(form, known.pool)}
    await update_pool(visit, known.pool, Policies=policies)


async def save_passkeys(visit: Visit, form: Form, known: Facts) -> None:
    await call(visit, "SetUserPoolMfaConfig", UserPoolId=visit.pool_id, **passkeys.body(form, known.mfa))


def check_mfa(form: Form, known: Facts) -> Problems:
    sender = (known.pool.get("EmailConfiguration") or {}).get("EmailSendingAccount")
    return mfa.check(form, has_sms="SmsConfiguration" in known.pool, has_ses=sender == "DEVELOPER")


async def save_mfa(visit: Visit, form: Form, known: Facts) -> None:
    body = mfa.body(form, known.mfa, known.pool.get("SmsAuthenticationMessage"))
    await call(visit, "SetUserPoolMfaConfig", UserPoolId=visit.pool_id, **body)


async def save_recovery(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, AccountRecoverySetting=recovery.setting(form))


async def save_devices(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, DeviceConfiguration=devices.setting(form))


async def save_sessions(visit: Visit, form: Form, _known: Facts) -> None:
    await call(visit, "SetUserPoolSessionConfiguration", UserPoolId=visit.pool_id, **sessions.body(form))


async def save_verification(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, **sign_up.verification(form))


async def save_registration(visit: Visit, form: Form, known: Facts) -> None:
    config = sign_up.registration(form, known.pool.get("AdminCreateUserConfig") or {})
    await update_pool(visit, known.pool, AdminCreateUserConfig=config)


def check_added(form: Form, _known: Facts) -> Problems:
    return schema.check(form) or ({} if schema.rows(form) else {"custom": "Add at least one attribute."})


async def add_attributes(visit: Visit, form: Form, _known: Facts) -> None:
    await call(visit, "AddCustomAttributes", UserPoolId=visit.pool_id, CustomAttributes=schema.custom(form))


async def save_email(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, EmailConfiguration=email.configuration(form, known.account))


async def save_triggers(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, LambdaConfig=triggers.config(form, known.pool.get("LambdaConfig") or {}))


async def save_sms(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, SmsConfiguration=sms.configuration(form))


async def save_verification_message(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, VerificationMessageTemplate=messages.verification(form))


async def save_invitation(visit: Visit, form: Form, known: Facts) -> None:
    config = {**(known.pool.get("AdminCreateUserConfig") or {}), "InviteMessageTemplate": messages.invitation(form)}
    config.pop("UnusedAccountValidityDays", None)
    given = {name: value for name, value in config.items() if value is not None}
    await update_pool(visit, known.pool, AdminCreateUserConfig=given)


async def save_authentication(visit: Visit, form: Form, known: Facts) -> None:
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


def check_pool_name(form: Form, _known: Facts) -> Problems:
    problems: Problems = {}
    check_name(form, "pool_name", problems, what="the user pool")
    return problems


async def save_pool_name(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, PoolName=form.text("pool_name"))


async def save_tags(visit: Visit, form: Form, known: Facts) -> None:
    await update_pool(visit, known.pool, UserPoolTags=pairs.tags(form))


async def save_dcr(visit: Visit, form: Form, known: Facts) -> None:
    had = known.pool.get("DcrConfiguration")
    config = dcr.configuration(form) if form.has("dcr") or had else None
    await update_pool(visit, known.pool, DcrConfiguration=config)
