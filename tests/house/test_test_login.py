"""Test login: settings are tried field by field, then by a real sign-in, before anything of them is in force."""

import re
import ssl
from collections.abc import Callable
from email.utils import formatdate

import httpx
import msgspec
import pytest
from aiohttp import web

from poolhouse.house.app import House
from poolhouse.house.model import Document
from poolhouse.house.rp.probe import judge
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.outgoing import Answer
from tests.house.op import CLIENT_SECRET, Provider, merged
from tests.house.world import BASE, Browser, words

NewBrowser = Callable[..., Browser]
OIDC = "/settings/authentication/oidc"


async def begin(admin: Browser, form: dict[str, str]) -> str:
    """Press Test login; the page of the trial."""
    page = await admin.get(OIDC)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None
    answer = await admin.post(f"{OIDC}/test", {"version": version[1], **form}, page=OIDC)
    assert 303 == answer.status_code, words(answer)
    return answer.headers["location"]


async def go(admin: Browser, path: str) -> httpx.Response:
    """Sign in at the provider from the page of the trial; the house's answer to the return."""
    departure = await admin.post(f"{path}/sign-in", page=path)
    assert 303 == departure.status_code
    back = (await admin.outside.get(departure.headers["location"])).headers["location"]
    return await admin.get(back)


async def verdicts(admin: Browser, path: str) -> dict[str, str]:
    page = await admin.get(path)
    rows = re.findall(r'<th[^>]*>([^<]+)</th><td[^>]*><span class="badge[^>]+>([^<]+)</span>', page.text)
    return dict(rows)


async def test_good_settings_have_nothing_wrong(admin: Browser, provider: Provider, house: House) -> None:
    path = await begin(admin, provider.form())

    found = await verdicts(admin, path)

    assert "Good" == found["Client Secret"] == found["Redirect URL"] == found["JWK Set URL"] == found["Issuer"]
    assert "Wrong" not in found.values()
    assert () == house.ctx.live.document.providers


async def test_a_wrong_secret_is_told_from_a_wrong_code(admin: Browser, provider: Provider) -> None:
    path = await begin(admin, provider.form(client_secret="wrong"))

    found = await verdicts(admin, path)

    assert ("Wrong", "Good") == (found["Client Secret"], found["Token URL"])
    assert "wrong" not in (await admin.get(path)).text.replace("Wrong", "").replace("wrong with", "")


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("authorization_url", "/oauth2/authorise"),
        ("token_url", "/oauth2/tokens"),
        ("userinfo_url", "/userinfo"),
        ("jwks_url", "/jwks/.well-known/jwks.json"),
    ],
)
async def test_a_wrong_path_is_said_with_the_one_of_the_document(
    field: str, path: str, admin: Browser, provider: Provider
) -> None:
    good = provider.form(issuer=provider.base)

    draft = await begin(admin, {**good, field: f"{provider.base}{path}"})

    text = words(await admin.get(draft))
    label = {"authorization_url": "Authorization URL", "token_url": "Token URL"}.get(field)
    assert f"The provider's own document says {good[field]}" in text
    assert label is None or "Wrong" == (await verdicts(admin, draft))[label]


async def test_a_redirect_url_that_is_not_registered_is_said(admin: Browser, provider: Provider) -> None:
    provider.redirects = {"http://elsewhere.example/"}

    found = await verdicts(admin, await begin(admin, provider.form()))

    assert "Wrong" == found["Redirect URL"]


async def test_a_final_slash_is_told(admin: Browser, provider: Provider) -> None:
    provider.change_discovery = merged(issuer=f"{provider.base}/")

    path = await begin(admin, provider.form(issuer=provider.base))

    assert f"Set it to {provider.base}/" in words(await admin.get(path))


@pytest.mark.parametrize("typed", ["/us-east-1_OTHER", "/console/pools/us-east-1_AbCdEfGhI"])
async def test_an_issuer_without_a_document_is_wrong_where_the_keys_are_those_of_another(
    typed: str, admin: Browser, provider: Provider
) -> None:
    path = await begin(admin, provider.form(issuer=f"{provider.base}{typed}"))

    assert "Wrong" == (await verdicts(admin, path))["Issuer"]
    text = words(await admin.get(path))
    assert f"Set it to {provider.base}, or leave it empty." in text
    assert "answer as they should" not in text


