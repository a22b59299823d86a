"""Admin Settings: who may open them, users, apps, general, the audit log; and the home page."""

import re
from collections.abc import Callable

import msgspec
import pytest

from poolhouse.house.admission import Access
from poolhouse.house.app import House
from poolhouse.house.routes import ROUTES
from poolhouse.house.routes.row import Later
from poolhouse.house.store.audit import PAGE as AUDIT_PAGE
from tests.house.op import Provider
from tests.house.test_accounts import user_path
from tests.house.world import ADMIN, BASE, PASSWORD, Browser, words

NewBrowser = Callable[..., Browser]


def paths(access: Access) -> list[tuple[str, str]]:
    return [(row.method, row.path.replace("{id}", "some-id")) for row in ROUTES if row.access is access]


@pytest.mark.parametrize(("method", "path"), paths(Access.ADMINISTRATOR) + paths(Access.SIGNED_IN))
async def test_nobody_gets_in_without_signing_in(method: str, path: str, house: House, browser: Browser) -> None:
    answer = await browser.client.request(method, path)

    assert 303 == answer.status_code
    assert answer.headers["location"].startswith("/user/login")


async def test_no_page_of_the_administrators_opens_for_others(ready: House, browser: Browser) -> None:
    await browser.sso()
    for method, path in paths(Access.ADMINISTRATOR):
        answer = await browser.client.request(method, path)
        assert 403 == answer.status_code, path
        assert "For administrators only" in words(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/Settings/users",
        "/settings/users/",
        "//settings/users",
        "/settings//users",
        "/%73ettings/users/",
        "/settings;/users",
    ],
)
async def test_another_spelling_of_a_path_opens_nothing(path: str, house: House, browser: Browser) -> None:
    answer = await browser.get(path)

    assert answer.status_code in {303, 404}
    assert "User name" not in words(answer)


@pytest.mark.parametrize("method", ["get", "OPTIONS", "PUT", "DELETE", "TRACE", "PROPFIND"])
async def test_odd_methods_open_nothing(method: str, house: House, admin: Browser) -> None:
    answer = await admin.client.request(method, "/settings/apps/some-id/remove")

    assert answer.status_code in {404, 405}


async def test_every_page_of_the_table_opens(ready: House, admin: Browser) -> None:
    path = await user_path(admin, ADMIN)
    await admin.post("/settings/apps/new", {"name": "Wiki", "url": "https://wiki.example.com/"})
    app = re.search(r"/settings/apps/[0-9a-f-]{36}", (await admin.get("/settings/apps")).text)
    assert app is not None
    for row in ROUTES:
        if row.method == "GET" and row.access is not Access.PUBLIC and not re.search(r"\{(?!id\})", row.path):
            target = row.path if "{id}" not in row.path else (app[0] if "apps" in row.path else path)
            answer = await admin.get(target)
            assert answer.status_code in {200, 303}, row.path
            if answer.status_code == 200 and "html" in answer.headers["content-type"]:
                assert "default-src 'none'" in answer.headers["content-security-policy"]
                assert "no-store" == answer.headers["cache-control"]


def test_every_late_handler_is_there() -> None:
    from importlib import import_module
    from operator import attrgetter

    late = [row.handler for row in ROUTES if isinstance(row.handler, Later)]
    assert late
    for handler in late:
        assert callable(attrgetter(handler.name)(import_module(handler.module)))


async def test_health(house: House, browser: Browser) -> None:
    for name in ("live", "ready", "read"):
        answer = await browser.get(f"/health/{name}")
        assert 200 == answer.status_code


async def test_health_says_when_the_database_is_gone(house: House, browser: Browser) -> None:
    await house.ctx.db.close()

    assert 200 == (await browser.get("/health/live")).status_code
    assert 503 == (await browser.get("/health/ready")).status_code
    assert 503 == (await browser.get("/health/read")).status_code


async def test_a_fault_is_a_page_with_a_reference_and_lets_nobody_in(house: House, browser: Browser) -> None:
    import structlog

    await browser.log_in()
    await house.ctx.db.close()

    with structlog.testing.capture_logs() as logs:
        answer = await browser.get("/settings/users")

    assert 500 == answer.status_code
    assert "Something went wrong" in words(answer)
    found = re.search(r"<code>([0-9a-f]{12})</code>", answer.text)
    assert found is not None
    assert [found[1]] == [line["reference"] for line in logs if line["event"] == "request failed"]


