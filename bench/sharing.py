"""What does it cost threads to share one model, and what do private copies of the hottest rows give?

On paper, for 2, 16 and 64 threads: how often the rows of a vocabulary travel from core to core. A touch of a row that
another thread has touched last is one journey of its cache lines; a private row is fetched and merged once for
`MERGED_AFTER` touches, or for those of a block of steps. `busy` is the part of the time in which the hottest row is
on its way, at `--transfer` nanoseconds a journey: at 100 % no further thread can help.

Measured, with the threads that this machine has: words a second with private rows and without, in turn.
"""

from __future__ import annotations

from typing import Any

import common
import numpy as np

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.training import private_rows as sharing
from w2v.training.loop import _isa, _loop
from w2v.training.trainer import train_encoded

THREADS = (2, 16, 64)


def paper(corpus: EncodedCorpus, threads: int, private: int, steps: float, transfer: float) -> dict[str, float]:
    """Journeys of rows a second when each thread makes so many steps a second."""
    rates = sharing.touches(corpus.vocabulary, TrainConfig())
    journeys, busiest = 0.0, 0.0
    for touched in (rates.inputs, rates.outputs):
        a_second = threads * steps * touched
        travels = a_second * (threads - 1) / threads
        together = np.maximum(_loop.MERGED_AFTER, _loop.BLOCK_CENTRES / 2 * touched[:private])
        travels[:private] = 2 * a_second[:private] / together
        journeys += float(travels.sum())
        busiest = max(busiest, float(travels.max()) * transfer * 1e-9)
    lines = -(-TrainConfig().vector_size // _isa.ROW_FLOATS)
    return {"rows": private, "writes": float(threads * steps * (rates.inputs + rates.outputs).sum()),
            "journeys": journeys, "lines": journeys * lines, "busy": busiest}


def words_per_second(corpus: EncodedCorpus, threads: int, private: int | None) -> float:
    config = TrainConfig(epochs=1, private_rows=private)
    model = train_encoded(corpus, config, threads=threads, isa=_isa.chosen_isa(), progress=False)
    return model.report.words_per_second


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--transfer", type=float, default=100.0, help="nanoseconds of a journey (default 100)")
    options = parser.parse_args()
    cores = common.machine()["cores"]
    corpus = encode(common.corpus_path(), threads=cores)
    automatic = sharing.private_rows(corpus.vocabulary, TrainConfig(), cores)
    cases: dict[str, tuple[int, int | None]] = {"1 thread": (1, 0), f"{cores} threads, shared rows": (cores, 0)}
    for private in sorted({automatic, 32, 128, 1024}):
        cases[f"{cores} threads, {private} private"] = (cores, private)
    results = common.in_turn(
        {name: (lambda case=case: words_per_second(corpus, *case)) for name, case in cases.items()}, options.repeats
    )
    speeds: dict[str, Any] = {name: common.summary(values) for name, values in results.items()}
    shared = speeds[f"{cores} threads, shared rows"]["median"]
    print(common.table(
        [[name, f"{s['median'] / 1e6:.2f}", f"{s['median'] / shared:.3f}", f"{100 * s['spread']:.0f} %"]
         for name, s in speeds.items()], ["measured", "M words/s", "to shared", "spread"]))
    kept = corpus.vocabulary.counts * corpus.vocabulary.keep_probabilities(TrainConfig().sample)
    steps = speeds["1 thread"]["median"] * float(kept.sum()) / corpus.n_words / 2
    model, rows = {}, []
    for threads in THREADS:
        for private in (0, sharing.private_rows(corpus.vocabulary, TrainConfig(), threads)):
            on_paper = model[f"{threads} threads, {private} private"] = paper(
                corpus, threads, private, steps, options.transfer)
            rows.append([str(threads), str(private)]
                        + [f"{on_paper[key] / 1e6:.0f}" for key in ("writes", "journeys", "lines")]
                        + [f"{100 * on_paper['busy']:.0f} %"])
    print()
    print(common.table(rows, ["threads", "private rows", "M writes/s", "M journeys/s", "M lines/s", "hottest busy"]))
    common.write("sharing", options, {"corpus": {"sha256": common.checksum(common.corpus_path())}, "measured": speeds,
                                      "steps_a_second": steps, "transfer_ns": options.transfer, "paper": model})


if __name__ == "__main__":
    main()
