"""Pages of tokens: a person's own, and an administrator's."""

import re
from collections.abc import Callable

import httpx
import pytest

from poolhouse.house.app import House
from poolhouse.house.freshness import is_fresh
from poolhouse.house.gate import Gate, Policy
from poolhouse.house.model import Session
from poolhouse.house.store import apps
from poolhouse.house.store import tokens as token_store
from poolhouse.house.tokens import Kind, Token, is_well_formed
from poolhouse.kit.ambient import Epoch, FixedClock
from poolhouse.kit.db.protocol import Tx
from tests.house.op import Provider
from tests.house.world import Browser, words


@pytest.fixture
async def wiki(house: House) -> str:
    """The id of an app behind the gateway."""
    await house.add_app(name="Wiki", url="http://wiki.localhost:8500/", gate=Gate(upstream="http://127.0.0.1:1"))
    await house.add_app(name="Link", url="https://example.com/")
    (found,) = [app.id for app in await house.ctx.db.read(apps.list_apps) if app.gate is not None]
    return found


async def kept(house: House, kind: Kind = Kind.PERSONAL) -> list[Token]:
    return [held.token for held in await house.ctx.db.read(lambda tx: token_store.list_tokens(tx, kind))]


def shown(page: httpx.Response) -> str:
    found = re.search(r'value="(ph_[^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


async def audit(admin: Browser) -> str:
    return words(await admin.get("/settings/audit-log"))


async def test_a_token_is_shown_once_and_kept_as_a_digest(house: House, admin: Browser, wiki: str) -> None:
    made = await admin.post("/user/tokens", {"name": "Backup", "days": "30", "for": "some", f"app-{wiki}": "on"})
    token, (row,) = shown(made), await kept(house)

    assert is_well_formed(token)
    assert "no-store" in made.headers["cache-control"]
    assert (("Backup", (wiki,), False), row.start) == ((row.name, row.apps, row.is_for_all_apps), token[:8])
    assert token not in (await admin.get("/user/tokens")).text
    assert "Wiki" in words(await admin.get("/user/tokens"))
    assert token not in await audit(admin)
    assert "Token made" in await audit(admin)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": ""}, "Name has 1 to 80 characters."),
        ({"days": "91"}, "A whole number from 1 to 90."),
        ({"days": "0"}, "A whole number from 1 to 90."),
        ({"days": "-1"}, "A whole number from 1 to 90."),
        ({"days": "²"}, "A whole number from 1 to 90."),
        ({"for": "some"}, "Choose the apps that it is for."),
        ({"for": "some", "app-other": "on"}, "One of the apps is no longer there."),
    ],
)
async def test_what_cannot_be_is_not_made(
    form: dict[str, str], said: str, house: House, admin: Browser, wiki: str
) -> None:
    page = await admin.post("/user/tokens", {"name": "Backup", "days": "30", "for": "all", **form})

    assert 422 == page.status_code
    assert said in words(page)
    assert [] == await kept(house)


async def test_whoever_signed_in_long_ago_signs_in_again_first(
    house: House, admin: Browser, wiki: str, clock: FixedClock
) -> None:
    form = {"name": "Backup", "days": "30", "for": "all"}
    clock.advance(601)
    page = await admin.get("/user/tokens")
    refused = await admin.post("/user/tokens", form)

    assert "Sign in again" in words(page)
    assert 403 == refused.status_code
    assert [] == await kept(house)
    again = await admin.post("/user/tokens/sign-in-again", page="/user/tokens")
    assert "/user/login?to=/user/tokens" == again.headers["location"]
    assert 303 == (await admin.log_in(to="/user/tokens")).status_code
    assert 200 == (await admin.post("/user/tokens", form)).status_code


async def test_a_sign_in_for_tokens_asks_the_provider_anew(ready: House, provider: Provider, browser: Browser) -> None:
    await browser.depart("/user/tokens")
    assert "prompt=login" in (await browser.depart("/user/tokens")).headers["location"]
    assert "prompt=login" not in (await browser.depart("/")).headers["location"]


@pytest.mark.parametrize(("claims", "is_so"), [("", True), ('{"auth_time":1799990000}', False),
                                               ('{"auth_time":1800000000}', True), ('{"auth_time":true}', True)])  # fmt: skip
