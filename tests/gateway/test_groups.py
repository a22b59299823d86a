"""Groups of the house at the gateway: a change holds at once, in what may be opened and in what apps are told."""

from poolhouse.house.audit import Trail
from poolhouse.house.gate import Gate, Policy
from poolhouse.house.groups import apps_opened_by, change_group
from poolhouse.house.people import HAND
from poolhouse.house.store import apps, groups
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Raw
from tests.gateway.world import Served, Upstream, until
from tests.house.people import make_group, put_in

MARIA = "maria@example.com"


def a_visit() -> Visit:
    raw = Raw(method="POST", path="/", query="", headers=(), peer="")
    return Visit(
        raw=raw, address="", reference="r", browser="", is_new_browser=False, session_id="", session=None, csrf=""
    )


async def test_an_app_is_told_of_groups_of_the_house_and_of_the_provider_each_once(
    served: Served, wiki: str, app: Upstream
) -> None:
    staff = await make_group(served.house, "Staff")
    person = await served.sign_in(groups=["Staff", "it"])
    await put_in(served.house, staff, MARIA)
    cookie = await served.at_app(wiki, person)

    await served.ask("/", Cookie=cookie)

    assert ["Staff,it"] == app.header("x-forwarded-groups")


async def test_a_change_of_groups_holds_on_an_open_session(served: Served, app: Upstream) -> None:
    app_id = await served.add("http://wiki.localhost:8500/", Gate(upstream=app.url, policy=Policy(groups=("Staff",))))
    staff = await make_group(served.house, "Staff")
    person = await served.sign_in()
    await put_in(served.house, staff, MARIA)
    cookie = await served.at_app(app_id, person)
    assert 200 == (await served.ask("/", Cookie=cookie)).status
    now = served.house.ctx.clock.now()

    async def take(tx: Tx) -> None:
        await groups.delete_member(tx, staff, person.account.id, source=HAND, now=now)

    await served.house.ctx.db.write(take)
    assert 403 == (await served.ask("/", Cookie=cookie, Accept="text/html")).status

    await put_in(served.house, staff, MARIA)
    assert 200 == (await served.ask("/", Cookie=cookie)).status


async def test_a_group_opens_the_apps_that_name_it_and_no_others(served: Served, app: Upstream) -> None:
    for name, group in (("wiki", "Staff"), ("tool", "it")):
        await served.add(f"http://{name}.localhost:8500/", Gate(upstream=app.url, policy=Policy(groups=(group,))))

    opened = await served.house.ctx.db.read(lambda tx: apps_opened_by(tx, "Staff"))

    assert ["http://wiki.localhost:8500/"] == [each.url for each in opened]


async def test_a_rule_of_an_app_follows_a_group_under_its_new_name(served: Served, app: Upstream) -> None:
    app_id = await served.add(
        "http://wiki.localhost:8500/", Gate(upstream=app.url, policy=Policy(groups=("Staff", "it")))
    )
    staff = await make_group(served.house, "Staff")
    person = await served.sign_in()
    await put_in(served.house, staff, MARIA)
    cookie = await served.at_app(app_id, person)
    ctx = served.house.ctx

    async def rename(tx: Tx) -> None:
        group = await groups.find_group(tx, staff)
        assert group is not None
        trail, now = Trail(ctx, a_visit()), ctx.clock.now()
        await change_group(tx, trail, person.account, group, name="People", description="", now=now)

    await ctx.db.write(rename)

    found = await ctx.db.read(lambda tx: apps.find_app(tx, app_id))
    assert found is not None
    assert found.gate is not None
    assert ("People", "it") == found.gate.policy.groups
    site = served.house._site
    assert site is not None
    await until(lambda: site.table.of(app_id).app == found)  # type: ignore[union-attr]
    assert 200 == (await served.ask("/", Cookie=cookie)).status
    assert ["People"] == app.header("x-forwarded-groups")
