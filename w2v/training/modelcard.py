"""What a trained file says about itself: its `__metadata__`, which `w2v info` prints as the model card.

Place in the data flow: configuration, corpus, report -> text by name, for `KeyedVectors.metadata` and `.safetensors`.
Nothing here changes from run to run of the same training, so that the same training gives the same file.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from w2v._version import __version__
from w2v.config import TrainConfig
from w2v.corpus.encoded import CorpusReport, EncodedCorpus, corpus_checksum


def model_card(config: TrainConfig, corpus: EncodedCorpus, *, isa: str, threads: int, loss: float,
               rollbacks: Sequence[str] = (), stopped_early: str | None = None,
               sha256: str | None = None, held_out: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Version, instruction set, all options, the corpus with its checksum (`sha256` if it is known already), the text
    of its own that was held out (a `text_card`), and what happened where a run diverged and was set back or was ended
    early; JSON where it is more than a name."""
    training: dict[str, Any] = {**dataclasses.asdict(config), "threads": threads}
    if isinstance(config.held_out, str):
        training["held_out"] = os.path.basename(config.held_out)  # where it stands is nobody's business
    report: dict[str, Any] = {"vocabulary": len(corpus.vocabulary), "loss": loss if np.isfinite(loss) else None}
    if rollbacks:
        report["rollbacks"] = list(rollbacks)
    if stopped_early is not None:
        report["stopped_early"] = stopped_early
    about = {"training": training, "corpus": text_card(corpus.report, sha256 or corpus_checksum(corpus)),
             "report": report, **({"held_out": held_out} if held_out else {})}
    return {"version": __version__, "isa": isa, **{name: json.dumps(one) for name, one in about.items()}}


def text_card(read: CorpusReport, sha256: str) -> dict[str, Any]:
    """What a text is, wherever it stands: plain values."""
    about = {"words": read.words, "words_unknown": read.words_unknown, "distinct_words": read.distinct_words,
             "lines": read.lines, "files": read.files, "bytes": read.bytes_read, "sha256": sha256}
    if read.words_joined:
        about["words_joined"] = read.words_joined
    return about


