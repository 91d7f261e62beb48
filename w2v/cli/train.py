"""`w2v train`: arguments, the request that they make, and the report.

Place in the data flow: command line -> `w2v.training.request.RunRequest`, which checks it -> training -> files, report.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import sys
from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING

from w2v.cli.common import UsageError, complain, number, usage, whole
from w2v.cli.lists import ListOption
from w2v.cli.options import (
    Group,
    corpus_options,
    engine_options,
    given,
    given_input,
    graph_options,
    groups,
    hyper_parameters,
    no_corpus,
    shown_preset,
)
from w2v.cli.report import Reports, Scores

if TYPE_CHECKING:
    from w2v.system.jsonlog import JsonLog
    from w2v.training.model import Model
    from w2v.training.observers.scores import EpochScores
    from w2v.training.request import RunRequest
    from w2v.training.resolved import ResolvedRun
    from w2v.training.status import EpochStats, ModelView
    from w2v.types import StrPath


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v train`, in groups."""
    sub.epilog = ("The options of word2vec.c (-train, -output, -size, -iter, -binary, ...) are accepted too. The "
                  "suffix of the output determines its format, unless -binary or --format is given.")
    group = groups(sub)
    corpus_options(group["input"], "file, folder or glob, also compressed (gzip, bzip2, xz or zstd), .zip or .tar, or "
                                   ".npy with integers; an address, with --download; - for standard input")
    group["input"].add_argument("--phrases", metavar="FILE", help="join the phrases of this file (see w2v phrases)")
    _output(group["output"])
    graph_options(group["graph"])
    hyper_parameters(group)
    engine_options(group["training"])
    _monitoring(group["monitoring"])
    _checkpoints(group["checkpoints"])
    _continuing(group["continuing"])
    for name in ("binary", "classes", "debug"):
        sub.add_argument(f"-{name}", type=whole, default=None, help=argparse.SUPPRESS)
    sub.add_argument("-read-vocab", metavar="FILE", default=None, help=argparse.SUPPRESS)


def _output(group: Group) -> None:
    from w2v.formats import FORMATS, OPTIONS

    group.add_argument("-o", "--output", "-output", metavar="FILE",
                       help="file for the vectors; required unless a resumed checkpoint names it")
    about = "; ".join(f"{option}: {FORMATS[name].about}" for option, name in OPTIONS.items())
    group.add_argument("--format", choices=list(OPTIONS), help=f"write this format, with any suffix; {about}")
    group.add_argument("--runs", type=whole, default=1, metavar="N", help="train N times, with the seeds seed, seed + "
                       "1, ..., to FILE, FILE with .run2 before its suffix, ..., and report how stable neighbours are "
                       "(see w2v stability); with --bootstrap each on its own sample of the lines")
    group.add_argument("--save-vocab", "-save-vocab", metavar="FILE", help="also write each word and its count; "
                       "with --runs and --bootstrap or --sample-lines a file for each run, with .run2, ...")
    group.add_argument("--save-output-vectors", action="store_true", default=None,
                       help="also write the output matrix (syn1neg), to continue from it with --init; needs "
                            ".safetensors")
    group.add_argument("--quiet", "-q", action="store_true", help="show no progress and no report")


def _monitoring(group: Group) -> None:
    group.add_argument("--evaluate", action=ListOption, files=True, metavar="SET",
                       help="score the vectors at the end of each epoch, on sets by name or path (see w2v evaluate)")
    group.add_argument("--probe", action=ListOption, metavar="WORD",
                       help="show the nearest neighbours of these words during training when they change")
    group.add_argument("--log-json", metavar="FILE", help="append a line of JSON to this file at each interval (loss, "
                       "learning rate, words/s, held-out loss, neighbours of probe words, scores), and the report at "
                       "the end")
    group.add_argument("--log-every", metavar="30s|5%", help="length of the intervals: 30s, 10m, 2h, or 5%% of the "
                       "words (default: the longer of 10s and 1%%, at most 20%%)")