async def test_an_old_sign_in_at_the_provider_is_not_fresh(
    claims: str, is_so: bool, house: House, clock: FixedClock
) -> None:
    from tests.house.test_store import an_account

    now = clock.now()
    session = Session(
        key=b"", account=an_account(), method="oidc", issuer="", subject="", claims=claims, sealed_id_token=None,
        created_at=now, seen_at=now, expires_at=now,
    )  # fmt: skip
    assert is_so == is_fresh(session, now)


async def test_apps_that_somebody_may_not_open_are_not_offered(house: House, admin: Browser, wiki: str) -> None:
    gate = Gate(upstream="http://127.0.0.1:1", policy=Policy(groups=("staff",)))
    await house.add_app(name="Payroll", url="http://pay.localhost:8500/", gate=gate)
    page = words(await admin.get("/user/tokens"))

    assert "Wiki" in page
    assert "Payroll" not in page


async def test_a_token_is_revoked_by_its_owner_and_by_no_other_person(
    ready: House, admin: Browser, new_browser: Callable[..., Browser], wiki: str
) -> None:
    await admin.post("/user/tokens", {"name": "Backup", "days": "30", "for": "all"})
    (token,) = await kept(ready)
    other = new_browser()
    await other.sso()
    stolen = await other.post(f"/user/tokens/{token.id}/revoke", page="/user/account")

    assert 404 == stolen.status_code
    assert 1 == len(await kept(ready))
    assert 303 == (await admin.post(f"/user/tokens/{token.id}/revoke", page="/user/tokens")).status_code
    assert [] == await kept(ready)
    assert "Token revoked" in await audit(admin)


async def test_nobody_makes_one_where_that_is_turned_off(house: House, admin: Browser, wiki: str) -> None:
    saved = await admin.post("/settings/personal-tokens", {"has-is_personal_allowed": "1", "longest_days": "90"})
    page = await admin.get("/user/tokens")
    refused = await admin.post("/user/tokens", {"name": "x", "days": "30", "for": "all"}, page="/user/account")

    assert 303 == saved.status_code
    assert "Personal tokens are turned off" in words(page)
    assert 403 == refused.status_code
    assert [] == await kept(house)


async def test_the_longest_life_is_a_setting(house: House, admin: Browser, wiki: str) -> None:
    wrong = await admin.post("/settings/personal-tokens", {"is_personal_allowed": "on", "longest_days": "0"})
    assert "Give a number of days from 1 to 3650." in words(wrong)
    await admin.post("/settings/personal-tokens", {"is_personal_allowed": "on", "longest_days": "7"})

    assert 422 == (await admin.post("/user/tokens", {"name": "x", "days": "8", "for": "all"})).status_code
    assert "Longest life" in await audit(admin) or "longest_days" in await audit(admin)


async def test_an_administrator_sees_and_revokes_everybodys(
    ready: House, admin: Browser, new_browser: Callable[..., Browser], provider: Provider, wiki: str
) -> None:
    person = new_browser()
    await person.sso()
    made = await person.post("/user/tokens", {"name": "Mine", "days": "30", "for": "all"})
    assert 200 == made.status_code, words(made)
    (token,) = await kept(ready)
    page = words(await admin.get("/settings/personal-tokens"))

    assert "Mine" in page
    assert provider.person.email in page
    path = "/settings/personal-tokens"
    assert 303 == (await admin.post(f"{path}/{token.id}/revoke", page=path)).status_code
    assert [] == await kept(ready)


