"""Word to the owner of an account that something on it was changed."""

import base64
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import totp
from poolhouse.pool.effects.letter_html import render
from poolhouse.pool.flows import browser_devices, notices, pool_extension, sign_out, users
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.notices import KIND, WORDS, Happened
from poolhouse.pool.languages.voice import voice
from poolhouse.pool.model.message import Brand, Content
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason
from tests.support.authenticator import Authenticator
from tests.support.builders import (
    PASSWORD,
    a_client,
    a_pool,
    a_user,
    last_code,
    messages,
    reconfigure,
    the_pool,
    the_user,
    with_mfa,
)
from tests.support.service import Service, hashed

OLD = "jane@example.com"
OTHER = "Another-Pass-8"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0 <script>evil</script>"
ADDRESS = "192.0.2.7"
HEADING = {each: WORDS[each][0] for each in Happened}


class Jane:
    """Jane, signed in by the API."""

    def __init__(self, service: Service, entry: PoolEntry, client: ClientEntry, user: User, token: str) -> None:
        self.service, self.entry, self.client, self.user, self.token = service, entry, client, user, token

    @property
    def flow(self) -> Flow:
        return self.service.flow

    async def __call__(self, operation: str, **body: Any) -> dict[str, Any]:
        return await self.service(operation, AccessToken=self.token, **body)

    async def update(self, name: str, value: str) -> None:
        await self("UpdateUserAttributes", UserAttributes=[{"Name": name, "Value": value}])

    async def told(self) -> list[tuple[str, str]]:
        return [(to, content.subject) for to, content in await self.mails()]

    async def mails(self) -> list[tuple[str, Content]]:
        found = await messages(self.flow, self.entry)
        return [(message.destination, content) for message, content in found if message.kind == KIND]


async def wanting(flow: Flow, entry: PoolEntry, wanted: str) -> PoolEntry:
    await pool_extension.change(flow, entry.pool.id, {"security_notices": wanted})
    return await the_pool(flow, entry.pool.id)


async def jane_of(flow: Flow, wanted: str = "on", *, verified: bool = True, locale: str = "") -> Jane:
    passkeys = shapes.WebAuthnConfigurationType(relying_party_id="app.example")
    mfa = msgspec.structs.replace(with_mfa("OPTIONAL", "totp", "sms", "email"), web_authn_configuration=passkeys)
    policy = shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", "WEB_AUTHN"])
    entry = await a_pool(
        flow, mfa=mfa, auto_verified_attributes=["email"],
        policies=shapes.UserPoolPolicyType(sign_in_policy=policy),
    )  # fmt: skip
    entry = await wanting(flow, entry, wanted)
    client = await a_client(flow, entry, client_name="Wiki <b>&</b>")
    user = await a_user(
        flow, entry, "jane", email=OLD, email_verified="true" if verified else "false", phone_number="+15550100",
        phone_number_verified="true", locale=locale,
    )  # fmt: skip
    service = Service(flow).at(ADDRESS, AGENT)
    return Jane(service, entry, client, user, (await service.tokens(client, "jane"))["AccessToken"])


async def change_password(jane: Jane) -> None:
    await jane("ChangePassword", PreviousPassword=PASSWORD, ProposedPassword=OTHER)


async def reset_password(jane: Jane) -> None:
    named = {"ClientId": jane.client.client.id, "Username": "jane"}
    named |= hashed(jane.client, "jane", "SecretHash")
    await jane.service("ForgotPassword", **named)
    code = await last_code(jane.flow, jane.entry)
    await jane.service("ConfirmForgotPassword", ConfirmationCode=code, Password=OTHER, **named)


async def change_email(jane: Jane) -> None:
    await jane.update("email", "new@example.com")


async def change_phone(jane: Jane) -> None:
    await jane.update("phone_number", "+15550199")


async def remove_phone(jane: Jane) -> None:
    await jane("DeleteUserAttributes", UserAttributeNames=["phone_number"])


