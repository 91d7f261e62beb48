"""A training run as requested, and the checks of all its options.

Place in the data flow: arguments of `w2v.train`, `w2v.plan`, `w2v.Word2Vec` or the command line -> `RunRequest` ->
`resolve`, the one place where the options of a run are checked -> `ResolvedRun` -> `w2v.training.train.train_resolved`.
"""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from w2v.config import TrainConfig
from w2v.corpus.fresh import corpus_of
from w2v.corpus.outputs import check_outputs
from w2v.corpus.paths import CorpusInput
from w2v.corpus_options import CORPUS_OPTIONS
from w2v.errors import FormatError
from w2v.formats import FORMATS, OPTIONS, format_for
from w2v.formats.vectorfile import SAFETENSORS, WORD2VEC_BINARY, WORD2VEC_TEXT
from w2v.system.files import local_path
from w2v.system.interval import Interval
from w2v.system.threads import resolve_threads
from w2v.training.checkpoint import Checkpoint
from w2v.training.held_out import loss as held_out_loss
from w2v.training.initial import check_hold
from w2v.training.loop import _isa
from w2v.training.needs import Output, places_for
from w2v.training.observers.checkpoints import EVERY
from w2v.training.option_names import checked_names
from w2v.training.resolved import STORED_PATHS, STORED_VALUES, ResolvedRun
from w2v.training.rounds import dask_engine
from w2v.training.run_options import RunOptions
from w2v.training.unused import check_used
from w2v.walk_options import GRAPH_DEFAULTS, WALK_OPTIONS


class RunSettings(NamedTuple):
    """Checked hyper-parameters, number of threads and instruction set."""

    config: TrainConfig
    threads: int
    isa: str


