"""Admin Settings > Authentication: what may be saved, what is shown, and that nobody can lock the administrators out."""

import asyncio
import os
import re
import threading
from collections.abc import Callable

import pytest

from poolhouse.house.app import House, Look, build
from poolhouse.house.roles import ADMINISTRATOR
from poolhouse.house.rp.form import LABELS, OidcForm, check_form, read_form
from poolhouse.house.session import csrf_token
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from tests.house.op import Provider, merged
from tests.house.people import account_named, give_role
from tests.house.world import ADMIN, BASE, PASSWORD, Browser, house_settings, words

NewBrowser = Callable[..., Browser]
PAGE = "/settings/authentication"
OIDC = f"{PAGE}/oidc"
GOOD = OidcForm(
    client_id="abc",
    client_secret="def",
    authorization_url="https://auth.example.com/oauth2/authorize",
    token_url="https://auth.example.com/oauth2/token",
    userinfo_url="https://auth.example.com/oauth2/userInfo",
    jwks_url="https://idp.example.com/pool/.well-known/jwks.json",
)


async def make_admin_of_provider(house: House, new_browser: NewBrowser) -> Browser:
    """The administrator connects their account with the provider; the browser stays signed in."""
    browser = new_browser()
    await browser.log_in()
    departure = await browser.post("/user/account/connect", page="/user/account")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    assert 303 == (await browser.get(back)).status_code
    return browser


# the form


async def test_every_control_is_called_exactly_by_its_label(admin: Browser) -> None:
    page = await admin.get(OIDC)

    for name, label in LABELS.items():
        assert re.search(
            rf'<label for="([^"]+)">{re.escape(label)}</label>.*?<input[^>]+id="\1" name="{name}"', page.text, re.DOTALL
        ), label
    assert '<label for="v-redirect-url">Redirect URL</label>' in page.text
    assert f'value="{BASE}/login/oauth2/code/oidc"' in page.text
    assert "Copy Redirect URL" in words(page)
    assert "SAVE &amp; RESTART" in page.text
    assert 'name="scope" type="text" value="openid email profile"' in page.text
    assert 'name="username_attribute" type="text" value="email"' in page.text