async def register_app(jane: Jane) -> None:
    shown = (await jane("AssociateSoftwareToken"))["SecretCode"]
    secret = base64.b32decode(shown + "=" * (-len(shown) % 8))
    code = totp.code_at(secret, jane.flow.clock.now() // 30)
    await jane("VerifySoftwareToken", UserCode=code)


async def switch_app_on(jane: Jane) -> None:
    await register_app(jane)
    await jane("SetUserMFAPreference", SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})


async def switch_sms_on(jane: Jane) -> None:
    await jane("SetUserMFAPreference", SMSMfaSettings={"Enabled": True})


async def switch_email_on(jane: Jane) -> None:
    await jane("SetUserMFAPreference", EmailMfaSettings={"Enabled": True})


async def switch_email_off(jane: Jane) -> None:
    await jane("SetUserMFAPreference", EmailMfaSettings={"Enabled": False})


async def add_passkey(jane: Jane) -> None:
    options = (await jane("StartWebAuthnRegistration"))["CredentialCreationOptions"]
    await jane("CompleteWebAuthnRegistration", Credential=Authenticator("https://app.example").register(options))


async def remove_passkey(jane: Jane) -> None:
    (held,) = (await jane("ListWebAuthnCredentials"))["Credentials"]
    await jane("DeleteWebAuthnCredential", CredentialId=held["CredentialId"])


async def remember(jane: Jane) -> None:
    origin = Origin(ADDRESS, AGENT)
    scene = notices.scene(jane.entry, jane.client.client, origin)
    assert await browser_devices.remember(jane.flow, jane.entry, jane.user, origin, None, scene=scene)


async def confirm_device(jane: Jane) -> None:
    tracking = shapes.DeviceConfigurationType(challenge_required_on_new_device=True)
    jane.entry = await reconfigure(jane.flow, jane.entry, device_configuration=tracking)
    tokens = await jane.service.tokens(jane.client, "jane")
    jane.token = tokens["AccessToken"]
    await jane("ConfirmDevice", DeviceKey=tokens["NewDeviceMetadata"]["DeviceKey"])


async def forget_it_is_remembered(jane: Jane) -> None:
    await confirm_device(jane)
    await jane("UpdateDeviceStatus", DeviceKey=await device_of(jane), DeviceRememberedStatus="not_remembered")


async def remember_device(jane: Jane) -> None:
    await jane("UpdateDeviceStatus", DeviceKey=await device_of(jane), DeviceRememberedStatus="remembered")


async def device_of(jane: Jane) -> str:
    named = {"UserPoolId": jane.entry.pool.id, "Username": "jane"}
    return str((await jane.service("AdminListDevices", **named))["Devices"][0]["DeviceKey"])


async def sign_out_everywhere(jane: Jane) -> None:
    await jane("GlobalSignOut")


async def delete(jane: Jane) -> None:
    await jane("DeleteUser")


async def nothing(jane: Jane) -> None:
    pass


Act = Callable[[Jane], Awaitable[None]]
#: What is done, what was done before it, and what is told of it.
ACTS: list[tuple[Act, Act, Happened]] = [
    (change_password, nothing, Happened.PASSWORD),
    (reset_password, nothing, Happened.PASSWORD),
    (change_email, nothing, Happened.EMAIL),
    (change_phone, nothing, Happened.PHONE),
    (remove_phone, nothing, Happened.PHONE),
    (switch_app_on, nothing, Happened.FACTOR_ADDED),
    (register_app, switch_app_on, Happened.FACTOR_ADDED),
    (switch_sms_on, nothing, Happened.FACTOR_ADDED),
    (switch_email_on, nothing, Happened.FACTOR_ADDED),
    (switch_email_off, switch_email_on, Happened.FACTOR_REMOVED),
    (add_passkey, nothing, Happened.PASSKEY_ADDED),
    (remove_passkey, add_passkey, Happened.PASSKEY_REMOVED),
    (remember, nothing, Happened.BROWSER),
    (confirm_device, nothing, Happened.DEVICE),
    (remember_device, forget_it_is_remembered, Happened.DEVICE),
    (sign_out_everywhere, nothing, Happened.SIGNED_OUT),
    (delete, nothing, Happened.DELETED),
]


