"""`w2v train`: arguments, checks before any work, and the report."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2v.cli import resume
from w2v.cli.common import UsageError, check_suffix, complain, isa, number, print_json, usage, whole
from w2v.cli.options import configured, given, hyper_parameters, shown_preset
from w2v.cli.report import format_report
from w2v.config import TrainConfig
from w2v.system.threads import resolve_threads

if TYPE_CHECKING:
    from w2v.keyedvectors import KeyedVectors
    from w2v.training.model import Model


def arguments(sub: argparse.ArgumentParser) -> None:
    sub.epilog = ("The options of word2vec.c (-train, -output, -size, -iter, -binary, ...) are accepted too. "
                  "The output's format follows its suffix, or -binary where that is given.")
    sub.add_argument("corpus", nargs="*", metavar="CORPUS",
                     help="file, folder or glob, also gz, bz2 or xz, or .npy of integers; - is standard input")
    sub.add_argument("-train", "--train", dest="train", metavar="FILE", help="the corpus, as in word2vec.c")
    sub.add_argument("-o", "--output", "-output", metavar="FILE",
                     help="where the vectors go; needed unless --resume knows it")
    hyper_parameters(sub)
    sub.add_argument("--format", choices=["fasttext"], help="fasttext: write what fastText loads, whatever the suffix")
    sub.add_argument("--save-vocab", "-save-vocab", metavar="FILE", help="also write each word and its count")
    sub.add_argument("--save-output-vectors", action="store_true", default=None,
                     help="write the output matrix (syn1neg) too, to go on from (--init); .safetensors has room for it")
    sub.add_argument("--phrases", metavar="FILE", help="join these phrases on the way (see w2v phrases)")
    sub.add_argument("--init", metavar="OLD", help="begin with the vectors of this file: its words stay, new ones join")
    sub.add_argument("--freeze", choices=["old"], help="old: the vectors of the words of --init do not change")
    sub.add_argument("--anchor", metavar="L", type=number, help="pull the words of --init back to where they were, 0 "
                     "to 1 / alpha (default 0): by rate * L of the way each time they stand in the text")
    _watching(sub)
    resume.arguments(sub)
    sub.add_argument("--quiet", "-q", action="store_true", help="no progress and no report")
    for name in ("binary", "classes", "debug"):
        sub.add_argument(f"-{name}", type=whole, default=None, help=argparse.SUPPRESS)
    sub.add_argument("-read-vocab", metavar="FILE", default=None, help=argparse.SUPPRESS)


def _watching(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--evaluate", nargs="+", action="extend", default=[], metavar="SET",
                     help="score the vectors as each epoch ends, on sets by name or path (see w2v evaluate)")
    sub.add_argument("--probe", nargs="+", action="extend", default=[], metavar="WORD",
                     help="show the nearest neighbours of these words on the way, when they change")
    sub.add_argument("--log-json", metavar="FILE", help="add a line of JSON to this file at each interval: loss, rate, "
                     "words/s, held-out loss, neighbours of probe words, scores; and the report at the end")
    sub.add_argument("--log-every", metavar="30s|5%", help="these intervals, as 30s, 10m, 2h or 5%% of the words "
                     "(default: the longer of 10s and 1%%)")


def run(options: argparse.Namespace) -> None:
    from w2v.system.files import check_writable

    saved = resume.complete(options)
    corpus = [*([options.train] if options.train else []), *options.corpus]
    config, threads = _checked(options, corpus)
    for output in _outputs(options):
        check_writable(output)
    options.quiet = options.quiet or options.debug == 0
    if options.preset and not options.quiet:
        print(shown_preset(options), file=sys.stderr)
    paths = [name if name == "-" else Path(name) for name in corpus]
    model, history = _train(options, paths, threads, saved)
    _write(options, model)
    if model.report.checkpoints:  # or it is that of another run
        resume.remove(options.checkpoint)
    report = {**model.report.as_dict(), "output": options.output}
    if options.preset:
        report["preset"] = {"name": options.preset, **dataclasses.asdict(config)}
    if options.evaluate:
        report["evaluations"] = history
    if options.json:
        print_json(report)
    elif not options.quiet:
        print(format_report(report), file=sys.stderr)
    if config.maxn and not options.format and Path(options.output).suffix.lower() != ".safetensors":
        complain("this format has no place for the n-grams; .safetensors and --format fasttext keep them")


def _train(options: argparse.Namespace, paths: list[Any], threads: int, saved: Any) -> tuple[Model, list[Any]]:
    """The model, and its scores on the way."""
    from w2v.system.jsonlog import JsonLog
    from w2v.training.needs import Output
    from w2v.training.status import EpochStats, ModelView
    from w2v.training.train import train

    scores = None
    if options.evaluate:
        from w2v.training.observers.scores import EpochScores

        scores = EpochScores(options.evaluate)
    with nullcontext() if options.log_json is None else JsonLog(options.log_json) as log:

        def score(view: ModelView, stats: EpochStats) -> str | None:
            shown = None if scores is None else scores(view, stats)
            if scores is not None and shown is not None and log is not None:
                log.write("evaluation", **scores.history[-1])
            return shown

        model = train(paths, threads=threads, progress=not options.quiet, log_json=log, probe=options.probe,
                      log_every=options.log_every, on_epoch_end=None if scores is None else score, resume=saved,
                      checkpoint=options.checkpoint, checkpoint_every=options.checkpoint_every,
                      checkpoint_notes=resume.notes(options), init=_initial(options), freeze=options.freeze,
                      anchor=options.anchor or 0.0, preset=options.preset, phrases=options.phrases,
                      output=Output(options.output, _format(options)), **given(options))
    if log is not None and log.problem is not None:
        complain(log.problem)
    if scores is not None:
        model.wv.metadata["evaluation"] = scores.as_metadata()
    return model, [] if scores is None else scores.history


def _write(options: argparse.Namespace, model: Model) -> None:
    from w2v.system.files import atomic_write

    if options.save_vocab:
        with atomic_write(options.save_vocab) as file:
            for word in model.wv.index_to_key:
                file.write(f"{word} {model.wv.get_vecattr(word, 'count')}\n".encode("utf-8", "surrogateescape"))
    if options.format == "fasttext":
        model.save_fasttext_format(options.output)
    elif options.binary is None:
        model.save(options.output, output_vectors=bool(options.save_output_vectors))
    else:
        model.wv.save_word2vec_format(options.output, binary=bool(options.binary))


def _outputs(options: argparse.Namespace) -> list[str]:
    return [name for name in (options.output, options.save_vocab, options.checkpoint) if name]


def _initial(options: argparse.Namespace) -> KeyedVectors | None:
    """The vectors to begin with, whose words the output must be able to hold too."""
    from w2v.formats import check_words
    from w2v.formats.vectorfile import FASTTEXT_BINARY, WORD2VEC_TEXT
    from w2v.keyedvectors import KeyedVectors

    if options.init is None:
        return None
    old = KeyedVectors.load(options.init)
    format = _format(options)
    check_words(old.index_to_key, WORD2VEC_TEXT if format == FASTTEXT_BINARY else format)
    return old


def _format(options: argparse.Namespace) -> str:
    from w2v.formats import format_for
    from w2v.formats.vectorfile import FASTTEXT_BINARY, WORD2VEC_BINARY, WORD2VEC_TEXT

    if options.format == "fasttext":
        return FASTTEXT_BINARY
    if options.binary is None:
        return format_for(options.output)
    return WORD2VEC_BINARY if options.binary else WORD2VEC_TEXT


def _checked(options: argparse.Namespace, corpus: list[str]) -> tuple[TrainConfig, int]:
    """Everything that can be wrong with the arguments, found before any work."""
    from w2v.corpus.outputs import check_outputs
    from w2v.corpus.paths import CorpusInput
    from w2v.training.held_out import loss as held_out_loss
    from w2v.training.initial import check_hold

    if not corpus or "" in corpus:
        raise UsageError("no corpus: name a file, a folder or a glob, or - for standard input")
    if not options.output:
        raise UsageError("no output: name a file for the vectors with -o")
    written = {"-o": options.output, "--save-vocab": options.save_vocab, "--checkpoint": options.checkpoint,
               "--log-json": options.log_json}
    with usage():
        check_outputs(written, CorpusInput.of(corpus), options.held_out, options.phrases)
        check_outputs({**written, "-o": None}, options.init)  # whose place the vectors may take
        check_outputs({**written, "--checkpoint": None}, options.resume)
    resume.check(options)
    if options.classes:
        raise UsageError("-classes: clusters of words are not offered; leave it out to get vectors")
    if options.read_vocab:
        raise UsageError("-read-vocab: a vocabulary is always counted from the corpus; leave it out")
    for name in ("freeze", "anchor"):
        if getattr(options, name) and options.init is None:
            raise UsageError(f"--{name} is about the words of old vectors: name these with --init")
    with usage((ValueError, TypeError)):
        isa()
        config = configured(options)
        threads = resolve_threads(options.threads or "auto")
        held_out_loss.check(config)
        check_hold(options.freeze, options.anchor or 0.0)
        _check_watching(options, config)
    _check_format(options, config)
    return config, threads


def _check_watching(options: argparse.Namespace, config: TrainConfig) -> None:
    """What can be wrong with the options for looking at a run."""
    from w2v.system.interval import Interval

    if options.log_every is not None:
        Interval.of(options.log_every, "--log-every")
        if not (options.log_json or options.probe or config.held_out):
            raise UsageError("--log-every without --log-json, --probe or --held-out: there is nothing to tell")
    if options.probe and options.log_json is None and (options.quiet or options.debug == 0):
        raise UsageError("--probe with --quiet, without --log-json: the neighbours would be shown nowhere")


def _check_format(options: argparse.Namespace, config: TrainConfig) -> None:
    """What can be wrong with the output's format; settles `options.binary`."""
    from w2v.formats import SUFFIXES
    from w2v.formats.vectorfile import SAFETENSORS

    if options.format is not None and options.binary is not None:
        raise UsageError(f"--format {options.format} and -binary {options.binary} are two formats: give one")
    if options.format is None and options.binary is None:
        if options.train is not None and Path(options.output).suffix.lower() not in SUFFIXES:
            options.binary = 0  # as in word2vec.c, whose command line this is
        else:
            check_suffix(options.output)
    if options.save_output_vectors:
        if _format(options) != SAFETENSORS:
            raise UsageError("--save-output-vectors: only .safetensors has room for the output matrix, not "
                             f"{options.output}")
        if not config.negative:
            raise UsageError("--save-output-vectors: hierarchical softmax alone has no output matrix of words; add "
                             "--negative 5")