async def test_what_should_be_looked_at_is_not_called_as_it_should_be(admin: Browser, provider: Provider) -> None:
    path = await begin(admin, provider.form(issuer=f"{provider.base}/other", jwks_url=f"{provider.base}/keys"))

    assert "Look at it" in (await verdicts(admin, path)).values()
    assert "answer as they should" not in words(await admin.get(path))


async def test_a_trial_that_has_come_back_is_not_asked_to_sign_in_once_more(admin: Browser, provider: Provider) -> None:
    path = await begin(admin, provider.form())
    await go(admin, path)

    text = words(await admin.get(path))

    assert "The sign-in has worked" in text
    assert "Now sign in there" not in text


async def test_keys_for_other_algorithms_are_said(admin: Browser, provider: Provider) -> None:
    provider.change_discovery = merged(id_token_signing_alg_values_supported=["ES256"])

    path = await begin(admin, provider.form())

    assert "Wrong" == (await verdicts(admin, path))["JWK Set URL"]
    assert "is for ES256" in words(await admin.get(path))


async def test_a_scope_that_is_not_offered_is_a_warning(admin: Browser, provider: Provider) -> None:
    provider.change_discovery = merged(scopes_supported=["openid", "email"])

    path = await begin(admin, provider.form())

    assert "does not list profile" in words(await admin.get(path))
    assert "Look at it" == (await verdicts(admin, path))["Scope"]


async def test_clocks_that_are_apart_are_said(admin: Browser, provider: Provider, clock: FixedClock) -> None:
    provider.answers["jwks.json"] = web.json_response(
        {"keys": []}, headers={"date": formatdate(clock.now() - 300, usegmt=True)}
    )

    path = await begin(admin, provider.form())

    assert "Wrong" == (await verdicts(admin, path))["Clock"]
    assert "300 seconds apart" in words(await admin.get(path))


async def test_a_host_that_is_not_there_is_said(admin: Browser, provider: Provider) -> None:
    form = provider.form(
        token_url="https://no-such-host.invalid/token", userinfo_url="http://127.0.0.1:9/userInfo",
        authorization_url="https://10.0.0.1/authorize",
    )  # fmt: skip

    text = words(await admin.get(await begin(admin, form)))

    assert "There is no host of this name." in text
    assert "The host does not take the connection." in text
    assert "a private address, which this house may not call" in text


async def test_the_reason_why_a_certificate_is_not_trusted_is_said(admin: Browser, provider: Provider) -> None:
    import trustme

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        url = f"https://127.0.0.1:{runner.addresses[0][1]}/oauth2/token"
        path = await begin(admin, provider.form(token_url=url))
    finally:
        await runner.cleanup()

    text = words(await admin.get(path))
    assert "an authority that this house does not know" in text
    assert "add it under Domain and TLS > Private CA" in text


async def test_the_round_trip_shows_the_claims_and_signs_nobody_in(
    admin: Browser, provider: Provider, house: House
) -> None:
    provider.person.extra = {"groups": ["staff", "dev"], "note": "<script>alert(1)</script>"}
    path = await begin(admin, provider.form())
    before = admin.cookie("house_session")

    answer = await go(admin, path)

    assert f"{path}#came" == answer.headers["location"]
    page = await admin.get(path)
    text = words(page)
    assert "maria@example.com: a new account would be made" in text
    assert "staff, dev" in text
    assert "<script>alert" not in page.text
    assert "access-0" not in page.text
    assert before == admin.cookie("house_session")
    assert "maria" not in words(await admin.get("/settings/users"))
    assert "maria" not in words(await admin.get("/settings/audit-log"))


async def test_what_fails_on_the_way_is_said_by_field(admin: Browser, provider: Provider) -> None:
    path = await begin(admin, provider.form())
    provider.change_claims = merged(iss="https://other.example")

    await go(admin, path)

    assert "JWK Set URL: it did not work" in words(await admin.get(path))


