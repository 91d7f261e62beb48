"""The command line: arguments and printing, nothing else. Results on stdout, progress and messages on stderr.

Exit codes: 0 done, 1 failed (one line says why), 2 wrong usage, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import math
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from w2v._version import __version__
from w2v.config import TrainConfig, describe, resolve_threads
from w2v.errors import W2VError
from w2v.report import format_report

DEMO_CONFIG = TrainConfig(vector_size=100, epochs=10, min_count=5, sample=1e-3)
DEMO_NEIGHBORS = 5


_SURROGATE = re.compile("[\ud800-\udfff]")


class UsageError(Exception):
    """The arguments do not make sense; exit code 2."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. `argv` is `sys.argv[1:]` by default."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _mend_streams()
    try:
        signal.signal(signal.SIGTERM, _terminate)
    except ValueError:
        pass  # not the main thread, which alone gets signals
    try:
        options = _parser().parse_args(arguments)
        options.run(options)
        sys.stdout.flush()
        return 0
    except UsageError as error:
        return _complain(error, 2)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nobody to tell
        return 1
    except MemoryError as error:
        return _complain(f"not enough memory: {error}" if str(error) else "not enough memory", 1)
    except (W2VError, OSError, ValueError) as error:
        return _complain(error, 1)


def _terminate(number: int, frame: object) -> NoReturn:
    """Leave as by an exception, so that temporary files go and threads end."""
    sys.exit(128 + number)


