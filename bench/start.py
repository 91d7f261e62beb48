"""Time to import w2v, and to load and save 74,000 x 100 vectors.

Each import runs in a new Python process, in turn with one that imports NumPy; w2v imports NumPy only when it is needed.
Files are read from the page cache and written to the temporary folder. Saving includes the sync to the disk that makes
the file appear whole or not at all, so a plain write and sync of the same bytes is measured too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import common
import numpy as np

import w2v

WORDS, DIM = 74_000, 100


def in_python(code: str) -> Callable[[], float]:
    return lambda: common.seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def timed(call: Callable[[], object]) -> Callable[[], float]:
    return lambda: common.seconds(call)


def plain_write(path: Path, data: bytes) -> None:
    with open(path, "wb", buffering=0) as file:
        file.write(data)
        os.fsync(file.fileno())


def main() -> None:
    options = common.arguments(__doc__).parse_args()
    rng = np.random.default_rng(1)
    vectors = rng.normal(0, 0.3, (WORDS, DIM)).astype(np.float32)
    kv = w2v.KeyedVectors([f"word{i:x}" for i in range(WORDS)], vectors)
    with tempfile.TemporaryDirectory() as folder:
        binary, text, again = (Path(folder) / name for name in ("v.bin", "v.txt", "again.bin"))
        kv.save(binary)
        kv.save(text)
        data, megabytes = binary.read_bytes(), text.stat().st_size / 1e6
        results = common.in_turn(
            {
                "import numpy": in_python("import numpy"),
                "import w2v": in_python("import w2v"),
                "load binary": timed(lambda: w2v.load(binary)),
                "save binary": timed(lambda: kv.save(again)),
                "plain write and sync of the same bytes": timed(lambda: plain_write(again, data)),
                "load text": timed(lambda: w2v.load(text)),
            },
            options.repeats,
        )
    result = {name: common.summary(values) for name, values in results.items()}
    rate = megabytes / result["load text"]["median"]
    rows = [[name, f"{entry['median']:.3f}", common.percent(entry["spread"])] for name, entry in result.items()]
    print(common.table(rows, ["start and end", "seconds", "spread"]))
    print(f"text vectors: {rate:.0f} MB/s of {megabytes:.0f} MB")
    common.write(
        "start",
        options,
        {"words": WORDS, "dimension": DIM, "seconds": result, "text_megabytes_per_second": rate},
    )


if __name__ == "__main__":
    main()