async def test_a_page_that_is_not_there_says_so(house: House, browser: Browser) -> None:
    answer = await browser.get("/nowhere/at/all")

    assert 404 == answer.status_code
    assert "There is no such page" in words(answer)


@pytest.mark.parametrize(
    ("page", "action"),
    [
        ("authentication/oidc", ""),
        ("branding", ""),
        # A rule holds for everybody at once, so it is looked at first.
        ("entry/rules", "/settings/entry/rules/preview"),
    ],
)
async def test_the_return_key_does_what_the_form_is_for(page: str, action: str, ready: House, admin: Browser) -> None:
    form = (await admin.get(f"/settings/{page}")).text.partition('<form class="form"')[2].partition("</form>")[0]
    first = re.search(r'<button[^>]*type="submit"([^>]*)>(.*?)</button>', form)

    assert first is not None
    assert "" == first[2]
    found = re.search(r'formaction="([^"]*)"', first[1])
    assert action == (found[1] if found else "")


async def test_an_app_is_not_removed_by_one_press_and_the_button_says_which(ready: House, admin: Browser) -> None:
    for name in ("Wiki", "Chat"):
        await admin.post("/settings/apps/new", {"name": name, "url": f"https://{name.lower()}.example.com/"})
    page = (await admin.get("/settings/apps")).text

    for name in ("Wiki", "Chat"):
        button = re.search(f'<button[^>]*commandfor="([^"]+)"[^>]*aria-label="Remove {name}"', page)
        assert button is not None
        dialog = page.partition(f'<dialog class="dialog" id="{button[1]}"')[2].partition("</dialog>")[0]
        assert f'action="/settings/apps/{button[1].removeprefix("remove-")}/remove"' in dialog


async def test_sessions_are_told_apart_by_the_name_of_their_button(
    ready: House, admin: Browser, browser: Browser
) -> None:
    await browser.sso()

    assert re.search(
        r'aria-label="Sign out \S+, [^"]*203\.0\.113\.7, [^"]+ UTC"', (await admin.get("/settings/who-is-in")).text
    )


@pytest.mark.parametrize("page", ["users", "groups", "audit-log", "who-is-in"])
async def test_what_no_database_keeps_is_refused_and_no_fault_of_the_house(
    page: str, house: House, admin: Browser
) -> None:
    answer = await admin.get(f"/settings/{page}?q=%00")

    assert 400 == answer.status_code
    assert "This cannot be read" in words(answer)


async def test_a_call_for_a_user_pool_is_told_where_the_pool_is_in_its_own_protocol(
    ready: House, browser: Browser
) -> None:
    head = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSCognitoIdentityProviderService.SignUp"}

    answer = await browser.client.post("/", content=b"{}", headers=head)

    assert 400 == answer.status_code
    assert "UnknownOperationException" == answer.json()["__type"]
    assert f"This is the house at {BASE}" in answer.json()["message"]
    assert "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER" in answer.json()["message"]


async def test_a_call_for_a_user_pool_is_told_the_pools_address_by_the_providers_issuer(
    house: House, browser: Browser, provider: Provider
) -> None:
    settings = msgspec.structs.replace(provider.settings(), issuer="https://id.example.com/us-east-1_AbCdEfGhI")
    assert await house.use_oidc(settings)
    head = {"content-type": "application/x-amz-json-1.1"}

    answer = await browser.client.post("/", content=b"{}", headers=head)

    assert "user pool is at https://id.example.com." in answer.json()["message"]


async def test_static_files_are_served_immutable(house: House, browser: Browser) -> None:
    page = await browser.get("/user/login")
    found = re.search(r'href="(/static/hosted\.[0-9a-f]+\.css)"', page.text)
    assert found is not None

    answer = await browser.get(found[1])

    assert 200 == answer.status_code
    assert "immutable" in answer.headers["cache-control"]
    assert ".hosted-card" in answer.text


# home and apps


