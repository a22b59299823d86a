"""Which language a visitor gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.languages.choosing import Offer, Wish, choose, preferred
from poolhouse.pool.languages.tags import LANGUAGES, match

ALL = Offer()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("de", "de"),
        ("DE-at", "de"),
        ("de-Latn-DE-1996", "de"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("zh", "zh-CN"),
        ("zh-Hans-SG", "zh-CN"),
        ("zh-Hant", "zh-TW"),
        ("zh-Hant-HK", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh-TW", "zh-TW"),
        ("iw", "he"),
        ("in-ID", "id"),
        ("en-u-ca-gregory", "en"),
        ("ar-x-private", "ar"),
        ("nl", None),
        ("", None),
        ("*", None),
        ("de_DE", None),
        ("-de", None),
        ("de--at", None),
        ("deutschland", None),
        ("de\r\nset-cookie: a", None),
        ("<script>", None),
        ("d\u0435", None),
        ("de" * 5000, None),
    ],
)
def test_a_tag_finds_the_nearest_language(asked: str, found: str | None) -> None:
    assert found == match(asked, LANGUAGES)


def test_what_a_pool_does_not_offer_is_not_found() -> None:
    assert match("de-AT", ("en", "fr")) is None
    assert match("pt", ("en", "zh-TW")) is None
    assert match("zh", ("en", "zh-TW")) is None


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("", ()),
        ("de", ("de",)),
        ("da, en-gb;q=0.8, en;q=0.7", ("da", "en-gb", "en")),
        ("en;q=0.7,da", ("da", "en")),
        ("fr;q=0.5, de;q=0.5", ("fr", "de")),
        ("fr ; q = 0.123 , de;Q=0.124", ("de", "fr")),
        ("fr;q=0, de;q=0.0, it;q=0.000", ()),
        ("*, de;q=0.1", ("de",)),
        ("fr;q=1.5, de;q=-1, it;q=0.1234, es;q=x, en", ("en",)),
        ("fr;level=1, en", ("en",)),
        (",,;q=1, ;, en", ("en",)),
        ("fr;q=1.000, de;q=1", ("fr", "de")),
    ],
)
def test_what_a_browser_prefers(header: str, ranges: tuple[str, ...]) -> None:
    """RFC 9110 section 12.5.4."""
    assert ranges == preferred(header)


@pytest.mark.parametrize(
    ("wish", "tag", "is_chosen"),
    [
        (Wish(), "en", False),
        (Wish(accepted="nl, fr;q=0.5"), "fr", False),
        (Wish(accepted="fr", kept="de"), "de", False),
        (Wish(accepted="fr", kept="de", ui_locales="nl it ja"), "it", False),
        (Wish(accepted="fr", kept="de", ui_locales="it", lang="ja"), "ja", True),
        (Wish(accepted="fr", kept="de", ui_locales="it", lang="nl"), "it", False),
        (Wish(accepted="fr", kept="de", ui_locales="nl", lang="../../etc"), "de", False),
        (Wish(accepted="fr", kept="\x00"), "fr", False),
        (Wish(ui_locales="fr-CA fr en"), "fr", False),
    ],
)
def test_the_nearest_wish_counts(wish: Wish, tag: str, is_chosen: bool) -> None:
    assert (tag, is_chosen) == choose(wish, ALL)


def test_whoever_wants_none_of_the_offered_gets_the_pool_s_default() -> None:
    offer = Offer(tags=("de", "fr"), default="fr")

    assert ("fr", False) == choose(Wish(lang="en", accepted="en, ja"), offer)
    assert ("de", False) == choose(Wish(lang="en", accepted="en, de;q=0.1"), offer)


@given(st.text(max_size=2000), st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_no_text_of_a_stranger_is_an_error_or_gets_out_again(accepted: str, lang: str, ui: str, kept: str) -> None:
    tag, _ = choose(Wish(accepted=accepted, lang=lang, ui_locales=ui, kept=kept), ALL)

    assert tag in LANGUAGES


_WEIGHTED = st.lists(st.tuples(st.sampled_from(sorted(LANGUAGES)), st.integers(0, 1000)), max_size=12)


@given(_WEIGHTED)
def test_the_heaviest_comes_first_and_equal_ones_as_they_were_written(wanted: list[tuple[str, int]]) -> None:
    header = ",".join(f"{tag};q={weight // 1000}.{weight % 1000:03}" for tag, weight in wanted)
    by_weight = sorted((each for each in wanted if each[1]), key=lambda each: -each[1])

    assert tuple(tag for tag, _ in by_weight) == preferred(header)


@given(st.lists(st.sampled_from(["de", ";", "q", "=", "0.5", ",", " ", "*", "-", "1"]), max_size=1000).map("".join))
def test_a_long_list_is_only_read_so_far(header: str) -> None:
    assert len(preferred(header * 50)) <= 24