@dataclass(frozen=True)
class RunRequest(RunOptions):
    """A training run as a caller requests it, and the checks of its options."""

    def settings(self) -> RunSettings:
        """Check the hyper-parameters, the number of threads and the instruction set.

        Raises
        ------
        ValueError, TypeError : one of them is wrong; names the parameter.
        W2VError : the checkpoint to resume from cannot be read.
        """
        saved = self._saved()
        dask_engine.check_options(self.engine, self.scheduler)
        return RunSettings(self._config(saved), resolve_threads(self._threads(saved)), _isa.chosen_isa(self.isa))

    def continued(self) -> RunRequest:
        """Complete a request that resumes a checkpoint: options that are not given take the values stored there.

        Raises
        ------
        FormatError, W2VError : the checkpoint cannot be read or is damaged.
        """
        saved = self._saved()
        if saved is None:
            return self
        names, stored = (*STORED_PATHS, *STORED_VALUES), _checked_notes(saved)
        values = {name: stored[name] for name in names
                  if getattr(self, name) in (None, ()) and stored.get(name) is not None}
        values["probe"] = tuple(values.get("probe", self.probe))
        notes = {name: value for name, value in stored.items() if name not in names}
        return replace(self, resume=saved, checkpoint_notes={**notes, **self.checkpoint_notes}, **values)

    def resolve(self) -> ResolvedRun:
        """Check everything that can be wrong with the options by themselves; only the checkpoint is opened.

        Raises
        ------
        ValueError, TypeError : an option is wrong or contradicts another one; names the parameters.
        FormatError, W2VError : the checkpoint to resume from cannot be used.
        """
        saved = self._saved()
        request = self if saved is None else replace(self, resume=saved)
        config, threads, isa = request.settings()
        request._check_fresh(config)
        corpus = replace(request._corpus(saved), seed=config.seed)
        if corpus.walking is not None:
            request._check_graph(config)
        checkpoint = request._checkpoint_path(saved)
        request._check_places(corpus, config, checkpoint, saved)
        ids = self.ids or ("auto" if saved is None else saved.request.ids)
        held_out_loss.check(config)
        if corpus.reading.bootstrap and isinstance(config.held_out, int) and config.held_out:
            raise ValueError(f"bootstrap and held_out = {config.held_out} lines cannot be combined: copies of them "
                             "would be trained on; pass a file with the text to hold out")
        output = request._output()
        check_hold(request.freeze, request.anchor or 0.0)
        check_used(config, {**vars(request), **request.options})
        request._check_format(output, config)
        if saved is not None:
            saved.check_phrases(self.phrases is not None)
        run = ResolvedRun(
            request=replace(request, threads=self._threads(saved)), corpus=corpus, config=config, threads=threads,
            isa=isa, saved=saved, output=output, checkpoint=checkpoint, ids=ids,
            places=places_for(ids, corpus, phrases=self.phrases is not None, fresh=self.fresh is not None),
            checkpoint_every=request._checkpoint_interval(saved),
            log_every=None if self.log_every is None else Interval.of(self.log_every, "log_every"))
        return run.with_workers(run.processes) if run.processes else run

    def _saved(self) -> Checkpoint | None:
        """The checkpoint to resume from; opened once, since `resolve` and `continued` keep it."""
        return Checkpoint.open(self.resume) if isinstance(self.resume, (str, os.PathLike)) else self.resume

    def _threads(self, saved: Checkpoint | None) -> int | str:
        if self.threads is not None:
            return self.threads
        return "auto" if saved is None else saved.request.threads

    def _corpus(self, saved: Checkpoint | None) -> CorpusInput:
        if self.fresh is not None:
            if self.corpus is not None:
                raise TypeError("pass either corpus or fresh, which makes the corpus of each epoch, not both")
            options = dict(self.options) if saved is None else saved.agreed_corpus_options(self._corpus_options)
            return CorpusInput.of(corpus_of(self.fresh, 0), options)
        if saved is None:
            if self.corpus is None:
                raise TypeError("the corpus is missing: pass a path, or an iterable of lists of str")
            return self.corpus
        options = saved.agreed_corpus_options(self._corpus_options)
        return CorpusInput.of(saved.corpus_paths() if self.corpus is None else self.corpus, options)

    @property
    def _corpus_options(self) -> dict[str, Any]:
        return {name: value for name, value in self.options.items() if name in (*CORPUS_OPTIONS, *WALK_OPTIONS)}

    def _check_fresh(self, config: TrainConfig) -> None:
        """Raise ValueError for an option that needs a corpus that is the same in each epoch."""
        if self.fresh is None:
            return
        for name, given, instead in (
                ("phrases", self.phrases is not None, "join them in the function (w2v.Phrases)"),
                ("ids='none'", self.ids == "none", "leave it out: the ids of three epochs are stored at most"),
                ("window='line'", config.whole_lines, "give the window as a number of words"),
                ("held_out", isinstance(config.held_out, int) and config.held_out > 0,
                 "pass a file with the text to hold out")):
            if given:
                raise ValueError(f"{name} cannot be used with fresh, whose text differs in each epoch; {instead}")

    def _check_graph(self, config: TrainConfig) -> None:
        """Raise ValueError for an option that has no effect on the walks of a graph, or contradicts them."""
        least = self.options.get("min_count")
        for name, given, instead in (
                ("phrases", self.phrases is not None, "phrases are of texts"),
                (f"ids={self.ids!r}", self.ids in ("memory", "disk"), "walks are made when they are needed, and never "
                 "stored: leave it out"),
                (f"min_count={least}", least is not None and least > 1, "every node has a vector: leave it out"),
                (f"max_vocab={config.max_vocab}", config.max_vocab is not None,
                 "every node has a vector: leave it out"),
                ("line_weights", config.line_weights, "weights of edges are those of the graph"),
                ("held_out", isinstance(config.held_out, int) and config.held_out > 0,
                 "pass a file with walks (w2v walk), or hold edges out and score them by w2v evaluate --links")):
            if given:
                raise ValueError(f"{name} cannot be used with a graph; {instead}")

    def _config(self, saved: Checkpoint | None) -> TrainConfig:
        """The hyper-parameters; every engine but this process trains in rounds."""
        config = self._given_config(saved)
        if self.in_process:
            if config.distributed and saved is None:
                raise ValueError("distributed = True needs a cluster: pass engine='dask' or a client")
            return config
        engine = "engine='dask'" if isinstance(self.engine, str) else "a client of Dask as engine"
        if saved is not None and not config.in_rounds:
            raise ValueError(f"{engine} trains in rounds, which the run in {saved.path} does not: it has "
                             "reproducible = False")
        try:
            return replace(config, distributed=not config.reproducible)
        except ValueError as error:
            raise ValueError(f"{engine} trains in rounds: {error}") from None

    def _given_config(self, saved: Checkpoint | None) -> TrainConfig:
        """The hyper-parameters: given as a whole or by name, and otherwise those of the preset or the checkpoint."""
        options = {name: value for name, value in self.options.items()
                   if name not in (*CORPUS_OPTIONS, *WALK_OPTIONS)}
        preset = self.preset
        if self.config is not None:
            if not isinstance(self.config, TrainConfig):
                raise TypeError(f"config must be a TrainConfig, not {self.config!r}")
            if options or preset is not None:
                raise TypeError("pass either config or options, not both: "
                                f"{', '.join(options) or f'preset={preset!r}'}")
            if saved is not None:
                saved.agree(dataclasses.asdict(self.config))
            return self.config
        named = checked_names(options)
        if saved is not None:
            if preset is not None:
                raise ValueError(f"preset={preset!r} cannot be used with resume: a resumed run keeps its options; "
                                 "leave it out")
            return saved.agree(dict(named))
        found = TrainConfig(**named) if preset is None else TrainConfig.preset(preset, **named)
        if self.corpus is None or self.corpus.walking is None:
            return found
        return replace(found, **{name: value for name, value in GRAPH_DEFAULTS.items() if name not in named})

    def _check_places(self, corpus: CorpusInput, config: TrainConfig, checkpoint: str | None,
                      saved: Checkpoint | None) -> None:
        """Raise ValueError if a file to write is also read, is inside a folder to read, or is named twice."""
        output = self.output.path if isinstance(self.output, Output) else self.output
        written = {"output": output, "save_vocab": self.save_vocab, "checkpoint": checkpoint, "log_json": self.log_json}
        held_out = self.options.get("held_out", config.held_out)  # as it was given, for the message
        check_outputs(written, corpus, held_out, self.phrases)
        check_outputs({**written, "output": None}, self.init)  # new vectors may replace the old ones
        if saved is not None:
            check_outputs({**written, "checkpoint": None}, saved.path)

    def _output(self) -> Output | None:
        """The output file and its format."""
        if self.output is None or isinstance(self.output, Output):
            return self.output
        if self.format is not None and self.binary is not None:
            raise ValueError(f"format={self.format!r} and binary={self.binary} contradict each other; pass one of them")
        if self.format is not None:
            if self.format not in OPTIONS:
                raise ValueError(f"format = {self.format!r} does not exist; pass {' or '.join(map(repr, OPTIONS))}, or "
                                 "leave it out to choose the format by the suffix of the output")
            return Output(self.output, OPTIONS[self.format])
        if self.binary is None and not self.is_text_by_default():
            return Output(self.output, format_for(self.output))
        return Output(self.output, WORD2VEC_BINARY if self.binary else WORD2VEC_TEXT)

    def _check_format(self, output: Output | None, config: TrainConfig) -> None:
        """Raise ValueError if the format of the output cannot hold what the run makes."""
        if output is not None:
            FORMATS[output.format].check_trained(config)
        if not self.save_output_vectors:
            return
        if output is None or output.format != SAFETENSORS:
            place = "no output" if output is None else os.fspath(output.path)
            raise ValueError(f"save_output_vectors=True needs an output that ends in .safetensors, not {place}; other "
                             "formats cannot store the output matrix")
        if not config.negative:
            raise ValueError("save_output_vectors=True needs negative sampling, since hierarchical softmax alone has "
                             "no output matrix of words; add negative=5")

    def _checkpoint_path(self, saved: Checkpoint | None) -> str | None:
        """The checkpoint file: a resumed run writes to the file that it came from, unless another one is given."""
        if self.checkpoint is not None:
            return local_path(self.checkpoint)
        return None if saved is None else saved.path

    def _checkpoint_interval(self, saved: Checkpoint | None) -> Interval:
        try:
            json.dumps(dict(self.checkpoint_notes))
        except TypeError as error:
            raise TypeError(f"checkpoint_notes must be plain values, as JSON has them: {error}") from None
        former = EVERY if saved is None else saved.request.every
        return Interval.of(former if self.checkpoint_every is None else self.checkpoint_every, "checkpoint_every")


def _checked_notes(saved: Checkpoint) -> dict[str, Any]:
    """Return the notes of a checkpoint, with the options that `ResolvedRun.storing_options` stored.

    Raises
    ------
    FormatError : an option has another type than it was stored with.
    """
    kinds: dict[str, type | tuple[type, ...]] = {
        **dict.fromkeys((*STORED_PATHS, "format", "freeze", "engine", "scheduler"), str), "binary": int,
        "classes": int, "save_output_vectors": bool, "probe": list, "evaluate": list, "log_every": (str, int, float),
        "anchor": (int, float)}
    for name, kind in kinds.items():
        value = saved.request.notes.get(name)
        texts = value if isinstance(value, list) else []
        if value is not None and not (isinstance(value, kind) and all(isinstance(text, str) for text in texts)):
            raise FormatError(saved.path, f"an entry of the checkpoint is invalid: {name} = {value!r:.80}", offset=8)
    return saved.request.notes