async def test_the_home_page_shows_who_is_signed_in_and_the_apps(house: House, admin: Browser) -> None:
    await house.add_app(name="Wiki", url="https://wiki.example.com/", description="What we know")

    text = words(await admin.get("/"))

    assert f"Signed in as {ADMIN}" in text
    assert "W Wiki What we know" in text


async def test_apps_are_added_changed_and_removed(admin: Browser) -> None:
    await admin.post(
        "/settings/apps/new", {"name": " Wiki ", "url": " https://wiki.example.com/ ", "description": "What we know"}
    )
    found = re.search(r"/settings/apps/[0-9a-f-]{36}", (await admin.get("/settings/apps")).text)
    assert found is not None
    assert 'title="https://wiki.example.com/"' in (await admin.get("/")).text

    await admin.post(found[0], {"name": "Handbook", "url": "https://handbook.example.com/", "letter": "\u00a7"})
    home = await admin.get("/")
    assert "\u00a7 Handbook" in words(home)

    await admin.post(f"{found[0]}/remove", page="/settings/apps")
    assert "No apps yet" in words(await admin.get("/"))
    assert 404 == (await admin.get(found[0])).status_code
    assert 404 == (await admin.post(f"{found[0]}/remove", page="/settings/apps")).status_code
    assert (
        404
        == (await admin.post(found[0], {"name": "a", "url": "https://a.example"}, page="/settings/apps")).status_code
    )
    text = words(await admin.get("/settings/audit-log"))
    for event in ("App added", "App changed", "App removed"):
        assert event in text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "a\nb"),
        ("url", ""),
        ("url", "wiki.example.com"),
        ("url", "javascript:alert(1)"),
        ("url", "data:text/html,x"),
        ("url", "https://user@wiki.example.com/"),
        ("description", "x" * 201),
        ("letter", "ab"),
    ],
)
async def test_an_app_that_cannot_be_right_is_refused(field: str, value: str, house: House, admin: Browser) -> None:
    form = {"name": "Wiki", "url": "https://wiki.example.com/", "description": "", "letter": "", field: value}

    answer = await admin.post("/settings/apps/new", form)

    assert 422 == answer.status_code
    assert f'id="f-{field}-error"' in answer.text
    assert "No apps yet" in words(await admin.get("/"))


async def test_seeding_an_app_twice_makes_one(house: House, admin: Browser) -> None:
    assert await house.add_app(name="Wiki", url="https://wiki.example.com/")
    assert not await house.add_app(name="Wiki again", url="https://wiki.example.com/")
    with pytest.raises(ValueError, match="URL must be absolute"):
        await house.add_app(name="Bad", url="javascript:alert(1)")

    assert "Wiki again" not in words(await admin.get("/"))


async def test_seeding_never_replaces_what_was_saved(ready: House, provider: Provider) -> None:
    assert not await ready.use_oidc(provider.settings(client_id="another"))
    assert "house-client" == ready.ctx.live.document.providers[0].settings.client_id


# general


async def test_the_instance_has_a_name(house: House, admin: Browser, browser: Browser) -> None:
    assert 422 == (await admin.post("/settings/general", {"instance_name": " "})).status_code
    assert 422 == (await admin.post("/settings/general", {"instance_name": "x" * 61})).status_code

    await admin.post("/settings/general", {"instance_name": "Acme <Tools>"})

    assert "Acme <Tools>" in words(await browser.get("/user/login"))
    assert "Acme &lt;Tools&gt;" in (await browser.get("/user/login")).text


# users


