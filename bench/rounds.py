"""What training in rounds costs (`reproducible=True`): scores and speed against ordinary runs.

Each turn trains with another seed, the ordinary run and each case in turn, on all words of the corpus with all threads
of this machine. A case is given as SHARDS,ROUNDS. The speed is that of training alone: all rounds with their merges.
"""

from __future__ import annotations

import statistics

import common

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.training.loop import _isa
from w2v.training.trainer import train_encoded

NAMES = ("Google", "WS-353", "SimLex-999", "MEN")
ORDINARY = "ordinary"


def measured(corpus: EncodedCorpus, config: TrainConfig, threads: int) -> dict[str, list[float] | float]:
    """Scores in per cent, and words a second."""
    model = train_encoded(corpus, config, threads=threads, isa=_isa.chosen_isa(), progress=False)
    return {"scores": common.scores(model.wv), "words_per_second": model.report.words_per_second}


def main() -> None:
    parser = common.arguments(__doc__, repeats=3)
    parser.add_argument("--cases", nargs="+", default=["16,50"], metavar="SHARDS,ROUNDS", help="default 16,50")
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--cbow", action="store_true")
    options = parser.parse_args()
    threads = common.cores()
    corpus = encode(common.corpus_path(), threads=threads)
    cases: dict[str, dict[str, int]] = {ORDINARY: {}}
    for case in options.cases:
        shards, rounds = map(int, case.split(","))
        cases[f"{shards} shards, {rounds} rounds"] = {"shards": shards, "rounds": rounds}
    found: dict[str, list[dict[str, list[float] | float]]] = {name: [] for name in cases}
    for seed in range(1, options.repeats + 1):
        for name, more in cases.items():
            config = TrainConfig(vector_size=options.vector_size, sg=not options.cbow, seed=seed,
                                 reproducible=name != ORDINARY, **more)
            found[name].append(measured(corpus, config, threads))
            print(f"  seed {seed}, {name}: {found[name][-1]}", flush=True)
    speeds = {name: [one["words_per_second"] for one in runs] for name, runs in found.items()}
    rows = [[name, *(common.mean_and_deviation(one["scores"][k] for one in found[name]) for k in range(len(NAMES))),
             f"{statistics.median(speeds[name]) / 1e6:.2f}",
             f"{common.times_faster(speeds[name], speeds[ORDINARY]):.2f}"] for name in cases]
    print(common.table(rows, [common.count(threads, "thread"), *NAMES, "M words/s", "ratio"]))
    common.write("rounds", options, {
        "corpus": {"sha256": common.checksum(common.corpus_path())}, "threads": threads,
        "vector_size": options.vector_size, "cbow": options.cbow, "results": found})


if __name__ == "__main__":
    main()
