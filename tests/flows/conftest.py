from tests.support.fixtures import *  # noqa: F403
from tests.support.hooks import *  # noqa: F403
