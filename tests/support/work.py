"""What a call costs: processor time of this process, which a busy machine does not make longer."""

import time
from collections.abc import Callable


def processor_seconds(call: Callable[[], object]) -> float:
    before = time.process_time()
    call()
    return time.process_time() - before