def _mend_streams() -> None:
    """A program started without stdout or stderr has None there; and words may not fit into the terminal's encoding."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))
        elif isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _complain(problem: object, code: int) -> int:
    print(f"w2v: {' '.join(_printable(str(problem)).split())}", file=sys.stderr)
    return code


def _printable(text: str) -> str:
    """Words may hold bytes that are no UTF-8; a terminal gets U+FFFD for them."""
    return _SURROGATE.sub("\ufffd", text)


# ---- arguments ------------------------------------------------------------------------------------------------------

class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="w2v", description="Train, query and evaluate word vectors.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"w2v {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        sub.add_argument("--json", action="store_true", help="print one JSON object and nothing else on stdout")
        sub.set_defaults(run=run)
        return sub

    _train_arguments(command("train", run_train, "Learn word vectors from text."))
    sub = command("neighbors", run_neighbors, "The words nearest to each of the words given.")
    sub.add_argument("vectors", metavar="VECTORS")
    sub.add_argument("words", nargs="+", metavar="WORD")
    sub.add_argument("-n", "--topn", type=_positive, default=10, help="how many (default 10)")
    sub = command("analogy", run_analogy, "A is to B as C is to what?")
    sub.add_argument("vectors", metavar="VECTORS")
    for name in ("a", "b", "c"):
        sub.add_argument(name, metavar=name.upper())
    sub.add_argument("-n", "--topn", type=_positive, default=5, help="how many answers (default 5)")
    sub.add_argument("--method", choices=["3cosadd", "3cosmul"], default="3cosadd", help="default 3cosadd")
    sub = command("evaluate", run_evaluate, "Score vectors on analogy questions and on human similarity ratings.")
    sub.add_argument("vectors", metavar="VECTORS")
    sub.add_argument("--analogies", action="append", default=[], metavar="FILE", help="questions of the Google form")
    sub.add_argument("--similarity", action="append", default=[], metavar="FILE", help="word, word, score on a line")
    sub.add_argument("--restrict-vocab", type=_positive, metavar="N",
                     help="analogies among the N most frequent words (default: all words)")
    sub.add_argument("--case-sensitive", action="store_true", help="do not fold upper and lower case")
    sub.add_argument("--method", choices=["3cosadd", "3cosmul"], default="3cosadd", help="default 3cosadd")
    sub = command("convert", run_convert, "Write vectors in another format, chosen by the suffix of OUT.")
    sub.add_argument("input", metavar="IN")
    sub.add_argument("output", metavar="OUT", help=".bin (word2vec binary), .txt or .vec (word2vec text), .safetensors")
    sub.add_argument("--limit", type=_positive, metavar="N", help="only the first N words")
    sub = command("info", run_info, "What this installation can do, or what is in a file of vectors.")
    sub.add_argument("vectors", nargs="?", metavar="VECTORS")
    sub = command("demo", run_demo, "Learn from the English in your own Python's documentation; no download.")
    sub.add_argument("--threads", default="auto", help="a number, or auto (default)")
    return parser


def _train_arguments(sub: argparse.ArgumentParser) -> None:
    sub.epilog = ("The options of word2vec.c (-train, -output, -size, -iter, -binary, ...) are accepted too. "
                  "The output's format follows its suffix, or -binary where that is given.")
    sub.add_argument("corpus", nargs="*", metavar="CORPUS",
                     help="file, folder or glob, also gz, bz2 or xz; - is standard input")
    sub.add_argument("-train", "--train", dest="train", metavar="FILE", help="the corpus, as in word2vec.c")
    sub.add_argument("-o", "--output", "-output", metavar="FILE", required=True, help="where the vectors go")
    word2vec_c = {"vector_size": ["-size"], "epochs": ["-iter", "--iter"]}
    same_name = ("window", "negative", "sample", "min_count", "alpha", "seed")
    for spec in dataclasses.fields(TrainConfig):
        if "low" not in spec.metadata:
            continue
        name = spec.name.replace("_", "-")
        default = "" if spec.default is None else f" (default {spec.default:g})"
        sub.add_argument(f"--{name}", *word2vec_c.get(spec.name, [f"-{name}"] if spec.name in same_name else []),
                         dest=spec.name, metavar="N", default=spec.default, help=describe(spec.name) + default,
                         type=_number if "float" in str(spec.type) else _whole)
    sub.add_argument("--shrink-windows", action=argparse.BooleanOptionalAction, default=True,
                     help=describe("shrink_windows"))
    sub.add_argument("--threads", "-threads", default="auto", help="a number, or auto (default)")
    sub.add_argument("--save-vocab", "-save-vocab", metavar="FILE", help="also write each word and its count")
    sub.add_argument("--quiet", "-q", action="store_true", help="no progress and no report")
    for name in ("binary", "cbow", "hs", "classes", "debug"):
        sub.add_argument(f"-{name}", type=_whole, default=None, help=argparse.SUPPRESS)
    sub.add_argument("-read-vocab", metavar="FILE", default=None, help=argparse.SUPPRESS)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _positive(text: str) -> int:
    if (value := _whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"{value} is out of range: 1 or more")
    return value


# ---- train ----------------------------------------------------------------------------------------------------------

def run_train(options: argparse.Namespace) -> None:
    from w2v.files import atomic_write, check_writable
    from w2v.train import train

    corpus = [*([options.train] if options.train else []), *options.corpus]
    config, threads = _checked(options, corpus)
    for output in _outputs(options):
        check_writable(output)
    quiet = options.quiet or options.debug == 0
    paths = [name if name == "-" else Path(name) for name in corpus]
    model = train(paths, threads=threads, config=config, progress=not quiet)
    if options.save_vocab:
        with atomic_write(options.save_vocab) as file:
            for word in model.wv.index_to_key:
                file.write(f"{word} {model.wv.get_vecattr(word, 'count')}\n".encode("utf-8", "surrogateescape"))
    if options.binary is None:
        model.save(options.output)
    else:
        model.wv.save_word2vec_format(options.output, binary=bool(options.binary))
    report = {**model.report.as_dict(), "output": options.output}
    if options.json:
        _print_json(report)
    elif not quiet:
        print(format_report(report), file=sys.stderr)


def _outputs(options: argparse.Namespace) -> list[str]:
    return [options.output, *([options.save_vocab] if options.save_vocab else [])]


def _check_suffix(output: str) -> None:
    """Find out before any work whether the suffix says a format."""
    from w2v.formats import format_for

    try:
        format_for(output)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _checked(options: argparse.Namespace, corpus: list[str]) -> tuple[TrainConfig, int]:
    """Everything that can be wrong with the arguments, found before any work."""
    from w2v.formats import SUFFIXES

    if not corpus or "" in corpus:
        raise UsageError("no corpus: name a file, a folder or a glob, or - for standard input")
    places = [os.path.realpath(name) for name in (*corpus, *_outputs(options))]
    for output in _outputs(options):
        if places.count(os.path.realpath(output)) > 1:
            raise UsageError(f"{output} is given twice: it would be overwritten")
    if options.binary is None:
        if options.train is not None and Path(options.output).suffix.lower() not in SUFFIXES:
            options.binary = 0  # as in word2vec.c, whose command line this is
        else:
            _check_suffix(options.output)
    for name, instead in (
        ("cbow", "CBOW is not offered; -cbow 0 trains skip-gram"),
        ("hs", "hierarchical softmax is not offered; -hs 0 trains with negative sampling"),
    ):
        if getattr(options, name):
            raise UsageError(f"-{name} {getattr(options, name)}: {instead}")
    if options.classes:
        raise UsageError("-classes: clusters of words are not offered; leave it out to get vectors")
    if options.read_vocab:
        raise UsageError("-read-vocab: a vocabulary is always counted from the corpus; leave it out")
    names = {spec.name for spec in dataclasses.fields(TrainConfig)}
    try:
        _isa()
        config = TrainConfig(**{name: getattr(options, name) for name in names})
        threads = resolve_threads(options.threads)
    except (ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
    return config, threads


# ---- queries --------------------------------------------------------------------------------------------------------

def run_neighbors(options: argparse.Namespace) -> None:
    import w2v

    kv = w2v.load(options.vectors)
    found = {word: kv.most_similar(word, topn=options.topn) for word in options.words}
    if options.json:
        _print_json({"neighbors": {word: _pairs(answers) for word, answers in found.items()}})
        return
    for word, answers in found.items():
        if len(found) > 1:
            print(_printable(word))
        _print_answers(answers)


def run_analogy(options: argparse.Namespace) -> None:
    import w2v

    kv = w2v.load(options.vectors)
    a, b, c = options.a, options.b, options.c
    ask = kv.most_similar_cosmul if options.method == "3cosmul" else kv.most_similar
    answers = ask(positive=[b, c], negative=[a], topn=options.topn)
    if options.json:
        _print_json({"analogy": [a, b, c], "answers": _pairs(answers)})
    else:
        _print_answers(answers)


def _pairs(answers: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"word": word, "similarity": float(value)} for word, value in answers]


def _print_answers(answers: list[tuple[str, float]]) -> None:
    for word, value in answers:
        print(f"{value:8.4f}  {_printable(word)}")


def run_evaluate(options: argparse.Namespace) -> None:
    import w2v
    from w2v import evaluate

    if not options.analogies and not options.similarity:
        raise UsageError("nothing to evaluate: give --analogies FILE or --similarity FILE")
    kv = w2v.load(options.vectors)
    fold = not options.case_sensitive
    analogies = [evaluate.analogies(kv, path, restrict_vocab=options.restrict_vocab, case_insensitive=fold,
                                    method=options.method) for path in options.analogies]
    similarity = [evaluate.similarity(kv, path, case_insensitive=fold) for path in options.similarity]
    if options.json:
        _print_json({"analogies": [result.as_dict() for result in analogies],
                     "similarity": [result.as_dict() for result in similarity]})
    else:
        print(_printable(evaluate.format_table([*analogies, *similarity])))


def run_convert(options: argparse.Namespace) -> None:
    import w2v
    from w2v.files import check_writable

    _check_suffix(options.output)
    check_writable(options.output)
    kv = w2v.load(options.input, limit=options.limit)
    kv.save(options.output)
    result = {"input": options.input, "output": options.output, "words": len(kv), "vector_size": kv.vector_size,
              "source": kv.source}
    if options.json:
        _print_json(result)
    else:
        print(f"{len(kv):,} x {kv.vector_size} from {kv.source} to {options.output}", file=sys.stderr)


# ---- info and demo --------------------------------------------------------------------------------------------------

def run_info(options: argparse.Namespace) -> None:
    import numpy as np

    import w2v
    from w2v._sgns import available_isas

    if options.vectors is None:
        facts: dict[str, Any] = {
            "version": __version__, "isa": _isa(), "isas": available_isas(), "threads": resolve_threads("auto"),
            "python": sys.version.split()[0], "numpy": np.__version__, "platform": sys.platform,
        }
    else:
        kv = w2v.load(options.vectors)
        facts = {"path": options.vectors, "source": kv.source, "words": len(kv), "vector_size": kv.vector_size,
                 "bytes": os.path.getsize(options.vectors), "first_words": [word[:40] for word in kv.index_to_key[:5]]}
    if options.json:
        _print_json(facts)
    else:
        for name, value in facts.items():
            text = ", ".join(value) if isinstance(value, list) else f"{value:,}" if isinstance(value, int) else value
            print(f"{name:<14}{_printable(str(text))}")


def _isa() -> str:
    from w2v._sgns import chosen_isa

    try:
        return chosen_isa()
    except ValueError as error:
        raise UsageError(str(error)) from None


def run_demo(options: argparse.Namespace) -> None:
    from w2v.demo import PROBES, python_sentences, standard_library
    from w2v.train import train

    _isa()
    try:
        threads = resolve_threads(options.threads)
    except ValueError as error:
        raise UsageError(str(error)) from None
    print(f"reading the docstrings, comments and manual of Python in {standard_library()}", file=sys.stderr)
    model = train(python_sentences(), threads=threads, config=DEMO_CONFIG)
    neighbors = {word: model.wv.most_similar(word, topn=DEMO_NEIGHBORS) for word in PROBES if word in model.wv}
    report = {**model.report.as_dict(), "text": str(standard_library()),
              "neighbors": {word: _pairs(found) for word, found in neighbors.items()}}
    if options.json:
        _print_json({**report, "output": None})
        return
    print(format_report(report), file=sys.stderr)
    print("\nword         its neighbours")
    for word, found in neighbors.items():
        print(f"{word:<12} {'  '.join(neighbor for neighbor, _ in found)}")
    print("\nNow your own text:  w2v train TEXT -o vectors.bin   then   w2v neighbors vectors.bin WORD")


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(_plain(value), ensure_ascii="utf" not in (sys.stdout.encoding or "").lower()))


def _plain(value: Any) -> Any:
    """JSON has no NaN, null instead; and no bytes that are not UTF-8."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
