"""Anonymous memory."""

import numpy as np

from w2v.system.memory import anonymous_memory


def test_memory_is_zero_and_writable() -> None:
    values = np.frombuffer(anonymous_memory(1 << 20), np.int32)
    assert len(values) == 1 << 18 and not values.any()
    values[-1] = 7
    assert values.sum() == 7
