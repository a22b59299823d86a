"""Passkeys: registered with an access token, and signed in with by USER_AUTH."""

import json
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core.passkeys import is_origin_of
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from tests.api.test_choice import BOTH_PASSWORDS, allowing, auth, begin
from tests.support.authenticator import Authenticator
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, reconfigure, with_mfa
from tests.support.service import SESSION_INVALID, SESSION_USED, Service, race, sqlite_only
from tests.support.web import claims_of

RP = "app.example"
ORIGIN = "https://www.app.example"
WRONG = ("NotAuthorizedException", "Invalid passkey credential.")
TWICE = "MULTI_FACTOR_WITH_USER_VERIFICATION"


def configured(mode: str = "OFF", *factors: str, **settings: str) -> shapes.GetUserPoolMfaConfigResponse:
    passkeys = shapes.WebAuthnConfigurationType(**({"relying_party_id": RP} | settings))
    return msgspec.structs.replace(with_mfa(mode, *factors), web_authn_configuration=passkeys)


async def a_passkey_pool(service: Service, **settings: Any) -> tuple[PoolEntry, ClientEntry]:
    chosen: dict[str, Any] = {"policies": allowing("WEB_AUTHN", *settings.pop("others", ())), "mfa": configured()}
    entry = await a_pool(service.flow, **(chosen | settings))
    flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
    return entry, await a_client(service.flow, entry, explicit_auth_flows=flows)


async def registered(
    service: Service, client: ClientEntry, username: str = "jane", *, key: Authenticator | None = None
) -> tuple[Authenticator, str]:
    """A passkey of the user, and an access token."""
    token = (await service.tokens(client, username))["AccessToken"]
    key = key or Authenticator(ORIGIN)
    options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
    await service("CompleteWebAuthnRegistration", AccessToken=token, Credential=key.register(options))
    return key, token


