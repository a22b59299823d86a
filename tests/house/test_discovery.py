"""The provider's document: rules 12 and 13; OpenID Connect Discovery section 4."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from aiohttp import web
from sqlalchemy import select

from poolhouse.house.app import ROUNDS, House
from poolhouse.house.rp.discovery import NotDiscovered, derive_issuer, discover
from poolhouse.house.tables import drafts
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.statement import compile_statement
from poolhouse.kit.outgoing import Http
from tests.house.op import CLIENT_ID, Provider, merged
from tests.house.world import Browser, words

_DRAFTS = compile_statement(select(drafts.c.id))
NewBrowser = Callable[..., Browser]


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    opened = Http(allow_loopback=True, allow_private=False)
    yield opened
    await opened.close()


@pytest.fixture
async def domain(clock: FixedClock) -> AsyncIterator[Provider]:
    """A second host."""
    started = Provider(clock)
    await started.start()
    yield started
    await started.stop()


async def test_the_document_is_found_below_the_issuer(http: Http, provider: Provider) -> None:
    found = await discover(http, provider.base)

    assert f"{provider.base}/oauth2/token" == found.token_endpoint
    assert ("RS256",) == found.algorithms


async def test_the_issuer_must_be_named_exactly(http: Http, provider: Provider) -> None:
    provider.change_discovery = merged(issuer=f"{provider.base}/")
    with pytest.raises(NotDiscovered, match="called otherwise"):
        await discover(http, provider.base)

    assert f"{provider.base}/" == (await discover(http, f"{provider.base}/")).issuer


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=302, headers={"location": "http://169.254.169.254/latest/meta-data/"}),
        web.Response(status=404),
        web.Response(text="<html>"),
        web.Response(text="[]"),
        web.Response(text='{"issuer": 5}'),
        web.Response(body=b"{}", headers={"content-encoding": "br"}),
    ],
    ids=["redirect", "missing", "html", "list", "wrong-type", "compressed"],
)
async def test_what_is_no_document_is_refused(answer: web.Response, http: Http, provider: Provider) -> None:
    provider.answers["openid-configuration"] = answer

    with pytest.raises(NotDiscovered):
        await discover(http, provider.base)


@pytest.mark.parametrize(
    "member", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"]
)
@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://idp.example.com/x", "file:///etc/passwd", "javascript:alert(1)", "/relative"]
)
async def test_its_urls_pass_the_same_rules_as_typed_ones(
    member: str, url: str, http: Http, provider: Provider
) -> None:
    provider.change_discovery = merged(**{member: url})

    with pytest.raises(NotDiscovered, match="does not call"):
        await discover(http, provider.base)


@pytest.mark.parametrize(
    ("announced", "accepted"),
    [
        (["RS256"], ("RS256",)),
        (["none", "HS256", "RS256"], ("RS256",)),
        (["none", "HS256"], ("RS256",)),
        (["ES256", "PS256"], ("ES256", "PS256")),
        ([], ("RS256",)),
    ],
)
async def test_only_asymmetric_algorithms_are_accepted(
    announced: list[str], accepted: tuple[str, ...], http: Http, provider: Provider
) -> None:
    provider.change_discovery = merged(id_token_signing_alg_values_supported=announced)

    assert accepted == (await discover(http, provider.base)).algorithms


@pytest.mark.parametrize(
    ("announced", "by_post"),
    [
        (["client_secret_basic", "client_secret_post"], False),
        (["client_secret_post"], True),
        (["client_secret_basic"], False),
        ([], False),
        (..., False),
    ],
    ids=["both", "post", "basic", "none", "absent"],
)
async def test_the_client_proves_itself_as_the_provider_wants(
    announced: Any, by_post: bool, house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    """The secret holds ``:``, ``%``, ``+`` and more, which Basic must form-encode (RFC 6749 section 2.3.1)."""
    provider.change_discovery = merged(token_endpoint_auth_methods_supported=announced)
    await new_browser().set_up(provider.form())

    assert 303 == (await browser.sso()).status_code

    form, headers = provider.token_requests[-1]
    assert by_post == ("client_secret" in form)
    assert by_post != ("Authorization" in headers)


@pytest.mark.parametrize(
    ("jwks_url", "issuer"),
    [
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3/.well-known/jwks.json",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3",
        ),
        ("https://example.okta.com/oauth2/v1/keys", ""),
        ("https://example.com/.well-known/jwks.json?x=1", ""),
    ],
)
def test_cognitos_issuer_is_derived_from_its_keys(jwks_url: str, issuer: str) -> None:
    assert issuer == derive_issuer(jwks_url)


async def test_the_issuer_alone_fills_the_form_on_saving(
    house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    form = {"client_id": CLIENT_ID, "client_secret": provider.client_secret, "issuer": provider.base}

    saved = await new_browser().set_up(form)

    assert 303 == saved.status_code
    assert 303 == (await browser.sso()).status_code


async def test_fill_from_issuer_shows_the_urls_and_saves_nothing(
    admin: Browser, house: House, provider: Provider
) -> None:
    page = "/settings/authentication/oidc"

    answer = await admin.post(f"{page}/fill", {"issuer": f" {provider.base} ", "client_id": "typed"}, page=page)

    assert 200 == answer.status_code
    for path in ("/oauth2/authorize", "/oauth2/token", "/oauth2/userInfo", "/.well-known/jwks.json"):
        assert f'value="{provider.base}{path}"' in answer.text
    assert 'value="typed"' in answer.text
    assert house.ctx.live.document.providers == ()


async def test_what_leads_to_the_issuer_fills_in_the_issuer(admin: Browser, provider: Provider) -> None:
    page = "/settings/authentication/oidc"
    for pasted in (f"{provider.base}/", f"{provider.base}/.well-known/jwks.json", f"{provider.base}/oauth2/authorize"):
        answer = await admin.post(f"{page}/fill", {"issuer": pasted}, page=page)

        assert 200 == answer.status_code, words(answer)
        assert f'name="issuer" type="text" value="{provider.base}"' in answer.text
        assert f'value="{provider.base}/oauth2/token"' in answer.text


async def test_a_document_is_not_followed_to_another_host(admin: Browser, provider: Provider) -> None:
    page = "/settings/authentication/oidc"
    provider.change_discovery = merged(issuer="https://evil.example")

    answer = await admin.post(f"{page}/fill", {"issuer": provider.base}, page=page)

    assert 422 == answer.status_code
    assert "called otherwise" in words(answer)


async def test_an_issuer_with_a_query_is_not_asked(admin: Browser, provider: Provider, domain: Provider) -> None:
    """OIDC Discovery section 3: whoever writes the document would choose what is asked of a host in here."""
    page = "/settings/authentication/oidc"
    provider.change_discovery = merged(issuer=f"{domain.base}/admin?delete=all&x=")

    answer = await admin.post(f"{page}/fill", {"issuer": provider.base}, page=page)

    assert 422 == answer.status_code
    assert not domain.hits


async def test_a_domain_fills_what_it_tells_and_says_what_it_does_not(admin: Browser) -> None:
    page = "/settings/authentication/oidc"
    domain = "https://acme.auth.eu-west-1.amazoncognito.com"

    answer = await admin.post(f"{page}/fill", {"issuer": domain}, page=page)

    assert 422 == answer.status_code
    assert f'value="{domain}/oauth2/token"' in answer.text
    assert "domain of an Amazon Cognito user pool" in words(answer)
    assert "https://cognito-idp.eu-west-1.amazonaws.com/POOL_ID" in words(answer)
    assert "begins with eu-west-1_" in words(answer)


async def test_a_custom_domain_of_cognito_is_known_by_its_answers(admin: Browser, provider: Provider) -> None:
    page = "/settings/authentication/oidc"
    provider.answers["openid-configuration"] = web.Response(status=404)
    provider.answers["userInfo"] = web.Response(status=400, headers={"x-amz-cognito-request-id": "d1d95b7c"})

    for pasted in (provider.base, f"{provider.base}/login?client_id=x&response_type=code"):
        answer = await admin.post(f"{page}/fill", {"issuer": pasted}, page=page)

        assert 422 == answer.status_code
        assert f'value="{provider.base}/oauth2/token"' in answer.text
        assert "https://cognito-idp.REGION.amazonaws.com/POOL_ID" in words(answer)


async def test_an_address_that_is_no_domain_of_a_pool_is_not_taken_for_one(admin: Browser, provider: Provider) -> None:
    page = "/settings/authentication/oidc"
    provider.answers["openid-configuration"] = web.Response(status=404)

    answer = await admin.post(f"{page}/fill", {"issuer": provider.base}, page=page)

    assert "Issuer has no OpenID configuration" in words(answer)
    assert "Cognito user pool," not in words(answer)


async def test_a_domain_with_a_document_leads_to_the_issuer_of_another_host(
    admin: Browser, provider: Provider, domain: Provider
) -> None:
    page = "/settings/authentication/oidc"
    at_domain = {"authorization_endpoint": f"{domain.base}/oauth2/authorize"}
    provider.change_discovery = merged(**at_domain)
    domain.change_discovery = merged(issuer=provider.base)

    answer = await admin.post(f"{page}/fill", {"issuer": domain.base}, page=page)

    assert 200 == answer.status_code, words(answer)
    assert f'name="issuer" type="text" value="{provider.base}"' in answer.text


async def test_an_issuer_that_is_not_there_is_said_beside_the_field(admin: Browser, house: House) -> None:
    page = "/settings/authentication/oidc"

    answer = await admin.post(f"{page}/fill", {"issuer": "http://127.0.0.1:9"}, page=page)

    assert 422 == answer.status_code
    assert "Issuer cannot be reached from this house." in words(answer)


async def test_a_provider_without_a_document_gets_the_standards_defaults(
    house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.answers["openid-configuration"] = web.Response(status=404)

    saved = await new_browser().set_up(provider.form())

    assert 303 == saved.status_code
    assert 303 == (await browser.sso()).status_code


def _kept(answer: httpx.Response) -> dict[str, str]:
    found = re.search(r'name="typed" value="([^"]+)"', answer.text)
    return {"typed": found[1]} if found else {}


async def test_fill_from_issuer_keeps_the_secret_that_was_typed_and_shows_it_nowhere(
    admin: Browser, house: House, provider: Provider
) -> None:
    page = "/settings/authentication/oidc"
    filled = await admin.post(
        f"{page}/fill", {"issuer": provider.base, "client_id": CLIENT_ID, "client_secret": "typed-s3cret"}, page=page
    )
    wrong = await admin.post(page, {**provider.form(client_secret="", scope="email"), **_kept(filled)}, page=page)

    saved = await admin.set_up({**provider.form(client_secret=""), **_kept(wrong)})

    assert (200, 422, 303) == (filled.status_code, wrong.status_code, saved.status_code)
    assert "typed-s3cret" not in filled.text + wrong.text
    assert "secret that you typed is kept" in words(filled)
    assert _kept(filled) == _kept(wrong)
    assert "typed-s3cret" == house.ctx.live.document.providers[0].settings.client_secret.reveal()


async def test_a_secret_that_is_typed_again_takes_the_place_of_the_kept_one(
    admin: Browser, house: House, provider: Provider
) -> None:
    page = "/settings/authentication/oidc"
    filled = await admin.post(f"{page}/fill", {"issuer": provider.base, "client_secret": "a slip"}, page=page)

    await admin.set_up({**provider.form(client_secret="typed again"), **_kept(filled)})

    assert "typed again" == house.ctx.live.document.providers[0].settings.client_secret.reveal()


async def test_a_kept_secret_is_of_its_provider_and_for_half_an_hour(
    admin: Browser, house: House, provider: Provider, clock: FixedClock
) -> None:
    page = "/settings/authentication/oidc"
    filled = await admin.post(f"{page}/fill", {"issuer": provider.base, "client_secret": "typed"}, page=page)
    form = {**provider.form(client_secret=""), **_kept(filled)}

    elsewhere = await admin.post("/settings/authentication/providers/other", {**form, "kind": "oidc"}, page=page)
    clock.advance(1801)
    late = await admin.post(page, form, page=page)

    assert (422, 422) == (elsewhere.status_code, late.status_code)
    assert "Type it again." in words(elsewhere)
    assert "Type it again." in words(late)
    assert () == house.ctx.live.document.providers


async def test_a_secret_that_is_over_is_in_the_store_no_more(
    admin: Browser, house: House, provider: Provider, clock: FixedClock
) -> None:
    page = "/settings/authentication/oidc"
    await admin.post(f"{page}/fill", {"issuer": provider.base, "client_secret": "typed"}, page=page)
    clock.advance(1801)

    await next(each for each in ROUNDS if each.name == "drafts").run(house.ctx)

    assert [] == list(await house.ctx.db.read(lambda tx: tx.all(_DRAFTS)))


@pytest.mark.parametrize("action", ["", "/fill", "/test", "/secret"])
@pytest.mark.parametrize("counts_on", ["typed", "draft"])
async def test_the_saved_secret_never_takes_the_place_of_one_that_is_over(
    counts_on: str, action: str, ready: House, admin: Browser, provider: Provider, clock: FixedClock
) -> None:
    page = "/settings/authentication/oidc"
    entered = provider.form(client_secret="another", userinfo_url=f"{provider.base}/oauth2/me")
    if counts_on == "typed":
        kept = _kept(await admin.post(f"{page}/fill", entered, page=page))
    else:
        kept = {"draft": (await admin.post(f"{page}/test", entered, page=page)).headers["location"].rpartition("/")[2]}
    clock.advance(1801)
    late_form = {**entered, "client_secret": "", "version": str(ready.ctx.live.document.version), **kept}

    late = await admin.post(page + action, late_form, page=page)
    again = await admin.set_up({**entered, "client_secret": ""})

    assert (422, 303) == (late.status_code, again.status_code)
    assert "The secret that you typed is not kept any more" in words(late)
    assert {} == _kept(late)


async def test_a_secret_that_cannot_be_right_is_not_kept(admin: Browser, provider: Provider) -> None:
    page = "/settings/authentication/oidc"

    answer = await admin.post(page, provider.form(client_secret="caf\u00e9"), page=page)

    assert 422 == answer.status_code
    assert {} == _kept(answer)