async def test_saving_applies_at_once_and_cuts_nobody_off(
    house: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    bystander = new_browser()
    await bystander.log_in()

    saved = await admin.set_up(provider.form())
    page = await admin.get(saved.headers["location"])

    assert "Version 1 is live" in words(page)
    assert "nobody was signed out" in words(page)
    assert 200 == (await bystander.get("/")).status_code
    assert "SIGN IN WITH OIDC SSO" in words(await new_browser().get("/user/login"))
    assert 303 == (await new_browser().sso()).status_code


async def test_a_sign_in_under_way_is_finished_by_the_version_it_began_with(
    ready: House, browser: Browser, new_browser: NewBrowser, provider: Provider, clock: FixedClock
) -> None:
    other = Provider(clock)
    await other.start()
    try:
        back = await browser.at_provider()
        await new_browser().set_up(other.form())

        assert 303 == (await browser.get(back)).status_code
    finally:
        await other.stop()
    assert 1 == provider.hits["token"]


async def test_a_sign_in_under_way_ends_when_oidc_is_disconnected(
    ready: House, browser: Browser, admin: Browser, provider: Provider
) -> None:
    back = await browser.at_provider()
    await admin.post(f"{OIDC}/disconnect", {"confirmation": "disconnect"}, page=PAGE)

    answer = await browser.get(back)

    assert 400 == answer.status_code
    assert 0 == provider.hits["token"]


async def test_blanks_around_pasted_values_are_taken_off_and_the_page_says_so(
    house: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    form = provider.form()
    form |= {
        "client_id": f" {form['client_id']}\t",
        "token_url": f"\u00a0{form['token_url']}\n",
        "client_secret": f"{form['client_secret']} ",
    }

    saved = await admin.set_up(form)
    text = words(await admin.get(saved.headers["location"]))

    assert "There were blanks around Client ID, Client Secret, Token URL." in text
    assert 303 == (await browser.sso()).status_code


async def test_the_saved_secret_is_not_shown_again(ready: House, admin: Browser, provider: Provider) -> None:
    from markupsafe import escape

    page = await admin.get(OIDC)

    assert provider.client_secret not in page.text
    assert str(escape(provider.client_secret)) not in page.text
    assert "A secret is saved." in words(page)


async def test_the_saved_secret_is_shown_on_demand_and_that_is_audited(
    ready: House, admin: Browser, provider: Provider
) -> None:
    from markupsafe import escape

    page = await admin.post(f"{OIDC}/secret", {"client_id": "typed meanwhile"}, page=OIDC)

    assert str(escape(provider.client_secret)) in page.text
    assert "no-store" == page.headers["cache-control"]
    assert 'value="typed meanwhile"' in page.text
    assert "Client Secret shown" in words(await admin.get("/settings/audit-log?event=secret_shown"))


async def test_an_empty_secret_keeps_the_saved_one(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    saved = await admin.set_up(provider.form(client_secret="", scope="openid email"))
    await admin.activate()

    assert 303 == saved.status_code
    assert 303 == (await browser.sso()).status_code
    assert "openid email" == provider.authorizations[-1]["scope"]


async def test_the_secret_is_sealed_in_the_store(ready: House, provider: Provider) -> None:
    from sqlalchemy import select

    from poolhouse.house.tables import settings_versions
    from poolhouse.kit.db.statement import compile_statement

    rows = await ready.ctx.db.all(compile_statement(select(settings_versions)))

    assert 1 == len(rows)
    assert provider.client_secret not in repr(rows)
    assert provider.client_secret.encode() not in rows[0][2]


async def test_changes_are_audited_by_field_and_the_secret_is_masked(
    ready: House, admin: Browser, provider: Provider
) -> None:
    await admin.set_up(provider.form(client_secret="brand new secret", scope="openid email"))

    text = words(await admin.get("/settings/audit-log?event=candidate_saved"))

    assert "Client Secret: \u2022\u2022\u2022\u2022\u2022\u2022; Scope: openid email" in text
    assert "brand new secret" not in text
    assert "Token URL" not in text


async def test_after_saving_the_page_says_what_a_sign_in_would_meet(
    house: House, admin: Browser, provider: Provider
) -> None:
    form = provider.form(client_secret="wrong", token_url=f"{provider.base}/oauth2/token")

    saved = await admin.set_up({**form, "userinfo_url": f"{provider.base}/nowhere"})
    text = words(await admin.get(saved.headers["location"]))

    assert "Client Secret needs a look" in text
    assert "User Info URL needs a look" in text
    assert "JWK Set URL needs a look" not in text
    assert "Authorization URL needs a look" not in text


async def test_after_saving_good_settings_nothing_needs_a_look(
    house: House, admin: Browser, provider: Provider
) -> None:
    saved = await admin.set_up(provider.form())

    assert "needs a look" not in words(await admin.get(saved.headers["location"]))


async def test_saving_over_what_was_saved_meanwhile_is_refused(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    old = re.search(r'name="version" value="(\d+)"', (await admin.get(OIDC)).text)
    assert old is not None
    await new_browser().set_up(provider.form(scope="openid"))

    answer = await admin.post(OIDC, {**provider.form(), "version": old[1]})

    assert 409 == answer.status_code
    assert "Somebody else has saved these settings" in words(answer)
    assert "openid" == ready.ctx.live.document.rollout.candidates[0].provider.settings.scope


@pytest.mark.parametrize("version", ["", "-1", "99", "x"])
async def test_a_version_that_never_was_is_refused(
    version: str, ready: House, admin: Browser, provider: Provider
) -> None:
    assert 409 == (await admin.post(OIDC, {**provider.form(), "version": version})).status_code


async def test_other_settings_saved_meanwhile_do_not_matter(ready: House, admin: Browser, provider: Provider) -> None:
    old = re.search(r'name="version" value="(\d+)"', (await admin.get(OIDC)).text)
    assert old is not None
    await admin.post("/settings/general", {"instance_name": "Acme"})

    assert 303 == (await admin.post(OIDC, {**provider.form(), "version": old[1]})).status_code
    assert "Acme" == ready.ctx.live.document.instance_name


async def test_errors_stand_beside_their_fields_and_entries_are_kept(house: House, admin: Browser) -> None:
    answer = await admin.set_up(
        {"client_id": "kept", "token_url": "ftp://x", "jwks_url": "https://a.example/.well-known/jwks.json"}
    )

    assert 422 == answer.status_code
    assert 'value="kept"' in answer.text
    assert 'id="f-token-url-error"' in answer.text
    assert re.search(r'id="f-token-url"[^>]*aria-invalid="true"', answer.text)
    assert "Client Secret is required." in words(answer)
    assert house.ctx.live.document.providers == ()


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("client_id", "", "Client ID is required."),
        ("client_id", "a\u00e9", "Client ID holds a character"),
        ("client_secret", "", "Client Secret is required."),
        ("client_secret", "x" * 3000, "Client Secret is longer than"),
        ("authorization_url", "", "Authorization URL is required"),
        ("authorization_url", "auth.example.com/oauth2/authorize", "Authorization URL must be an absolute URL"),
        ("authorization_url", "http://auth.example.com/authorize", "Authorization URL must begin with https://"),
        ("authorization_url", "https://auth.example.com/authorize#x", "Authorization URL must not have a fragment"),
        ("token_url", "https://user:pw@auth.example.com/token", "Token URL must be an absolute URL"),
        ("token_url", "https://auth.example.com\\@evil.example/token", "Token URL must be an absolute URL"),
        ("token_url", "https://auth.exa mple.com/token", "Token URL must be an absolute URL"),
        ("token_url", "javascript:alert(1)", "Token URL must be an absolute URL"),
        ("userinfo_url", "https://2130706433/userInfo", "User Info URL must be an absolute URL"),
        ("userinfo_url", "https://0x7f.1/userInfo", "User Info URL must be an absolute URL"),
        ("userinfo_url", "https://auth.example.com:0/userInfo", "User Info URL must be an absolute URL"),
        ("jwks_url", "https://auth.example.com:99999/jwks", "JWK Set URL must be an absolute URL"),
        ("jwks_url", "https://auth.example.com/keys", "Issuer is required, since"),
        ("scope", "email profile", "Scope must hold openid"),
        ("scope", 'openid "quoted"', "Scope is a list of words"),
        ("username_attribute", "e mail", "Username Attribute is the name of one claim"),
        ("issuer", "issuer", "Issuer must be an absolute URL"),
        ("issuer", "https://issuer.example.com/?x=1", "Issuer must not have a query"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused(field: str, value: str, complaint: str) -> None:
    import msgspec

    errors = check_form(msgspec.structs.replace(GOOD, **{field: value}), has_saved_secret=False)

    assert any(error.startswith(complaint) for error in errors.values()), errors


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8400/x",
        "http://127.0.0.1:8400/x",
        "http://[::1]:8400/x",
        "http://pool.localhost/x",
        "https://auth.example.com:8443/a/b?c=d",
    ],
)
def test_https_and_loopback_are_fine(url: str) -> None:
    import msgspec

    assert {} == check_form(msgspec.structs.replace(GOOD, token_url=url), has_saved_secret=False)


def test_a_form_without_fields_is_an_empty_form() -> None:
    assert (OidcForm(), ()) == read_form({})


# the cards


async def test_form_login_is_on_and_oidc_is_not_set_up_at_first(admin: Browser) -> None:
    page = await admin.get(PAGE)

    form_card, oidc_card = page.text.split('role="group"')[1:3]
    assert ">Disconnect<" in form_card
    assert ">Edit<" in form_card
    assert ">Enable<" in oidc_card
    assert ">Disconnect<" not in oidc_card


async def test_the_last_login_method_cannot_be_removed(house: House, admin: Browser) -> None:
    answer = await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)

    assert 409 == answer.status_code
    assert "This is the last login method, so it cannot be removed." in words(answer)
    assert house.ctx.live.document.form_login.is_enabled


async def test_form_login_stays_until_an_administrator_has_come_in_by_oidc(
    ready: House, admin: Browser, new_browser: NewBrowser
) -> None:
    await new_browser().sso()

    answer = await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)

    assert 409 == answer.status_code
    assert "No administrator has signed in with OIDC yet" in words(answer)


async def test_form_login_can_be_removed_once_an_administrator_has_come_in_by_oidc(
    ready: House, new_browser: NewBrowser
) -> None:
    admin = await make_admin_of_provider(ready, new_browser)

    assert 303 == (await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)).status_code

    login = await new_browser().get("/user/login")
    assert "Password" not in words(login)
    assert "SIGN IN WITH OIDC SSO" in words(login)
    other = new_browser()
    await other.get("/user/login")
    proof = csrf_token(ready.ctx.ring, session_id="", browser=other.cookie("house_browser") or "")
    form = {"csrf": proof, "email": ADMIN, "password": PASSWORD}
    refused = await other.client.post("/user/login", data=form, headers={"origin": BASE})
    assert 403 == refused.status_code
    assert "Form login is turned off" in words(refused)
    assert 200 == (await admin.get(PAGE)).status_code