async def test_the_claim_picker_sets_the_username_attribute_of_the_draft(
    admin: Browser, provider: Provider, house: House, browser: Browser
) -> None:
    path = await begin(admin, provider.form(username_attribute="upn"))
    await go(admin, path)
    assert "They could not sign in" in words(await admin.get(path))

    assert 422 == (await admin.post(f"{path}/claim", {"username_attribute": "nonce"}, page=path)).status_code
    await admin.post(f"{path}/claim", {"username_attribute": "name"}, page=path)

    assert "Maria Lopez: a new account would be made" in words(await admin.get(path))
    form = dict(
        re.findall(
            r'<input type="hidden" name="(version|draft|as_tested)" value="([^"]*)"', (await admin.get(path)).text
        )
    )
    assert 303 == (await admin.post(OIDC, form, page=path)).status_code
    assert "name" == house.ctx.live.document.providers[0].settings.username_attribute
    assert CLIENT_SECRET == house.ctx.live.document.providers[0].settings.client_secret.reveal()


async def test_apps_that_the_person_could_open_are_named(admin: Browser, provider: Provider, house: House) -> None:
    from poolhouse.house.gate import Gate, Policy

    await house.add_app(name="Wiki", url="http://wiki.localhost:8500/", gate=Gate(upstream="http://127.0.0.1:9"))
    closed = Gate(upstream="http://127.0.0.1:9", policy=Policy(groups=("board",)))
    await house.add_app(name="Books", url="http://books.localhost:8500/", gate=closed)
    path = await begin(admin, provider.form())

    await go(admin, path)

    assert re.search(r"Apps they could open Wiki Apps they could not open Books", words(await admin.get(path)))


async def test_who_would_not_be_let_in_is_told_why(admin: Browser, provider: Provider, house: House) -> None:
    from poolhouse.house.people import Newcomers, People

    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, people=People(newcomers=Newcomers(who="nobody")))

    await house.ctx.live.change(change, by="test")
    path = await begin(admin, provider.form())

    await go(admin, path)

    assert "takes in nobody new" in words(await admin.get(path))


async def test_groups_by_rules_on_claims_are_foreseen(admin: Browser, provider: Provider, house: House) -> None:
    from poolhouse.house.people import ClaimRule, Group, People
    from poolhouse.house.store import groups

    now = house.ctx.clock.now()

    async def change(tx: Tx, document: Document) -> Document:
        await groups.put_group(tx, Group(id="g1", name="Editors", created_at=now, changed_at=now))
        rule = ClaimRule(claim="name", test="equals", value="Maria Lopez", group_id="g1")
        return msgspec.structs.replace(document, people=People(rules=(rule,)))

    await house.ctx.live.change(change, by="test")
    path = await begin(admin, provider.form())

    await go(admin, path)

    assert "Groups Editors" in words(await admin.get(path))
    assert "maria" not in words(await admin.get("/settings/users"))


async def test_a_trial_is_the_administrators_who_began_it(
    admin: Browser, provider: Provider, house: House, new_browser: NewBrowser, clock: FixedClock
) -> None:
    from poolhouse.kit.ambient import Secret

    await house.rescue("second@example.com", Secret("a new and long password"))
    path = await begin(admin, provider.form())
    other = new_browser()
    await other.log_in("second@example.com", "a new and long password")

    assert 404 == (await other.get(path)).status_code
    assert 303 == (await new_browser().get(path)).status_code
    clock.advance(1801)
    assert 404 == (await admin.get(path)).status_code


async def test_the_return_of_a_trial_is_good_once_and_in_its_browser(
    admin: Browser, provider: Provider, browser: Browser
) -> None:
    path = await begin(admin, provider.form())
    departure = await admin.post(f"{path}/sign-in", page=path)
    back = (await admin.outside.get(departure.headers["location"])).headers["location"]

    assert 400 == (await browser.get(back)).status_code
    assert browser.cookie("house_session") is None
    assert f"{path}#came" == (await admin.get(back)).headers["location"]
    assert "/" == (await admin.get(back)).headers["location"]
    assert 1 == provider.hits["token"] - 1


async def test_the_form_can_be_mended_without_typing_the_secret_again(admin: Browser, provider: Provider) -> None:
    path = await begin(admin, provider.form(token_url=f"{provider.base}/oauth2/tokens"))
    edit = f"{OIDC}?draft={path.rpartition('/')[2]}"
    page = await admin.get(edit)
    assert f'value="{provider.base}/oauth2/tokens"' in page.text
    assert CLIENT_SECRET not in page.text

    mended = await begin(admin, {**provider.form(client_secret=""), "draft": path.rpartition("/")[2]})

    assert "Wrong" not in (await verdicts(admin, mended)).values()


