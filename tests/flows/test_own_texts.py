"""Texts that a pool has in the place of ours."""

import msgspec
import pytest

from poolhouse.pool.flows import own_texts, pools
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.own_texts import Text, WrongText
from poolhouse.pool.flows.speaking import voice_for
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason

REGION = "us-east-1"
OUT = "You are signed out"
AS = "You are signed in as %(name)s."


@pytest.fixture
async def pool_id(flow: Flow) -> str:
    made = await pools.create(flow, REGION, shapes.CreateUserPoolRequest(pool_name="people"))
    return made.pool.id


async def said(flow: Flow, pool_id: str, language: str, text: str, **values: object) -> str:
    entry = await flow.directory.find_pool(pool_id)
    assert entry is not None
    return voice_for(entry, language).say(text, **values)


async def test_a_text_is_said_the_pool_s_way_in_its_language_alone(flow: Flow, pool_id: str) -> None:
    before = await said(flow, pool_id, "fr", OUT)
    await own_texts.change(flow, pool_id, "de", {OUT: "Bis bald"})

    assert "Bis bald" == await said(flow, pool_id, "de", OUT)
    assert before == await said(flow, pool_id, "fr", OUT)
    assert OUT == await said(flow, pool_id, "en", OUT)


async def test_a_text_is_ours_again_once_it_is_taken_back(flow: Flow, pool_id: str) -> None:
    await own_texts.change(flow, pool_id, "en", {OUT: "See you", AS: "%(name)s, it is you."})
    await own_texts.change(flow, pool_id, "en", {OUT: None})

    assert OUT == await said(flow, pool_id, "en", OUT)
    assert "Jo, it is you." == await said(flow, pool_id, "en", AS, name="Jo")
    assert {AS: "%(name)s, it is you."} == await own_texts.find(flow, pool_id, "en")


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("No such text", "x"),
        (AS, "You are signed in."),
        (AS, "%(name)s %(password)s"),
        (AS, "%(name)s %s"),
        (AS, "%(name)s %(name)d"),
        (AS, "%(name)s 100 %"),
        (AS, "%(name)1000000000s"),
        (AS, "{name} {name.__class__}"),
        (OUT, ""),
        (OUT, "   "),
        (OUT, "x" * 1001),
        (OUT, "<b>Out</b>"),
        (OUT, "</main>"),
        (OUT, "<!-- x"),
        (OUT, "Tom &amp; Jerry"),
        (OUT, "&#60;script"),
        (OUT, "a\u202eb"),
        (OUT, "a\x00b"),
        (OUT, "a\x1b[31mb"),
        (OUT, ["one", "two"]),
    ],
)
async def test_what_cannot_be_a_text_is_refused_and_nothing_is_kept(
    flow: Flow, pool_id: str, text: str, own: Text
) -> None:
    with pytest.raises(WrongText):
        await own_texts.change(flow, pool_id, "de", {"Sign out": "Tschüss", text: own})
    assert {} == await own_texts.find(flow, pool_id, "de")


async def test_an_unknown_language_and_an_unknown_pool_are_refused(flow: Flow, pool_id: str) -> None:
    with pytest.raises(WrongText, match="languages are"):
        await own_texts.change(flow, pool_id, "xx", {OUT: "x"})
    with pytest.raises(Refused) as no:
        await own_texts.change(flow, "us-east-1_nobody000", "de", {OUT: "x"})
    assert Reason.POOL_NOT_FOUND is no.value.reason


async def test_texts_go_out_and_come_back_as_a_catalogue_and_as_json(flow: Flow, pool_id: str) -> None:
    held = await own_texts.change(flow, pool_id, "de", {OUT: 'Bis "bald"\nund so', AS: "%(name)s \\ da"})

    assert held == own_texts.read_file("de", own_texts.as_po("de", held))
    assert held == own_texts.read_file("de", msgspec.json.encode(held))


@pytest.mark.parametrize("content", [b"{", b'{"a": 1}', b"[]", b"\xff\xfe", b"x" * 1_048_577, b"hello"])
def test_a_file_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(WrongText):
        own_texts.read_file("de", content)


async def test_they_go_with_their_pool(flow: Flow, pool_id: str) -> None:
    await own_texts.change(flow, pool_id, "de", {OUT: "Bis bald"})
    await pools.delete(flow, REGION, pool_id)

    with pytest.raises(Refused):
        await own_texts.find(flow, pool_id, "de")
