"""``poolhouse admin client``: what an app client has beyond the service's settings, beside a running server."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.browser import Browser
from tests.clients.known import Known
from tests.clients.relying import App, Provider, a_provider
from tests.journey.installation import Installation
from tests.system.programs import outcome

pytestmark = pytest.mark.client
BACK = "https://app.example/back"


@pytest.fixture(scope="module")
def provider(idp: Any, place: Installation, known: Known) -> Provider:
    return a_provider(idp, place, known, "settings")


@pytest.fixture
def app(provider: Provider) -> App:
    return provider.an_app(BACK)


def run(provider: Provider, what: str, app: App, *words: str) -> tuple[int, str]:
    kept = str(provider.place.log.with_name("kept"))
    return outcome("admin", "client", what, provider.pool_id, app.client_id, *words, "--data", kept)


def shown(provider: Provider, app: App) -> dict[str, Any]:
    code, printed = run(provider, "show", app, "--json")
    assert code == 0, printed
    found: dict[str, Any] = json.loads(printed)
    return found


def test_settings_are_changed_shown_and_returned_to_their_defaults(provider: Provider, app: App) -> None:
    assert ("cognito", None) == (shown(provider, app)["dialect"], shown(provider, app)["default_max_age"])

    code, printed = run(provider, "set", app, "dialect=openid", "default_max_age=300", "require_pkce=true")
    assert (0, "openid") == (code, printed.splitlines()[0].split()[1])
    settings = shown(provider, app)
    assert ("openid", 300, True) == (settings["dialect"], settings["default_max_age"], settings["require_pkce"])

    assert 0 == run(provider, "set", app, "default_max_age=", "dialect=null")[0]
    settings = shown(provider, app)
    assert ("cognito", None, True) == (settings["dialect"], settings["default_max_age"], settings["require_pkce"])
    lines = {line.split()[0]: line.split()[1:] for line in run(provider, "show", app)[1].splitlines()}
    assert (["cognito", "(default)"], ["true"]) == (lines["dialect"], lines["require_pkce"])


def test_a_running_server_goes_by_the_new_settings(provider: Provider, app: App) -> None:
    """It forgets what it knew of the client when another process has written."""
    browser = Browser(provider.place.base)
    query = {"response_type": "code", "client_id": app.client_id, "redirect_uri": BACK, "scope": "openid"}
    url = httpx.URL(f"{provider.place.base}/domains/settings/oauth2/authorize", params=query)
    assert 200 == browser.go("GET", str(url)).status_code

    provider.set(app, require_pkce="true")
    answer = browser.go("GET", str(url))
    assert "error=invalid_request" in answer.headers["location"]
    browser.http.close()


def test_a_value_is_read_from_a_file(provider: Provider, app: App, tmp_path: Path) -> None:
    key = {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "one",
           "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}  # fmt: skip
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key]}))

    code, printed = run(
        provider, "set", app, "token_endpoint_auth_method=private_key_jwt", f"jwks=@{tmp_path / 'keys.json'}"
    )
    assert 0 == code, printed
    assert "one" == shown(provider, app)["jwks"]["keys"][0]["kid"]


WRONG = [
    (["dialect=klingon"], "Invalid enum value 'klingon' - at `$.dialect`"),
    (["require_pkce=perhaps"], "Expected `bool`, got `str` - at `$.require_pkce`"),
    (["default_acr_values=high"], "a list is JSON"),
    (["colour=blue"], "there is no setting colour; there are dialect, "),
    (["dialect"], "dialect is not name=value"),
    (["dialect=openid", "dialect=cognito"], "dialect is given twice"),
    (["jwks=@/nowhere/keys.json"], "jwks: /nowhere/keys.json cannot be read"),
    (["token_endpoint_auth_method=private_key_jwt"], "private_key_jwt needs jwks or jwks_uri"),
    (["require_pkce=true", "default_max_age=-1"], "default_max_age is not a number of seconds"),
]


def test_a_wrong_setting_is_a_sentence_and_changes_nothing(provider: Provider, app: App) -> None:
    before = shown(provider, app)
    for words, sentence in WRONG:
        code, printed = run(provider, "set", app, *words)
        assert (1, True) == (code, printed.startswith("Error: ")), printed
        assert sentence in printed

    assert before == shown(provider, app)


def test_a_client_that_does_not_exist_is_a_sentence(provider: Provider) -> None:
    for what, words in (("show", []), ("set", ["dialect=openid"])):
        code, printed = run(provider, what, App(client_id="nobody"), *words)
        assert (1, f"Error: there is no app client nobody in a user pool {provider.pool_id}") == (code, printed)
