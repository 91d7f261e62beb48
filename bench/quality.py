"""Quality of the vectors, to compare settings with the defaults: mean and deviation over seeds, and the time.

The scores are Google analogies among the 30,000 most frequent words, WS-353, SimLex-999 and MEN, after training on the
development corpus with all cores. A setting is a preset (--presets best fast) or one or more options, such as
--set shared_windows=1 or --set "epochs=3 alpha=0.05". Settings are trained in turn. Seconds are those of training, and
only comparable if nothing else runs.
"""

from __future__ import annotations

import ast
import json
import sys
from typing import Any

import common

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.presets import PRESETS
from w2v.training.loop import _isa
from w2v.training.trainer import train_encoded

SCORES = ("Google", "WS-353", "SimLex-999", "MEN", "semantic", "syntactic")


def options_of(text: str) -> dict[str, Any]:
    """Hyper-parameters of "NAME=VALUE NAME=VALUE"."""
    pairs = [one.partition("=") for one in text.split()]
    return {name: ast.literal_eval(value) for name, _, value in pairs}


def main() -> None:
    parser = common.arguments(__doc__, repeats=1)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting to compare")
    parser.add_argument("--presets", nargs="+", default=[], choices=PRESETS, help="presets to compare")
    parser.add_argument("--words", type=int, help="words of the corpus (default: all)")
    options = parser.parse_args()
    cores, path = common.cores(), common.corpus_path(options.words)
    corpus = encode(path, threads=cores)
    settings = {"default": TrainConfig()}
    settings |= {f"preset {name}": TrainConfig.preset(name) for name in options.presets}
    settings |= {text: TrainConfig(**options_of(text)) for text in options.set}
    scores: dict[str, list[list[float]]] = {name: [] for name in settings}
    seconds: dict[str, list[float]] = {name: [] for name in settings}
    for seed in range(1, options.seeds + 1):
        for name, config in settings.items():
            seeded = TrainConfig(**{**vars(config), "seed": seed})
            model = train_encoded(corpus, seeded, threads=cores, isa=_isa.chosen_isa(), progress=False)
            scores[name].append([*common.scores(model.wv), *common.analogy_groups(model.wv)])
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
