"""
Settings that a file or the environment holds, on every page that has a form for one.

Each field is shown as it is, disabled, with what sets it; whatever is sent nevertheless changes nothing and ends on a
page that says so.
"""

import re
from html import unescape

import pytest

from poolhouse.house.admission import Access
from poolhouse.house.app import House
from poolhouse.house.routes import ROUTES
from poolhouse.house.settings.applying import apply_changes
from poolhouse.house.settings.values import flat
from poolhouse.kit.ambient import Secret
from tests.house.op import Provider
from tests.house.world import Browser, words

SOURCE = "the file house.toml"
PAGES = (
    "/settings/general",
    "/settings/email",
    "/settings/sessions",
    "/settings/embedding",
    "/settings/branding",
    "/settings/provisioning",
    "/settings/personal-tokens",
    "/settings/audit-log",
    "/settings/authentication",
    "/settings/authentication/form-login",
    "/settings/authentication/oidc",
    "/settings/authentication/oidc/options",
    "/settings/authentication/providers/google",
    "/settings/authentication/providers/google/options",
    "/settings/authentication/providers/github",
    "/settings/authentication/providers/github/options",
    "/settings/entry",
)
FILTERS = {"q", "event", "outcome", "since", "until", "test_to"}
"""Fields on those pages that are no settings: what is looked for, whom a test mail goes to."""


@pytest.fixture
async def held(ready: House) -> House:
    """Everything that can be held is."""
    client = {"client_id": "c", "client_secret": Secret("s")}
    for kind in ("google", "github"):
        given = {f"providers.{kind}.settings.{name}": value for name, value in client.items()}
        await apply_changes(ready.ctx, {f"providers.{kind}.kind": kind, **given}, by="test")
    ready.ctx.live.hold(flat(ready.ctx.live.document), SOURCE)
    return ready


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_shows_what_is_held_disabled_and_says_what_sets_it(path: str, held: House, admin: Browser) -> None:
    answer = await admin.get(path)

    assert 200 == answer.status_code
    assert f"Set by {SOURCE}." in words(answer)
    open_fields = set()
    for form in re.findall(r'<form[^>]*method="post".*?</form>', answer.text, re.DOTALL):
        for field in re.findall(r"<(?:input|select|textarea)[^>]*>", form):
            name = re.search(r' name="([^"]+)"', field)
            is_open = 'type="hidden"' not in field and " disabled" not in field and " readonly" not in field
            if name is not None and is_open:
                open_fields.add(unescape(name[1]))
    assert set() == open_fields - FILTERS


@pytest.mark.parametrize(
    "path", sorted({r.path for r in ROUTES if r.method == "POST" and r.access is Access.ADMINISTRATOR})
)
async def test_whatever_is_sent_ends_on_a_page_that_is_no_error_of_the_house(
    path: str, held: House, admin: Browser
) -> None:
    before = flat(held.ctx.live.document)
    form = {
        "days": "9", "free_attempts": "9", "longest_wait_minutes": "9", "goes_straight": "on", "who": "nobody",
        "invitation_days": "9", "claim": "c", "value": "v", "gives": "role:administrator", "confirmation": "disconnect",
        "client_id": "other", "client_secret": "other", "label": "Other", "instance_name": "Other", "issuer": "x",
        "version": str(held.ctx.live.document.version), "host": "other.example", "limit": "9", "policy": "anywhere",
        "accent": "#123456", "longest_days": "9",
    }  # fmt: skip

    answer = await admin.post(path.replace("{id}", "google"), form, page="/settings/general")

    assert 500 > answer.status_code, words(answer)
    after = flat(held.ctx.live.document)
    assert before == {name: value for name, value in after.items() if name in before}


async def test_what_is_not_held_is_saved_beside_what_is(ready: House, admin: Browser) -> None:
    ready.ctx.live.hold({"form_login.free_attempts": 5, "people.newcomers.who": "everybody"}, SOURCE)

    path = "/settings/authentication/form-login"
    assert 303 == (await admin.post(path, {"longest_wait_minutes": "30"})).status_code
    assert 303 == (await admin.post("/settings/entry", {"invitation_days": "30", "domains": ""})).status_code

    now = ready.ctx.live.document
    assert (5, 30, "everybody", 30) == (
        now.form_login.free_attempts,
        now.form_login.longest_wait_minutes,
        now.people.newcomers.who,
        now.people.invitation_days,
    )


async def test_a_provider_keeps_what_is_held_of_it(ready: House, provider: Provider, admin: Browser) -> None:
    """Also while the change waits as a candidate."""
    before = ready.ctx.live.document.providers[0]
    ready.ctx.live.hold(
        {"providers.oidc.settings.client_id": before.settings.client_id, "providers.oidc.label": before.label}, SOURCE
    )
    form = {name: value for name, value in provider.form(scope="openid email").items() if name != "client_id"}

    assert 303 == (await admin.set_up(form)).status_code
    assert 303 == (await admin.activate()).status_code
    options = {"domains": "example.com", "version": str(ready.ctx.live.document.version)}
    assert 303 == (await admin.post("/settings/authentication/oidc/options", options)).status_code

    after = ready.ctx.live.document.providers[0]
    assert ("openid email", ("example.com",)) == (after.settings.scope, after.domains)
    assert (before.settings.client_id, before.label) == (after.settings.client_id, after.label)


async def test_the_audit_log_page_says_that_its_days_are_held(house: House, admin: Browser) -> None:
    house.ctx.live.hold({"audit_log.days": 365}, SOURCE)

    answer = await admin.post("/settings/audit-log/keep", {"days": "9"}, page="/settings/audit-log")

    assert 409 == answer.status_code
    assert "audit_log.days is set by the file house.toml, so it can be changed there only." in words(answer)
    assert 365 == house.ctx.live.document.audit_log.days


async def test_claim_rules_that_are_held_are_shown_and_can_be_tried(house: House, admin: Browser) -> None:
    house.ctx.live.hold({"people.rules": []}, SOURCE)
    rule = {"claim": "groups", "test": "contains", "value": "staff", "gives": "role:administrator"}
    path = "/settings/entry/rules"

    shown = await admin.get(path)
    tried = await admin.post(f"{path}/preview", {**rule, "claims": '{"groups": ["staff"]}'}, page=path)
    refused = await admin.post(path, rule)

    assert f"Set by {SOURCE}." in words(shown)
    assert "Add rule" not in words(shown)
    assert 200 == tried.status_code
    assert (409, ()) == (refused.status_code, house.ctx.live.document.people.rules)
