"""Which extended settings of an app client fit together (RFC 7591, OpenID Connect Registration)."""

import pytest

from poolhouse.pool.core.settings.openid import WrongSetting, read
from poolhouse.pool.model.openid import NOTHING_EXTRA


def test_nothing_said_is_what_every_app_client_has() -> None:
    assert read({}) == NOTHING_EXTRA


@pytest.mark.parametrize("given", [{"dialekt": "openid"}, {"dialect": "saml"}, {"third_party": "yes"}])
def test_an_unknown_setting_or_value_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(WrongSetting):
        read(given)
