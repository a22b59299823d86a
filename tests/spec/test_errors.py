"""Every refusal has words on every surface, and every code is one that the API knows."""

import re
import string

import msgspec
import pytest

from poolhouse.pool.spec import errors
from poolhouse.pool.spec.errors import COGNITO, GENERIC, CognitoError, Reason, cognito, masked, oauth, sentence
from poolhouse.pool.spec.words import OAUTH, SENTENCES
from tests.spec.test_contract import ROOT

CONTRACT = msgspec.json.decode((ROOT / "src/poolhouse/pool/spec/cognito.json").read_bytes())
KNOWN = GENERIC | set(CONTRACT["errors"])


def parameters(text: str) -> dict[str, str]:
    return {name: f"<{name}>" for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_has_a_code_that_the_api_knows_and_a_text(reason: Reason) -> None:
    error = cognito(reason, **parameters(COGNITO[reason][1]))

    assert error.code in KNOWN
    assert error.message
    assert reason is error.reason


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_has_a_calm_sentence_for_a_page(reason: Reason) -> None:
    names = re.findall(r"%\((\w+)\)s", SENTENCES[reason])
    text = sentence(reason, **{name: f"<{name}>" for name in names})

    assert text[0].isupper()
    assert "!" not in text
    assert text.endswith((".", ">"))


def test_no_table_has_a_row_for_a_reason_that_does_not_exist() -> None:
    assert set(Reason) == set(COGNITO) == set(SENTENCES)
    assert set(Reason) >= set(OAUTH)


def test_the_constructors_make_codes_that_the_api_knows() -> None:
    made = {
        constructor(*(() if constructor.args[1:] else ("why",))).code
        for constructor in vars(errors).values()
        if getattr(constructor, "func", None) is CognitoError
    }

    assert made
    assert set() == made - KNOWN


def test_only_the_services_own_failures_are_its_fault() -> None:
    faults = {code for code, row in CONTRACT["errors"].items() if row["status"] == 500}

    assert faults == {code for code in KNOWN if CognitoError(code).status == 500}


def test_a_page_does_not_tell_an_unknown_user_from_a_wrong_password() -> None:
    hidden = {Reason.USER_NOT_FOUND, Reason.USER_DISABLED, Reason.WRONG_PASSWORD}

    assert len({sentence(reason) for reason in hidden}) == 1


def test_a_client_that_hides_accounts_gets_the_same_answer_for_an_unknown_user() -> None:
    known, unknown = cognito(Reason.WRONG_PASSWORD), cognito(masked(Reason.USER_NOT_FOUND))

    assert (known.code, known.message) == (unknown.code, unknown.message)
    assert Reason.UNCONFIRMED is masked(Reason.UNCONFIRMED)


def test_a_parameter_of_a_text_cannot_be_left_out() -> None:
    with pytest.raises(KeyError):
        cognito(Reason.CLIENT_NOT_FOUND)


def test_a_brace_in_a_parameter_stays_as_it_is() -> None:
    assert cognito(Reason.CLIENT_NOT_FOUND, client="{pool}").message == "User pool client {pool} does not exist."


def test_a_grant_that_is_refused_without_a_row_of_its_own_is_an_invalid_grant() -> None:
    assert oauth(Reason.SESSION_EXPIRED) == ("invalid_grant", "")
