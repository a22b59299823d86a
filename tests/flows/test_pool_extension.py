"""What a pool has beyond the service's settings."""

import asyncio

import pytest

from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import pool_extension, pools
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.hosted import PLAIN_PAGES
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason

HELP = "https://help.example/sign-in"
REGION = "us-east-1"


@pytest.fixture
async def pool_id(flow: Flow) -> str:
    made = await pools.create(flow, REGION, shapes.CreateUserPoolRequest(pool_name="people"))
    return made.pool.id


async def test_a_new_pool_has_the_service_s_pages_and_no_more(flow: Flow, pool_id: str) -> None:
    assert PLAIN_PAGES == await pool_extension.find(flow, pool_id)


async def test_a_setting_is_kept_and_returned_to_its_default(flow: Flow, pool_id: str) -> None:
    assert HELP == (await pool_extension.change(flow, pool_id, {"help_url": HELP})).help_url
    assert HELP == (await pool_extension.find(flow, pool_id)).help_url
    assert PLAIN_PAGES == await pool_extension.change(flow, pool_id, {"help_url": None})


async def test_it_stays_when_the_service_s_own_settings_change(flow: Flow, pool_id: str) -> None:
    await pool_extension.change(flow, pool_id, {"help_url": HELP})
    await pools.update(flow, REGION, shapes.UpdateUserPoolRequest(user_pool_id=pool_id, deletion_protection="ACTIVE"))
    assert HELP == (await pool_extension.find(flow, pool_id)).help_url


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://help.example", "https://", "https://a@b.example", "mailto:nobody", "x" * 3000, "",
     "https://help.example/ x", "https://help.example\\@evil.example", "https://[", 5],
)  # fmt: skip
async def test_a_page_links_nothing_that_runs_there_or_goes_unencrypted(
    flow: Flow, pool_id: str, url: str | int
) -> None:
    with pytest.raises(WrongSetting):
        await pool_extension.change(flow, pool_id, {"help_url": url})
    assert PLAIN_PAGES == await pool_extension.find(flow, pool_id)


async def test_an_unknown_setting_and_an_unknown_pool_are_refused(flow: Flow, pool_id: str) -> None:
    with pytest.raises(WrongSetting, match="nothing"):
        await pool_extension.change(flow, pool_id, {"nothing": 1})
    with pytest.raises(Refused) as no:
        await pool_extension.find(flow, "us-east-1_nobody000")
    assert Reason.POOL_NOT_FOUND is no.value.reason


async def test_of_two_changes_at_once_none_is_lost_unsaid(flow: Flow, pool_id: str) -> None:
    urls = [f"https://help{n}.example" for n in range(4)]
    outcomes = await asyncio.gather(
        *(pool_extension.change(flow, pool_id, {"help_url": url}) for url in urls), return_exceptions=True
    )
    refused = [each for each in outcomes if isinstance(each, BaseException)]
    assert all(isinstance(each, Refused) and each.reason is Reason.BUSY for each in refused)
    assert (await pool_extension.find(flow, pool_id)).help_url in urls
