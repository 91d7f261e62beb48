"""What training in rounds costs (`reproducible=True`): scores and speed against ordinary runs.

Each turn trains with another seed, the ordinary run and each case in turn, on all words of the corpus with all threads
of this machine. A case is given as SHARDS,ROUNDS. The speed is that of training alone: all rounds with their merges.

With --engine dask, the first case is trained on --workers processes of this machine: rounds, bytes sent, and processor
time in training, merging and sending. --model calculates runs on many machines from that (`machines.py`).
"""

from __future__ import annotations

import argparse
import json
import statistics

import common
import machines

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
    parser.add_argument("--engine", choices=["threads", "dask"], default="threads")
    parser.add_argument("--workers", type=int, default=3, help="processes, with --engine dask (default 3)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--words", type=int, help="with --engine dask, only the first words of the corpus")
    parser.add_argument("--model", action="store_true", help="calculate runs on 8, 64 and 512 machines")
    options = parser.parse_args()
    if options.model:
        calculate(options)
    elif options.engine == "dask":
        measure_cluster(options)
    else:
        measure_quality(options)


def calculate(options: argparse.Namespace) -> None:
    """Write the model of several machines, from the measurement of --engine dask."""
    measured = json.loads((common.RESULTS / "rounds-dask.json").read_text())
    found = machines.model(measured)
    rows = [[f"{case['words']:.0e}", case["machines"], f"{case['alone']:,.0f}", f"{sum(case['seconds'].values()):,.0f}",
             *(f"{value:,.0f}" for value in case["seconds"].values())] for case in found["cases"]]
    print(common.table(rows, ["words", "machines", "one machine", "all", *found["cases"][0]["seconds"]]))
    common.write("rounds-model", options, found)


def measure_cluster(options: argparse.Namespace) -> None:
    """Write where the processor time of a cluster of this machine goes."""
    shards, rounds = map(int, options.cases[0].split(","))
    found = machines.measure(options.words, shards, rounds, options.workers, options.epochs, options.repeats,
                             options.vector_size)
    middle = {name: statistics.median(run["seconds"][name] for run in found["runs"])
              for name in found["runs"][0]["seconds"]}
    print(common.table([[name, f"{value:.1f}", common.percent(value / sum(middle.values()))]
                        for name, value in middle.items()], ["", "seconds", "share"]))
    common.write("rounds-dask", options, {"corpus": {"sha256": common.checksum(common.corpus_path(options.words))},
                                          **found})


def measure_quality(options: argparse.Namespace) -> None:
    """Write scores and speeds of all cases."""
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
                                 epochs=options.epochs,
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
