"""openid-client 6, unmodified, over https: what it is told is the issuer, and it checks whatever it is given."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.clients.browser import Browser, Forms, redirected
from tests.clients.connections import connect
from tests.clients.javascript import Javascript, Refusal
from tests.clients.known import Known
from tests.clients.relying import PASSWORD, USERNAME, App, Provider, a_provider
from tests.clients.secure import up_by_https
from tests.journey.installation import Installation

pytestmark = pytest.mark.client

BACK = "https://app.example/back"
OUT = "https://app.example/out"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Path]]:
    with up_by_https(tmp_path_factory.mktemp("https")) as running:
        yield running


@pytest.fixture(scope="module")
def place(secure: tuple[Installation, Path]) -> Installation:
    return secure[0]


@pytest.fixture(scope="module")
def js(secure: tuple[Installation, Path]) -> Iterator[Javascript]:
    library = Javascript(*secure, secure[0].log.with_name("node.log"), script="relying.mjs")
    yield library
    library.close()


@pytest.fixture(scope="module")
def provider(place: Installation, known: Known) -> Iterator[Provider]:
    idp = connect(place, known)
    yield a_provider(idp, place, known, "openid-client")
    idp.close()


@pytest.fixture
def browser(secure: tuple[Installation, Path]) -> Iterator[Browser]:
    opened = Browser(secure[0].base, trusting=secure[1])
    yield opened
    opened.http.close()


class Party:
    """An app that uses the library, and a person's browser that it sends to the provider."""

    def __init__(self, js: Javascript, provider: Provider, browser: Browser, name: str) -> None:
        self._js, self._provider, self._browser, self._name = js, provider, browser, name
        self.app = App(client_id="")

    def set_up(self, method: str = "client_secret_basic", *, dpop: bool = False, metadata: dict[str, Any] | None = None,
               **extended: str) -> dict[str, Any]:  # fmt: skip
        """What the library has found out."""
        if method == "private_key_jwt":
            extended["jwks"] = msgspec.json.encode(self._js("jwks")).decode()
        secret = method.startswith("client_secret")
        self.app = self._provider.an_app(BACK, out=[OUT], secret=secret, token_endpoint_auth_method=method, **extended)
        found: dict[str, Any] = self(
            "discover", issuer=self._provider.issuer, client=self.app.client_id, secret=self.app.client_secret,
            method=method, metadata=metadata or {}, dpop=dpop,
        )  # fmt: skip
        return found

    def __call__(self, what: str, **given: Any) -> Any:
        answer = self._js(what, app=self._name, **given)
        if isinstance(answer, dict):
            names = ("access_token", "refresh_token", "id_token", "device_code", "user_code")
            self._provider.known.add(*(answer[name] for name in names if name in answer))
        return answer

    def sign_in(self, *, how: str = "plain", **parameters: Any) -> Any:
        """The tokens that the library has got and checked."""
        page = self._browser.go("GET", self("authorize", redirect=BACK, how=how, **parameters))
        answer = self._browser.sign_in(page, USERNAME, PASSWORD) if page.status_code == 200 else page
        redirected(answer, BACK)
        return self("callback", url=answer.headers["location"])


@pytest.fixture
def party(js: Javascript, provider: Provider, browser: Browser, request: pytest.FixtureRequest) -> Party:
    return Party(js, provider, browser, request.node.name)


@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"]
)
def test_somebody_signs_in_refreshes_is_known_and_signs_out(
    party: Party, provider: Provider, browser: Browser, method: str
) -> None:
    found = party.set_up(method)
    assert (provider.issuer, True) == (found["issuer"], found["pkce"])
    assert method in found["token_endpoint_auth_methods_supported"]

    tokens = party.sign_in()
    claims = tokens["claims"]
    assert (USERNAME, "ada@example.com", True) == (
        claims["cognito:username"],
        claims["email"],
        claims["email_verified"],
    )
    assert (claims["sub"], "Ada") == ((who := party("userinfo", sub=claims["sub"]))["sub"], who["given_name"])
    fresh = party("refresh")
    assert fresh["access_token"] != tokens["access_token"]
    assert claims["sub"] == fresh["claims"]["sub"]

    left = redirected(browser.go("GET", party("endSession", out=OUT)), OUT)
    assert {"state": "gone"} == left
    assert "password" in browser.go("GET", party("authorize", redirect=BACK)).text


