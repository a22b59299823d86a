"""
Whatever is sent to the endpoints that apps and browsers use: nobody is sent where no app is, and no page says a word
that it should not (RFC 9700 sections 4.1, 4.11, 4.16).
"""

from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.model.user import User
from tests.support.web import BASE, CALLBACK, CHALLENGE, DOMAIN, Asking, authorize, signed_in

HERE = f"/domains/{DOMAIN}"
EVIL = (
    "https://evil.example/cb", "//evil.example", "\\\\evil.example", "https://app.example/callback@evil.example",
    "https://app.example/callback\r\nset-cookie: x-evil=1", "javascript:alert(1)", "data:text/html,<x-evil>",
    '"><x-evil onx-evil=1>', "'><script>x-evil</script>", "</title><x-evil>", "&quot;&gt;<x-evil>", "{{7*7}}", "%0d%0a",
    "\x00", "\ud7ff", "\u202e", "\u2028", "é" * 9, "a" * 9_000,
)  # fmt: skip
LIKELY = (
    CALLBACK, "code", "token", "code token", "none", "none login", "login", "consent", "select_account", "query",
    "fragment", "form_post", "jwt", "openid", "openid email", "S256", "plain", CHALLENGE, "0", "-1", "60", "1e9",
    '{"userinfo": {"email": null}}', '{"id_token": {"sub": {"value": "x-evil"}}}', "{", "[" * 2_000, "COGNITO",
    "popup", "eyJhbGciOiJub25lIn0.e30.", "phr",
)  # fmt: skip
NAMES = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age",
    "display", "ui_locales", "claims_locales", "id_token_hint", "login_hint", "acr_values", "claims", "request",
    "request_uri", "registration", "code_challenge", "code_challenge_method", "resource", "identity_provider",
    "idp_identifier", "lang", "error", "error_description", "_csrf", "username", "dpop_jkt",
)  # fmt: skip

texts = st.sampled_from(EVIL) | st.sampled_from(LIKELY) | st.text(max_size=40)
changes = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=12), texts), max_size=4)
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def look_at(reply: httpx.Response) -> None:
    """What holds of every answer that a browser gets here."""
    assert reply.status_code in {200, 302, 303, 400, 401, 403, 413}, reply.text
    for name, value in reply.headers.items():
        assert value.isascii(), name
        assert value.isprintable(), name
    assert "evil" not in reply.headers.get("set-cookie", "")
    target = reply.headers.get("location")
    if target is not None:
        assert is_here(target) or is_app(target), target
    if "html" in reply.headers.get("content-type", ""):
        look_at_page(reply)


def look_at_page(reply: httpx.Response) -> None:
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "DENY" == reply.headers["x-frame-options"]
    assert "access-control-allow-origin" not in reply.headers
    for tag, attributes in Tags(reply.text).tags:
        assert "x-evil" != tag
        assert not [name for name in attributes if name.startswith("on")], attributes
        assert "base" != tag
        if tag == "script":
            assert attributes["src"].startswith("/"), attributes
        if tag == "form":
            assert is_here(attributes["action"]) or CALLBACK == attributes["action"], attributes
        for name in ("href", "src"):
            assert not attributes.get(name, "").lower().startswith(("javascript:", "data:", "//", "\\")), attributes


def is_here(target: str) -> bool:
    return target.startswith((f"{HERE}/", f"{BASE}{HERE}/"))


def is_app(target: str) -> bool:
    return target == CALLBACK or target.startswith((f"{CALLBACK}?", f"{CALLBACK}#"))


told = st.fixed_dictionaries(
    {"state": texts, "nonce": texts, "login_hint": texts, "response_mode": st.sampled_from(("query", "form_post"))}
)
"""What every request carries along, which a page or an answer may show."""


def query(
    client: ClientEntry, told: dict[str, str], changes: list[tuple[str, str]], dropped: set[str], *, twice: bool
) -> str:
    """A request that is right but for *changes*: put in the place of what is there, or with *twice* beside it."""
    right = Asking(client).params(**told)
    kept = {} if twice else dict(changes)
    pairs = [(name, value) for name, value in right.items() if name not in dropped and name not in kept]
    return urlencode([*pairs, *changes])


@some
@given(told, changes, st.sets(st.sampled_from(("redirect_uri", "response_type", "scope", "client_id")), max_size=1),
       st.booleans(), st.booleans())  # fmt: skip
