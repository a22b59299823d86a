"""The portal: what a person sees, why, asking for access, and ways that go round in circles."""

import asyncio
import re
from urllib.parse import urlencode

import msgspec
import pytest

from poolhouse.house.gate import Gate, Policy
from poolhouse.house.portal.loops import MOST
from poolhouse.house.settings.app_entries import read_entries
from poolhouse.house.settings.writing import write_apps
from poolhouse.house.store import apps, requests
from poolhouse.kit.db.protocol import Tx
from tests.gateway.world import Answer, Person, Served, Upstream
from tests.house.people import give_role, make_group, put_in, standing_of
from tests.house.test_mail import lines, use_mail
from tests.house.world import words

HOUSE = "localhost:8500"
WIKI = "http://wiki.localhost:8500/"
STAFF = Policy(groups=("Staff",))
PICTURE = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="


async def look(served: Served, person: Person, path: str = "/") -> Answer:
    return await served.ask(path, host=HOUSE, Cookie=f"house_session={person.session}; house_browser=b")


async def send(served: Served, person: Person, path: str, page: str = "/", **form: str) -> Answer:
    found = re.search(r'name="csrf" value="([^"]+)"', (await look(served, person, page)).text)
    assert found is not None
    return await served.ask(
        path, method="POST", host=HOUSE, body=urlencode({"csrf": found[1], **form}).encode(),
        Cookie=f"house_session={person.session}; house_browser=b", Origin=f"http://{HOUSE}",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip


async def show_locked(served: Served, app_id: str, **fields: object) -> None:
    async def unit(tx: Tx) -> None:
        app = await apps.find_app(tx, app_id)
        assert app is not None
        await apps.change_app(tx, msgspec.structs.replace(app, **{"shows_locked": True, **fields}))

    await served.house.ctx.db.write(unit)


def names(page: Answer) -> list[str]:
    return re.findall(r'<a href="/user/(?:open|apps)/[^"/]+"(?: title="[^"]*")?>([^<]+)', page.text)


async def ask_for(served: Served, person: Person, app_id: str, reason: str = "For the rota") -> Answer:
    return await send(served, person, f"/user/apps/{app_id}/request", f"/user/apps/{app_id}", reason=reason)


@pytest.fixture
async def closed(served: Served, app: Upstream) -> str:
    return await served.add(WIKI, Gate(upstream=app.url, policy=STAFF))


async def administrator(served: Served, role: str = "administrator") -> Person:
    person = await served.sign_in(email="ada@example.com", name="Ada")
    await give_role(served.house, "ada@example.com", role)
    return person


async def test_a_person_sees_what_they_may_open_and_links(served: Served, closed: str) -> None:
    await served.house.add_app(name="Handbook", url="https://handbook.example/")
    person = await served.sign_in()

    assert ["Handbook"] == names(await look(served, person))
    await put_in(served.house, await make_group(served.house, "Staff"), "maria@example.com")
    assert ["Handbook", "Wiki"] == names(await look(served, person))


async def test_an_app_that_one_may_not_open_is_shown_locked_where_its_setting_says_so(
    served: Served, closed: str
) -> None:
    person = await served.sign_in()
    assert "Wiki" not in (await look(served, person)).text

    await show_locked(served, closed)

    page = await look(served, person)
    assert f"/user/open/{closed}" not in page.text
    assert f'<a href="/user/apps/{closed}">Wiki' in page.text


async def test_favourites_go_first_and_the_last_used_when_that_is_wanted(served: Served) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        await served.house.add_app(name=name, url=f"https://{name.lower()}.example/")
    person = await served.sign_in()
    by_name = {app.name: app.id for app in await served.house.ctx.db.read(apps.list_apps)}

    assert 303 == (await send(served, person, f"/user/apps/{by_name['Gamma']}/favourite", favourite="on")).status
    opened = await look(served, person, f"/user/open/{by_name['Beta']}")

    assert "https://beta.example/" == opened.headers["location"]
    assert ["Gamma", "Alpha", "Beta"] == names(await look(served, person))
    assert ["Gamma", "Beta", "Alpha"] == names(await look(served, person, "/?order=used"))
    assert ["Beta"] == names(await look(served, person, "/?q=BET"))
    assert "No app fits." in (await look(served, person, "/?q=zzz")).text


async def test_an_app_that_is_down_says_so(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url))
    person = await served.sign_in()
    for health in served.house.ctx.reach.of(app_id):
        health.checked("nothing listens there")

    assert "Does not answer at the moment" in (await look(served, person)).text


