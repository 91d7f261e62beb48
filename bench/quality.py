"""Quality of the vectors, to compare a setting with the default: mean and deviation over seeds.

The scores are those of 5 epochs over the development corpus with all cores: Google analogies among the 30,000 most
frequent words, WS-353, SimLex-999 and MEN. A setting is given as --set NAME=VALUE, for example --set shared_windows=1.
"""

from __future__ import annotations

import ast

import common

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.training.loop import _isa
from w2v.training.trainer import train_encoded


def main() -> None:
    parser = common.arguments(__doc__, repeats=1)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting to compare")
    options = parser.parse_args()
    cores = common.cores()
    corpus = encode(common.corpus_path(), threads=cores)
    settings = {"default": {}}
    for text in options.set:
        name, _, value = text.partition("=")
        settings[text] = {name: ast.literal_eval(value)}
    scores: dict[str, list[list[float]]] = {name: [] for name in settings}
    for seed in range(1, options.seeds + 1):
        for name, changed in settings.items():
            config = TrainConfig(seed=seed, **changed)
            model = train_encoded(corpus, config, threads=cores, isa=_isa.chosen_isa(), progress=False)
            scores[name].append(common.scores(model.wv))
    rows = [[name, *map(common.mean_and_deviation, zip(*found, strict=True))] for name, found in scores.items()]
    print(common.table(rows, ["setting", "Google", "WS-353", "SimLex-999", "MEN"]))
    common.write("quality", options, {"seeds": options.seeds, "threads": cores, "quality": scores,
                                      "corpus": common.checksum(common.corpus_path())})


if __name__ == "__main__":
    main()
