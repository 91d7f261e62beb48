"""Quality of the vectors, to compare settings with the defaults: mean and deviation over seeds, and the time.

The scores are Google analogies among the 30,000 most frequent words, WS-353, SimLex-999 and MEN, after training on the
development corpus with all cores. A setting is a preset (--presets best fast) or one or more options, such as
--set shared_windows=1 or --set "epochs=3 alpha=0.05". Settings are trained in turn. Seconds are those of training, and
only comparable if nothing else runs.

--time measures the time of training instead, as a multiple of that of the defaults: one thread, the first 3 million
words (or --words), alternating runs; it writes quality-time.json.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from functools import partial
from typing import Any

import common

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.presets import PRESETS
from w2v.training.loop import _isa
from w2v.training.trainer import train_encoded

TIMED_WORDS = 3_000_000
SCORES = ("Google", "WS-353", "SimLex-999", "MEN", "semantic", "syntactic")


def options_of(text: str) -> dict[str, Any]:
    """Hyper-parameters of "NAME=VALUE NAME=VALUE"."""
    pairs = [one.partition("=") for one in text.split()]
    return {name: ast.literal_eval(value) for name, _, value in pairs}


def measure_time(
    corpus: EncodedCorpus, settings: dict[str, TrainConfig], options: argparse.Namespace, checksum: str
) -> None:
    """Train all settings in turn on one thread; write and print their times."""
    def run(config: TrainConfig) -> float:
        model = train_encoded(corpus, config, threads=1, isa=_isa.chosen_isa(), progress=False)
        return model.report.seconds_training

    seconds = common.in_turn({name: partial(run, config) for name, config in settings.items()}, options.repeats)
    times = {name: common.summary([own / plain for own, plain in zip(found, seconds["default"], strict=True)])
             for name, found in seconds.items()}
    rows = [[name, f"{one['median']:.2f}", common.percent(one["spread"])] for name, one in times.items()]
    print(common.table(rows, ["setting", "time", "spread"]))
    common.write("quality-time", options, {"words": corpus.n_words, "threads": 1, "times": times, "corpus": checksum})


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting to compare")
    parser.add_argument("--presets", nargs="+", default=[], choices=PRESETS, help="presets to compare")
    parser.add_argument("--words", type=int, help="words of the corpus (default: all)")
    parser.add_argument("--time", action="store_true", help="measure only the time of training")
    options = parser.parse_args()
    cores = common.cores()
    path = common.corpus_path(options.words or (TIMED_WORDS if options.time else None))
    corpus = encode(path, threads=cores)
    settings = {"default": TrainConfig()}
    settings |= {f"preset {name}": TrainConfig.preset(name) for name in options.presets}
    settings |= {text: TrainConfig(**options_of(text)) for text in options.set}
    if options.time:
        measure_time(corpus, settings, options, common.checksum(path))
        return
    scores: dict[str, list[list[float]]] = {name: [] for name in settings}
    seconds: dict[str, list[float]] = {name: [] for name in settings}
    for seed in range(1, options.seeds + 1):
        for name, config in settings.items():
            seeded = TrainConfig(**{**vars(config), "seed": seed})
            model = train_encoded(corpus, seeded, threads=cores, isa=_isa.chosen_isa(), progress=False)
            scores[name].append(common.scores(model.wv, kinds=True))
            seconds[name].append(model.report.seconds_training)
            print(json.dumps([name, seed, [round(one, 1) for one in scores[name][-1]], round(seconds[name][-1], 1)]),
                  file=sys.stderr, flush=True)
    rows = [[name, *map(common.mean_and_deviation, zip(*found, strict=True)),
             f"{common.summary(seconds[name])['median']:.1f}"] for name, found in scores.items()]
    print(common.table(rows, ["setting", *SCORES, "seconds"]))
    common.write("quality", options, {"seeds": options.seeds, "threads": cores, "quality": scores, "seconds": seconds,
                                      "corpus": common.checksum(path)})


if __name__ == "__main__":
    main()
