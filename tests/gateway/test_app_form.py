"""Admin Settings > Apps: an app behind the gateway, entered in the form, is served at once on this replica."""

import re
from collections.abc import Callable

import pytest

from poolhouse.house.pages.app_gate import gate_fields
from tests.gateway.world import Served, Upstream, until
from tests.house.conftest import admin, new_browser
from tests.house.world import Browser, words

__all__ = ["admin", "new_browser"]


def form(**fields: str) -> dict[str, str]:
    entered = gate_fields(None) | {"name": "Wiki", "url": "http://wiki.localhost:8500/", "gate": "on"} | fields
    return {name: value for name, value in entered.items() if value}


async def test_an_app_of_the_form_is_live_at_once(served: Served, app: Upstream, admin: Browser) -> None:
    saved = await admin.post(
        "/settings/apps/new", form(upstream=app.url, public_paths="/a/\n\n/b", groups="staff\nteam lead")
    )
    site = served.house._site
    assert site is not None
    await until(lambda: len(site.table.entries) == 1)
    gate = site.table.entries[0].gate

    assert 303 == saved.status_code
    assert gate is not None
    assert ("/a/", "/b") == gate.public_paths
    assert ("staff", "team lead") == gate.policy.groups
    assert 200 == (await served.ask("/b/x")).status
    assert 401 == (await served.ask("/")).status
    page = await admin.get(f"/settings/apps/{site.table.entries[0].app.id}")
    assert "staff\nteam lead" in page.text


async def test_an_app_that_is_removed_is_closed_at_once(served: Served, wiki: str, admin: Browser) -> None:
    await admin.post(f"/settings/apps/{wiki}/remove", {}, page="/settings/apps")
    site = served.house._site
    assert site is not None
    await until(lambda: not site.table.entries)

    assert 200 != (await served.ask("/open/")).status


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("url", "https://wiki.localhost:8500/", "URL must be reached where the house is"),
        ("url", "http://wiki.localhost/", "URL must be reached where the house is"),
        ("url", "http://wiki.localhost:8500/?a=b", "without a query"),
        ("url", "http://localhost:8500/", "On the house's own host"),
        ("url", "http://localhost:8500/settings/", "On the house's own host"),
        ("upstream", "ftp://10.0.0.5/", "Upstream must be http"),
        ("upstream", "http://user@10.0.0.5/", "Upstream must be http"),
        ("host_header", "wiki\u20ac", "Host Header is"),
        ("host_header", "wiki\r\nX-Forwarded-User: evil", "Host Header is"),
        ("authority", "no certificate", "Private CA must"),
        ("public_paths", "/a/../b", "is no plain path"),
        ("networks", "10.0.0.0/33", "is no network"),
        ("hours", "mon-fri 18:00-08:00", "ends before it begins"),
        ("timezone", "Mars/Olympus", "is no time zone"),
        ("claims", "department", "write name=value"),
        ("email_domains", "a@b.com", "is no domain"),
        ("email_domains", "*.example.com", "is no domain"),
        ("name_user", "X Forwarded", "Names of headers"),
        ("name_user", "X-Forwarded-Email", "Names of headers"),
        ("name_user", "Host", "HTTP itself needs"),
        ("name_user", "X-A\r\nX-B", "Names of headers"),
        ("answer_seconds", "0", "A whole number"),
        ("body_megabytes", "-1", "A whole number"),
    ],
)
async def test_what_cannot_be_is_not_saved(
    field: str, value: str, message: str, served: Served, admin: Browser, new_browser: Callable[..., Browser]
) -> None:
    answer = await admin.post("/settings/apps/new", form(**{"upstream": "http://10.0.0.5:3000", field: value}))

    assert 422 == answer.status_code
    assert message in words(answer)
    # Beside its field, and open to the eye.
    place = answer.text.index(f'name="{field}"')
    said = answer.text.index('class="field-error"')
    assert 0 < said - place < 1_000
    assert 1 == answer.text.count('class="field-error"')


async def test_every_rule_that_cannot_be_read_is_marked_at_once(served: Served, admin: Browser) -> None:
    wrong = {"email_domains": "@x", "claims": "foo", "networks": "10.0.0.0/99", "hours": "25:00-30:00"}

    answer = await admin.post("/settings/apps/new", form(upstream="http://10.0.0.5:3000", **wrong))

    assert len(wrong) == answer.text.count('class="field-error"')


async def test_a_domain_is_understood_however_it_is_written(served: Served, admin: Browser) -> None:
    entered = form(upstream="http://10.0.0.5:3000", email_domains="@Example.com\n@b\u00fccher.example\nplain.org")
    answer = await admin.post("/settings/apps/new", entered)

    assert 303 == answer.status_code, words(answer)
    site = served.house._site
    assert site is not None
    await until(lambda: len(site.table.entries) == 1)
    gate = site.table.entries[0].gate
    assert gate is not None
    assert ("example.com", "xn--bcher-kva.example", "plain.org") == gate.policy.email_domains


async def test_the_form_keeps_an_apps_token_header(served: Served, admin: Browser) -> None:
    entered = form(upstream="http://10.0.0.5:3000", token_header="X-Api-Token")
    assert 303 == (await admin.post("/settings/apps/new", entered)).status_code
    site = served.house._site
    assert site is not None
    await until(lambda: len(site.table.entries) == 1)

    page = await admin.get(f"/settings/apps/{site.table.entries[0].app.id}")

    assert re.search(r'name="token_header"[^>]*value="X-Api-Token"', page.text)


async def test_an_app_on_the_houses_address_is_warned_of(served: Served, admin: Browser) -> None:
    await admin.post("/settings/apps/new", form(url="http://localhost:8500/apps/wiki/", upstream="http://10.0.0.5"))
    site = served.house._site
    assert site is not None
    await until(lambda: len(site.table.entries) == 1)
    page = await admin.get(f"/settings/apps/{site.table.entries[0].app.id}")

    assert "This app shares the house's address" in words(page)
