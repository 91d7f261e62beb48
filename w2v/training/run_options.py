"""The options of a training run as they are given: `RunOptions`.

Place in the data flow: arguments of `w2v.train`, `w2v.plan`, `w2v.Word2Vec` or the command line -> `RunOptions`, the
attributes of `RunRequest`, which checks them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from w2v.config import TrainConfig, TrainOptions
from w2v.corpus.fresh import Fresh
from w2v.corpus.paths import CorpusInput
from w2v.formats import SUFFIXES
from w2v.keyedvectors import KeyedVectors
from w2v.phrases import FrozenPhrases
from w2v.system.compress import without_compression
from w2v.system.jsonlog import JsonLog
from w2v.training.checkpoint import Checkpoint
from w2v.training.initial import HasInitial
from w2v.training.needs import Output
from w2v.training.observers.intervals import OnInterval
from w2v.training.rounds import dask_engine
from w2v.training.status import OnEpochEnd
from w2v.types import StrPath


@dataclass(frozen=True)
class RunOptions:
    """The options of a training run as a caller gives them; nothing is checked yet.

    The attributes are the parameters of `w2v.train`, which explains them, except for these:

    Attributes
    ----------
    corpus : None if it comes from the checkpoint.
    options : hyper-parameters by name.
    format, binary : a key of `w2v.formats.OPTIONS`, such as "fasttext"; 1 or 0 for word2vec binary or text. Without
        them the suffix of `output` determines the format.
    text_output : write word2vec text if the suffix of `output` is unknown, as word2vec.c does.
    save_vocab : file for the words and their counts, written by the caller.
    save_output_vectors : whether the caller writes the output matrix too.
    replace_checkpoint : whether an existing file that is not the resumed checkpoint may be overwritten.
    """

    corpus: CorpusInput | None = None
    options: TrainOptions = field(default_factory=TrainOptions)
    config: TrainConfig | None = None
    preset: str | None = None
    threads: int | str | None = None
    isa: str | None = None
    progress: bool = True
    on_epoch_end: OnEpochEnd | None = None
    on_interval: OnInterval | None = None
    log_every: str | float | None = None
    log_json: StrPath | JsonLog | None = None
    probe: tuple[str, ...] = ()
    checkpoint: StrPath | None = None
    checkpoint_every: str | float | None = None
    checkpoint_notes: Mapping[str, Any] = field(default_factory=dict)
    replace_checkpoint: bool = True
    resume: StrPath | Checkpoint | None = None
    init: StrPath | KeyedVectors | HasInitial | None = None
    freeze: str | None = None
    anchor: float | None = None
    phrases: FrozenPhrases | StrPath | None = None
    ids: str | None = None
    fresh: Fresh | None = None
    engine: object = None
    scheduler: str | None = None
    output: Output | StrPath | None = None
    format: str | None = None
    binary: int | None = None
    text_output: bool = False
    save_vocab: StrPath | None = None
    save_output_vectors: bool | None = None

    @property
    def in_process(self) -> bool:
        """Whether the run is trained by the threads of this process."""
        return dask_engine.is_this_process(self.engine)

    def is_text_by_default(self) -> bool:
        """Whether `text_output` determines the format."""
        return (self.text_output and self.format is None and self.binary is None
                and isinstance(self.output, (str, os.PathLike))
                and Path(without_compression(self.output)).suffix.lower() not in SUFFIXES)