async def test_a_picture_is_served_as_a_picture_and_nothing_else(served: Served, closed: str) -> None:
    await show_locked(served, closed, icon=PICTURE)
    person = await served.sign_in()
    found = re.search(r'src="(/user/icons/[^"]+)"', (await look(served, person)).text)
    assert found is not None

    picture = await look(served, person, found[1])

    assert "image/svg+xml" == picture.headers["content-type"]
    assert "default-src 'none'" in picture.headers["content-security-policy"]
    assert "sandbox" in picture.headers["content-security-policy"]
    assert 404 == (await look(served, person, f"/user/icons/{closed}/000000000000")).status
    assert 303 == (await served.ask(found[1], host=HOUSE)).status


@pytest.mark.parametrize(
    "source", ["<svg><script>1</script></svg>", "<svg onload='x()'/>", "data:text/html;base64,YQ=="]
)
async def test_a_picture_that_could_run_is_refused(source: str, served: Served) -> None:
    person = await administrator(served)

    answer = await send(
        served, person, "/settings/apps/new", "/settings/apps/new", name="A", url="https://a.example/", icon=source
    )

    assert 422 == answer.status
    assert [] == await served.house.ctx.db.read(apps.list_apps)


async def test_the_page_on_an_app_says_of_each_rule_whether_it_holds_and_what_would_help(
    served: Served, app: Upstream
) -> None:
    policy = Policy(groups=("Staff",), email_domains=("example.com",), networks=("10.0.0.0/8",), claims=("desk=night",))
    app_id = await served.add(WIKI, Gate(upstream=app.url, policy=policy))
    person = await served.sign_in(desk="day")

    page = words_of(await look(served, person, f"/user/apps/{app_id}"))

    assert "You may not open it now" in page
    assert "You are in one of these groups Does not hold Staff What there is: nothing" in page
    assert "one of these Holds example.com What there is: maria@example.com" in page
    assert "Does not hold desk=night What there is: desk=day" in page
    assert "Does not hold 10.0.0.0/8 What there is: 127.0.0.1" in page
    assert re.search(r"Reference: [0-9a-f]{12}", page)


async def test_the_refusal_of_the_gateway_leads_to_that_page(served: Served, closed: str) -> None:
    person = await served.sign_in()

    refused = await look(served, person, f"/user/open/{closed}")

    assert 403 == refused.status
    assert f"http://{HOUSE}/user/apps/{closed}" in refused.text


async def test_access_is_asked_for_granted_by_a_group_and_holds_at_once(served: Served, closed: str) -> None:
    await make_group(served.house, "Staff")
    person, ada = await served.sign_in(), await administrator(served)
    assert 403 == (await look(served, person, f"/user/open/{closed}")).status

    assert 303 == (await ask_for(served, person, closed)).status

    waiting = await look(served, ada, "/settings/access-requests")
    assert "For the rota" in waiting.text
    assert 'aria-label="1 open"' in (await look(served, ada)).text
    path = re.search(r'action="([^"]+/grant)"', waiting.text)
    assert path is not None
    assert 303 == (await send(served, ada, path[1], "/settings/access-requests", group="g-staff")).status
    assert ({"Staff"}, set()) == await standing_of(served.house, "maria@example.com")
    assert 303 == (await look(served, person, f"/user/open/{closed}")).status
    assert 409 == (await send(served, ada, path[1], "/settings/access-requests", group="g-staff")).status
    log = (await look(served, ada, "/settings/audit-log")).text
    assert "Access asked for" in log
    assert "Access granted" in log


async def test_a_refusal_says_why_and_cannot_be_asked_again_on_the_same_day(served: Served, closed: str) -> None:
    person, ada = await served.sign_in(), await administrator(served)
    await ask_for(served, person, closed)
    path = re.search(r'action="([^"]+/refuse)"', (await look(served, ada, "/settings/access-requests")).text)
    assert path is not None

    assert 409 == (await send(served, ada, path[1], "/settings/access-requests", answer=" ")).status
    assert 303 == (await send(served, ada, path[1], "/settings/access-requests", answer="Not this month")).status

    assert "Not this month" in (await look(served, person, f"/user/apps/{closed}")).text
    again = await ask_for(served, person, closed)
    assert 409 == again.status
    assert "a day after" in again.text


async def test_one_request_for_each_person_and_app_is_open(served: Served, closed: str) -> None:
    person = await served.sign_in()
    statuses = [answer.status for answer in await asyncio.gather(*(ask_for(served, person, closed) for _ in range(4)))]

    assert [303, 409, 409, 409] == sorted(statuses)
    assert 1 == await served.house.ctx.db.read(requests.count_open)