async def test_turning_form_login_off_ends_what_it_has_opened_at_once(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    admin = await make_admin_of_provider(ready, new_browser)
    by_form, by_oidc, acting = new_browser(), new_browser(), new_browser()
    await by_form.log_in()
    await acting.log_in()
    await by_oidc.sso()

    assert 303 == (await acting.post(f"{PAGE}/form-login/disconnect", page=PAGE)).status_code

    assert 303 == (await by_form.get("/")).status_code
    assert [200] * 3 == [(await browser.get("/")).status_code for browser in (admin, by_oidc, acting)]
    assert "disconnected; sessions ended: 1" in words(await acting.get("/settings/audit-log"))


async def test_a_password_being_checked_when_form_login_is_turned_off_opens_nothing(
    ready: House, new_browser: NewBrowser
) -> None:
    admin, late = await make_admin_of_provider(ready, new_browser), new_browser()
    released = threading.Event()
    blocked = [asyncio.create_task(ready.ctx.cpu.run(released.wait)) for _ in range(os.cpu_count() or 1)]
    try:
        under_way = asyncio.create_task(late.log_in())
        await asyncio.sleep(0.1)
        assert 303 == (await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)).status_code
        assert not under_way.done()
    finally:
        released.set()
        await asyncio.gather(*blocked)

    assert 401 == (await under_way).status_code
    assert late.cookie("house_session") is None


