"""Cost of sharing one model between threads, and what private copies of the most contended rows gain.

Calculated, for 2, 16 and 64 threads: how often rows move between cores. A thread that touches a row which another
thread touched last moves its cache lines once. A private row is fetched and merged once for `MERGED_AFTER` touches, or
for those of a block of steps. `busy` is the share of time that the most contended row spends moving between cores, at
--transfer nanoseconds for a move; at 100 % another thread gains nothing.

Measured, with the threads that this machine has: words a second with and without private rows, in turn.
"""

from __future__ import annotations

from typing import Any

import common
import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.training import private_rows
from w2v.training.loop import _isa, _loop

THREADS = (2, 16, 64)


def calculate(corpus: EncodedCorpus, threads: int, private: int, steps: float, transfer: float) -> dict[str, float]:
    """Moves of rows between cores a second, if each thread makes `steps` steps a second."""
    rates = private_rows.touches(corpus.vocabulary, TrainConfig())
    moves, busiest = 0.0, 0.0
    for touched in (rates.inputs, rates.outputs):
        a_second = threads * steps * touched
        moved = a_second * (threads - 1) / threads
        merged_after = np.maximum(_loop.MERGED_AFTER, _loop.BLOCK_CENTRES / 2 * touched[:private])
        moved[:private] = 2 * a_second[:private] / merged_after
        moves += float(moved.sum())
        busiest = max(busiest, float(moved.max()) * transfer * 1e-9)
    lines = -(-TrainConfig().vector_size // _isa.ROW_FLOATS)
    return {"rows": private, "writes": float(threads * steps * (rates.inputs + rates.outputs).sum()),
            "moves": moves, "lines": moves * lines, "busy": busiest}


def words_per_second(corpus: EncodedCorpus, threads: int, private: int | None) -> float:
    config = TrainConfig(epochs=1, private_rows=private)
    return common.words_per_second(corpus, config, threads=threads)


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--transfer", type=float, default=100.0, help="nanoseconds of one move (default 100)")
    options = parser.parse_args()
    cores = common.cores()
    corpus = encode(common.corpus_path(), threads=cores)
    automatic = private_rows.private_rows(corpus.vocabulary, TrainConfig(), cores)
    several = common.count(cores, "thread")
    cases: dict[str, tuple[int, int | None]] = {"1 thread": (1, 0), f"{several}, shared rows": (cores, 0)}
    for private in sorted({automatic, 32, 128, 1024}):
        cases[f"{several}, {private} private"] = (cores, private)
    results = common.in_turn(
        {name: (lambda case=case: words_per_second(corpus, *case)) for name, case in cases.items()}, options.repeats
    )
    speeds: dict[str, Any] = {name: common.summary(values) for name, values in results.items()}
    shared = speeds[f"{several}, shared rows"]["median"]
    print(common.table(
        [[name, f"{s['median'] / 1e6:.2f}", f"{s['median'] / shared:.3f}", common.percent(s["spread"])]
         for name, s in speeds.items()], ["measured", "M words/s", "against shared", "spread"]))
    kept = corpus.vocabulary.counts * corpus.vocabulary.keep_probabilities(TrainConfig().sample)
    steps = speeds["1 thread"]["median"] * float(kept.sum()) / corpus.n_words / 2
    model, rows = {}, []
    for threads in THREADS:
        for private in (0, private_rows.private_rows(corpus.vocabulary, TrainConfig(), threads)):
            numbers = model[f"{threads} threads, {private} private"] = calculate(
                corpus, threads, private, steps, options.transfer)
            rows.append([str(threads), str(private)]
                        + [f"{numbers[key] / 1e6:.0f}" for key in ("writes", "moves", "lines")]
                        + [common.percent(numbers["busy"])])
    print()
    print(common.table(rows, ["threads", "private rows", "M writes/s", "M moves/s", "M lines/s", "busiest row"]))
    common.write("sharing", options, {"corpus": {"sha256": common.checksum(common.corpus_path())}, "measured": speeds,
                                      "steps_a_second": steps, "transfer_ns": options.transfer, "calculated": model})


if __name__ == "__main__":
    main()
