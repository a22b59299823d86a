"""What a token may be for: RFC 8707 section 2."""

import pytest

from poolhouse.pool.core import targets


@pytest.mark.parametrize(
    "target",
    ["https://api.example", "https://api.example/v1?x=y", "http://localhost:8080/mcp", "urn:example:api", "app:x"],
)
def test_an_absolute_uri_is_a_target(target: str) -> None:
    assert targets.is_uri(target)


@pytest.mark.parametrize(
    "target",
    [
        "", "api", "/v1", "https://", "https://api.example/#f", "http://api.example", "https://a b", "https:///x",
        "https://@evil.example", "https://api.example\n", "HTTPS://api.example", "https://" + "a" * 2_000,
    ],
)  # fmt: skip
def test_anything_else_is_none(target: str) -> None:
    assert not targets.is_uri(target)


def test_one_audience_is_a_text_and_several_are_a_list() -> None:
    assert "https://a.example" == targets.audience(("https://a.example",))
    assert ["https://a.example", "https://b.example"] == targets.audience(("https://a.example", "https://b.example"))