async def test_no_request_leads_where_no_app_is(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, told: dict[str, str],
    changes: list[tuple[str, str]], dropped: set[str], twice: bool, has_session: bool,
) -> None:  # fmt: skip
    web.cookies.clear()
    if has_session:
        await signed_in(flow, web, person)

    reply = await web.get(f"{HERE}/oauth2/authorize?{query(client, told, changes, dropped, twice=twice)}")

    look_at(reply)
    if is_here(reply.headers.get("location", "")):
        look_at(await web.get(reply.headers["location"]))


@pytest.mark.parametrize("word", EVIL, ids=range(len(EVIL)))
async def test_a_word_that_tries_to_break_out_stays_a_word(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, word: str
) -> None:
    posted = {"response_mode": "form_post", "state": word, "nonce": "n"}
    denied = await authorize(web, client, prompt="none", **posted)
    look_at(denied)
    look_at(await web.get(f"{HERE}/login", params=Asking(client).params(login_hint=word[:2_000], state=word)))
    look_at(await authorize(web, client, prompt="none", state=word))
    await signed_in(flow, web, person)
    granted = await authorize(web, client, **posted)
    look_at(granted)
    look_at(await authorize(web, client, state=word))

    for reply, name in ((denied, "error"), (granted, "code")):
        fields = dict(a_field(each) for tag, each in Tags(reply.text).tags if tag == "input")
        assert {name, "state", "iss"} == set(fields)
        assert word.replace("\r\n", "\n") == fields["state"].replace("\r\n", "\n")


def a_field(attributes: dict[str, str]) -> tuple[str, str]:
    assert {"type", "name", "value"} == set(attributes)
    return attributes["name"], attributes["value"]


@pytest.mark.parametrize("path", ["login", "signup", "forgotPassword", "error", "logout"])
@settings(some, max_examples=25)
@given(told, changes)
async def test_no_page_repeats_what_it_is_told(
    web: httpx.AsyncClient, client: ClientEntry, path: str, told: dict[str, str], changes: list[tuple[str, str]]
) -> None:
    web.cookies.clear()

    look_at(await web.get(f"{HERE}/{path}?{query(client, told, changes, set(), twice=False)}"))


@some
@given(st.binary(max_size=200) | changes.map(lambda pairs: urlencode(pairs).encode()))
async def test_no_posted_request_fails_or_leads_elsewhere(
    web: httpx.AsyncClient, client: ClientEntry, body: bytes
) -> None:
    reply = await web.post(
        f"{HERE}/oauth2/authorize", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )

    look_at(reply)
    assert "location" not in reply.headers or is_here(reply.headers["location"])


@some
@given(st.lists(st.tuples(st.sampled_from((
    "grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "refresh_token", "scope",
    "client_assertion", "client_assertion_type", "resource", "device_code",
)), texts | st.sampled_from(("authorization_code", "refresh_token", "client_credentials"))), max_size=6),
    st.sampled_from(("", "Basic eDp5", "Basic =", "Bearer x", "DPoP x", "Basic \x7f")))  # fmt: skip
async def test_no_token_request_gets_anything_but_an_error_of_the_standard(
    web: httpx.AsyncClient, client: ClientEntry, form: list[tuple[str, str]], authorization: str
) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    headers |= {"authorization": authorization} if authorization else {}

    reply = await web.post(f"{HERE}/oauth2/token", content=urlencode(form).encode(), headers=headers)

    assert reply.status_code in {400, 401}, reply.text
    assert reply.headers["cache-control"] == "no-store"
    told = reply.json()
    for text in (told["error"], told.get("error_description", "")):
        # RFC 6749 section 5.2: no quotation mark, no backslash, nothing beyond ASCII
        assert all(character in "\x20\x21" or "\x23" <= character <= "\x7e" for character in text), text
        assert "\\" not in text


@some
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60))
async def test_no_made_up_token_opens_user_info(web: httpx.AsyncClient, client: ClientEntry, made_up: str) -> None:
    for headers in ({"authorization": made_up}, {"authorization": f"Bearer {made_up}"}):
        reply = await web.get(f"{HERE}/oauth2/userInfo", headers=headers)

        assert reply.status_code in {400, 401}, reply.text
        assert "Bearer" in reply.headers["www-authenticate"]