def _checkpoints(group: Group) -> None:
    group.add_argument("--checkpoint", metavar="FILE", help="write the state of the run to this file at intervals, "
                       "and at the first Ctrl-C or SIGTERM; removed when the vectors are written")
    group.add_argument("--checkpoint-every", metavar="T", help="time between checkpoints: 90s, 10m (default), 2h, or "
                       "5%% of the words")
    group.add_argument("--resume", metavar="FILE", help="continue from this checkpoint with all its options; the "
                       "corpus and -o may be given again")


def _continuing(group: Group) -> None:
    group.add_argument("--init", metavar="OLD", help="start from the vectors in this file: its words keep their "
                       "vectors as initial values, new words are added")
    group.add_argument("--freeze", choices=["old"], help="old: keep the vectors of the words of --init unchanged")
    group.add_argument("--anchor", metavar="L", type=number, help="pull the words of --init back to their old vectors, "
                       "0 to 1 / alpha (default 0): by learning rate * L of the way each time they occur in the text")


def run(options: argparse.Namespace) -> None:
    """Train, write the vectors, and report."""
    from w2v.cli.names import as_options
    from w2v.training.runs import prepare_runs, resolve_runs

    _refuse_unsupported(options)
    with usage((TypeError, ValueError), as_options):
        request = _request(options).continued()
        if not request.output:
            raise UsageError("no output: name a file for the vectors with -o")
        asked = resolve_runs(request, options.runs)
    runs = prepare_runs([one.storing_options(request.checkpoint_notes) for one in asked])
    if options.preset and request.progress:
        print(shown_preset(options, asked[0].config), file=sys.stderr)
    reports = Reports(options, asked)
    with closing(_trained(runs)) as trained:
        for run, (model, scores) in zip(runs, trained, strict=True):
            replaced = os.path.exists(run.output.path) if run.output is not None else False
            _write(run, model)
            if model.report.checkpoints and run.checkpoint is not None:  # otherwise it belongs to another run
                with contextlib.suppress(OSError):
                    os.unlink(run.checkpoint)
            reports.add(model, scores, replaced)
            del model  # before the matrices of the next run are made
    reports.show()


def _refuse_unsupported(options: argparse.Namespace) -> None:
    if options.read_vocab:
        raise UsageError("-read-vocab: the vocabulary is always counted from the corpus; leave the option out")
    if not options.classes:
        return
    from w2v.formats import SUFFIXES
    from w2v.formats.vectorfile import WORD2VEC_TEXT
    from w2v.system.compress import without_compression

    instead = "to have vectors too, leave -classes out and run: w2v cluster VECTORS -k N -o FILE"
    if options.classes < 0:
        raise UsageError(f"-classes {options.classes} is out of range: 1 or more, or 0 for vectors")
    if options.output and (
            SUFFIXES.get(os.path.splitext(without_compression(options.output))[1].lower(), WORD2VEC_TEXT)
            != WORD2VEC_TEXT):
        raise UsageError(f"-classes writes words and their classes as text, which {options.output} is not by its "
                         f"suffix: give an output that ends in .txt; {instead}")
    if options.runs > 1:
        raise UsageError(f"-classes writes the classes of one run: leave out --runs; {instead}")
    if options.save_output_vectors or options.format:
        raise UsageError(f"-classes writes words and their classes in place of vectors: leave out "
                         f"{'--format' if options.format else '--save-output-vectors'}; {instead}")


