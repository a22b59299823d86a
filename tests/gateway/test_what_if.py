"""What if: the gateway's own verdict for other people, other places, other rules."""

import pytest

from poolhouse.house.gate import Gate, Policy
from tests.gateway.test_portal import WIKI, administrator, look, send, words_of
from tests.gateway.world import Served, Upstream
from tests.house.people import make_group, put_in

PATH = "/settings/what-if"


@pytest.fixture
async def closed(served: Served, app: Upstream) -> str:
    policy = Policy(groups=("Staff",), networks=("10.0.0.0/8",), hours=("mon-fri 08:00-18:00",))
    return await served.add(WIKI, Gate(upstream=app.url, policy=policy))


async def test_a_person_a_place_and_a_time_are_judged_rule_by_rule(served: Served, closed: str) -> None:
    await served.sign_in()
    ada = await administrator(served)
    asked = {"app": closed, "who": "maria@example.com", "address": "10.1.2.3", "at": "2026-03-31T09:00"}

    before = words_of(await send(served, ada, PATH, PATH, **asked))
    await put_in(served.house, await make_group(served.house, "Staff"), "maria@example.com")
    after = words_of(await send(served, ada, PATH, PATH, **asked))
    late = words_of(await send(served, ada, PATH, PATH, **{**asked, "at": "2026-03-31T19:00"}))

    assert "No: Wiki would not open" in before
    assert "Groups Does not hold Staff What there is: nothing" in before
    assert "Yes: Wiki would open" in after
    assert "Hours Does not hold mon-fri 08:00-18:00 (UTC) What there is: tue 19:00" in late


async def test_somebody_made_up_is_judged_as_well(served: Served, closed: str) -> None:
    ada = await administrator(served)
    asked = {"app": closed, "claims": '{"groups": ["Staff"]}', "address": "10.1.2.3", "at": "2026-03-31T09:00"}

    assert "Yes: Wiki would open" in words_of(await send(served, ada, PATH, PATH, **asked))


@pytest.mark.parametrize(
    "wrong",
    [
        {"claims": "[1]"},
        {"claims": "[" * 9000},
        {"at": "noon"},
        {"who": "nobody@example.com"},
        {"app": "none"},
        {"address": "999.1.1.1"},
    ],
)
async def test_what_cannot_be_judged_is_said_beside_its_field(
    wrong: dict[str, str], served: Served, closed: str
) -> None:
    ada = await administrator(served)

    answer = await send(served, ada, PATH, PATH, **{"app": closed, **wrong})

    assert 422 == answer.status
    assert 'aria-invalid="true"' in answer.text


async def test_other_rules_are_tried_on_everybody_and_on_the_openings_of_last_week(
    served: Served, app: Upstream
) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url, policy=Policy(email_domains=("example.com",))))
    maria = await served.sign_in()
    leo = await served.sign_in(email="leo@other.example", name="Leo", groups=["Staff"])
    ada = await administrator(served)
    await served.at_app(app_id, maria)
    path = f"/settings/apps/{app_id}/rules"

    page = words_of(await send(served, ada, path, path, groups="Staff"))

    assert "Could open it from then on leo@other.example" in page
    assert "Could no longer open it ada@example.com, admin@example.com, maria@example.com" in page
    assert "would have been refused 1 of 1" in page
    assert 403 == (await look(served, leo, f"/user/open/{app_id}")).status
    assert 303 == (await send(served, ada, f"{path}/save", path, groups="Staff")).status
    assert 303 == (await look(served, leo, f"/user/open/{app_id}")).status
    assert 403 == (await look(served, maria, f"/user/open/{app_id}")).status
    assert "Rules: groups, email_domains" in (await look(served, ada, "/settings/audit-log")).text


async def test_rules_that_cannot_be_read_are_neither_tried_nor_saved(served: Served, closed: str) -> None:
    ada = await administrator(served)
    path = f"/settings/apps/{closed}/rules"

    assert 422 == (await send(served, ada, path, path, networks="everywhere")).status
    assert 422 == (await send(served, ada, f"{path}/save", path, networks="everywhere")).status


async def test_names_of_people_are_for_those_who_manage_people(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url))
    await served.sign_in()
    ada = await administrator(served, "app-administrator")
    path = f"/settings/apps/{app_id}/rules"

    assert "maria" not in (await send(served, ada, path, path, groups="Staff")).text
    asked = await send(served, ada, PATH, PATH, app=app_id, who="maria@example.com")
    assert 422 == asked.status
