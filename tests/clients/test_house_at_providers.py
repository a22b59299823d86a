"""The house at providers of other people's making: set up from the issuer, sign-in, renewal, sign-out."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from tests.clients.house_browser import CANDIDATE, OIDC, HouseBrowser, form_of, words
from tests.clients.providers import SECRET, AtHouse, Op, glewlwyd, node_oidc_provider
from tests.journey.installation import Installation, up

pytestmark = pytest.mark.client

Start = Callable[[Path, AtHouse], AbstractContextManager[Op]]
STARTS: dict[str, Start] = {"node-oidc-provider": node_oidc_provider, "glewlwyd": glewlwyd}
PATIENCE = 5.0
WRONG_SECRET = {
    "node-oidc-provider": "Client Secret Wrong",
    # It answers unauthorized_client, which says so of grants (RFC 6749 section 5.2).
    "glewlwyd": "Some providers say the same of a wrong Client Secret.",
}


@pytest.fixture(scope="module", params=STARTS)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def place(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with up(tmp_path_factory.mktemp("up"), "--bare") as running:
        yield running
    assert SECRET not in running.log.read_text()


@pytest.fixture(scope="module")
def op(name: str, place: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Op]:
    house = AtHouse(
        back=f"{place.house}/login/oauth2/code/oidc",
        out=f"{place.house}/user/logged-out",
        backchannel=f"{place.house}/login/oauth2/backchannel/oidc",
    )
    with STARTS[name](tmp_path_factory.mktemp("op"), house) as running:
        yield running


@pytest.fixture(scope="module")
def admin(place: Installation) -> Iterator[HouseBrowser]:
    with httpx.Client() as there:
        browser = HouseBrowser(place, there)
        browser.log_in(place.email, place.password)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def ready(admin: HouseBrowser, op: Op) -> None:
    """Set up as an administrator does it: the issuer, the client and its secret are typed, nothing else."""
    filled = admin.send(OIDC, 'name="client_id"', to=f"{OIDC}/fill", issuer=op.issuer, client_id=op.client_id)
    assert filled.status_code == 200, words(filled)
    _, entered = form_of(filled, 'name="client_id"')
    saved = admin.client.post(OIDC, data={**entered, "client_secret": op.secret}, headers={"origin": admin.house})
    assert saved.status_code == 303, words(saved)
    options = admin.send(f"{OIDC}/options", 'name="label"', is_renewed="yes")
    assert options.status_code == 303, words(options)
    assert 303 == admin.send(CANDIDATE, "activate", to=f"{CANDIDATE}/activate", confirmation="activate").status_code


@pytest.fixture
def there() -> Iterator[httpx.Client]:
    """One browser's cookies at the provider."""
    with httpx.Client() as client:
        yield client


@pytest.fixture
def new_browser(place: Installation, there: httpx.Client) -> Iterator[Callable[[], HouseBrowser]]:
    made: list[HouseBrowser] = []

    def make() -> HouseBrowser:
        made.append(HouseBrowser(place, there))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.usefixtures("ready")
def test_the_person_comes_in_with_what_the_provider_says(op: Op, new_browser: Callable[[], HouseBrowser]) -> None:
    person = new_browser()

    answer = person.sign_in(op.sign_in)

    assert answer.status_code == 303, words(answer)
    account = words(person.get("/user/account"))
    assert "Maria Lopez" in account
    assert "maria@example.com" in account


@pytest.mark.usefixtures("ready")
def test_a_renewal_brings_the_new_name_without_a_sign_in(op: Op, new_browser: Callable[[], HouseBrowser]) -> None:
    person = new_browser()
    person.sign_in(op.sign_in)
    for name in ("Maria Garcia", "Maria Lopez"):
        op.rename(name)

        answer = person.send("/user/account", "/user/account/refresh")

        assert "/user/account" == answer.headers["location"]
        assert name in words(person.get("/user/account"))


@pytest.mark.usefixtures("ready")
def test_sign_out_at_the_provider_comes_back_and_ends_the_other_sessions_by_the_back_channel(
    op: Op, name: str, new_browser: Callable[[], HouseBrowser]
) -> None:
    if name == "glewlwyd":
        pytest.skip("without a hint, which the house puts into no address, it asks in a script and does not come back")
    person, elsewhere = new_browser(), new_browser()
    person.sign_in(op.sign_in)
    elsewhere.sign_in(op.sign_in)
    assert elsewhere.is_signed_in

    page = person.send("/", "/user/logout", where="provider")

    assert page.status_code == 303, words(page)
    assert "id_token_hint" not in page.headers["location"]
    confirm, answer = form_of(person.there.get(page.headers["location"]))
    back = person.there.post(confirm, data={**answer, "logout": "yes"})
    ended = person.client.get(back.headers["location"])
    assert ended.status_code == 200, words(ended)
    until = time.monotonic() + PATIENCE
    while elsewhere.is_signed_in and time.monotonic() < until:
        time.sleep(0.05)
    assert not elsewhere.is_signed_in


@pytest.mark.usefixtures("ready")
def test_a_wrong_secret_is_called_so(name: str, admin: HouseBrowser) -> None:
    trial = admin.send(OIDC, 'name="client_id"', to=f"{OIDC}/test", client_secret="not-the-secret")

    assert trial.status_code == 303, words(trial)
    said = words(admin.get(trial.headers["location"]))
    assert WRONG_SECRET[name] in said
    assert "Redirect URL Wrong" not in said