async def test_a_form_that_cannot_be_right_is_not_tried(admin: Browser, provider: Provider) -> None:
    answer = await admin.post(f"{OIDC}/test", {"client_id": "x"}, page=OIDC)

    assert 422 == answer.status_code
    assert "Nothing was tried" in words(answer)
    assert not provider.hits


async def test_the_draft_is_sealed_in_the_store(admin: Browser, provider: Provider, house: House) -> None:
    from sqlalchemy import select

    from poolhouse.house.tables import drafts
    from poolhouse.kit.db.statement import compile_statement

    await go(admin, await begin(admin, provider.form()))

    stored = repr(await house.ctx.db.all(compile_statement(select(drafts))))
    assert "maria" not in stored
    assert CLIENT_SECRET not in stored


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (200, "AADSTS50011: The redirect URI specified in the request does not match", "redirect_not_registered"),
        (200, "AADSTS700016: Application was not found in the directory", "client_unknown"),
        (200, "Sign in. Your redirect uri is invalid, they say.", None),
        (400, "Error 400: redirect_uri_mismatch", "redirect_not_registered"),
        (400, "Invalid parameter: redirect_uri", "redirect_not_registered"),
        (403, "Callback URL mismatch.", "redirect_not_registered"),
        (400, "The 'redirect_uri' parameter must be a Login redirect URI", "redirect_not_registered"),
        (400, "Client not found.", "client_unknown"),
        (403, "Forbidden", None),
    ],
)
def test_pages_of_known_providers_are_read(status: int, body: str, failure: str | None) -> None:
    answer = Answer(status=status, media_type="text/html", location="", body=body.encode())

    found = judge(answer, authorization_url="https://idp.example/authorize", redirect_url=f"{BASE}/x")

    assert failure == (found.value if found else None)


async def test_github_is_tried_in_the_same_way(admin: Browser, house: House) -> None:
    from tests.house.github import CLIENT_ID, GitHub
    from tests.house.github import CLIENT_SECRET as GITHUB_SECRET

    github = GitHub()
    await github.start()
    page = "/settings/authentication/providers/github"
    form = {"kind": "github", "version": "0", "client_id": CLIENT_ID, "base": github.base}
    try:
        wrong = await admin.post(f"{page}/test", {**form, "client_secret": "wrong"}, page=f"{page}?kind=github")
        assert "Wrong" == (await verdicts(admin, wrong.headers["location"]))["Client Secret"]
        good = await admin.post(f"{page}/test", {**form, "client_secret": GITHUB_SECRET}, page=f"{page}?kind=github")
        path = good.headers["location"]
        assert "Good" == (await verdicts(admin, path))["Client Secret"]
        await go(admin, path)

        tried = await admin.get(path)
        assert "a new account would be made" in words(tried)
        names = "version|draft|as_tested|kind"
        fields = dict(re.findall(rf'<input type="hidden" name="({names})" value="([^"]*)"', tried.text))
        assert 303 == (await admin.post(page, fields, page=path)).status_code
        assert GITHUB_SECRET == house.ctx.live.document.providers[0].settings.client_secret.reveal()
    finally:
        await github.stop()


async def test_an_answer_by_form_is_taken_where_one_is_asked_for(
    admin: Browser, house: House, provider: Provider
) -> None:
    from poolhouse.house.provider import Options
    from poolhouse.house.provider import Provider as Set

    await house.use_oidc(provider.settings())

    async def change(_tx: Tx, document: Document) -> Document:
        asked = Set(id="oidc", settings=provider.settings(), options=Options(is_form_post=True))
        return msgspec.structs.replace(document, providers=(asked,))

    await house.ctx.live.change(change, by="test")
    path = await begin(admin, provider.form())
    departure = await admin.post(f"{path}/sign-in", page=path)
    assert "response_mode=form_post" in departure.headers["location"]
    shown = (await admin.outside.get(departure.headers["location"])).text
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', shown))

    posted = await admin.client.post(
        "/login/oauth2/code/oidc", data=fields, headers={"origin": provider.base, "sec-fetch-site": "cross-site"}
    )
    await admin.get(posted.headers["location"])

    assert "signed in before" in words(await admin.get(path)) or "a new account" in words(await admin.get(path))