async def test_rights_are_given_and_taken_and_end_the_sessions(
    ready: House, admin: Browser, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    await browser.sso()
    path = await user_path(admin, "maria@example.com")

    await admin.post(f"{path}/make-administrator", page=path)
    assert 303 == (await browser.get("/")).status_code
    await browser.sso()
    assert 200 == (await browser.get("/settings/general")).status_code

    await admin.post(f"{path}/remove-administrator", page=path)
    assert 303 == (await browser.get("/settings/general")).status_code
    await browser.sso()
    assert 403 == (await browser.get("/settings/general")).status_code


async def test_sessions_are_listed_and_ended(ready: House, admin: Browser, browser: Browser) -> None:
    await browser.sso()
    path = await user_path(admin, "maria@example.com")
    text = words(await admin.get(path))
    assert "203.0.113.7" in text
    assert "Test browser" in text

    await admin.post(f"{path}/end-sessions", page=path)

    assert 303 == (await browser.get("/")).status_code
    assert "Not signed in anywhere" in words(await admin.get(path))


async def test_deleting_an_account_is_typed_to_confirm(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    browser = new_browser()
    await browser.sso()
    path = await user_path(admin, "maria@example.com")
    assert 409 == (await admin.post(f"{path}/delete", {"confirmation": "maria"}, page=path)).status_code

    assert 303 == (await admin.post(f"{path}/delete", {"confirmation": "maria@example.com"}, page=path)).status_code

    assert 303 == (await browser.get("/")).status_code
    assert 404 == (await admin.get(path)).status_code
    assert 404 == (await admin.post(f"{path}/disable", page="/settings/users")).status_code
    provider.person.sub = "the same person, made anew at the provider"
    assert 303 == (await new_browser().sso()).status_code


@pytest.mark.parametrize("deed", ["disable", "remove-administrator", "delete", "end-sessions"])
async def test_nobody_acts_on_their_own_account(deed: str, house: House, admin: Browser) -> None:
    path = await user_path(admin, ADMIN)

    answer = await admin.post(f"{path}/{deed}", {"confirmation": ADMIN}, page="/settings/users")

    assert 409 == answer.status_code
    assert "Ask another administrator" in words(answer)
    assert 200 == (await admin.get(path)).status_code


@pytest.mark.parametrize("deed", ["disable", "remove-administrator", "delete"])
async def test_the_last_administrator_who_can_sign_in_stays(
    deed: str, ready: House, admin: Browser, new_browser: NewBrowser
) -> None:
    """The second administrator came by OIDC, which is disconnected: only the first one could sign in again."""
    second = new_browser()
    await second.sso()
    path = await user_path(admin, "maria@example.com")
    await admin.post(f"{path}/make-administrator", page=path)
    await second.sso()
    await admin.post(
        "/settings/authentication/oidc/disconnect", {"confirmation": "disconnect"}, page="/settings/authentication"
    )
    first = await user_path(second, ADMIN)

    answer = await second.post(f"{first}/{deed}", {"confirmation": ADMIN}, page=first)

    assert 409 == answer.status_code
    assert "the last administrator who can sign in" in words(answer)
    assert 303 == (await new_browser().log_in(ADMIN, PASSWORD)).status_code


async def test_users_are_found_and_paged(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    for number in range(55):
        provider.person.sub = f"sub-{number}"
        provider.person.email = f"user_{number:02}@example.com"
        browser = new_browser()
        assert 303 == (await browser.sso()).status_code
        await browser.close()

    first = await admin.get("/settings/users")
    following = re.search(r'href="(/settings/users\?after=[^"]+)">Next', first.text)
    assert following is not None
    second = await admin.get(following[1].replace("&amp;", "&"))

    listed = re.findall(r">(user_\d\d@example\.com)<", first.text + second.text)
    assert [f"user_{number:02}@example.com" for number in range(55)] == listed
    found = words(await admin.get("/settings/users?q=USER_5"))
    assert 5 == found.count("user_5")
    assert "Nobody found" in words(await admin.get("/settings/users?q=%25"))


# audit log


async def test_the_audit_log_is_filtered_and_paged(house: House, admin: Browser) -> None:
    for number in range(AUDIT_PAGE + 5):
        await admin.post("/settings/general", {"instance_name": f"Name {number}"})

    first = await admin.get("/settings/audit-log?event=settings_changed")
    older = re.search(r'href="(/settings/audit-log\?[^"]*before=[^"]+)">Next', first.text)
    assert older is not None
    second = await admin.get(older[1].replace("&amp;", "&"))

    names = re.findall(r"Instance Name: (Name \d+)", words(first) + words(second))
    assert [f"Name {number}" for number in reversed(range(AUDIT_PAGE + 5))] == names
    assert 50 == first.text.count(">Settings changed</span>")
    assert ">Signed in</span>" not in first.text
    assert "Nothing found" in words(await admin.get("/settings/audit-log?q=nobody-like-that"))
    assert 200 == (await admin.get("/settings/audit-log?event=%3Cscript%3E&outcome=x&before=zzz&q=%25_%5C")).status_code