async def test_then_oidc_is_the_last_method_and_stays(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    admin = await make_admin_of_provider(ready, new_browser)
    await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)

    answer = await admin.post(f"{OIDC}/disconnect", {"confirmation": "disconnect"}, page=PAGE)

    assert 409 == answer.status_code
    assert "This is the last login method" in words(answer)


async def test_then_another_issuer_cannot_be_put_in_force_unseen(
    ready: House, new_browser: NewBrowser, provider: Provider, clock: FixedClock
) -> None:
    admin = await make_admin_of_provider(ready, new_browser)
    await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)
    other = Provider(clock)
    await other.start()
    try:
        version = re.search(r'name="version" value="(\d+)"', (await admin.get(OIDC)).text)
        assert version is not None
        assert 303 == (await admin.post(OIDC, {**other.form(), "version": version[1]})).status_code
        answer = await admin.activate()
    finally:
        await other.stop()

    assert 409 == answer.status_code
    assert "Turn form login on first" in words(answer)
    assert provider.base == ready.ctx.live.document.providers[0].settings.issuer


async def test_form_login_can_be_turned_on_again(ready: House, new_browser: NewBrowser) -> None:
    admin = await make_admin_of_provider(ready, new_browser)
    await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)

    await admin.post(f"{PAGE}/form-login/enable", page=PAGE)

    assert 303 == (await new_browser().log_in()).status_code


async def test_the_last_administrator_cannot_disconnect_their_way_in(ready: House, new_browser: NewBrowser) -> None:
    admin = await make_admin_of_provider(ready, new_browser)
    await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)
    page = await admin.get("/user/account")
    fields = dict(re.findall(r'name="(issuer|subject)" value="([^"]*)"', page.text))

    answer = await admin.post("/user/account/disconnect", fields, page="/user/account")

    assert 409 == answer.status_code
    assert "the only way you can sign in" in words(answer)


