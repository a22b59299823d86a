"""OAuth 2.0 and OpenID Connect as a plain client speaks them: everything is found by discovery, every token verified."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import SystemEntropy, urlsafe
from tests.clients.browser import Browser, printed, redirected
from tests.clients.connections import PASSWORD, a_client, a_pool, a_user
from tests.clients.known import Known
from tests.clients.tokens import discovered, verified
from tests.journey.installation import Installation, up

pytestmark = pytest.mark.client

BACK = "https://app.example/back"
Form = dict[str, str]


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An app with what it has found out about its provider."""

    issuer: str
    endpoints: dict[str, Any]
    client_id: str
    client_secret: str | None
    known: Known

    def authorize(self, **parameters: str) -> str:
        asked = {"response_type": "code", "client_id": self.client_id, "redirect_uri": BACK, "scope": "openid email"}
        return f"{self.endpoints['authorization_endpoint']}?{urlencode({**asked, **parameters})}"

    def ask(self, endpoint: str, **form: str) -> httpx.Response:
        auth = (self.client_id, self.client_secret) if self.client_secret else None
        body = form if self.client_secret else {**form, "client_id": self.client_id}
        answer = httpx.post(self.endpoints[endpoint], data=body, auth=auth)
        self.known.add(*(value for name, value in form.items() if name in {"code", "refresh_token", "code_verifier"}))
        if answer.status_code == 200 and answer.content:
            self.known.add(*(value for name, value in answer.json().items() if name.endswith("token")))
        return answer

    def exchange(self, code: str, **more: str) -> httpx.Response:
        return self.ask("token_endpoint", grant_type="authorization_code", code=code, redirect_uri=BACK, **more)


class Pkce(msgspec.Struct, frozen=True):
    """RFC 7636."""

    verifier: str

    def asked(self) -> Form:
        digest = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        return {"code_challenge": digest.rstrip(b"=").decode(), "code_challenge_method": "S256"}


@pytest.fixture(scope="module")
def pool_id(idp: Any) -> str:
    pool_id = a_pool(idp, "oauth")
    idp.create_user_pool_domain(UserPoolId=pool_id, Domain="oauth-clients")
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    idp.create_resource_server(UserPoolId=pool_id, Identifier="api", Name="API", Scopes=scopes)
    a_user(idp, pool_id, "ada")
    return pool_id


def an_app(place: Installation, known: Known, idp: Any, pool_id: str, *, secret: bool, **settings: Any) -> App:
    defaults: dict[str, Any] = {
        "CallbackURLs": [BACK],
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "SupportedIdentityProviders": ["COGNITO"],
    }
    made = a_client(idp, pool_id, secret=secret, **(defaults | settings))
    issuer = f"{place.base}/{pool_id}"
    return App(
        issuer=issuer,
        endpoints=discovered(issuer),
        client_id=made["ClientId"],
        client_secret=made.get("ClientSecret"),
        known=known,
    )


@pytest.fixture(scope="module")
def public(place: Installation, known: Known, idp: Any, pool_id: str) -> App:
    return an_app(place, known, idp, pool_id, secret=False)


@pytest.fixture(scope="module")
def confidential(place: Installation, known: Known, idp: Any, pool_id: str) -> App:
    return an_app(place, known, idp, pool_id, secret=True)


@pytest.fixture
def browser(place: Installation) -> Iterator[Browser]:
    opened = Browser(place.base)
    yield opened
    opened.http.close()


@pytest.fixture(scope="module")
def signed_in(place: Installation, public: App) -> Iterator[Browser]:
    """A browser whose person has signed in to the pool."""
    opened = Browser(place.base)
    redirected(opened.sign_in(opened.go("GET", public.authorize(**a_pkce().asked())), "ada", PASSWORD), BACK)
    yield opened
    opened.http.close()


def a_pkce() -> Pkce:
    return Pkce(urlsafe(SystemEntropy(), 48))


def a_code(browser: Browser, app: App, **parameters: str) -> str:
    """A code for a person who is signed in already: no page is shown."""
    return redirected(browser.go("GET", app.authorize(**parameters)), BACK)["code"]


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_person_signs_in_by_code_and_pkce(browser: Browser, public: App) -> None:
    pkce, state, nonce = a_pkce(), urlsafe(SystemEntropy(), 9), urlsafe(SystemEntropy(), 9)
    page = browser.go("GET", public.authorize(state=state, nonce=nonce, **pkce.asked()))
    returned = redirected(browser.sign_in(page, "ada", PASSWORD), BACK)
    assert state == returned["state"]

    answer = public.exchange(returned["code"], code_verifier=pkce.verifier)
    assert (200, "no-store") == (answer.status_code, answer.headers["cache-control"])
    tokens = answer.json()
    identity = verified(public.issuer, tokens["id_token"], aud=public.client_id, nonce=nonce, token_use="id")
    access = verified(public.issuer, tokens["access_token"], client_id=public.client_id, token_use="access")
    assert ("ada@example.com", True) == (identity["email"], identity["email_verified"])
    assert {"openid", "email"} == set(access["scope"].split())

    shown = httpx.get(
        public.endpoints["userinfo_endpoint"], headers={"authorization": f"Bearer {tokens['access_token']}"}
    ).json()
    assert (identity["sub"], "ada@example.com") == (shown["sub"], shown["email"])


def test_a_wrong_password_stays_on_the_page(browser: Browser, public: App) -> None:
    page = browser.go("GET", public.authorize(**a_pkce().asked()))
    again = browser.sign_in(page, "ada", "Wrong-Horse-7")

    assert again.status_code < 500
    assert not again.is_redirect
    assert "Wrong-Horse-7" not in again.text


