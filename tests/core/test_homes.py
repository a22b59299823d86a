"""Which identity providers a sign-in page shows, and whose home an e-mail domain is."""

import pytest

from poolhouse.pool.core.homes import Button, buttons, home_of
from poolhouse.pool.model.provider import ProviderName

GOOGLE = ProviderName(name="Google", type="Google")
CORP = ProviderName(name="Corp", type="SAML", identifiers=("example.com", "Example.ORG"))
OTHER = ProviderName(name="Other", type="OIDC", identifiers=("other.example",))
ALL = (GOOGLE, CORP, OTHER)
KINDS = frozenset({"Google", "SAML", "OIDC"})
LISTED = ["COGNITO", "Corp", "Google"]


def test_the_clients_providers_are_shown_in_its_order() -> None:
    assert (
        Button(name="Corp", label="Corp", kind="SAML"),
        Button(name="Google", label="Google", kind="Google"),
    ) == buttons(LISTED, ALL, KINDS)


def test_a_kind_that_cannot_be_used_is_not_shown() -> None:
    assert () == buttons(LISTED, ALL, frozenset())
    assert ["Google"] == [each.name for each in buttons(LISTED, ALL, {"Google"})]


def test_a_name_that_the_pool_does_not_have_is_not_shown() -> None:
    assert () == buttons(["Facebook", "COGNITO"], ALL, KINDS)


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("jane@example.com", "Corp"),
        ("Jane@EXAMPLE.com", "Corp"),
        ("jane@example.org", "Corp"),
        ("jane@example.com.", "Corp"),
        ("jane@notexample.com", None),
        ("jane@example.com.evil.org", None),
        ("jane@sub.example.com", None),
        ("jane@evil.org@example.com", "Corp"),
        ("@example.com", None),
        ("jane@", None),
        ("example.com", None),
        ("jane", None),
        ("", None),
        ("jane@other.example", None),
    ],
)
def test_the_whole_domain_of_an_address_decides(name: str, home: str | None) -> None:
    # the last row: the app client does not have that provider
    assert home == home_of(name, LISTED, ALL, KINDS)


def test_nobody_is_sent_to_a_kind_that_cannot_be_used() -> None:
    assert home_of("jane@example.com", LISTED, ALL, frozenset()) is None