async def test_an_administrator_sees_a_page_at_a_time_and_one_persons_alone(
    house: House, admin: Browser, wiki: str
) -> None:
    async def add(tx: Tx) -> None:
        for number in range(token_store.PAGE + 1):
            token = Token(
                id=f"id-{number:03}", kind=Kind.PERSONAL, account_id="ann" if number else "ben", name=f"Token {number:03}",
                start="ph_", apps=(), is_for_all_apps=True, groups=(), networks=(), created_at=Epoch(1 + number // 60),
                created_by="", expires_at=Epoch(4_000_000_000), used_at=None, used_from="",
            )  # fmt: skip
            await token_store.put_token(tx, token, str(number).encode())

    await house.ctx.db.write(add)
    first = await admin.get("/settings/personal-tokens")
    (onward,) = re.findall(r'href="(/settings/personal-tokens\?after=[^"]+)"', first.text)
    second = await admin.get(onward)
    shown_names = re.findall(r"(?<!Revoke )Token \d{3}", first.text + second.text)

    assert [f"Token {number:03}" for number in range(token_store.PAGE + 1)] == sorted(shown_names)
    assert "Token 000" in words(await admin.get("/settings/personal-tokens?user=ben"))
    assert "Token 001" not in words(await admin.get("/settings/personal-tokens?user=ben"))


async def test_an_administrator_makes_a_token_for_a_machine(house: House, admin: Browser, wiki: str) -> None:
    path = "/settings/service-tokens"
    form = {"name": "Export", "days": "365", f"app-{wiki}": "on", "groups": "robots", "networks": "10.0.0.0/8"}
    made = await admin.post(f"{path}/new", form)
    (token,) = await kept(house, Kind.SERVICE)

    assert is_well_formed(shown(made))
    assert (("robots",), ("10.0.0.0/8",), "") == (token.groups, token.networks, token.account_id)
    assert "10.0.0.0/8" in words(await admin.get(path))
    assert 404 == (await admin.post(f"/user/tokens/{token.id}/revoke", page="/user/tokens")).status_code
    assert 303 == (await admin.post(f"{path}/{token.id}/revoke", page=path)).status_code
    assert [] == await kept(house, Kind.SERVICE)


@pytest.mark.parametrize(
    ("form", "said"),
    [({"networks": "10.0.0.1/8"}, "is no network"), ({"networks": "here"}, "is no network"),
     ({"groups": "a,b"}, "One group in each line"), ({"days": "3651"}, "from 1 to 3650")],
)  # fmt: skip
async def test_a_service_token_that_cannot_be_is_not_made(
    form: dict[str, str], said: str, house: House, admin: Browser, wiki: str
) -> None:
    whole = {"name": "Export", "days": "365", f"app-{wiki}": "on", **form}
    page = await admin.post("/settings/service-tokens/new", whole)

    assert 422 == page.status_code
    assert said in words(page)
    assert [] == await kept(house, Kind.SERVICE)


@pytest.mark.parametrize(
    "path", ["/settings/service-tokens", "/settings/service-tokens/new", "/settings/personal-tokens"]
)
async def test_these_are_an_administrators_pages(path: str, ready: House, browser: Browser) -> None:
    await browser.sso()

    assert 403 == (await browser.get(path)).status_code


async def test_an_app_takes_the_tokens_of_a_provider_that_is_there(
    ready: House, admin: Browser, wiki: str, provider: Provider
) -> None:
    form = {
        "name": "Wiki", "url": "http://wiki.localhost:8500/", "gate": "on", "upstream": "http://127.0.0.1:1",
        "answer_seconds": "60", "idle_seconds": "300", "body_megabytes": "0", "check_seconds": "15",
        "check_status": "200", "resource_provider": "oidc", "resource_scopes": "read\nwrite",
        "resource_scope_rules": "POST /items items.write", "resource_audiences": "http://wiki.localhost:8500/mcp",
    }  # fmt: skip
    path = f"/settings/apps/{wiki}"
    saved = await admin.post(path, form)
    assert 303 == saved.status_code, words(saved)
    page = await admin.get(path)

    assert "http://wiki.localhost:8500/.well-known/oauth-protected-resource/mcp" in page.text
    assert "items.write" in page.text
    for wrong, said in (
        ({"resource_provider": "gone"}, "Choose one of the providers"),
        ({"resource_scope_rules": "items"}, "write POST /items items.write"),
        ({"resource_scopes": 'a"b'}, "is no scope"),
        ({"resource_introspection_url": "ftp:x"}, "Introspection URL must be"),
        ({"resource_introspection_url": "https://evil.example/introspect"}, "must be at the provider"),
        ({"resource_is_passed_on": "on", "token_header": "X-Token"}, "cannot be passed on"),
        ({"token_header": "X-User", "name_user": "x-user"}, "each is used once"),
        ({"token_header": "Cookie"}, "cannot carry an identity or a token"),
        ({"token_header": "Authorization"}, "leave Token Header empty"),
    ):
        refused = await admin.post(path, {**form, **wrong})
        assert 422 == refused.status_code, wrong
        assert said in words(refused)