@pytest.mark.parametrize(("act", "before", "happened"), ACTS)
async def test_each_change_is_told_once_at_the_address_of_before(
    flow: Flow, act: Act, before: Act, happened: Happened
) -> None:
    jane = await jane_of(flow)
    await before(jane)
    known = Counter(await jane.told())
    await act(jane)

    assert {(OLD, HEADING[happened]): 1} == Counter(await jane.told()) - known


@pytest.mark.parametrize("wanted", ["off", "account_page"])
async def test_nothing_is_told_where_the_pool_does_not_want_it(flow: Flow, wanted: str) -> None:
    jane = await jane_of(flow, wanted)
    for act in (confirm_device, switch_app_on, switch_sms_on, add_passkey, remove_passkey, remember, change_phone, change_password,
                change_email, sign_out_everywhere):  # fmt: skip
        await act(jane)

    assert [] == await jane.told()


async def test_of_the_account_page_it_is_told_by_default(flow: Flow) -> None:
    jane = await jane_of(flow, "account_page")
    here = notices.scene(jane.entry, None, Origin(), at_account_page=True)
    elsewhere = notices.scene(jane.entry, None, Origin())
    off = notices.scene(await wanting(flow, jane.entry, "off"), None, Origin(), at_account_page=True)

    assert [1, 0, 0] == [
        len(notices.about(flow, each, jane.user, [(Happened.PASSWORD, "")])) for each in (here, elsewhere, off)
    ]


async def test_a_change_that_waits_for_its_code_is_told_when_it_is_made(flow: Flow) -> None:
    jane = await jane_of(flow)
    first = shapes.UserAttributeUpdateSettingsType(attributes_require_verification_before_update=["email"])
    jane.entry = await reconfigure(flow, jane.entry, user_attribute_update_settings=first)
    await change_email(jane)
    waiting = await jane.told()
    await jane("VerifyUserAttribute", AttributeName="email", Code=await last_code(flow, jane.entry))

    assert [] == waiting
    assert [(OLD, HEADING[Happened.EMAIL])] == await jane.told()
    assert "new@example.com" == (await the_user(flow, jane.entry, "jane")).attributes["email"]


async def test_a_code_that_verifies_what_was_told_of_already_tells_nothing_more(flow: Flow) -> None:
    jane = await jane_of(flow)
    await change_email(jane)
    code = next(content.code for _, content in await messages(flow, jane.entry) if content.code)
    assert code is not None
    await jane("VerifyUserAttribute", AttributeName="email", Code=code)

    assert [(OLD, HEADING[Happened.EMAIL])] == await jane.told()


async def test_nothing_goes_to_an_address_that_was_never_verified(flow: Flow) -> None:
    jane = await jane_of(flow, verified=False)
    for act in (change_phone, switch_sms_on, change_password, sign_out_everywhere):
        await act(jane)

    assert [] == await jane.told()


async def test_an_administrator_s_acts_are_not_told(flow: Flow) -> None:
    jane = await jane_of(flow)
    await users.set_password(flow, jane.entry.pool, "jane", OTHER, permanent=True)
    await sign_out.everywhere(flow, jane.user)
    named = {"UserPoolId": jane.entry.pool.id, "Username": "jane"}
    await jane.service("AdminSetUserMFAPreference", SMSMfaSettings={"Enabled": True}, **named)
    changed = [{"Name": "email", "Value": "new@example.com"}, {"Name": "email_verified", "Value": "true"}]
    await jane.service("AdminUpdateUserAttributes", UserAttributes=changed, **named)

    assert [] == await jane.told()