async def test_disconnecting_oidc_is_typed_to_confirm_and_keeps_accounts_and_sessions(
    ready: House, admin: Browser, browser: Browser, new_browser: NewBrowser
) -> None:
    await browser.sso()
    assert 422 == (await admin.post(f"{OIDC}/disconnect", {"confirmation": ""}, page=PAGE)).status_code

    assert 303 == (await admin.post(f"{OIDC}/disconnect", {"confirmation": "disconnect"}, page=PAGE)).status_code

    assert ready.ctx.live.document.providers == ()
    assert "SIGN IN WITH OIDC SSO" not in words(await new_browser().get("/user/login"))
    assert 200 == (await browser.get("/")).status_code
    assert "turned off" in words(await new_browser().depart())


async def test_the_brakes_can_be_set(house: House, admin: Browser, browser: Browser) -> None:
    page = f"{PAGE}/form-login"
    for wrong in ("0", "21", "x", "", "-1", "1e1", "\u0663"):
        assert 422 == (await admin.post(page, {"free_attempts": wrong, "longest_wait_minutes": "15"})).status_code

    await admin.post(page, {"free_attempts": "2", "longest_wait_minutes": "1"})

    assert [401, 401, 429] == [(await browser.log_in(ADMIN, "wrong")).status_code for _ in range(3)]


async def test_the_logout_url_is_derived_and_shown(ready: House, admin: Browser, provider: Provider) -> None:
    text = words(await admin.get(OIDC))

    assert f"{provider.base}/logout" in text
    assert f"{BASE}/user/logged-out" in text


@pytest.mark.parametrize(
    ("authorization", "end_session", "logout"),
    [
        ("/oauth2/authorize", "", "{base}/logout"),
        ("/oauth2/authorize", "{base}/logout", "{base}/logout"),
        ("/oauth2/authorize", "{base}/oauth2/logout", "{base}/oauth2/logout"),
        ("/domains/acme/oauth2/authorize", "", "{base}/domains/acme/logout"),
        ("/v1/authorize", "{base}/v1/logout", "{base}/v1/logout"),
        ("/v1/authorize", "", ""),
    ],
)
def test_cognitos_logout_is_told_from_the_standards(
    authorization: str, end_session: str, logout: str, provider: Provider
) -> None:
    from poolhouse.house.rp.logout import logout_url

    base = "https://auth.example.com"
    settings = provider.settings(
        authorization_url=base + authorization, end_session_url=end_session.replace("{base}", base)
    )

    assert logout.replace("{base}", base) == logout_url(settings)


async def test_the_derived_issuer_is_shown(ready: House, admin: Browser, provider: Provider) -> None:
    assert f"Derived from the JWK Set URL: {provider.base}" in words(await admin.get(OIDC))


async def test_sign_out_of_the_provider_is_learned_from_its_document(
    house: House, admin: Browser, provider: Provider
) -> None:
    provider.change_discovery = merged(end_session_endpoint=f"{provider.base}/end-session")

    await admin.set_up(provider.form())

    assert f"{provider.base}/end-session" in words(await admin.get(OIDC))


async def test_two_changes_at_once_lock_nobody_out(
    shared_url: str, clock: FixedClock, look: Look, provider: Provider
) -> None:
    """Each of them alone leaves an administrator who can sign in; both together would leave none."""
    settings = house_settings(database=shared_url)
    houses = [await build(settings, clock=clock, entropy=SystemEntropy(), look=look) for _ in range(2)]
    try:
        assert await houses[0].use_oidc(provider.settings())
        maria, first, second = Browser(houses[0]), Browser(houses[0]), Browser(houses[1])
        await maria.sso()
        await give_role(houses[0], "maria@example.com", ADMINISTRATOR)
        path = f"/settings/users/{(await account_named(houses[0], 'maria@example.com')).id}"
        for each in (first, second):
            await each.log_in()
        form = {"csrf": await first.csrf(PAGE)}, {"csrf": await second.csrf(path)}

        answers = await asyncio.gather(
            first.client.post(f"{PAGE}/form-login/disconnect", data=form[0], headers={"origin": BASE}),
            second.client.post(f"{path}/remove-administrator", data=form[1], headers={"origin": BASE}),
        )

        assert [303, 409] == sorted(each.status_code for each in answers)
    finally:
        for each in (maria, first, second):
            await each.close()
        for house in houses:
            await house.close()
