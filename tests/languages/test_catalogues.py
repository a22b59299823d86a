"""The catalogues: every text in every language, with the same placeholders."""

import pytest

from poolhouse.pool.languages.catalogue import CATALOGUES, catalogue, messages
from poolhouse.pool.languages.tags import DEFAULT, LANGUAGES
from poolhouse.pool.languages.texts import fault
from poolhouse.pool.languages.voice import voice
from poolhouse.pool.spec.reasons import Reason
from poolhouse.pool.spec.words import SENTENCES

OTHERS = sorted(set(LANGUAGES) - {DEFAULT})


def test_there_is_a_catalogue_for_each_language() -> None:
    assert OTHERS == sorted(path.stem for path in CATALOGUES.glob("*.po"))


@pytest.mark.parametrize("tag", OTHERS)
def test_a_language_has_every_text_and_nothing_that_cannot_be_one(tag: str) -> None:
    known = catalogue(tag)

    assert set(messages()) == set(known.texts)
    for each in messages().values():
        text = known.texts[each.text]
        forms = (text,) if isinstance(text, str) else text
        assert len(forms) == (1 if each.many is None else known.forms)
        assert [None] * len(forms) == [
            fault(each.many or each.text, form, counts=each.many is not None) for form in forms
        ]


@pytest.mark.parametrize("tag", OTHERS)
def test_every_refusal_is_said_in_the_language(tag: str) -> None:
    params = {"attribute": "email", "detail": "x"}
    same = [each for each in Reason if voice(tag).refusal(each, params) == SENTENCES[each] % params]

    assert [] == same


@pytest.mark.parametrize("tag", OTHERS)
@pytest.mark.parametrize("number", [0, 1, 2, 3, 11, 21, 100, 101, 1_000_000])
def test_every_number_has_a_form(tag: str, number: int) -> None:
    for each in messages().values():
        if each.many is not None:
            assert voice(tag).say_many(each.text, each.many, number).strip()
