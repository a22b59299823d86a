from tests.api.administrator import *  # noqa: F403
from tests.support.fixtures import *  # noqa: F403
from tests.support.hooks import *  # noqa: F403
from tests.support.service import *  # noqa: F403
