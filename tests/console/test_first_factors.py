"""Choice-based sign-in and passkeys of a pool, and the factors of a user."""

from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.console.users import attributes_of
from poolhouse.pool.flows.context import Flow
from tests.api.test_auth_factors import App
from tests.console.browser import Page, Visitor
from tests.console.conftest import Service
from tests.support.authenticator import Authenticator
from tests.support.builders import PASSWORD, a_client, the_pool
from tests.support.service import password_auth

SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}
TWICE = "MULTI_FACTOR_WITH_USER_VERIFICATION"
APP = {"Enabled": True}


def allowing(*factors: str) -> dict[str, Any]:
    return {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", *factors]}}


async def edit(visitor: Visitor, pool_id: str, section: str, **fields: Any) -> Page:
    page = await visitor.open(f"/console/pools/{pool_id}/edit/{section}")
    return await visitor.press(page, "Save changes", **fields)


async def passkeys_of(service: Service, pool_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await service("GetUserPoolMfaConfig", UserPoolId=pool_id)).get(
        "WebAuthnConfiguration"
    )
    return found


async def with_a_token(service: Service, flow: Flow, pool_id: str) -> tuple[str, str]:
    """A user who has signed in: the address of the page, and an access token."""
    client = await a_client(flow, await the_pool(flow, pool_id))
    user = await service.a_user(pool_id)
    name = user["Username"]
    await service("AdminSetUserPassword", UserPoolId=pool_id, Username=name, Password=PASSWORD, Permanent=True)
    answer = await service("InitiateAuth", **password_auth(client, "ada@example.com"))
    address = f"/console/pools/{pool_id}/users/{attributes_of(user)['sub']}"
    return address, answer["AuthenticationResult"]["AccessToken"]


@pytest.mark.parametrize("factors", [[], ["EMAIL_OTP"], ["WEB_AUTHN", "EMAIL_OTP", "SMS_OTP"]])
async def test_the_first_factors_are_chosen_beside_the_password(
    visitor: Visitor, service: Service, factors: list[str]
) -> None:
    pool = await service.a_pool(SmsConfiguration=SMS, Policies={**allowing("SMS_OTP")})
    page = await edit(visitor, pool["Id"], "choice-based-sign-in", factors=factors)
    assert "Saved: options for choice-based sign-in." in page.text
    policies = (await service.pool(pool["Id"]))["Policies"]
    assert {"PASSWORD", *factors} == set(policies["SignInPolicy"]["AllowedFirstAuthFactors"])
    assert pool["Policies"]["PasswordPolicy"] == policies["PasswordPolicy"]


async def test_the_tab_says_what_may_begin_a_sign_in(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool(Policies=allowing("EMAIL_OTP", "WEB_AUTHN")))["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/sign-in")
    assert "Options for choice-based sign-in" in page.headings
    assert "Available choices Password, Passkey, Email message one-time password" in page.text
    assert "Relying party ID None: the user pool has no domain" in page.text
    await service("CreateUserPoolDomain", UserPoolId=pool_id, Domain="team-sso")
    page = await visitor.open(f"/console/pools/{pool_id}/sign-in")
    assert "Relying party ID pool.example (from the domain)" in page.text
    assert "User verification Preferred" in page.text
    assert "Factor configuration Single factor" in page.text


async def test_codes_by_sms_need_sms_settings(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await edit(visitor, pool_id, "choice-based-sign-in", factors=["SMS_OTP"])
    assert ["SMS message one-time password needs SMS settings: edit SMS on the tab Messaging first."] == page.errors
    assert ["SMS_OTP"] == page.values("factors")


@pytest.mark.parametrize("factor", ["SOFTWARE_TOKEN", "MAGIC"])
async def test_a_first_factor_that_is_not_offered_is_refused(visitor: Visitor, service: Service, factor: str) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await edit(visitor, pool_id, "choice-based-sign-in", factors=[factor])
    assert (422, 1) == (page.status, len(page.errors))
    assert allowing()["SignInPolicy"] == (await service.pool(pool_id))["Policies"]["SignInPolicy"]


async def test_where_mfa_is_required_a_code_alone_is_refused_in_the_services_words(
    visitor: Visitor, service: Service
) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service("SetUserPoolMfaConfig", UserPoolId=pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=APP)
    page = await edit(visitor, pool_id, "choice-based-sign-in", factors=["EMAIL_OTP"])
    assert page.errors == [
        "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
    ]


async def test_passkeys_are_set_and_mfa_stays(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service(
        "SetUserPoolMfaConfig", UserPoolId=pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration=APP
    )
    given = {"relying_party_id": "app.example", "user_verification": "required", "factor_configuration": TWICE}
    page = await edit(visitor, pool_id, "passkey", **given)
    assert "Saved: passkey." in page.text
    assert "Relying party ID app.example" in page.text
    expected = {
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": APP,
        "WebAuthnConfiguration": {
            "RelyingPartyId": "app.example", "UserVerification": "required", "FactorConfiguration": TWICE,
        },
    }  # fmt: skip
    assert expected == await service("GetUserPoolMfaConfig", UserPoolId=pool_id)


async def test_without_a_relying_party_id_the_domain_is_it_again(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    await edit(visitor, pool_id, "passkey", relying_party_id="app.example")
    assert {"RelyingPartyId": "app.example"} == await passkeys_of(service, pool_id)
    await edit(visitor, pool_id, "passkey", relying_party_id="")
    assert await passkeys_of(service, pool_id) is None


@pytest.mark.parametrize("name", ["https://app.example", "192.0.2.1", "App.example", "a b"])
async def test_a_relying_party_id_that_is_no_domain_is_refused(visitor: Visitor, service: Service, name: str) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await edit(visitor, pool_id, "passkey", relying_party_id=name)
    assert (422, 1) == (page.status, len(page.errors))
    assert page.errors[0].startswith("That is not a domain name.")
    assert name == page.value("relying_party_id")


async def test_what_is_not_offered_for_passkeys_is_refused(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await edit(visitor, pool_id, "passkey", user_verification="never", factor_configuration="x")
    assert ["Choose one.", "Choose one."] == page.errors


async def test_a_users_factors_are_shown(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool(Policies=allowing("WEB_AUTHN")))["Id"]
    await service("SetUserPoolMfaConfig", UserPoolId=pool_id, WebAuthnConfiguration={"RelyingPartyId": "app.example"})
    address, token = await with_a_token(service, flow, pool_id)
    page = await visitor.open(address)
    assert "Password Available" in page.text
    assert "Passkey Available" not in page.text
    options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
    key = Authenticator("https://app.example").register(options)
    await service("CompleteWebAuthnRegistration", AccessToken=token, Credential=key)
    page = await visitor.open(address)
    assert "Passkey Available" in page.text
    assert "Delete software token" not in page.text


async def test_a_users_software_token_is_shown_and_deleted(
    visitor: Visitor, service: Service, flow: Flow, clock: FixedClock
) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service(
        "SetUserPoolMfaConfig", UserPoolId=pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration=APP
    )
    address, token = await with_a_token(service, flow, pool_id)
    app = App((await service("AssociateSoftwareToken", AccessToken=token))["SecretCode"], clock)
    await service("VerifySoftwareToken", AccessToken=token, UserCode=app.code())
    preferred = {"Enabled": True, "PreferredMfa": True}
    await service("SetUserMFAPreference", AccessToken=token, SoftwareTokenMfaSettings=preferred)
    page = await visitor.open(address)
    assert "Software token Available Preferred" in page.text
    page = await visitor.press(page, "Delete software token")
    assert "The software token was deleted." in page.text
    assert "Software token Available" not in page.text
    shown = await service("GetUserAuthFactors", AccessToken=token)
    assert ["PASSWORD"] == shown["ConfiguredUserAuthFactors"]
