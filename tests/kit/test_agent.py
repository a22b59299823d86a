"""Programs under the names that people have for them."""

import pytest

from poolhouse.kit.agent import said

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Linux"),
        ("python-requests/2.32.3", "python-requests/2.32.3"),
        ("Nightly job (build 7)", "Nightly job"),
        ("x" * 200, "x" * 40),
        ("", ""),
    ],
)
def test_a_program_is_called_by_its_name_and_an_unknown_one_as_it_calls_itself(agent: str, name: str) -> None:
    assert name == said(agent)
