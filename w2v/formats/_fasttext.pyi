import numpy as np
import numpy.typing as npt

_Buffer = bytes | bytearray | memoryview | npt.NDArray[np.uint8]

def read_entries(
    data: _Buffer, begin: int, n_entries: int, counts: npt.NDArray[np.int64], words: list[str], report: dict[str, int],
    path: str,
) -> int: ...
def add_subwords(
    words: list[bytes], minn: int, maxn: int, rows: _Buffer, buckets: int, out: npt.NDArray[np.float32], own: int,
) -> list[int]: ...
