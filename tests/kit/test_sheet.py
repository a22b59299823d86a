import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit.html import page_headers
from poolhouse.kit.sheet import gzipped, sheet

OURS, THEIRS = sheet("body{color:red}" * 200), sheet(".hosted{color:blue}" * 100)


def _page(before: str, between: str, after: str) -> bytes:
    return f"{before}<style>{OURS.css}</style>{between}<style>{THEIRS.css}</style>{after}".encode()


@given(st.text(), st.text(), st.text())
def test_a_page_is_read_as_it_was_written(before: str, between: str, after: str) -> None:
    page = _page(before, between, after)

    assert page == gzip.decompress(gzipped(page, (OURS, THEIRS)))


def test_a_long_page_is_read_as_it_was_written() -> None:
    page = _page("x" * 200_000, "y" * 65_535, "z" * 65_536)

    assert page == gzip.decompress(gzipped(page, (OURS, THEIRS)))


@given(st.binary(max_size=300))
def test_a_page_without_its_sheets_is_read_all_the_same(page: bytes) -> None:
    assert page == gzip.decompress(gzipped(page, (OURS,)))


@pytest.mark.parametrize("guess", ["token=aaaaaaaa", "token=s3cretzz", "color:red}body"])
def test_the_length_tells_nothing_of_what_is_around_a_sheet(guess: str) -> None:
    # BREACH: a right guess beside a secret, or a piece of the sheet, would make a compressed page shorter
    page = _page(f"{guess}token=s3cretzz", guess, guess)
    unlike = _page("0123456789abcd" + "token=s3cretzz", "ABCDEFGHIJKLMN", "OPQRSTUVWXYZ[]")

    assert len(gzipped(unlike, (OURS, THEIRS))) == len(gzipped(page, (OURS, THEIRS))) < 500


def test_a_sheet_that_could_end_its_element_is_a_bug() -> None:
    with pytest.raises(ValueError, match="end its element"):
        sheet("a{color:red}</style>")


def test_a_sheet_is_digested_as_a_parser_of_html_reads_it() -> None:
    assert sheet("a{}\nb{}\nc{}\ufffd").source == sheet("a{}\r\nb{}\rc{}\0").source


def test_the_policy_names_the_digests_of_a_pages_sheets() -> None:
    policy = dict(page_headers(sheets=(OURS, THEIRS)))["content-security-policy"]

    assert f"style-src 'self' {OURS.source} {THEIRS.source};" in policy
