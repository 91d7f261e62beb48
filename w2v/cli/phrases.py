"""`w2v phrases`: learn phrases, write them as a model, and join them in a text.

Place in the data flow: command line -> `w2v.phrases.Phrases`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2v.cli.common import UsageError, number, print_json, usage, whole
from w2v.cli.options import given_corpus, given_reading, no_corpus, reading_options
from w2v.system.fact_table import fit
from w2v.system.plain import printable_line
from w2v.system.threads import resolve_threads

if TYPE_CHECKING:
    from w2v.corpus.paths import CorpusInput
    from w2v.phrases import PhraseReport

LEARNING_OPTIONS = ("min_count", "threshold", "score", "connector_words", "passes", "separator")


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v phrases`."""
    sub.epilog = ("The model is plain text with one phrase a line, for w2v train --phrases. -train, -min-count, "
                  "-threshold and -output (the joined text) are accepted as in word2phrase.c; its score is --score "
                  "word2phrase.")
    sub.add_argument("corpus", nargs="*", metavar="CORPUS",
                     help="file, folder or glob, also gz, bz2, xz, zst, .zip or .tar; an address with --download; - is "
                     "standard input")
    sub.add_argument("-train", "--train", dest="train", metavar="FILE", help=argparse.SUPPRESS)
    sub.add_argument("-o", "--output", metavar="FILE", help="file for the phrases")
    sub.add_argument("--apply", "-output", metavar="FILE", help="also write the text with its phrases joined, "
                     "with a blank between words and without lines that have no words")
    sub.add_argument("--phrases", metavar="FILE", help="join the phrases of this model with --apply, and learn none")
    sub.add_argument("--min-count", "-min-count", metavar="N", type=whole,
                     help="rarer pairs are not phrases (default 5)")
    sub.add_argument("--threshold", "-threshold", metavar="X", type=number, help="a phrase has a score above it "
                     "(default 10; 100 for word2phrase, 0.5 for npmi)")
    sub.add_argument("--score", choices=["default", "word2phrase", "npmi"], help="default: (ab - min_count) / (a * b) "
                     "* distinct words and pairs, as in gensim; word2phrase: * words of the text, as in "
                     "word2phrase.c; npmi: normalized pointwise mutual information, -1 to 1")
    sub.add_argument("--connector-words", metavar="FILE", help="words that may occur inside a phrase (bank of "
                     "america): english, or a file of words")
    sub.add_argument("--passes", metavar="N", type=whole, help="each pass learns from the text that the earlier ones "
                     "joined: 2 passes give phrases of up to 4 words (default 1)")
    sub.add_argument("--separator", metavar="TEXT", help="text between joined words (default _)")
    sub.add_argument("--line-weights", action="store_true", help="each line begins with a number, its weight for w2v "
                     "train; it is not a word, and --apply keeps it")
    reading_options(sub.add_argument_group("reading"))
    sub.add_argument("--threads", "-threads", default="auto", help="a number, or auto (default)")
    sub.add_argument("--quiet", "-q", action="store_true", help="no progress and no report")
    sub.add_argument("-debug", type=whole, default=None, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> None:
    """Learn or read phrases, write them, and join them in the text."""
    from w2v.phrases import FrozenPhrases, Phrases

    corpus, threads = _checked(options)
    quiet = options.quiet or options.debug == 0
    report: PhraseReport | None
    phrases: FrozenPhrases
    if options.phrases:
        phrases = FrozenPhrases.load(options.phrases)
        report = phrases.apply_to(corpus, options.apply, threads=threads, progress=not quiet,
                                  line_weights=options.line_weights)
    else:
        phrases = learned = Phrases(corpus, **_learning(options), threads=threads, progress=not quiet,
                                    output=options.output, output_text=options.apply,
                                    line_weights=options.line_weights)
        report = learned.report
    assert report is not None
    result = {**report.to_dict(), "output": options.output, "text": options.apply, "scoring": phrases.scoring,
              "min_count": phrases.min_count, "threshold": phrases.threshold}
    if options.json:
        print_json(result)
    elif not quiet:
        print(fit(_format(result)), file=sys.stderr)


def _checked(options: argparse.Namespace) -> tuple[CorpusInput, int]:
    """Check all arguments before any work; return the corpus and the number of threads."""
    from w2v.cli.names import as_options
    from w2v.corpus.outputs import check_outputs
    from w2v.corpus.paths import CorpusInput
    from w2v.corpus.preparation import check_text_options
    from w2v.system.files import check_writable

    hint = ", or - for standard input"
    names = given_corpus(options, hint)
    if not names:
        raise no_corpus(hint)
    outputs = [name for name in (options.output, options.apply) if name]
    if not outputs:
        raise UsageError("nothing to write: name a file with -o for the phrases, or with --apply for the joined text")
    if options.phrases:
        given = [f"--{name.replace('_', '-')}" for name in LEARNING_OPTIONS if getattr(options, name) is not None]
        if given or options.output:
            unused = ", ".join(given or ["-o"])
            raise UsageError(f"--phrases joins the phrases of a model; {unused} is only for learning")
    with usage():
        corpus = CorpusInput.of(names, given_reading(options))
        with usage(spelled=as_options):
            check_text_options(corpus.text, line_weights=options.line_weights)
        check_outputs({"-o": options.output, "--apply": options.apply}, corpus, options.phrases)
        threads = resolve_threads(options.threads)
        if not options.phrases:
            from w2v.phrases import Phrases
            from w2v.phrases.options import check_delimiter

            check_delimiter(Phrases(**_learning(options)).delimiter)
    for output in outputs:
        check_writable(output, compress=output != options.output)  # a model is not compressed
    return corpus, threads


def _learning(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of learning that were given, by their names in `Phrases`."""
    names = {"score": "scoring", "separator": "delimiter"}
    given = {names.get(name, name): value for name in LEARNING_OPTIONS if (value := getattr(options, name)) is not None}
    if options.connector_words is not None:
        given["connector_words"] = _connector_words(options.connector_words)
    return given


def _connector_words(name: str) -> frozenset[str]:
    from w2v.errors import FormatError, W2VError
    from w2v.phrases import ENGLISH_CONNECTOR_WORDS

    if name == "english":
        return ENGLISH_CONNECTOR_WORDS
    try:
        content = Path(name).read_bytes()
    except OSError as error:
        raise W2VError(f"{name}: cannot read the connector words: {error.strerror}; name a file, or english") from error
    words = frozenset(word.decode("utf-8", "surrogateescape") for word in content.split())
    if not words or b"\0" in content:
        raise FormatError(name, "no connector words: expected words separated by white space")
    return words


def _format(result: dict[str, Any]) -> str:
    """Return the report as a table."""
    rows = [("words read", result["words"], f"{result['distinct_words']:,} distinct, in {result['lines']:,} lines")]
    for i, grams in enumerate(result["distinct_grams"]):
        found = result["phrases"][i] if i < len(result["phrases"]) else 0
        rows.append((f"pass {i + 1}", found, f"phrases of {grams:,} distinct pairs ({result['scoring']} above "
                                             f"{result['threshold']:g}, min_count {result['min_count']})"))
    rows += [(f"joined, pass {i + 1}", joins, "occurrences of phrases") for i, joins in enumerate(result["joins"])]
    lines = [f"{name:<16}{value:>14,}   {note}" for name, value, note in rows]
    lines.append(f"{'time':<16}{result['seconds_counting']:>12.2f} s   after {result['seconds_reading']:.2f} s of "
                 f"reading; {result['threads']} thread{'' if result['threads'] == 1 else 's'}")
    lines += [f"{'written to':<16}{printable_line(result[name])}" for name in ("output", "text") if result[name]]
    return "\n".join(lines)
