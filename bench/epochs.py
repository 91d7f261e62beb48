"""Cost of `w2v train --evaluate` while it trains: words a second with and without it, in turn.

The sets are scored on the main thread while the workers continue. With a free core this costs nothing; without
one the main thread takes time from the workers. Both are measured: as many threads as cores, and one fewer. Only the
time of the workers counts; the scores after the last epoch are computed when the workers have ended.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common

import w2v
from w2v.training.observers.scores import EpochScores


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--words", type=int, default=5_000_000, help="words of the corpus to use (default 5,000,000)")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--threads", type=int, nargs="*", help="default: cores - 1, and cores")
    parser.add_argument("--sets", type=Path, nargs="*", default=[common.DATA / "eval" / name for name in common.SETS])
    options = parser.parse_args()
    cores = common.cores()
    corpus = common.corpus_path(options.words)
    looks: dict[str, list[list[float]]] = {}

    def run(threads: int, label: str) -> Callable[[], float]:
        def once() -> float:
            scores = EpochScores([str(path) for path in options.sets]) if "evaluate" in label else None
            model = w2v.train(corpus, threads=threads, epochs=options.epochs, vector_size=options.vector_size,
                              progress=False, on_epoch_end=scores)
            if scores is not None:
                looks.setdefault(label, []).append([one["seconds_evaluation"] for one in scores.history])
            return model.report.words_per_second

        return once

    runs = {}
    for threads in options.threads or sorted({max(1, cores - 1), cores}):
        for kind in ("plain", "evaluate"):
            label = f"{common.count(threads, 'thread')}, {kind}"
            runs[label] = run(threads, label)
    speeds = common.in_turn(runs, options.repeats)
    lost: dict[str, Any] = {}
    for label in runs:
        if "evaluate" in label:
            plain = speeds[label.replace("evaluate", "plain")]
            ratios = [1 - with_it / without for with_it, without in zip(speeds[label], plain, strict=True)]
            lost[label] = {"share_of_speed_lost": common.summary(ratios),
                           "evaluations_a_run": [len(times) for times in looks[label]],
                           "seconds_an_evaluation": statistics.median(t for times in looks[label] for t in times)}
    print(common.table([[label, f"{statistics.median(values):,.0f}",
                         f"{100 * lost[label]['share_of_speed_lost']['median']:.1f} %" if label in lost else "",
                         f"{lost[label]['seconds_an_evaluation']:.3f}" if label in lost else "",
                         f"{lost[label]['evaluations_a_run']}" if label in lost else ""]
                        for label, values in speeds.items()],
                       ["run", "words/s", "lost", "s for one evaluation", "evaluations"]))
    common.write("epochs", options, {
        "corpus_words": options.words, "corpus": common.checksum(corpus), "epochs": options.epochs,
        "vector_size": options.vector_size, "cores": cores, "sets": [path.name for path in options.sets],
        "words_per_second": {label: common.summary(values) for label, values in speeds.items()}, "lost": lost})


if __name__ == "__main__":
    main()