def test_the_openid_dialect_has_the_types_of_the_standard(party: Party) -> None:
    party.set_up(dialect="openid", require_pkce="true")
    tokens = party.sign_in()

    who = party("userinfo", sub=tokens["claims"]["sub"])
    assert ("ada@example.com", True, "Ada") == (who["email"], who["email_verified"], who["given_name"])
    # Claims of scopes are at UserInfo, since there is an access token to ask with (OIDC Core section 5.4).
    assert not {"email", "given_name"} & set(tokens["claims"])


def test_an_answer_comes_by_form(party: Party, browser: Browser) -> None:
    party.set_up()
    page = browser.go("GET", party("authorize", redirect=BACK, response_mode="form_post"))
    method, target, fields = Forms(browser.sign_in(page, USERNAME, PASSWORD)).with_field("code")
    assert ("post", BACK) == (method, target)

    assert party("callback", url=BACK, form=fields)["claims"]["email"] == "ada@example.com"


def test_a_sign_in_is_as_recent_as_was_asked_for(party: Party) -> None:
    party.set_up(require_auth_time="true", metadata={"require_auth_time": True})
    assert party.sign_in()["claims"]["auth_time"]

    assert party.sign_in(max_age=600)["claims"]["auth_time"]
    assert party.sign_in(max_age=0)["claims"]["auth_time"]


def test_userinfo_is_signed(party: Party) -> None:
    party.set_up(userinfo_signed_response_alg="RS256", metadata={"userinfo_signed_response_alg": "RS256"})
    tokens = party.sign_in()

    assert "ada@example.com" == party("userinfo", sub=tokens["claims"]["sub"])["email"]


def test_a_token_is_looked_into_and_given_back(party: Party) -> None:
    party.set_up()
    party.sign_in()
    told = party("introspect", token="refresh")
    assert (True, party.app.client_id) == (told["active"], told["client_id"])

    party("revoke", token="refresh")
    assert not party("introspect", token="refresh")["active"]
    with pytest.raises(Refusal) as refused:
        party("refresh")
    assert "invalid_grant" == refused.value.code


def test_a_request_is_pushed(party: Party, browser: Browser) -> None:
    party.set_up("private_key_jwt", dialect="openid", require_pushed_authorization_requests="true")
    assert party.sign_in(how="pushed")["claims"]["sub"]

    plain = redirected(browser.go("GET", party("authorize", redirect=BACK)), BACK)
    assert "invalid_request" == plain["error"]


def test_a_request_is_signed(party: Party, browser: Browser) -> None:
    party.set_up("private_key_jwt", dialect="openid", require_signed_request_object="true")
    assert party.sign_in(how="signed")["claims"]["sub"]

    plain = redirected(browser.go("GET", party("authorize", redirect=BACK)), BACK)
    assert "error" in plain


@pytest.mark.parametrize("how", ["plain", "pushed"])
def test_tokens_are_bound_to_a_key(party: Party, how: str) -> None:
    party.set_up("none", dialect="openid", dpop_bound_access_tokens="true", dpop=True)
    tokens = party.sign_in(how=how)
    assert "dpop" == tokens["token_type"]
    assert "ada@example.com" == party("userinfo", sub=tokens["claims"]["sub"])["email"]
    assert "dpop" == party("refresh")["token_type"]

    party("forgetKey")
    with pytest.raises(Refusal):
        party("userinfo", sub=tokens["claims"]["sub"])
    with pytest.raises(Refusal):
        party("refresh")


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_an_id_token_is_signed_as_the_app_wants_it(party: Party, alg: str) -> None:
    party.set_up(id_token_signed_response_alg=alg, metadata={"id_token_signed_response_alg": alg})

    assert "ada@example.com" == party.sign_in()["claims"]["email"]


def test_a_device_is_let_in(party: Party, browser: Browser) -> None:
    party.set_up("none", extra_grants='["urn:ietf:params:oauth:grant-type:device_code"]')
    asked = party("device")
    page = browser.sign_in(browser.go("GET", asked["verification_uri_complete"]), USERNAME, PASSWORD)
    method, target, fields = Forms(page).with_field("answer")
    browser.go(method, target, {**fields, "answer": "allow"})

    assert party("poll")["claims"]["email"] == "ada@example.com"
