"""Signature Version 4, with botocore's own signer on the other side."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit import seal
from poolhouse.kit.ambient import Epoch, Secret
from poolhouse.kit.edge import Raw
from poolhouse.pool.api.sigv4 import Signer, read_signer, verify
from poolhouse.pool.api.sigv4_claim import read_claim
from poolhouse.pool.flows.access_keys import KnownKey
from poolhouse.pool.spec.errors import CognitoError

NOW = Epoch(1_790_000_000)
KEY_ID = "AKIDEXAMPLE"
KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SIGNER = Signer(KEY_ID, "eu-central-1")
HOST = "127.0.0.1:8400"
HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.ListUserPools",
    "User-Agent": "Boto3/1.44",
}
BODY = b'{"MaxResults": 10}'


TEMPORARY = "ASIDEXAMPLE"
TOKEN = "FwoGZXIvYXdzEXAMPLE//=="
KEYS = {
    KEY_ID: KnownKey(secret=Secret(KEY)),
    TEMPORARY: KnownKey(secret=Secret(KEY), token=seal.digest(TOKEN), expires_at=NOW + 200),
}


async def find_key(key_id: str) -> KnownKey | None:
    return KEYS.get(key_id)


@pytest.fixture(autouse=True)
def botocore_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    set_botocore_clock(monkeypatch, NOW)


def set_botocore_clock(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(at, UTC))


def signed(
    *,
    key: str = KEY,
    key_id: str = KEY_ID,
    token: str | None = None,
    service: str = "cognito-idp",
    region: str = "eu-central-1",
    headers: dict[str, str] | None = None,
    query: str = "",
    signer: type[SigV4Auth] = SigV4Auth,
    body: bytes = BODY,
) -> Raw:
    url = f"http://{HOST}/{query}"
    request = AWSRequest(method="POST", url=url, data=body, headers=HEADERS | (headers or {}))
    signer(Credentials(key_id, key, token), service, region).add_auth(request)
    sent = request.prepare()
    pairs = [(name.lower().encode(), as_bytes(value)) for name, value in sent.headers.items()]
    return Raw(
        method="POST",
        path="/",
        query=sent.url.partition("?")[2],
        headers=(*pairs, (b"host", HOST.encode())),
        body=sent.body or b"",
    )


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def with_header(raw: Raw, name: str, value: str | None) -> Raw:
    """*raw* with another value of a header, or without it."""
    others = tuple(pair for pair in raw.headers if pair[0] != name.encode())
    added = () if value is None else ((name.encode(), value.encode()),)
    return msgspec.structs.replace(raw, headers=others + added)


async def check(raw: Raw, now: int = NOW) -> Signer:
    return await verify(raw, now=Epoch(now), find_key=find_key)


async def refusal(raw: Raw, now: int = NOW) -> tuple[str, str]:
    with pytest.raises(CognitoError) as refused:
        await check(raw, now)
    return refused.value.code, refused.value.message


async def code(raw: Raw, now: int = NOW) -> str:
    return (await refusal(raw, now))[0]


async def test_what_botocore_signs_is_verified() -> None:
    assert await check(signed()) == SIGNER


async def test_what_botocore_signs_in_the_query_is_verified() -> None:
    raw = signed(signer=SigV4QueryAuth, body=b"")

    assert "X-Amz-Signature" in raw.query
    assert await check(raw) == SIGNER


INVALID_TOKEN = ("UnrecognizedClientException", "The security token included in the request is invalid.")


@pytest.mark.parametrize("signer", [SigV4Auth, SigV4QueryAuth])
async def test_a_temporary_key_comes_with_its_session_token(signer: type[SigV4Auth]) -> None:
    def sent(token: str | None, key_id: str = TEMPORARY) -> Raw:
        return signed(key_id=key_id, token=token, signer=signer, body=BODY if signer is SigV4Auth else b"")

    assert await check(sent(TOKEN)) == Signer(TEMPORARY, "eu-central-1")
    for refused in (sent(None), sent("another"), sent(""), sent(TOKEN, KEY_ID)):
        assert await refusal(refused) == INVALID_TOKEN


async def test_a_temporary_key_ends() -> None:
    raw = signed(key_id=TEMPORARY, token=TOKEN)

    assert await check(raw, NOW + 199) == Signer(TEMPORARY, "eu-central-1")
    assert await refusal(raw, NOW + 200) == (
        "ExpiredTokenException",
        "The security token included in the request is expired",
    )
    assert await code(signed(key_id=TEMPORARY, token=TOKEN, key="another"), NOW + 200) == "InvalidSignatureException"


async def test_a_session_token_is_part_of_what_is_signed() -> None:
    raw = signed(key_id=TEMPORARY, token=TOKEN)
    authorization = raw.header("authorization").replace(";x-amz-security-token", "")

    assert (await refusal(with_header(raw, "authorization", authorization)))[1] == (
        "'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization."
    )


async def test_two_session_tokens_in_the_query_are_refused() -> None:
    raw = signed(key_id=TEMPORARY, token=TOKEN, signer=SigV4QueryAuth, body=b"")
    twice = msgspec.structs.replace(raw, query=f"{raw.query}&X-Amz-Security-Token=x")

    assert await code(twice) == "IncompleteSignatureException"


TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


@given(
    body=st.binary(max_size=80),
    extra=st.dictionaries(st.from_regex(r"X-Amz-Meta-[a-z]{1,8}", fullmatch=True), TEXTS, max_size=3),
    query=st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=4),
    token=st.sampled_from([None, TOKEN]),
    region=st.sampled_from(["eu-central-1", "us-gov-west-1", "local"]),
)
async def test_whatever_botocore_signs_is_verified(
    body: bytes, extra: dict[str, str], query: list[tuple[str, str]], token: str | None, region: str
) -> None:
    asked = (
        "?" + "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)
        if query
        else ""
    )
    key_id = TEMPORARY if token else KEY_ID

    raw = signed(key_id=key_id, token=token, headers=extra, query=asked, body=body, region=region)

    assert await check(raw) == Signer(key_id, region)
    flipped = bytes([body[0] ^ 1]) + body[1:] if body else b"x"
    assert await code(msgspec.structs.replace(raw, body=flipped)) == "InvalidSignatureException"


@given(st.text(st.characters(codec="ascii"), min_size=40, max_size=40), st.sampled_from([SigV4Auth, SigV4QueryAuth]))
async def test_no_other_secret_makes_the_same_signature(secret: str, signer: type[SigV4Auth]) -> None:
    if secret != KEY:
        assert await code(signed(key=secret, signer=signer, body=b"")) == "InvalidSignatureException"


async def test_a_session_token_added_later_is_refused() -> None:
    code_and_text = await refusal(with_header(signed(), "x-amz-security-token", "added"))

    assert code_and_text == (
        "InvalidSignatureException",
        "'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.",
    )


async def test_a_request_signed_by_its_date_header_is_verified() -> None:
    assert await check(signed(headers={"Date": "Mon, 21 Sep 2026 00:00:00 GMT"})) == SIGNER


async def test_spaces_in_a_header_count_once_and_a_repeated_header_counts_each_time() -> None:
    raw = signed(headers={"X-Amz-Meta": "a  b   c"})
    assert await check(raw) == SIGNER

    doubled = msgspec.structs.replace(raw, headers=(*raw.headers, (b"x-amz-meta", b"d")))
    assert await code(doubled) == "InvalidSignatureException"


async def test_query_parameters_are_signed_in_their_canonical_order() -> None:
    raw = signed(query="?b=2&a=~1&a=%C3%A9%20x&c=")

    assert await check(raw) == SIGNER
    assert await check(msgspec.structs.replace(raw, query="c&a=%c3%a9%20x&b=2&a=%7E1")) == SIGNER
    assert await code(msgspec.structs.replace(raw, query="b=3&a=~1&a=%C3%A9%20x&c=")) == "InvalidSignatureException"


@pytest.mark.parametrize(
    "tampered",
    [
        lambda raw: msgspec.structs.replace(raw, body=raw.body + b" "),
        lambda raw: msgspec.structs.replace(raw, method="PUT"),
        lambda raw: msgspec.structs.replace(raw, path="/other"),
        lambda raw: msgspec.structs.replace(raw, query="a=1"),
        lambda raw: with_header(raw, "host", "other.example"),
        lambda raw: with_header(raw, "host", None),
        lambda raw: with_header(raw, "x-amz-target", "AWSCognitoIdentityProviderService.DeleteUserPool"),
        lambda raw: with_header(raw, "content-type", "text/plain"),
    ],
)
async def test_a_request_that_was_changed_after_signing_is_refused(tampered: Any) -> None:
    code_and_text = await refusal(tampered(signed()))

    assert code_and_text[0] == "InvalidSignatureException"
    assert code_and_text[1].startswith("The request signature we calculated does not match")


async def test_a_wrong_secret_is_refused() -> None:
    assert await code(signed(key="another")) == "InvalidSignatureException"


async def test_an_unknown_key_is_refused() -> None:
    assert await refusal(signed(key_id="AKIDUNKNOWN")) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )


async def test_another_service_is_named() -> None:
    assert await refusal(signed(service="s3")) == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'cognito-idp'.",
    )


async def test_a_region_that_is_none_is_refused() -> None:
    assert (await refusal(signed(region="EU!")))[1] == "Credential should be scoped to a valid region, not 'EU!'."


async def test_a_signature_is_good_for_five_minutes_on_either_side() -> None:
    raw = signed()

    assert await check(raw, NOW + 300) == SIGNER
    assert await check(raw, NOW - 300) == SIGNER
    assert await refusal(raw, NOW + 301) == (
        "InvalidSignatureException",
        "Signature expired: 20260921T141320Z is now earlier than 20260921T141321Z (20260921T141821Z - 5 min.)",
    )
    assert await refusal(raw, NOW - 301) == (
        "InvalidSignatureException",
        "Signature not yet current: 20260921T141320Z is still later than 20260921T141319Z (20260921T140819Z + 5 min.)",
    )


async def test_a_signature_in_the_query_lives_as_long_as_it_says() -> None:
    raw = signed(signer=SigV4QueryAuth, body=b"")

    assert await check(raw, NOW + 3600) == SIGNER
    assert await code(raw, NOW + 3601) == "InvalidSignatureException"


@pytest.mark.parametrize("expires", ["0", "604801", "x", "", "1&X-Amz-Expires=2"])
async def test_a_lifetime_that_is_none_is_refused(expires: str) -> None:
    raw = signed(signer=SigV4QueryAuth, body=b"")
    changed = raw.query.replace("X-Amz-Expires=3600", f"X-Amz-Expires={expires}")

    assert await code(msgspec.structs.replace(raw, query=changed)) == "IncompleteSignatureException"


async def test_the_date_of_the_scope_must_be_that_of_the_request() -> None:
    raw = signed()
    other_day = raw.header("authorization").replace("/20260921/", "/20260920/")

    assert (await refusal(with_header(raw, "authorization", other_day)))[1].startswith(
        "Date in Credential scope does not match YYYYMMDD"
    )


@pytest.mark.parametrize("date", ["20260921", "2026-09-21T14:13:20Z", "20261321T141320Z", "20260921T141320Z\u0661"])
async def test_a_date_in_another_form_is_refused(date: str) -> None:
    assert (await refusal(with_header(signed(), "x-amz-date", date)))[0] == "IncompleteSignatureException"


@pytest.mark.parametrize("name", ["host", "x-amz-target", "x-amz-date"])
async def test_what_decides_where_the_request_goes_must_be_signed(name: str) -> None:
    raw = signed()
    authorization = raw.header("authorization")
    names = authorization.partition("SignedHeaders=")[2].partition(",")[0]
    fewer = ";".join(each for each in names.split(";") if each != name)

    _, message = await refusal(with_header(raw, "authorization", authorization.replace(names, fewer)))

    assert message.endswith("must be a 'SignedHeader' in the AWS Authorization.")


async def test_a_payload_that_is_declared_unsigned_is_refused() -> None:
    assert await code(signed(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})) == "InvalidSignatureException"


async def test_a_request_without_signature_is_told_so() -> None:
    assert await refusal(with_header(signed(), "authorization", None)) == (
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )


async def test_both_forms_at_once_are_refused() -> None:
    raw = msgspec.structs.replace(signed(), query="X-Amz-Algorithm=AWS4-HMAC-SHA256")

    assert await code(raw) == "InvalidSignatureException"


async def test_two_authorization_headers_are_refused() -> None:
    raw = signed()
    twice = (*raw.headers, (b"authorization", raw.header("authorization").encode()))

    assert await code(msgspec.structs.replace(raw, headers=twice)) == "IncompleteSignatureException"


@pytest.mark.parametrize("name", ["Credential", "SignedHeaders", "Signature"])
async def test_a_missing_part_of_the_header_is_named(name: str) -> None:
    raw = signed()
    without = raw.header("authorization").replace(f"{name}=", "Other=")

    assert (await refusal(with_header(raw, "authorization", without)))[1].startswith(
        f"Authorization header requires '{name}' parameter. (Hashed"
    )


async def test_a_missing_part_of_the_query_is_named() -> None:
    raw = msgspec.structs.replace(with_header(signed(), "authorization", None), query="X-Amz-Algorithm=x")

    assert (await refusal(raw))[1].startswith("AWS query-string parameters must include 'X-Amz-Credential'.")


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 x",
        "AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host, Signature=c",
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=c",
        "AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=c",
    ],
)
async def test_a_header_that_cannot_be_read_is_refused_without_repeating_it(authorization: str) -> None:
    error, message = await refusal(with_header(signed(), "authorization", authorization))

    assert error == "IncompleteSignatureException"
    assert "eyJhbGci" not in message


async def test_a_signature_with_other_characters_is_a_wrong_one() -> None:
    raw = signed()
    head = raw.header("authorization").partition("Signature=")[0]

    assert await code(with_header(raw, "authorization", head + "Signature=é")) == "InvalidSignatureException"


def test_a_server_that_takes_any_credentials_still_learns_the_region() -> None:
    assert read_signer(signed(key="whatever", key_id="test")) == Signer("test", "eu-central-1")


def test_a_server_that_takes_any_credentials_still_wants_some() -> None:
    with pytest.raises(CognitoError, match="MissingAuthenticationToken"):
        read_signer(with_header(signed(), "authorization", None))


PIECES = st.lists(
    st.sampled_from(
        ["AWS4-HMAC-SHA256", " ", "Credential=", "a/b/c/d/e", "SignedHeaders=", "host", "Signature=", ",", ";", "="]
    )
    | st.text(st.characters(max_codepoint=255), max_size=5),
    max_size=14,
).map("".join)


def parse(raw: Raw) -> None:
    try:
        read_claim(raw)
    except CognitoError as refused:
        assert refused.code.endswith("Exception")  # noqa: PT017 (whatever else it raises is the finding)


@given(PIECES, st.text(st.characters(max_codepoint=255), max_size=20))
def test_no_authorization_header_makes_the_parser_fail_in_another_way(text: str, date: str) -> None:
    headers = (
        (b"authorization", text.encode("latin-1")),
        (b"x-amz-date", date.encode("latin-1")),
    )
    parse(Raw(method="POST", path="/", headers=headers))


@given(st.text(max_size=30))
def test_no_date_header_makes_the_parser_fail_in_another_way(date: str) -> None:
    authorization = b"AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=c"
    parse(Raw(method="POST", path="/", headers=((b"authorization", authorization), (b"date", date.encode()))))


@given(st.lists(st.sampled_from(["X-Amz-Algorithm", "=", "&", "X-Amz-Date", "%", "%zz", "X-Amz-Expires=", "9"])))
def test_no_query_makes_the_parser_fail_in_another_way(pieces: list[str]) -> None:
    parse(Raw(method="POST", path="/", query="".join(pieces)))


async def test_a_signature_without_any_date_is_incomplete() -> None:
    raw = with_header(signed(), "x-amz-date", None)

    assert (await refusal(raw))[1].startswith(
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    )
    assert read_signer(raw) == SIGNER
