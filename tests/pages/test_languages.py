"""The language of a page: how it is chosen, kept and told."""

from urllib.parse import urlencode

import httpx
import pytest

from poolhouse.pool.flows import own_texts, pool_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.pages.tongue import without_language
from tests.support.own import an_account_client, at_home
from tests.support.web import Asking

LOGIN = "/domains/demo/login"


async def a_page(web: httpx.AsyncClient, client: ClientEntry, accept: str = "", **more: str) -> httpx.Response:
    asked = Asking(client).params(**more)
    return await web.get(LOGIN, params=asked, headers={"accept-language": accept} if accept else {})


def tag_of(reply: httpx.Response) -> str:
    tag = reply.headers["content-language"]
    assert f'<html lang="{tag}" dir="{"rtl" if tag in {"ar", "he"} else "ltr"}"' in reply.text
    return str(tag)


async def test_a_browser_gets_what_it_prefers(web: httpx.AsyncClient, client: ClientEntry) -> None:
    reply = await a_page(web, client, "nl, de-AT;q=0.9, en;q=0.1")

    assert "de" == tag_of(reply)
    assert "pool-lang" not in " ".join(reply.headers.get_list("set-cookie"))


async def test_what_was_chosen_is_kept(web: httpx.AsyncClient, client: ClientEntry) -> None:
    assert "ar" == tag_of(await a_page(web, client, "fr", lang="ar"))
    assert "ar" == tag_of(await a_page(web, client, "fr"))


async def test_what_an_app_asks_for_is_not_kept(web: httpx.AsyncClient, client: ClientEntry) -> None:
    assert "ja" == tag_of(await a_page(web, client, "fr", ui_locales="nl ja"))
    assert "fr" == tag_of(await a_page(web, client, "fr"))


async def test_caches_are_told_what_a_page_depends_on(web: httpx.AsyncClient, client: ClientEntry) -> None:
    reply = await a_page(web, client)

    assert "no-store" == reply.headers["cache-control"]
    assert "accept-language, cookie, accept-encoding" == reply.headers["vary"]


@pytest.mark.parametrize("bad", ["<script>alert(1)</script>", "xx", "de\x00x", "../../etc/passwd", "%00", "a" * 600])
async def test_a_bad_wish_is_passed_over_and_not_repeated(
    web: httpx.AsyncClient, client: ClientEntry, bad: str
) -> None:
    reply = await a_page(web, client, lang=bad, ui_locales=bad)

    assert 200 == reply.status_code
    assert "en" == tag_of(reply)
    assert "<script>alert" not in reply.text
    assert bad not in str(reply.headers)


async def test_a_pool_offers_what_it_was_set_to(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry
) -> None:
    await pool_extension.change(flow, pool.pool.id, {"languages": ["fr", "de"], "default_language": "fr"})

    assert "de" == tag_of(await a_page(web, client, "de"))
    assert "fr" == tag_of(await a_page(web, client, "ja", lang="ko"))
    about = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()
    assert ["de", "fr"] == about["ui_locales_supported"]


async def test_an_error_is_told_in_the_language_of_the_visitor(web: httpx.AsyncClient, client: ClientEntry) -> None:
    for path in ("/domains/demo/error?error=redirect_mismatch", "/domains/nobody/login", "/domains/demo/nothing"):
        assert "he" == tag_of(await web.get(path, headers={"accept-language": "he"}))


async def test_a_text_of_the_pool_is_shown_as_text_and_never_as_markup(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    own = 'Out & about < "now"'
    await own_texts.change(flow, pool.pool.id, "fr", {"You are signed out": own})
    await own_texts.change(flow, pool.pool.id, "en", {"There is no such page": "Nothing & no one"})

    reply = await web.get("/domains/demo/nothing")
    assert "<h1>Nothing &amp; no one</h1>" in reply.text
    assert "Nothing & no one" not in reply.text


async def test_the_menu_keeps_the_request_and_escapes_it(web: httpx.AsyncClient, client: ClientEntry) -> None:
    reply = await web.get(LOGIN, params=Asking(client).params(state='"><script>x</script>', lang="de"))

    assert "<script>x" not in reply.text
    assert 13 == reply.text.count("hreflang=")
    assert 'lang="de" hreflang="de" dir="ltr" aria-current="true"' in reply.text
    assert f"client_id={client.client.id}&amp;" in reply.text


async def test_another_language_leads_back_to_the_same_consent(web: httpx.AsyncClient, client: ClientEntry) -> None:
    asked = urlencode(Asking(client).params())

    assert without_language(f"{asked}&lang=de&ui_locales=fr") == without_language(asked) == asked


async def test_the_account_page_can_be_read_in_another_language(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    await an_account_client(flow, pool)
    owner = await at_home(flow, web, person)

    page = await owner.open("/profile?lang=de")
    after = await owner.open("/security")

    assert ["de", "de"] == [tag_of(each.reply) for each in (page, after)]
    assert 'href="?lang=fr"' in page.reply.text
