"""The card and page "Sign-in pages" of a pool."""

from poolhouse.pool.console.settings.hosted_fields import GROUPS
from poolhouse.pool.flows import pool_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.hosted import PLAIN_PAGES
from tests.console.browser import Visitor
from tests.console.conftest import Service

SAVE = "Save changes"
HELP = "https://help.example/sign-in"


def test_the_page_has_each_setting_once() -> None:
    names = [field.name for group in GROUPS for field in group.fields]
    assert sorted(PLAIN_PAGES.__struct_fields__) == sorted(names)


def test_a_switch_knows_the_setting_s_default() -> None:
    switches = [field for group in GROUPS for field in group.fields if field.kind == "switch"]
    assert [getattr(PLAIN_PAGES, each.name) for each in switches] == [each.default for each in switches]


async def test_settings_are_filled_in_saved_said_and_taken_back(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    here = f"/console/pools/{pool_id}/app-integration"
    page = await visitor.press(await visitor.open(here + "/sign-in-pages"), SAVE, help_url=f" {HELP} ")

    assert "The settings of the sign-in pages were saved." in page.text
    assert f"Address of help {HELP}" in page.text
    assert HELP == (await pool_extension.find(flow, pool_id)).help_url

    page = await visitor.open(here + "/sign-in-pages")
    assert HELP == page.value("help_url")
    await visitor.press(page, SAVE, help_url="")
    assert PLAIN_PAGES == await pool_extension.find(flow, pool_id)


async def test_what_cannot_be_is_said_beside_its_field(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/app-integration/sign-in-pages")
    page = await visitor.press(page, SAVE, help_url="javascript:alert(1)")

    assert 422 == page.status
    assert "Address of help is neither an https URL nor a mailto one" in page.text
    assert "javascript:alert(1)" == page.value("help_url")
    assert PLAIN_PAGES == await pool_extension.find(flow, pool_id)


async def test_a_secret_is_written_kept_and_never_shown(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    here = f"/console/pools/{pool_id}/app-integration"
    page = await visitor.press(await visitor.open(here + "/sign-in-pages"), SAVE, captcha_secret="a-secret-of-theirs")
    held = (await pool_extension.find(flow, pool_id)).captcha_secret or ""
    edit = await visitor.open(here + "/sign-in-pages")
    await visitor.press(edit, SAVE, help_url=HELP)

    assert "Secret of the captcha Set" in page.text
    assert "" == edit.value("captcha_secret")
    assert "a-secret" not in held
    assert held == (await pool_extension.find(flow, pool_id)).captcha_secret