async def test_what_no_group_can_give_cannot_be_asked_for(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url, policy=Policy(networks=("10.0.0.0/8",))))
    person = await served.sign_in()

    assert 409 == (await ask_for(served, person, app_id)).status
    assert "Request access" not in (await look(served, person, f"/user/apps/{app_id}")).text


async def test_a_group_that_the_app_does_not_ask_for_is_not_given(served: Served, closed: str) -> None:
    await make_group(served.house, "Board", role="administrator")
    person, ada = await served.sign_in(), await administrator(served)
    await ask_for(served, person, closed)
    [(_, request, _)] = await served.house.ctx.db.read(requests.list_waiting)

    path = f"/settings/access-requests/{request.id}/grant"
    assert 409 == (await send(served, ada, path, "/settings/access-requests", group="g-board")).status
    assert (set(), set()) == await standing_of(served.house, "maria@example.com")


async def test_whoever_manages_apps_alone_sees_requests_and_puts_nobody_into_a_group(
    served: Served, closed: str
) -> None:
    await make_group(served.house, "Staff")
    person, ada = await served.sign_in(), await administrator(served, "app-administrator")
    await ask_for(served, person, closed)
    [(_, request, _)] = await served.house.ctx.db.read(requests.list_waiting)

    path = f"/settings/access-requests/{request.id}/grant"
    assert 403 == (await send(served, ada, path, "/settings/access-requests", group="g-staff")).status
    assert 403 == (await look(served, person, "/settings/access-requests")).status


async def test_nobody_grants_a_group_with_more_rights_than_their_own(served: Served, closed: str) -> None:
    await make_group(served.house, "Staff", role="administrator")
    person, ada = await served.sign_in(), await administrator(served, "user-administrator")
    await ask_for(served, person, closed)
    [(_, request, _)] = await served.house.ctx.db.read(requests.list_waiting)

    path = f"/settings/access-requests/{request.id}/grant"
    assert 409 == (await send(served, ada, path, "/settings/access-requests", group="g-staff")).status
    assert 1 == await served.house.ctx.db.read(requests.count_open)


async def test_a_request_ends_with_its_app(served: Served, closed: str) -> None:
    person = await served.sign_in()
    await ask_for(served, person, closed)

    await served.house.ctx.db.write(lambda tx: apps.delete_app(tx, closed))

    assert 0 == await served.house.ctx.db.read(requests.count_open)


async def test_administrators_and_then_the_person_hear_of_a_request_by_mail(served: Served, closed: str) -> None:
    await use_mail(served.house, 25)
    await make_group(served.house, "Staff")
    person, ada = await served.sign_in(), await administrator(served)
    await ask_for(served, person, closed)
    [(_, request, _)] = await served.house.ctx.db.read(requests.list_waiting)
    path = f"/settings/access-requests/{request.id}/grant"
    assert 303 == (await send(served, ada, path, "/settings/access-requests", group="g-staff")).status

    sent = {(mail.recipient, mail.kind) for mail in await lines(served.house)}
    assert {
        ("admin@example.com", "access request"),
        ("ada@example.com", "access request"),
        ("maria@example.com", "access answer"),
    } == sent


async def test_a_picture_stays_until_it_is_taken_away_and_goes_through_a_file(served: Served) -> None:
    ada = await administrator(served)
    form = {"name": "A", "url": "https://a.example/", "description": "", "letter": ""}
    new, listed = "/settings/apps/new", served.house.ctx.db.read
    assert 303 == (await send(served, ada, new, new, **form, icon=PICTURE, shows_locked="on")).status
    [app] = await listed(apps.list_apps)
    path = f"/settings/apps/{app.id}"

    assert 303 == (await send(served, ada, path, path, **form)).status
    [kept] = await listed(apps.list_apps)
    assert PICTURE == kept.icon
    written = msgspec.toml.decode(write_apps([app]))["apps"]
    [read] = read_entries(served.house.ctx, written, ())
    assert (PICTURE, True) == (read.icon, read.shows_locked)
    assert 303 == (await send(served, ada, path, path, **form, **{"forget-icon": "on"})).status
    [gone] = await listed(apps.list_apps)
    assert "" == gone.icon


async def test_a_way_that_goes_in_circles_ends_on_a_page_that_says_so(served: Served, wiki: str) -> None:
    person = await served.sign_in()
    statuses = [(await look(served, person, f"/user/open/{wiki}")).status for _ in range(MOST + 1)]

    assert [303] * MOST + [508] == statuses
    assert "goes in circles" in (await look(served, person, f"/user/open/{wiki}")).text
    assert 303 == (await look(served, person, f"/user/open/{wiki}?to=/another")).status


def words_of(page: Answer) -> str:
    class Text:
        text = page.text

    return words(Text())  # type: ignore[arg-type]