async def test_a_change_that_is_refused_or_rolled_back_is_not_told(flow: Flow) -> None:
    jane = await jane_of(flow)
    scene = notices.scene(jane.entry, jane.client.client, Origin())

    async def unit(tx: Tx) -> None:
        await notices.change_in(
            flow, tx, jane.entry.pool, jane.user,
            lambda user: msgspec.structs.replace(user, attributes={**user.attributes, "phone_number": ""}), scene,
        )  # fmt: skip
        raise Refused(Reason.BUSY)

    with pytest.raises(Refused):
        await flow.database.write(unit)
    await jane.service.refusal(
        "ChangePassword", AccessToken=jane.token, PreviousPassword="Wrong-Pass-9", ProposedPassword=OTHER
    )
    await delete(jane)

    assert [(OLD, HEADING[Happened.DELETED])] == await jane.told()


async def test_the_first_password_after_a_temporary_one_is_no_news(flow: Flow) -> None:
    jane = await jane_of(flow)
    await a_user(flow, jane.entry, "ann", email="ann@example.com", email_verified="true", temporary=True)
    asked = await jane.service.sign_in(jane.client, "ann")
    await jane.service.respond(jane.client, "ann", asked["ChallengeName"], asked["Session"], NEW_PASSWORD=OTHER)

    assert [] == await jane.told()


async def test_an_app_set_up_while_signing_in_is_told(flow: Flow) -> None:
    jane = await jane_of(flow)
    jane.entry = await reconfigure(flow, jane.entry, mfa=with_mfa("ON", "totp"))
    asked = await jane.service.sign_in(jane.client, "jane")
    shown = await jane.service("AssociateSoftwareToken", Session=asked["Session"])
    secret = base64.b32decode(shown["SecretCode"] + "=" * (-len(shown["SecretCode"]) % 8))
    code = totp.code_at(secret, flow.clock.now() // 30)
    await jane.service("VerifySoftwareToken", Session=shown["Session"], UserCode=code)

    assert [(OLD, HEADING[Happened.FACTOR_ADDED])] == await jane.told()


async def test_a_notice_says_what_when_and_where_and_nothing_that_acts(flow: Flow) -> None:
    jane = await jane_of(flow)
    await switch_sms_on(jane)
    await change_email(jane)

    mails = {content.subject: content for _, content in await jane.mails()}
    first, second = mails[HEADING[Happened.FACTOR_ADDED]], mails[HEADING[Happened.EMAIL]]
    assert first.letter is not None
    facts = dict(first.letter.facts)
    now = voice("en").moment(flow.clock.now())
    assert {"Second step": "Text message", "Time": now, "Device": "Firefox on Linux", "IP address": ADDRESS} == facts
    assert "If it was not you, choose a new password now" in first.text
    for content in (first, second):
        assert content.letter is not None
        page = render(content.letter, Brand())
        assert (None, ()) == (content.code, content.letter.actions)
        assert "new@example.com" not in page + content.text
        assert "http" not in content.text
        assert "<script" not in page + content.text
        assert "<b>&</b>" not in page
        assert "Wiki &lt;b&gt;&amp;&lt;/b&gt;" in page


async def test_a_notice_is_in_the_user_s_own_language_and_not_in_the_request_s(flow: Flow) -> None:
    german = await jane_of(flow, locale="de")
    await switch_sms_on(german)
    (_, content), *_ = await german.mails()
    assert ("Ein zweiter Schritt wurde hinzugefügt", "de") == (
        content.subject, content.letter and content.letter.language,
    )  # fmt: skip
    assert "SMS" in content.text


async def test_the_notice_of_an_account_that_is_gone_asks_for_no_new_password(flow: Flow) -> None:
    jane = await jane_of(flow)
    await delete(jane)

    ((_, content),) = await jane.mails()
    assert "choose a new password" not in content.text
    assert "tell the people who run the service" in content.text
