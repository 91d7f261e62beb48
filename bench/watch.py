"""What does it cost to look at a run? Words a second of the training phase without and with a log, the loss on 1,000
lines held out and three probe words, by default and with a look every second, in turn; and what one look takes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.system.interval import Interval
from w2v.system.jsonlog import JsonLog
from w2v.training.held_out import loss as held_out_loss
from w2v.training.loop import _isa
from w2v.training.observers import intervals as watch
from w2v.training.trainer import train_encoded

PROBES = ("king", "river", "france")
HELD_OUT = 1000
LOOKS: dict[str, list[float]] = {"held out": [], "probes": []}


def timed(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, whose processor time is noted: what the threads of training lose."""

    def call(*arguments: Any) -> Any:
        start = time.thread_time()
        try:
            return method(*arguments)
        finally:
            LOOKS[name].append(time.thread_time() - start)

    return call


def words_per_second(corpus: EncodedCorpus, options: dict[str, Any], every: Interval | None, log: Path | None) -> float:
    config, cores = TrainConfig(**options, held_out=HELD_OUT if log else 0), common.machine()["cores"]
    look = watch.Watch()
    if log is not None:
        look = watch.Watch(every, PROBES, JsonLog(log))
    model = train_encoded(corpus, config, threads=cores, isa=_isa.chosen_isa(), progress=False, watch=look)
    if look.log is not None:
        look.log.close()
    return model.report.words_per_second


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=2)
    options = parser.parse_args()
    held_out_loss.HeldOutLoss.mean = timed("held out", held_out_loss.HeldOutLoss.mean)  # type: ignore[method-assign]
    watch.Probes.look = timed("probes", watch.Probes.look)  # type: ignore[method-assign]
    training = {"vector_size": options.vector_size, "epochs": options.epochs}
    path = common.corpus_path()
    corpus = encode(path, threads=common.machine()["cores"])
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        results = common.in_turn({
            "nothing": lambda: words_per_second(corpus, training, None, None),
            "by default": lambda: words_per_second(corpus, training, None, log),
            "every second": lambda: words_per_second(corpus, training, Interval.of("1s", "every"), log),
        }, options.repeats)
    plain = results["nothing"]
    common.write("watch", options, {
        "question": "words/s of the training phase while a run is looked at", "corpus": common.checksum(path),
        "threads": common.machine()["cores"], "options": training, "held_out": HELD_OUT, "probes": PROBES,
        "words_per_second": {name: common.summary(values) for name, values in results.items()},
        "ratio": {name: common.summary([a / b for a, b in zip(values, plain, strict=True)])
                  for name, values in results.items()},
        "seconds_of_a_look": {name: common.summary(values) for name, values in LOOKS.items()}})


if __name__ == "__main__":
    main()
