"""An empty installation that is reached by https: browsers' SDKs and key fetchers insist on it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.installation import Installation
from tests.system.programs import PASSWORD, an_address


@contextlib.contextmanager
def up_by_https(folder: Path, **env: str) -> Iterator[tuple[Installation, Path]]:
    """The installation and the authority to trust; boto3 and urllib of this process trust it meanwhile."""
    authority = folder / "kept" / "ca.pem"
    with pytest.MonkeyPatch.context() as patch:
        # The authority is made at the start that it is needed for.
        patch.setenv("SSL_CERT_FILE", str(authority))
        patch.setenv("AWS_CA_BUNDLE", str(authority))
        with an_address().up(folder, "--https", "--bare", **env) as running:
            place = Installation(
                base=running.base, house=running.house, email="admin@example.com", password=PASSWORD, log=running.log
            )
            yield place, authority
