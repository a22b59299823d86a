"""What a voice makes of a text."""

import pytest

from poolhouse.pool.languages.tags import LANGUAGES
from poolhouse.pool.languages.voice import ENGLISH, Voice, voice
from poolhouse.pool.spec.errors import Reason, sentence


def test_the_english_text_is_the_text_where_there_is_no_other() -> None:
    assert "No such text." == voice("de").say("No such text.")
    assert "" == voice("de").say("")


def test_a_value_is_never_taken_for_a_text() -> None:
    assert "Hello %(secret)s %s %%" == ENGLISH.say("Hello %(name)s", name="%(secret)s %s %%")


def test_a_text_of_the_pool_goes_before_ours() -> None:
    own = voice("en", {"Sign in": "Come in", "%(n)s code": ("%(n)s key", "%(n)s keys")})

    assert "Come in" == own.say("Sign in")
    assert ["1 key", "2 keys"] == [own.say_many("%(n)s code", "%(n)s codes", n) for n in (1, 2)]


def test_the_number_of_things_picks_the_form() -> None:
    assert ["0 codes", "1 code", "1,000 codes"] == [
        ENGLISH.say_many("%(n)s code", "%(n)s codes", n) for n in (0, 1, 1000)
    ]


def test_from_right_to_left_a_value_is_set_apart() -> None:
    hebrew = Voice(language=LANGUAGES["he"])

    assert "x \u2068jane@example.com\u2069" == hebrew.say("x %(to)s", to="jane@example.com")
    assert "x jane@example.com" == ENGLISH.say("x %(to)s", to="jane@example.com")


@pytest.mark.parametrize("reason", [Reason.WRONG_PASSWORD, Reason.CODE_EXPIRED, Reason.LOCKED_OUT])
def test_refusals_are_the_sentences_of_the_pages(reason: Reason) -> None:
    assert sentence(reason) == ENGLISH.refusal(reason, {})


def test_a_refusal_calls_an_attribute_as_people_do() -> None:
    said = ENGLISH.refusal(Reason.CONTACT_EXISTS, {"attribute": "phone_number"})

    assert "There is an account with this phone number already. Sign in instead." == said


@pytest.mark.parametrize(
    ("tag", "moment", "number"),
    [
        ("en", "15 Jan 2027, 08:00 UTC", "12,345"),
        ("de", "15.01.2027, 08:00 UTC", "12.345"),
        ("ja", "2027/01/15 8:00 UTC", "12,345"),
        ("pt-BR", "15 de jan. de 2027 08:00 UTC", "12.345"),
    ],
)
def test_times_and_numbers_are_written_as_the_language_does(tag: str, moment: str, number: str) -> None:
    assert moment == voice(tag).moment(1_800_000_000)
    assert number == voice(tag).number(12345)
