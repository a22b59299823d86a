"""SAML metadata: what is read of it, and what it must not contain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.saml_metadata import SIZE_LIMIT, SamlMetadata, read_metadata
from tests.support.provider import a_role, certificate, saml_metadata


def refused(document: str | bytes) -> str:
    found = read_metadata(document)
    assert isinstance(found, Refusal), found
    return found.message


def test_metadata_tells_who_the_provider_is_where_it_is_and_by_what_it_signs() -> None:
    found = read_metadata(saml_metadata())

    assert isinstance(found, SamlMetadata)
    assert ("https://idp.example", "https://idp.example/sso", "https://idp.example/slo", 1) == (
        found.entity_id, found.sign_on_url, found.sign_out_url, len(found.certificates),
    )  # fmt: skip


BOMB = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]>"
)


@pytest.mark.parametrize(
    "before",
    [
        "<!DOCTYPE x>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE x SYSTEM 'http://169.254.169.254/latest/meta-data'>",
        "<!DOCTYPE x [<!ENTITY % e SYSTEM 'http://127.0.0.1/x.dtd'> %e;]>",
        BOMB,
    ],
)
def test_a_document_type_declaration_ends_the_reading(before: str) -> None:
    assert "document type declaration" in refused(saml_metadata(before=before))


def test_an_entity_that_nobody_declared_is_not_well_formed() -> None:
    assert "well-formed" in refused(saml_metadata(a_role() + "&e;"))


def test_an_included_file_is_only_an_element() -> None:
    include = "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'/>"

    assert isinstance(read_metadata(saml_metadata(include + a_role())), SamlMetadata)


def test_nesting_is_bounded() -> None:
    assert "nested deeply" in refused(saml_metadata("<a>" * 40 + "</a>" * 40))


def test_size_is_bounded() -> None:
    assert "larger" in refused(saml_metadata() + " " * SIZE_LIMIT)


def test_a_comment_does_not_cut_a_certificate_short() -> None:
    """CVE-2026-40165: the text of an element is all of its text."""
    whole = certificate()
    cut = f"{whole[:40]}<!-- x -->{whole[40:]}"
    found = read_metadata(saml_metadata(a_role().replace(whole, cut)))

    assert isinstance(found, SamlMetadata)
    assert found.certificates == read_metadata(saml_metadata()).certificates  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("", "no SAML 2.0 identity provider"),
        (a_role() + a_role(), "more than one"),
        (a_role(protocol="urn:oasis:names:tc:SAML:1.1:protocol"), "no SAML 2.0 identity provider"),
        (a_role(location=""), "No SingleSignOn Http redirect binding location found in metadata."),
        (
            a_role(binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"),
            "No SingleSignOn Http redirect binding location found in metadata.",
        ),
        (a_role(keys=""), "no valid signing certificate"),
        (a_role().replace("use='signing'", "use='encryption'"), "no valid signing certificate"),
        (a_role().replace(certificate(), "AAAA"), "no valid signing certificate"),
        (a_role().replace(certificate(), "%%%"), "no valid signing certificate"),
        ("<md:IDPSSODescriptor>", "well-formed"),
    ],
)
def test_metadata_that_cannot_be_used_is_refused(role: str, words: str) -> None:
    assert words in refused(saml_metadata(role))


def test_a_provider_without_a_name_is_refused() -> None:
    assert "entityID" in refused(saml_metadata(entity=""))


def test_a_key_without_a_use_signs() -> None:
    assert isinstance(read_metadata(saml_metadata(a_role().replace(" use='signing'", ""))), SamlMetadata)


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_whatever_it_is_reading_ends_in_an_answer(document: str | bytes) -> None:
    assert isinstance(read_metadata(document), Refusal)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2000), st.characters())
def test_a_changed_document_is_read_or_refused(at: int, other: str) -> None:
    document = saml_metadata()
    at %= len(document)

    assert isinstance(read_metadata(document[:at] + other + document[at + 1 :]), SamlMetadata | Refusal)