def test_a_second_app_does_not_ask_again(signed_in: Browser, confidential: App) -> None:
    tokens = confidential.exchange(a_code(signed_in, confidential)).json()

    assert verified(confidential.issuer, tokens["id_token"], aud=confidential.client_id)["cognito:username"] == "ada"


def test_a_code_is_redeemed_once_and_its_replay_ends_what_came_of_it(signed_in: Browser, confidential: App) -> None:
    code = a_code(signed_in, confidential)
    tokens = confidential.exchange(code).json()

    assert error(confidential.exchange(code)) == (400, "invalid_grant")
    again = confidential.ask("token_endpoint", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert error(again) == (400, "invalid_grant")


def test_a_wrong_verifier_is_refused_and_spends_the_code(signed_in: Browser, public: App) -> None:
    pkce = a_pkce()
    code = a_code(signed_in, public, **pkce.asked())

    assert error(public.exchange(code, code_verifier=a_pkce().verifier)) == (400, "invalid_grant")
    assert error(public.exchange(code, code_verifier=pkce.verifier)) == (400, "invalid_grant")


def test_a_code_of_another_app_is_refused(signed_in: Browser, public: App, confidential: App) -> None:
    code = a_code(signed_in, confidential)

    assert error(public.exchange(code)) == (400, "invalid_grant")


def test_a_wrong_client_secret_is_refused(signed_in: Browser, confidential: App) -> None:
    thief = msgspec.structs.replace(confidential, client_secret="guessed-" * 8)

    assert error(thief.exchange(a_code(signed_in, confidential))) == (400, "invalid_client")


@pytest.mark.parametrize("target", [BACK + "/", "https://evil.example/back", "http://app.example/back"])
def test_nobody_is_sent_to_an_unregistered_redirect_uri(signed_in: Browser, public: App, target: str) -> None:
    answer = signed_in.go("GET", public.authorize(redirect_uri=target, **a_pkce().asked()))

    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_refresh_token_is_used_and_revoked(signed_in: Browser, confidential: App) -> None:
    first = confidential.exchange(a_code(signed_in, confidential)).json()
    asked = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = confidential.ask("token_endpoint", **asked).json()
    assert "refresh_token" not in second
    assert verified(confidential.issuer, second["id_token"], aud=confidential.client_id)["cognito:username"] == "ada"

    revoked = confidential.ask("revocation_endpoint", token=first["refresh_token"])
    assert (200, b"") == (revoked.status_code, revoked.content)
    assert error(confidential.ask("token_endpoint", **asked)) == (400, "invalid_grant")


def test_a_machine_gets_a_token_of_its_own(place: Installation, known: Known, idp: Any, pool_id: str) -> None:
    machine = an_app(
        place, known, idp, pool_id, secret=True, CallbackURLs=[], AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["api/read"],
    )  # fmt: skip
    tokens = machine.ask("token_endpoint", grant_type="client_credentials").json()
    claims = verified(machine.issuer, tokens["access_token"], sub=machine.client_id, token_use="access")

    assert (claims["scope"], set(tokens) & {"id_token", "refresh_token"}) == ("api/read", set())
    wider = machine.ask("token_endpoint", grant_type="client_credentials", scope="api/read api/write")
    assert error(wider) == (400, "invalid_scope")


def test_the_token_endpoint_is_at_its_path_and_nowhere_else(place: Installation, public: App) -> None:
    endpoint = public.endpoints["token_endpoint"]
    asked = {"grant_type": "refresh_token", "refresh_token": "none", "client_id": public.client_id}

    assert error(httpx.post(endpoint, data=asked)) == (400, "invalid_grant")
    assert (405, "POST, OPTIONS") == ((wrong := httpx.get(endpoint)).status_code, wrong.headers["allow"])
    assert 204 == httpx.options(endpoint).status_code
    assert error(httpx.post(f"{place.base}/domains/nobody/oauth2/token", data=asked)) == (404, "invalid_request")
    for near in ("/domains/oauth2/token", "/domains//oauth2/token", "/domains/a/b/oauth2/token", "/oauth2/token"):
        answer = httpx.post(place.base + near, data=asked)
        assert answer.status_code in {404, 405}, near
        assert "json" not in answer.headers.get("content-type", ""), near


def test_signing_out_asks_again(place: Installation, known: Known, idp: Any, pool_id: str) -> None:
    app = an_app(place, known, idp, pool_id, secret=True, LogoutURLs=["https://app.example/out"])
    browser = Browser(place.base)
    redirected(browser.sign_in(browser.go("GET", app.authorize()), "ada", PASSWORD), BACK)
    where = {"client_id": app.client_id, "logout_uri": "https://app.example/out"}
    domain = app.endpoints["authorization_endpoint"].removesuffix("/oauth2/authorize")
    redirected(browser.go("GET", f"{domain}/logout?{urlencode(where)}"), "https://app.example/out")

    assert "password" in browser.go("GET", app.authorize()).text
    browser.http.close()


def test_the_seeded_demo_signs_in_at_the_house(tmp_path_factory: pytest.TempPathFactory) -> None:
    with up(tmp_path_factory.mktemp("demo")) as place:
        email, password = printed(place.log, "Demo user")
        browser = Browser(place.base, place.house)
        page = browser.go("GET", place.house + "/oauth2/authorization/oidc")
        assert str(page.url).startswith(place.base + "/domains/demo/")

        home = browser.sign_in(page, email, password)
        assert (200, place.house + "/") == (home.status_code, str(home.url))
        assert email in home.text
        browser.http.close()
