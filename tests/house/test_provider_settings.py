"""Admin Settings > Authentication: adding, changing, turning off and taking away any number of providers."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.app import House
from poolhouse.house.provider import Kind, Options, Provider, find_provider, is_provider_id
from poolhouse.house.rp.github import github_settings
from poolhouse.house.rp.google import google_settings
from poolhouse.house.rp.options_form import PARAMETERS, RESERVED, OptionsForm, domain_key, settle, shown
from poolhouse.house.rp.provider_checks import check_providers
from poolhouse.kit.ambient import FixedClock, Secret
from tests.house.github import CLIENT_ID, CLIENT_SECRET, GitHub
from tests.house.op import Provider as Op
from tests.house.test_providers import put
from tests.house.world import BASE, Browser, words

NewBrowser = Callable[..., Browser]
PAGE = "/settings/authentication"
OTHER = f"{PAGE}/providers/other"


@pytest.fixture
async def other(clock: FixedClock) -> AsyncIterator[Op]:
    running = Op(clock)
    await running.start()
    running.redirects = {f"{BASE}/login/oauth2/code/other"}
    yield running
    await running.stop()


async def version(admin: Browser, path: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', (await admin.get(path)).text)
    assert found is not None
    return found[1]


async def save(admin: Browser, path: str, form: dict[str, str]) -> tuple[int, str]:
    answer = await admin.post(path, {"version": await version(admin, path), **form}, page=path)
    return answer.status_code, words(answer)


async def set_up_other(admin: Browser, other: Op, **form: str) -> tuple[int, str]:
    return await save(admin, OTHER, {"kind": "oidc", **other.form(**form)})


def saved(house: House, provider_id: str) -> Provider:
    found = find_provider(house.ctx.live.document.providers, provider_id)
    assert found is not None
    return found


async def test_adding_one_asks_for_kind_and_short_name_then_opens_its_page(house: House, admin: Browser) -> None:
    answer = await admin.get(f"{PAGE}/providers/new?kind=oidc&id=other")
    assert f"{OTHER}?kind=oidc" == answer.headers["location"]

    page = await admin.get(answer.headers["location"])

    assert f"{BASE}/login/oauth2/code/other" in page.text
    assert () == house.ctx.live.document.providers


@pytest.mark.parametrize("name", ["Other", "9lives", "a" * 33, "a/b", "form", "new", "emergency", "a.b", "ünal"])
async def test_a_short_name_that_cannot_be_part_of_a_path_is_refused(name: str, admin: Browser) -> None:
    answer = await admin.get(f"{PAGE}/providers/new?kind=oidc&id={name.replace('/', '%2F')}")

    assert 422 == answer.status_code
    assert "Use up to 32 small letters" in words(answer)


async def test_a_short_name_is_given_once(ready: House, admin: Browser) -> None:
    answer = await admin.get(f"{PAGE}/providers/new?kind=oidc&id=oidc")

    assert "There is a provider called oidc already" in words(answer)


async def test_a_second_provider_is_saved_beside_the_first_and_works(
    ready: House, admin: Browser, browser: Browser, other: Op
) -> None:
    assert 303 == (await set_up_other(admin, other))[0]

    assert ["oidc", "other"] == [each.id for each in ready.ctx.live.document.providers]
    departure = await browser.get("/oauth2/authorization/other")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    assert 303 == (await browser.get(back)).status_code
    assert "OIDC (other)" in words(await admin.get(PAGE))


async def test_two_providers_of_one_issuer_are_refused(ready: House, admin: Browser, provider: Op) -> None:
    status, page = await save(admin, OTHER, {"kind": "oidc", **provider.form()})

    assert 409 == status
    assert "OIDC has this issuer already" in page
    assert 1 == len(ready.ctx.live.document.providers)


@pytest.mark.parametrize("path", [f"{PAGE}/providers/Bad", f"{PAGE}/providers/form", f"{OTHER}?kind=saml"])
async def test_pages_of_what_cannot_be_are_not_there(path: str, admin: Browser) -> None:
    assert 404 == (await admin.get(path)).status_code


async def test_github_needs_a_client_and_nothing_else(house: House, admin: Browser, browser: Browser) -> None:
    github = GitHub()
    await github.start()
    try:
        path = f"{PAGE}/providers/github"
        form = {"kind": "github", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "base": github.base}
        answer = await admin.post(path, {"version": "0", **form}, page=f"{path}?kind=github")
        assert f"{path}?done=saved" == answer.headers["location"]
        page = words(await admin.get(answer.headers["location"]))
        assert "is live" in page
        assert "needs a look" not in page

        kept = await save(admin, path, {"client_id": CLIENT_ID, "client_secret": "", "base": github.base})
        assert 303 == kept[0]
        assert CLIENT_SECRET == saved(house, "github").settings.client_secret.reveal()
        assert "SIGN IN WITH GITHUB" in words(await browser.get("/user/login"))
        departure = await browser.get("/oauth2/authorization/github")
        back = (await browser.outside.get(departure.headers["location"])).headers["location"]
        assert 303 == (await browser.get(back)).status_code
    finally:
        await github.stop()


async def test_a_wrong_github_secret_is_named_after_saving(house: House, admin: Browser) -> None:
    github = GitHub()
    await github.start()
    try:
        path = f"{PAGE}/providers/github"
        form = {"kind": "github", "client_id": CLIENT_ID, "client_secret": "wrong", "base": github.base}
        answer = await admin.post(path, {"version": "0", **form}, page=f"{path}?kind=github")
        assert "Client Secret needs a look" in words(await admin.get(answer.headers["location"]))
    finally:
        await github.stop()


async def test_an_address_that_is_no_github_is_said_beside_its_field(
    house: House, admin: Browser, provider: Op
) -> None:
    path = f"{PAGE}/providers/github"
    form = {"kind": "github", "client_id": CLIENT_ID, "client_secret": "s", "base": provider.base}

    answer = await admin.post(path, {"version": "0", **form}, page=f"{path}?kind=github")

    page = words(await admin.get(answer.headers["location"]))
    assert "GitHub address needs a look" in page
    assert "Token URL" not in page


async def test_google_has_a_fixed_issuer_and_perhaps_one_organisation(house: House, admin: Browser) -> None:
    path = f"{PAGE}/providers/google"
    form = {"kind": "google", "client_id": "g", "client_secret": "s", "hosted_domain": "Corp.Example"}

    answer = await admin.post(path, {"version": "0", **form}, page=f"{path}?kind=google")

    assert 303 == answer.status_code
    google = saved(house, "google")
    assert (Kind.GOOGLE, "https://accounts.google.com") == (google.kind, google.settings.issuer)
    assert "corp.example" == google.options.hosted_domain
    audit = words(await admin.get("/settings/audit-log"))
    assert "Authentication > Google" in audit
    assert "Organisation: Corp.Example" in audit


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ({"client_id": ""}, "Client ID is required."),
        ({"client_secret": ""}, "Client Secret is required."),
        ({"hosted_domain": "not a domain"}, "Organisation is the domain"),
        ({"hosted_domain": "a@corp.example"}, "Organisation is the domain"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(form: dict[str, str], complaint: str, admin: Browser) -> None:
    path = f"{PAGE}/providers/google"
    entries = {"version": "0", "kind": "google", "client_id": "g", "client_secret": "s", **form}

    answer = await admin.post(path, entries, page=f"{path}?kind=google")

    assert 422 == answer.status_code
    assert complaint in words(answer)


async def test_a_provider_is_turned_off_and_on_again(ready: House, admin: Browser, browser: Browser, other: Op) -> None:
    await set_up_other(admin, other)

    assert 303 == (await admin.post(f"{OTHER}/disable", page=PAGE)).status_code
    assert "SIGN IN" in words(await browser.get("/user/login"))
    assert 400 == (await browser.get("/oauth2/authorization/other")).status_code

    assert 303 == (await admin.post(f"{OTHER}/enable", page=PAGE)).status_code
    assert 303 == (await browser.get("/oauth2/authorization/other")).status_code


async def test_a_provider_is_disconnected_by_name(ready: House, admin: Browser, other: Op) -> None:
    await set_up_other(admin, other)
    assert 422 == (await admin.post(f"{OTHER}/disconnect", {"confirmation": "no"}, page=PAGE)).status_code

    assert 303 == (await admin.post(f"{OTHER}/disconnect", {"confirmation": "disconnect"}, page=PAGE)).status_code

    assert ["oidc"] == [each.id for each in ready.ctx.live.document.providers]


@pytest.mark.parametrize("deed", ["disable", "disconnect"])
async def test_the_last_way_of_every_administrator_stays(deed: str, ready: House, admin: Browser, other: Op) -> None:
    """Form login off, and the administrator connected with the first provider alone."""
    await set_up_other(admin, other)
    departure = await admin.post("/user/account/connect", {"provider": "oidc"}, page="/user/account")
    back = (await admin.outside.get(departure.headers["location"])).headers["location"]
    await admin.get(back)
    assert 303 == (await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)).status_code

    answer = await admin.post(f"{PAGE}/oidc/{deed}", {"confirmation": "disconnect"}, page=PAGE)

    assert 409 == answer.status_code
    assert "no administrator has signed in with another provider yet" in words(answer)
    assert 303 == (await admin.post(f"{OTHER}/{deed}", {"confirmation": "disconnect"}, page=PAGE)).status_code


async def test_options_are_saved_and_noted(ready: House, admin: Browser, browser: Browser, provider: Op) -> None:
    path = f"{PAGE}/oidc/options"
    form = {
        "label": "Company account",
        "domains": "Corp.example\n@münchen.example",
        "prompt": "select_account",
        "max_age": "60",
        "parameters": "ui_locales=de\nidentity_provider = Corporate",
    }

    assert 303 == (await save(admin, path, form))[0]

    assert "Company account" in words(await browser.get("/user/login"))
    assert ("corp.example", "xn--mnchen-3ya.example") == saved(ready, "oidc").domains
    await admin.activate()
    await browser.get("/oauth2/authorization/oidc")
    departure = (await browser.get("/oauth2/authorization/oidc")).headers["location"]
    for part in ("ui_locales=de", "identity_provider=Corporate", "prompt=select_account", "max_age=3600"):
        assert part in departure
    assert "Text of the button: Company account" in words(await admin.get("/settings/audit-log"))


async def test_a_domain_belongs_to_one_provider(ready: House, admin: Browser, other: Op) -> None:
    await set_up_other(admin, other)
    await save(admin, f"{OTHER}/options", {"label": "Other", "domains": "corp.example"})

    status, page = await save(admin, f"{PAGE}/oidc/options", {"label": "First", "domains": "CORP.example"})

    assert 422 == status
    assert "corp.example belongs to OIDC (other) already." in page


async def test_options_of_a_provider_saved_meanwhile_are_not_overwritten(
    ready: House, admin: Browser, provider: Op
) -> None:
    path = f"{PAGE}/oidc/options"
    old = await version(admin, path)
    await put(ready, Provider(id="oidc", label="Meanwhile", settings=provider.settings()))

    answer = await admin.post(path, {"version": old, "label": "Mine"}, page=path)

    assert 409 == answer.status_code
    assert "Somebody else has saved" in words(answer)


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_what_the_house_says_itself_cannot_be_set(name: str) -> None:
    google = Provider(id="google", settings=google_settings(client_id="a", client_secret=Secret("b")))

    _provider, errors = settle(OptionsForm(label="a", parameters=f"{name}=x"), google)

    assert f"{name} is the house's own, and cannot be set here." == errors["parameters"]
    assert name not in PARAMETERS


@pytest.mark.parametrize(
    "typed", ["unheard=x", "ui_locales", "=x", "ui_locales=", "ui_locales=a\nui_locales=b", "a b=c"]
)
def test_parameters_that_are_not_known_or_not_readable_are_refused(typed: str) -> None:
    google = Provider(id="google", settings=google_settings(client_id="a", client_secret=Secret("b")))

    assert "parameters" in settle(OptionsForm(label="a", parameters=typed), google)[1]


def test_github_takes_no_option_that_it_cannot_keep() -> None:
    settings = github_settings(client_id="a", client_secret=Secret("b"))
    github = Provider(id="github", kind=Kind.GITHUB, settings=settings)
    form = OptionsForm(label="a", prompt="login", max_age="5", is_form_post=True)

    assert {"prompt", "max_age", "parameters"} == set(settle(form, github)[1])


@pytest.mark.parametrize(
    ("other", "path"),
    [
        ({"options": Options(parameters=(("state", "x"),))}, "providers.google.options.parameters"),
        ({"options": Options(prompt="none")}, "providers.google.options.prompt"),
        ({"options": Options(max_age=30)}, "providers.google.options.max_age"),
        ({"domains": ("Corp.example",)}, "providers.google.domains"),
        ({"label": ""}, "providers.google.label"),
    ],
)
def test_a_file_can_set_no_option_that_the_page_could_not(other: dict[str, Any], path: str) -> None:
    settings = google_settings(client_id="a", client_secret=Secret("b"))
    google = Provider(**{"id": "google", "kind": Kind.GOOGLE, "settings": settings, **other})

    assert [path] == list(check_providers((google,)))
    assert {} == check_providers((Provider(id="google", kind=Kind.GOOGLE, settings=settings),))


@given(st.text(max_size=80), st.text(max_size=200), st.text(max_size=12), st.text(max_size=200), st.booleans())
def test_whatever_is_typed_is_refused_or_comes_back_as_it_was_read(
    label: str, domains: str, max_age: str, parameters: str, is_form_post: bool
) -> None:
    provider = Provider(id="google", settings=google_settings(client_id="a", client_secret=Secret("b")))
    entered = OptionsForm(
        label=label, domains=domains, max_age=max_age, parameters=parameters, is_form_post=is_form_post
    )

    changed, errors = settle(entered, provider)

    if errors:
        assert provider == changed
    else:
        assert (changed, {}) == settle(shown(changed), provider)
        assert all(name in PARAMETERS for name, _value in changed.options.parameters)


@given(st.text(max_size=60))
def test_a_domain_has_one_spelling(text: str) -> None:
    key = domain_key(text)

    assert key == domain_key(key)
    assert key.isascii()
    assert "@" not in key


@given(st.text(max_size=40))
def test_an_id_is_a_word_of_a_path(text: str) -> None:
    assert not is_provider_id(text) or re.fullmatch(r"[a-z][a-z0-9-]*", text)
