"""GloVe's binary files, `vectors.bin`, with the words and counts of `vocab.txt`. Only read.

Place in the data flow: `Content`, the vocabulary -> `Sink`. The file has nothing but numbers, so it is recognised only
if the user names the vocabulary.

Layout: little-endian float64, first n rows of the word vectors, then n rows of the context vectors, each of D numbers
and a bias. A word's vector is the sum of both without the bias, as in the `vectors.txt` of the same run. The vocabulary
has n lines `word count`.

Source: github.com/stanfordnlp/GloVe, src/glove.c, save_params.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from w2v.errors import FormatError, W2VError
from w2v.formats._words import decode_words
from w2v.formats.content import Content
from w2v.formats.decoding import decoded
from w2v.formats.fileformat import FileFormat
from w2v.formats.sink import Sink
from w2v.formats.strict import check_strictly
from w2v.formats.vectorfile import ENCODED, LoadOptions, VectorFile
from w2v.types import Counts

_BLOCK = 1 << 18  # numbers added at a time


def _recognises(content: Content) -> bool:
    """Return whether there is a list of words; called after every other format."""
    return content.words_given


def _read(content: Content, options: LoadOptions) -> VectorFile:
    if options.words is None:
        raise FormatError(content.path, "GloVe's binary file needs words=vocab.txt", offset=0)
    report: dict[str, int] = {}
    words, counts = _read_vocabulary(options.words, options, report)
    data, n = content.whole(), len(words)
    dim = len(data) // (16 * n) - 1
    if len(data) != 16 * n * (dim + 1) or dim < 1:
        raise FormatError(content.path, f"no known format of word vectors, and {len(data)} bytes are not GloVe's "
                                        f"binary format for the {n} words of {options.words}: two matrices of {n} x "
                                        "(dimension + 1) float64 numbers", offset=0)
    if options.strict:
        check_strictly(words, lambda i: (options.words or "", i + 1, None), set())
    matrices = data.view("<f8").reshape(2, n, dim + 1)
    wanted: Sequence[int] = range(min(n, options.limit or n))
    if options.only is not None:
        wanted = [i for i in wanted if words[i] in options.only]
    sink = Sink(content, dim, max(1, len(wanted)), replace(options, limit=None), certain=len(wanted))
    while sink.seen < len(wanted):
        space = sink.space()[:max(1, _BLOCK // dim)]
        part = list(wanted[sink.seen:sink.seen + len(space)])
        with np.errstate(over="ignore", invalid="ignore"):
            space[:len(part)] = matrices[0, part, :dim] + matrices[1, part, :dim]
        broken = np.flatnonzero(~np.isfinite(space[:len(part)]).all(axis=1)).tolist()
        sink.add([words[i] for i in part], broken)
    return sink.finish(GLOVE_BINARY, report,
                       counts=None if counts is None else counts[np.asarray(wanted, dtype=np.int64)])


def _read_vocabulary(path: str, options: LoadOptions, report: dict[str, int]) -> tuple[list[str], Counts | None]:
    """Return the words and, if every line has one, their counts (n,)."""
    try:
        lines = Path(path).read_bytes().removesuffix(b"\n").split(b"\n")
    except OSError as error:
        raise W2VError(f"cannot read {path}: {error.strerror or error}") from error
    fields = [line.removesuffix(b"\r").rpartition(b" ") for line in lines]
    counted = all(blank and count.isdigit() and len(count) < 19 for _, blank, count in fields)
    names = [word if counted else word + blank + count for word, blank, count in fields]
    ends = np.cumsum([0, *map(len, names)], dtype=np.int64)
    words = decoded(decode_words(b"".join(names), ends, report), options, report, path)
    return words, np.array([int(count) for _, _, count in fields], dtype=np.int64) if counted else None


GLOVE_BINARY = FileFormat("glove-binary", "GloVe binary", recognises=_recognises, read=_read,
                          takes=ENCODED | {"words"})
"""Recognised after every other format."""