def options_of(asked: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    return options


async def ask(service: Service, client: ClientEntry, username: str = "jane") -> dict[str, Any]:
    asked = await begin(service, client, username, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert "WEB_AUTHN" == asked["ChallengeName"], asked
    return asked


@pytest.mark.parametrize(("rsa_key", "synced", "amr"), [(False, True, "swk"), (True, False, "hwk")])
async def test_a_passkey_signs_in(service: Service, rsa_key: bool, synced: bool, amr: str) -> None:
    entry, client = await a_passkey_pool(service)
    user = await a_user(service.flow, entry, "jane")
    assert BOTH_PASSWORDS == (await begin(service, client, "jane"))["AvailableChallenges"]
    key, token = await registered(service, client, key=Authenticator(ORIGIN, rsa_key=rsa_key, synced=synced))
    asked = await ask(service, client)
    assert [*BOTH_PASSWORDS, "WEB_AUTHN"] == asked["AvailableChallenges"]
    options = options_of(asked)
    assert (RP, "preferred", 180_000) == (options["rpId"], options["userVerification"], options["timeout"])
    assert 1 == len(options["allowCredentials"])
    done = await service.respond(client, "jane", "WEB_AUTHN", asked["Session"], CREDENTIAL=key.sign(options))
    assert user.sub == claims_of(done["AuthenticationResult"]["AccessToken"])["sub"]
    shown = (await service("ListWebAuthnCredentials", AccessToken=token))["Credentials"]
    assert [(RP, "platform", "Passkey")] == [
        (each["RelyingPartyId"], each["AuthenticatorAttachment"], each["FriendlyCredentialName"]) for each in shown
    ]


async def test_the_options_say_what_a_browser_needs_and_exclude_what_is_there(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    user = await a_user(service.flow, entry, "jane")
    key, token = await registered(service, client)
    options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
    assert {"id": RP, "name": RP} == options["rp"]
    assert "jane" == options["user"]["name"]
    assert key.handle == options["user"]["id"]
    assert [-7, -257] == [each["alg"] for each in options["pubKeyCredParams"]]
    selection = options["authenticatorSelection"]
    assert ("required", True, "preferred") == (
        selection["residentKey"], selection["requireResidentKey"], selection["userVerification"]
    )  # fmt: skip
    assert 1 == len(options["excludeCredentials"])
    assert user.sub not in json.dumps(options)


async def test_a_passkey_is_chosen_with_its_answer_in_one_call(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    key, _ = await registered(service, client)
    offered = await begin(service, client, "jane")
    answer = {"ANSWER": "WEB_AUTHN", "CREDENTIAL": key.sign(options_of(offered))}
    done = await service.respond(client, "jane", "SELECT_CHALLENGE", offered["Session"], **answer)
    assert done["AuthenticationResult"]["AccessToken"]
    offered = await begin(service, client, "jane")
    asked = await service.respond(client, "jane", "SELECT_CHALLENGE", offered["Session"], ANSWER="WEB_AUTHN")
    answer = {"CREDENTIAL": key.sign(options_of(asked))}
    assert (await service.respond(client, "jane", "WEB_AUTHN", asked["Session"], **answer))["AuthenticationResult"]


async def test_a_challenge_is_answered_once(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    key, _ = await registered(service, client)
    asked = await ask(service, client)
    credential = key.sign(options_of(asked))
    served, refused = await race(
        service.respond(client, "jane", "WEB_AUTHN", asked["Session"], CREDENTIAL=credential) for _ in range(5)
    )
    assert 1 == len(served)
    assert set(refused) <= {SESSION_USED, WRONG}
    again = await ask(service, client)
    assert WRONG == await service.respond_refusal(client, "jane", "WEB_AUTHN", again["Session"], CREDENTIAL=credential)


async def test_a_counter_that_does_not_go_on_is_a_copy_of_the_key(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    key, _ = await registered(service, client)
    for count, is_served in ((10, True), (10, False), (3, False), (11, True)):
        asked = await ask(service, client)
        key.count = count - 1
        answer = {"CREDENTIAL": key.sign(options_of(asked))}
        if is_served:
            assert await service.respond(client, "jane", "WEB_AUTHN", asked["Session"], **answer)
        else:
            assert WRONG == await service.respond_refusal(client, "jane", "WEB_AUTHN", asked["Session"], **answer)


async def test_an_authenticator_that_does_not_count_is_let_in_each_time(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    key, _ = await registered(service, client, key=Authenticator(ORIGIN, counts=False))
    for _ in range(2):
        asked = await ask(service, client)
        answer = {"CREDENTIAL": key.sign(options_of(asked))}
        assert await service.respond(client, "jane", "WEB_AUTHN", asked["Session"], **answer)


async def test_of_two_copies_at_once_one_is_served(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    key, _ = await registered(service, client)
    answers = []
    for _ in range(4):
        asked = await ask(service, client)
        key.count = 6
        answers.append((asked["Session"], key.sign(options_of(asked))))
    served, refused = await race(
        service.respond(client, "jane", "WEB_AUTHN", session, CREDENTIAL=credential) for session, credential in answers
    )
    assert (1, {WRONG}) == (len(served), set(refused))


async def test_somebody_elses_passkey_is_none(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    elsewhere, other = await a_passkey_pool(service)
    for pool, name in ((entry, "jane"), (entry, "joe"), (elsewhere, "jane")):
        await a_user(service.flow, pool, name)
    await registered(service, client)
    asked, answer = await ask(service, client), {"CREDENTIAL": "{}"}
    for owner, at in (("joe", client), ("jane", other)):
        key, _ = await registered(service, at, owner)
        asked = await ask(service, client)
        answer = {"CREDENTIAL": key.sign(options_of(asked))}
        assert WRONG == await service.respond_refusal(client, "jane", "WEB_AUTHN", asked["Session"], **answer)
    assert SESSION_INVALID == await service.respond_refusal(other, "jane", "WEB_AUTHN", asked["Session"], **answer)


@sqlite_only
async def test_an_answer_that_is_not_right_in_every_part_is_denied(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    key, _ = await registered(service, client)
    asked = await ask(service, client)
    options = options_of(asked)
    body = (client, "jane", "WEB_AUTHN", asked["Session"])
    good = key.origin
    bad = {"signature": "AAAA", "userHandle": "c29tZWJvZHk", "authenticatorData": "AAAA", "clientDataJSON": "e30"}
    for name, value in bad.items():
        code, _ = await service.respond_refusal(*body, CREDENTIAL=key.sign(options, **{name: value}))
        assert code in {"NotAuthorizedException", "InvalidParameterException"}, name
    for origin in ("https://evil.example", "http://www.app.example", "https://app.example.evil.example"):
        key.origin = origin
        assert WRONG == await service.respond_refusal(*body, CREDENTIAL=key.sign(options))
    key.origin, key.cross_origin = good, True
    assert WRONG == await service.respond_refusal(*body, CREDENTIAL=key.sign(options))
    key.cross_origin, key.rp = False, "www.app.example"
    assert WRONG == await service.respond_refusal(*body, CREDENTIAL=key.sign(options))
    for text in ("{}", "[]", "null", "nonsense", "1"):
        code, _ = await service.respond_refusal(*body, CREDENTIAL=text)
        assert "InvalidParameterException" == code
    key.rp = RP
    assert await service.respond(*body, CREDENTIAL=key.sign(options))


@sqlite_only
async def test_a_pool_that_requires_verification_takes_no_passkey_without(service: Service) -> None:
    entry, client = await a_passkey_pool(service, mfa=configured(user_verification="required"))
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
    assert "required" == options["authenticatorSelection"]["userVerification"]
    credential = Authenticator(ORIGIN, verifies=False).register(options)
    code, _ = await service.refusal("CompleteWebAuthnRegistration", AccessToken=token, Credential=credential)
    assert "WebAuthnCredentialNotSupportedException" == code
    key, _ = await registered(service, client)
    key.verifies = False
    asked = await ask(service, client)
    assert "required" == options_of(asked)["userVerification"]
    answer = {"CREDENTIAL": key.sign(options_of(asked))}
    assert WRONG == await service.respond_refusal(client, "jane", "WEB_AUTHN", asked["Session"], **answer)


@pytest.mark.parametrize(("key", "code"), [
    (Authenticator("https://evil.example"), "WebAuthnOriginNotAllowedException"),
    (Authenticator("http://www.app.example"), "WebAuthnOriginNotAllowedException"),
    (Authenticator(ORIGIN, rp="www.app.example"), "WebAuthnRelyingPartyMismatchException"),
    (Authenticator(ORIGIN, algorithm=-8), "WebAuthnCredentialNotSupportedException"),
])  # fmt: skip
@sqlite_only
async def test_a_registration_is_refused_by_what_is_wrong_with_it(
    service: Service, key: Authenticator, code: str
) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
    refused = await service.refusal("CompleteWebAuthnRegistration", AccessToken=token, Credential=key.register(options))
    assert code == refused[0]
    assert [] == (await service("ListWebAuthnCredentials", AccessToken=token))["Credentials"]


@pytest.mark.parametrize("credential", [{}, [], "x", None, 1, {"id": "x", "rawId": "x", "type": "public-key"}])
@sqlite_only
async def test_what_is_no_credential_is_a_bad_parameter(service: Service, credential: Any) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    code, _ = await service.refusal("CompleteWebAuthnRegistration", AccessToken=token, Credential=credential)
    assert "InvalidParameterException" == code


async def test_a_registration_is_completed_once_in_time_by_its_user_at_its_client(
    service: Service, clock: FixedClock
) -> None:
    entry, client = await a_passkey_pool(service)
    other = await a_client(service.flow, entry)
    for name in ("jane", "joe"):
        await a_user(service.flow, entry, name)
    tokens = [(await service.tokens(at, name))["AccessToken"] for at, name in
              ((client, "jane"), (client, "joe"), (other, "jane"))]  # fmt: skip
    gone = "WebAuthnChallengeNotFoundException"
    options = (await service("StartWebAuthnRegistration", AccessToken=tokens[0]))["CredentialCreationOptions"]
    credential = Authenticator(ORIGIN).register(options)
    for token, expected in ((tokens[1], gone), (tokens[2], "WebAuthnClientMismatchException")):
        refused = await service.refusal("CompleteWebAuthnRegistration", AccessToken=token, Credential=credential)
        assert expected == refused[0]
    served, refused_all = await race(
        service("CompleteWebAuthnRegistration", AccessToken=tokens[0], Credential=credential) for _ in range(4)
    )
    assert (1, {gone}) == (len(served), {code for code, _ in refused_all})
    late = (await service("StartWebAuthnRegistration", AccessToken=tokens[0]))["CredentialCreationOptions"]
    clock.advance(301)
    refused = await service.refusal(
        "CompleteWebAuthnRegistration", AccessToken=tokens[0], Credential=Authenticator(ORIGIN).register(late)
    )
    assert gone == refused[0]


@sqlite_only
async def test_a_pool_without_passkeys_or_without_a_domain_registers_none(service: Service) -> None:
    entry = await a_pool(service.flow, mfa=configured())
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    empty: dict[str, Any] = {}
    for operation, more in (("StartWebAuthnRegistration", empty), ("CompleteWebAuthnRegistration", {"Credential": {}})):
        refused = await service.refusal(operation, AccessToken=token, **more)
        assert "WebAuthnNotEnabledException" == refused[0]
    entry, client = await a_passkey_pool(service, mfa=with_mfa("OFF"))
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    refused = await service.refusal("StartWebAuthnRegistration", AccessToken=token)
    assert "WebAuthnConfigurationMissingException" == refused[0]


@sqlite_only
async def test_the_relying_party_is_the_pools_domain_unless_it_says_otherwise(service: Service) -> None:
    entry, client = await a_passkey_pool(service, mfa=with_mfa("OFF"), domain="demo")
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
    assert "pool.example" == options["rp"]["id"]


async def test_a_passkey_is_good_for_its_relying_party_only(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    await registered(service, client)
    await reconfigure(service.flow, entry, mfa=configured(relying_party_id="other.example"))
    assert BOTH_PASSWORDS == (await begin(service, client, "jane"))["AvailableChallenges"]


async def test_a_user_has_twenty_passkeys_at_most_whatever_races(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    made = []
    for _ in range(22):
        options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
        made.append(Authenticator(ORIGIN).register(options))
    served, _ = await race(
        service("CompleteWebAuthnRegistration", AccessToken=token, Credential=credential) for credential in made
    )
    held = (await service("ListWebAuthnCredentials", AccessToken=token, MaxResults=20))["Credentials"]
    assert len(held) == len(served) <= 20
    for credential in made:
        if len((await service("ListWebAuthnCredentials", AccessToken=token))["Credentials"]) < 20:
            identity = {each["CredentialId"] for each in held}
            if credential["id"] not in identity:
                await service("CompleteWebAuthnRegistration", AccessToken=token, Credential=credential)
    assert 20 == len((await service("ListWebAuthnCredentials", AccessToken=token))["Credentials"])
    assert "LimitExceededException" == (await service.refusal("StartWebAuthnRegistration", AccessToken=token))[0]


async def test_passkeys_are_listed_in_pages_and_deleted_by_their_owner(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    for name in ("jane", "joe"):
        await a_user(service.flow, entry, name)
    token = ""
    for _ in range(3):
        _, token = await registered(service, client)
    first = await service("ListWebAuthnCredentials", AccessToken=token, MaxResults=2)
    rest = await service("ListWebAuthnCredentials", AccessToken=token, MaxResults=2, NextToken=first["NextToken"])
    names = [each["CredentialId"] for page in (first, rest) for each in page["Credentials"]]
    assert (2, 1, 3) == (len(first["Credentials"]), len(rest["Credentials"]), len(set(names)))
    assert "NextToken" not in rest
    foreign = (await service.tokens(client, "joe"))["AccessToken"]
    assert [] == (await service("ListWebAuthnCredentials", AccessToken=foreign))["Credentials"]
    bad = await service.refusal("ListWebAuthnCredentials", AccessToken=foreign, NextToken=first["NextToken"])
    assert "InvalidParameterException" == bad[0]
    for credential in (names[0], "unknown"):
        refused = await service.refusal("DeleteWebAuthnCredential", AccessToken=foreign, CredentialId=credential)
        assert "ResourceNotFoundException" == refused[0]
    for name in names:
        await service("DeleteWebAuthnCredential", AccessToken=token, CredentialId=name)
    assert BOTH_PASSWORDS == (await begin(service, client, "jane"))["AvailableChallenges"]


async def test_passkeys_go_with_their_user(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    key, token = await registered(service, client)
    await service("DeleteUser", AccessToken=token)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    assert [] == (await service("ListWebAuthnCredentials", AccessToken=token))["Credentials"]
    # The credential is free again, for another user as well.
    await a_user(service.flow, entry, "joe")
    await registered(service, client, "joe", key=Authenticator(ORIGIN, identity=key.id))


async def test_a_credential_has_one_owner_in_a_pool(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    for name in ("jane", "joe"):
        await a_user(service.flow, entry, name)
    key, _ = await registered(service, client)
    token = (await service.tokens(client, "joe"))["AccessToken"]
    options = (await service("StartWebAuthnRegistration", AccessToken=token))["CredentialCreationOptions"]
    again = Authenticator(ORIGIN, identity=key.id).register(options)
    refused = await service.refusal("CompleteWebAuthnRegistration", AccessToken=token, Credential=again)
    assert ("InvalidParameterException", "The passkey credential is registered already.") == refused


async def test_a_passkey_may_count_as_two_factors(service: Service) -> None:
    mfa = configured("ON", "sms", factor_configuration=TWICE)
    entry, client = await a_passkey_pool(service, mfa=configured("OPTIONAL", "sms", factor_configuration=TWICE))
    await a_user(service.flow, entry, "jane", phone_number="+12065550123")
    key, token = await registered(service, client)
    await reconfigure(service.flow, entry, mfa=mfa)
    assert BOTH_PASSWORDS == (await begin(service, client, "jane"))["AvailableChallenges"]
    alone = await service.refusal("SetUserMFAPreference", AccessToken=token, WebAuthnMfaSettings={"Enabled": True})
    assert ("InvalidParameterException", "WebAuthn MFA needs another MFA method to be enabled for the user") == alone
    await service("SetUserMFAPreference", AccessToken=token, WebAuthnMfaSettings={"Enabled": True},
                  SMSMfaSettings={"Enabled": True})  # fmt: skip
    asked = await ask(service, client)
    assert "required" == options_of(asked)["userVerification"]
    body = (client, "jane", "WEB_AUTHN", asked["Session"])
    key.verifies = False
    assert WRONG == await service.respond_refusal(*body, CREDENTIAL=key.sign(options_of(asked)))
    key.verifies = True
    done = await service.respond(*body, CREDENTIAL=key.sign(options_of(asked)))
    assert done["AuthenticationResult"]["AccessToken"]
    # Without the other factor, the passkey counts as one again.
    await service("SetUserMFAPreference", AccessToken=token, SMSMfaSettings={"Enabled": False})
    assert BOTH_PASSWORDS == (await begin(service, client, "jane"))["AvailableChallenges"]


@sqlite_only
async def test_a_passkey_counts_twice_only_where_the_pool_says_so(service: Service) -> None:
    entry, client = await a_passkey_pool(service, mfa=configured("OPTIONAL", "sms"))
    await a_user(service.flow, entry, "jane", phone_number="+12065550123")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    settings = {"WebAuthnMfaSettings": {"Enabled": True}, "SMSMfaSettings": {"Enabled": True}}
    code, _ = await service.refusal("SetUserMFAPreference", AccessToken=token, **settings)
    assert "InvalidParameterException" == code
    code, _ = await service.refusal("AdminSetUserMFAPreference", UserPoolId=entry.pool.id, Username="jane", **settings)
    assert "InvalidParameterException" == code


@pytest.mark.parametrize(("origin", "is_fine"), [
    ("https://app.example", True), ("https://app.example:8443", True), ("https://a.b.app.example", True),
    ("http://app.example", False), ("https://evilapp.example", False), ("https://app.example.evil", False),
    ("https://app.example/", False), ("https://x@app.example", False), ("https://app.example:99999", False),
    ("android:apk-key-hash:x", False), ("", False), ("null", False), ("https://APP.example", True),
])  # fmt: skip
def test_an_origin_belongs_to_its_relying_party_by_https(origin: str, is_fine: bool) -> None:
    assert is_origin_of(origin, "app.example") is is_fine


def test_on_the_machine_itself_http_will_do() -> None:
    assert is_origin_of("http://localhost:3000", "localhost")
    assert is_origin_of("http://demo.localhost", "demo.localhost")
    assert not is_origin_of("http://localhost.evil.example", "localhost")


@sqlite_only
async def test_a_password_still_signs_in_beside_a_passkey(service: Service) -> None:
    entry, client = await a_passkey_pool(service)
    await a_user(service.flow, entry, "jane")
    await registered(service, client)
    given = auth(client, "jane", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert (await service("InitiateAuth", **given))["AuthenticationResult"]
