"""`w2v tokenize`: a corpus as the words that training would see, one line each.

Place in the data flow: command line -> `w2v.corpus.block_text` -> text.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager, closing, nullcontext
from typing import TYPE_CHECKING, BinaryIO

from w2v.cli.common import positive, print_json, usage
from w2v.cli.options import given_corpus, given_reading, no_corpus, reading_options
from w2v.system.plain import printable_line

if TYPE_CHECKING:
    from w2v.corpus.paths import CorpusInput

_FLUSHED = 1 << 16  # bytes written at a time


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v tokenize`."""
    sub.epilog = ("Words are separated by blanks; lines without words are left out. Words that contain white space are "
                  "an error.")
    sub.add_argument("corpus", nargs="*", metavar="CORPUS",
                     help="file, folder or glob, as for w2v train; - is standard input")
    sub.add_argument("-o", "--output", metavar="FILE", help="write the words to FILE, also compressed (.gz, .bz2, .xz, "
                     ".zst)")
    sub.add_argument("-n", "--limit", metavar="N", type=positive, help="stop after N lines")
    reading_options(sub.add_argument_group("reading"))
    sub.set_defaults(train=None)


def run(options: argparse.Namespace) -> None:
    """Print the words, or with --json their number."""
    from w2v.corpus.outputs import check_outputs
    from w2v.corpus.paths import CorpusInput
    from w2v.system.files import atomic_write, check_writable

    hint = ", or - for standard input"
    names = given_corpus(options, hint)
    if not names:
        raise no_corpus(hint)
    with usage():
        corpus = CorpusInput.of(names, given_reading(options))
        check_outputs({"-o": options.output}, corpus)
    output: AbstractContextManager[BinaryIO | None]
    if options.output is not None:
        check_writable(options.output)
        output = atomic_write(options.output)
    else:
        output = nullcontext(None if options.json else getattr(sys.stdout, "buffer", None))
    with output as file:
        lines, words = _write(corpus, file, options.limit, sys.stdout.isatty() and options.output is None)
    if options.json:
        print_json({"corpus": [str(name) for name in names], "lines": lines, "words": words, "output": options.output})
    elif options.output is not None:
        print(f"{words:,} words in {lines:,} lines written to {printable_line(options.output)}", file=sys.stderr)


def _write(corpus: CorpusInput, file: BinaryIO | None, limit: int | None, terminal: bool) -> tuple[int, int]:
    """Write lines of words in memory that does not grow with a line; return the number of lines and words.

    Parameters
    ----------
    file : None writes nothing.
    limit : stop after this many lines.
    terminal : escape control characters.
    """
    from w2v.corpus.block_text import word_runs

    lines = words = size = 0
    parts: list[bytes] = []
    begun = False  # whether the line has words
    with closing(word_runs(corpus)) as runs:
        for run_of_words, ends in runs:
            if run_of_words:
                text = b" ".join(run_of_words)
                if text.split() != run_of_words:
                    raise _spaced(run_of_words)
                words += len(run_of_words)
                shown = printable_line(text.decode("utf-8", "surrogateescape")).encode() if terminal else text
                parts += (b" ", shown) if begun else (shown,)
                size += len(shown)
                begun = True
            if ends and begun:
                parts.append(b"\n")
                lines, begun = lines + 1, False
            if size >= _FLUSHED:
                _flush(parts, file)
                size = 0
            if lines == limit:
                break
    if begun:
        parts.append(b"\n")
        lines += 1
    _flush(parts, file)
    return lines, words


def _flush(parts: list[bytes], file: BinaryIO | None) -> None:
    if file is not None:
        file.write(b"".join(parts))
        file.flush()
    parts.clear()


def _spaced(words: list[bytes]) -> ValueError:
    """Return the error for the first word that contains white space."""
    word = next(word for word in words if word.split() != [word])
    return ValueError(f"the word {word.decode('utf-8', 'replace')[:80]!r} contains white space, so the text cannot be "
                      "written with blanks between words")
