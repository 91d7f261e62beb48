"""Time for which the training threads wait for a checkpoint, and time to read one.

A model of the given size is made up, then written and read as a run does it. The pause consists of the wait for the
threads, the search for numbers that are not finite, and the writing of all bytes with their checksum. The operating
system writes them to the disk afterwards.

    python bench/checkpoint.py --words 74078 --vector-size 100 --repeats 5
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import common
import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.system.files import atomic_write
from w2v.training.checkpoint import Checkpoint, write_checkpoint
from w2v.training.loop import _isa, _rows
from w2v.training.matrices import allocate_rows
from w2v.training.modelcard import model_card
from w2v.training.observers.checkpoints import Request
from w2v.training.status import RunState


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--words", type=int, default=74_078)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--folder", default=None, help="folder of the file (default: the temporary folder)")
    options = parser.parse_args()
    corpus = encode(([f"word{i}"] for i in range(options.words)), min_count=1)
    config = TrainConfig(vector_size=options.vector_size, min_count=1)
    matrices = {name: allocate_rows(options.words, options.vector_size) for name in ("vectors", "output_vectors")}
    for matrix in matrices.values():
        matrix[:, :options.vector_size] = np.random.default_rng(1).random(options.vector_size, np.float32)
    card = model_card(config, corpus, isa=_isa.chosen_isa(), threads=1, loss=2.0)
    state = RunState(1, 1, 1, 1.0, 1, 1, 0, 1.0, 0.0, 0.025, 1e-4)
    times: dict[str, list[float]] = {"check_s": [], "write_s": [], "sync_s": [], "verify_s": [], "load_s": []}

    def lap(name: str) -> None:
        nonlocal last
        last, before = time.perf_counter(), last
        times[name].append(last - before)

    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "run.w2v"
        for _ in range(options.repeats):
            last = time.perf_counter()
            with atomic_write(path) as file:
                assert all(_rows.first_nonfinite_row(matrix) < 0 for matrix in matrices.values())
                lap("check_s")
                size = write_checkpoint(file, corpus.vocabulary, matrices, options.vector_size, card, state,
                                        Request(None, 1, "10m"))
                lap("write_s")
            lap("sync_s")
            saved = Checkpoint.open(path)
            lap("verify_s")
            saved.load(matrices)
            lap("load_s")
    times["pause_s"] = [check + write for check, write in zip(times["check_s"], times["write_s"], strict=True)]
    result = {name: common.summary(laps) for name, laps in times.items()}
    print(common.table([[name, f"{found['median']:.3f}", common.percent(found["spread"])]
                        for name, found in result.items()], ["one checkpoint", "seconds", "spread"]))
    common.write("checkpoint", options, {"words": options.words, "vector_size": options.vector_size, "bytes": size,
                                         **result})


if __name__ == "__main__":
    main()