def _request(options: argparse.Namespace) -> RunRequest:
    """Return the request that the command line makes."""
    from w2v.evaluation.sets.registry import SETS
    from w2v.training.request import RunRequest

    hint = ", or - for standard input"
    corpus = given_input(options, hint)
    if corpus is None and options.resume is None:
        raise no_corpus(hint)
    sets = [name if name.lower() in (*SETS, "standard") else os.path.abspath(name) for name in options.evaluate]
    notes = ({"evaluate": sets} if sets else {}) | ({"classes": options.classes} if options.classes else {})
    return RunRequest(
        corpus=corpus, options=given(options),
        preset=options.preset, threads=options.threads, progress=not (options.quiet or options.debug == 0),
        log_every=options.log_every,
        log_json=options.log_json, probe=tuple(options.probe), checkpoint=options.checkpoint,
        checkpoint_every=options.checkpoint_every, checkpoint_notes=notes,
        replace_checkpoint=False, resume=options.resume, init=options.init, freeze=options.freeze,
        anchor=options.anchor, phrases=options.phrases, ids=options.ids, output=options.output, format=options.format,
        binary=options.binary, text_output=options.train is not None, save_vocab=options.save_vocab,
        save_output_vectors=options.save_output_vectors, engine=options.engine, scheduler=options.scheduler)


def _trained(runs: list[ResolvedRun]) -> Generator[tuple[Model, Scores], None, None]:
    """Train each run; yield the model and its scores on the sets of --evaluate."""
    from w2v.training.observers.scores import EpochScores
    from w2v.training.runs import train_each

    sets = runs[0].request.checkpoint_notes.get("evaluate")
    with runs[0].log() as log:
        scores = [EpochScores(sets) if sets else None for _ in runs]
        scored = [run if one is None else _scoring(run, one, log) for run, one in zip(runs, scores, strict=True)]
        with closing(train_each(scored, log)) as models:
            for number, one in enumerate(scores):
                if len(runs) > 1 and runs[0].request.progress:
                    print(f"run {number + 1} of {len(runs)}, seed {runs[number].config.seed}", file=sys.stderr)
                yield _with_scores(next(models), one)
    if log is not None and log.problem is not None:
        complain(log.problem)


def _scoring(run: ResolvedRun, scores: EpochScores, log: JsonLog | None) -> ResolvedRun:
    """Return a run that is scored at the end of each epoch."""

    def score(view: ModelView, stats: EpochStats) -> str | None:
        shown = scores(view, stats)
        if shown is not None and log is not None:
            log.write("evaluation", **scores.history[-1])
        return shown

    return dataclasses.replace(run, request=dataclasses.replace(run.request, on_epoch_end=score))


def _with_scores(model: Model, scores: EpochScores | None) -> tuple[Model, Scores]:
    if scores is None:
        return model, []
    model.wv.metadata["evaluation"] = scores.as_metadata()
    return model, scores.history


def _write(run: ResolvedRun, model: Model) -> None:
    """Write the vectors, or with -classes the classes of the words, and the vocabulary if it was asked for.

    The vectors come first, so that they are not lost with the vocabulary.
    """
    from w2v.formats import FORMATS, write_vectors
    from w2v.formats.subwords import Subwords
    from w2v.system.files import atomic_write

    request, output, wv = run.request, run.output, model.wv
    assert output is not None
    with_output = FORMATS[output.format].needs_output or request.save_output_vectors
    if classes := request.checkpoint_notes.get("classes"):
        _write_classes(model, min(classes, len(wv)), run.config.seed, output.path)
        if classes > len(wv):
            complain(f"-classes {classes:,}: the vocabulary has only {len(wv):,} words, each of which is a class")
    else:
        write_vectors(output.path, wv.index_to_key, wv.rows, wv.counts, format=output.format, metadata=wv.metadata,
                      output_vectors=model.output_vectors if with_output else None,
                      subwords=wv.subwords if isinstance(wv.subwords, Subwords) else None,
                      integer_keys=wv.integer_keys, text_options=wv.text_options)
    if request.save_vocab:
        with atomic_write(request.save_vocab) as file:
            for word in wv.index_to_key:
                file.write(f"{word} {wv.get_vecattr(word, 'count')}\n".encode("utf-8", "surrogateescape"))


def _write_classes(model: Model, classes: int, seed: int, path: StrPath) -> None:
    """Write each word and its class, in place of the vectors, as word2vec.c does."""
    from w2v.analysis.clusters.clustering import cluster

    cluster(model.wv, classes, topn=0, chance=False, seed=seed).save(path)
