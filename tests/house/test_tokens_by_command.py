"""``poolhouse house tokens``: as the pages have them."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from click.testing import Result

from poolhouse.house.app import Look, build
from poolhouse.house.settings.applying import apply_changes
from poolhouse.house.store import audit, tokens
from poolhouse.house.store.audit import Wanted
from poolhouse.house.token_making import Wanted as Asked
from poolhouse.house.token_making import check
from poolhouse.house.token_rules import TokenRules
from poolhouse.house.tokens import Kind, is_well_formed
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from tests.house.test_settings_by_name import command
from tests.house.world import ADMIN, BASE, house_settings

__all__ = ["command"]


def test_the_commands_make_list_and_revoke_tokens(command: Callable[..., Result]) -> None:
    url = f"{BASE}/apps/wiki/"
    command("apps", "add", url, "name=Wiki", "gate.upstream=http://127.0.0.1:9000")

    made = command("tokens", "create", "nightly", "--days", "30", "--app", url, "--group", "robots")
    secret = made.stdout.strip()
    (listed,) = json.loads(command("tokens", "list", "--json").stdout)
    plain = command("tokens", "list").stdout

    assert is_well_formed(secret)
    assert ("service", None, "nightly", [url], ["robots"]) == (
        listed["kind"], listed["person"], listed["name"], listed["apps"], listed["groups"],
    )  # fmt: skip
    assert ("command line", secret[:8]) == (listed["created_by"], listed["start"])
    assert secret not in plain + json.dumps(listed)
    assert "never used" in plain
    assert [] == json.loads(command("tokens", "list", "--kind", "personal", "--json").stdout)
    assert f"revoked {listed['id']}" in command("tokens", "revoke", listed["id"]).stdout
    assert "there is no token" in command("tokens", "revoke", listed["id"], code=1).output
    assert "" == command("tokens", "list").stdout


async def test_a_token_of_a_person_by_command_keeps_to_the_rules_and_is_in_the_audit_log(
    shared_url: str, clock: FixedClock, look: Look, command: Callable[..., Result]
) -> None:
    house = await build(house_settings(database=shared_url), clock=clock, entropy=SystemEntropy(), look=look)
    args = ("tokens", "create", "backup", "--days", "30", "--all-apps", "--person", ADMIN)
    made = await asyncio.to_thread(command, *args)
    (held,) = await house.ctx.db.read(lambda tx: tokens.list_tokens(tx, Kind.PERSONAL))
    await apply_changes(house.ctx, {"tokens.is_personal_allowed": False}, by="test")
    off = await asyncio.to_thread(partial(command, *args, code=1))
    events = await house.ctx.db.read(lambda tx: audit.list_events(tx, Wanted(event="token_made"), before="", rows=9))
    await house.close()

    assert held.account is not None
    assert (ADMIN, "command line", made.stdout[:8]) == (held.account.username, held.token.created_by, held.token.start)
    assert "Personal tokens are turned off." in off.output
    assert ["command line"] == [each.actor for each in events]


@pytest.mark.parametrize(
    ("words_", "wrong"),
    [
        (("--days", "0", "--app", "x"), "No app behind the gateway"),
        (("--days", "0"), "A whole number"),
        (("--days", "9"), "Choose the apps"),
        (("--days", "9", "--all-apps"), "names its apps"),
        (("--days", "9", "--all-apps", "--person", "nobody@example.com"), "nobody has"),
    ],
)
def test_a_token_that_may_not_be_is_not_made_by_command(
    words_: tuple[str, ...], wrong: str, command: Callable[..., Result]
) -> None:
    assert wrong in command("tokens", "create", "x", *words_, code=1).output


@pytest.mark.parametrize(
    ("kind", "wanted", "rules", "wrong"),
    [
        (Kind.PERSONAL, {"groups": ("staff",)}, TokenRules(), {"person"}),
        (Kind.PERSONAL, {"networks": ("10.0.0.0/8",)}, TokenRules(), {"person"}),
        (Kind.PERSONAL, {}, TokenRules(is_personal_allowed=False), {"person"}),
        (Kind.PERSONAL, {"days": "31"}, TokenRules(longest_days=30), {"days"}),
        (Kind.PERSONAL, {}, TokenRules(), set()),
        (Kind.SERVICE, {"is_for_all_apps": True}, TokenRules(), {"apps"}),
        (Kind.SERVICE, {"is_for_all_apps": False}, TokenRules(), {"apps"}),
    ],
)
def test_what_may_be_asked_for_is_one_rule_for_pages_and_commands(
    kind: Kind, wanted: dict[str, Any], rules: TokenRules, wrong: set[str]
) -> None:
    asked = Asked(**{"name": "backup", "days": "9", "apps": (), "is_for_all_apps": True, **wanted})

    assert wrong == set(check(asked, kind, rules=rules, apps=()))
