"""One empty installation for each module, and a boto3 client of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.connections import connect
from tests.clients.known import Known
from tests.journey.installation import Installation, up


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """``poolhouse up --bare``."""
    with up(tmp_path_factory.mktemp("up"), "--bare") as running:
        yield running


@pytest.fixture(scope="module")
def known(place: Installation) -> Iterator[Known]:
    """Every secret of the module's tests; none of them may be in the installation's log when they have run."""
    secrets = Known(place.password)
    yield secrets
    assert secrets.leaks(place.log.read_text()) == []


@pytest.fixture(scope="module")
def idp(place: Installation, known: Known) -> Iterator[Any]:
    """boto3's client for cognito-idp, with credentials of its own invention."""
    client = connect(place, known)
    yield client
    client.close()
