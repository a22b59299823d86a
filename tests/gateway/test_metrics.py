"""Numbers for Prometheus: off by default, for whoever has the token, of every process together."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from poolhouse.house.app import ROUNDS, House, build
from poolhouse.house.config import SETTINGS, read
from poolhouse.house.gate import Gate, Policy
from poolhouse.kit.ambient import FixedClock, Secret, SystemEntropy
from poolhouse.kit.settings import SettingError
from tests.gateway.world import Served, Upstream
from tests.house.world import MASTER, house_settings

TOKEN = "a token for the metrics"
HOST = "localhost:8500"
BEARER = f"Bearer {TOKEN}"


@pytest.fixture
async def house(clock: FixedClock, tmp_path: Path) -> AsyncIterator[House]:
    settings = house_settings(database=f"sqlite:///{tmp_path}/house.db", metrics_token=Secret(TOKEN))
    built = await build(settings, clock=clock, entropy=SystemEntropy())
    yield built
    await built.close()


async def numbers(served: Served) -> dict[str, float]:
    """Every line by its name and labels, without the process."""
    answer = await served.ask("/metrics", host=HOST, Authorization=BEARER)
    assert answer.status == 200
    lines = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
    found: dict[str, float] = {}
    for line in lines:
        name, _, value = line.rpartition(" ")
        plain = re.sub(r'process="[^"]*",?', "", name).replace(",}", "}").replace("{}", "")
        found[plain] = found.get(plain, 0) + float(value)
    return found


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", BEARER + "x", BEARER[:-1]])
async def test_without_the_token_nothing_is_told(served: Served, given: str) -> None:
    headers = {"Authorization": given} if given else {}
    answer = await served.ask("/metrics", host=HOST, **headers)  # type: ignore[arg-type]
    assert answer.status == 401
    assert b"poolhouse" not in answer.body


async def test_without_a_token_set_there_are_none_and_nothing_is_written_down(clock: FixedClock) -> None:
    from poolhouse.house.metrics.exposition import answer
    from poolhouse.house.metrics.sharing import all_counts, tell
    from poolhouse.kit.edge import Raw

    house = await build(house_settings(), clock=clock, entropy=SystemEntropy())
    for given in (b"", b"Bearer ", b"Bearer None"):
        raw = Raw(method="GET", path="/metrics", headers=((b"authorization", given),))
        assert (await answer(house.ctx, raw)).status == 404
    await tell(house.ctx)
    assert await all_counts(house.ctx) == []
    await house.close()


async def test_the_gateway_counts_decisions_answers_and_failures(served: Served, app: Upstream) -> None:
    open_ = Gate(upstream=app.url, public_paths=("/open/",))
    wiki = await served.add("http://wiki.localhost:8500/", open_)
    shut = await served.add(
        "http://shut.localhost:8500/", Gate(upstream="http://127.0.0.1:1", public_paths=("/",)), "Shut"
    )
    await served.add("http://vip.localhost:8500/", Gate(upstream=app.url, policy=Policy(groups=("vip",))), "Vip")

    for _ in range(3):
        assert (await served.ask("/open/a")).status == 200
    app.answer = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
    assert (await served.ask("/open/b")).status == 404
    assert (await served.ask("/closed", Accept="application/json")).status == 401
    assert (await served.ask("/", host="shut.localhost:8500")).status == 503

    found = await numbers(served)
    name = "poolhouse_house_gateway_"
    assert found[f'{name}decisions_total{{app="{wiki}",outcome="public"}}'] == 4
    assert found[f'{name}decisions_total{{app="{wiki}",outcome="sign in"}}'] == 1
    assert found[f'{name}answers_total{{app="{wiki}",code="2xx"}}'] == 3
    assert found[f'{name}answers_total{{app="{wiki}",code="4xx"}}'] == 1
    assert found[f'{name}answer_seconds_count{{app="{wiki}"}}'] == 4
    assert 0 < found[f'{name}answer_seconds_sum{{app="{wiki}"}}'] < 5
    assert found[f'{name}failures_total{{app="{shut}",status="503"}}'] == 1
    assert found[f'{name}upstream_up{{app="{wiki}",upstream="{app.url}"}}'] == 1
    assert found[f'poolhouse_house_app_info{{app="{wiki}",name="Wiki",url="http://wiki.localhost:8500/"}}'] == 1


async def test_events_sessions_and_accounts_are_counted(served: Served) -> None:
    before = await numbers(served)
    assert before['poolhouse_house_accounts{enabled="true"}'] == 1
    assert before["poolhouse_house_sessions"] == 0
    from tests.house.world import Browser

    browser = Browser(served.house)
    await browser.log_in(password="wrong")
    await browser.log_in()
    found = await numbers(served)
    event = "poolhouse_house_events_total"
    assert found[f'{event}{{event="signed_in",refused="false"}}'] == 1
    assert found[f'{event}{{event="sign_in_failed",refused="true"}}'] == 1
    assert found["poolhouse_house_sessions"] == 1
    assert found["poolhouse_house_connections"] == 1
    assert found["poolhouse_house_settings_version"] == served.house.ctx.live.document.version


async def test_one_process_tells_of_all_and_forgets_who_is_gone(served: Served, clock: FixedClock) -> None:
    settings = served.house.ctx.settings
    other = await build(settings, clock=clock, entropy=SystemEntropy())
    await next(each for each in ROUNDS if each.name == "metrics").run(other.ctx)

    async def processes() -> int:
        answer = await served.ask("/metrics", host=HOST, Authorization=BEARER)
        return len(re.findall(r"(?m)^poolhouse_house_start_time_seconds\{", answer.body.decode()))

    assert await processes() == 2
    await other.close()
    clock.advance(61)
    assert await processes() == 1


async def test_names_of_apps_cannot_forge_a_line(served: Served, app: Upstream) -> None:
    await served.add("http://evil.localhost:8500/", Gate(upstream=app.url), 'Evil"} 1 poolhouse_house_sessions 99 \\')
    found = await numbers(served)
    assert found["poolhouse_house_sessions"] == 0


def test_a_short_token_is_refused_at_the_start() -> None:
    values = {each.name: each.default for each in SETTINGS} | {
        "database": "sqlite://", "base_url": "http://localhost:8500", "metrics_token": "short",
    }  # fmt: skip
    with pytest.raises(SettingError, match="metrics_token"):
        read(values, (MASTER,))
