from tests.oauth.conftest import *  # noqa: F403
