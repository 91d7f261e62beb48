"""fastText's `.bin` models: the words, and the n-grams that make vectors for words never seen.

Place in the data flow: `Content` -> `Sink`, `Subwords`, and vectors -> disk. A word's vector is the mean of its own row
and the rows of its n-grams, as fastText itself gives it. The n-grams stay mapped; labels, the output matrix and
quantized models are not read. Written are models that fastText loads, of whole words only where there are no n-grams.

The layout, little-endian (fastText 0.2 to 0.9, model version 12 and, before it, 11)
------------------------------------------------------------------------------------
int32 magic 793712314, int32 version; 12 int32 (dim ws epoch minCount neg wordNgrams loss model bucket minn maxn
lrUpdateRate) and a double (sample); int32 entries, words, labels; int64 tokens; int64 pruned (-1: none); the entries:
word, NUL, int64 count, int8 type (0 word, 1 label); int8 quantized; int64 rows, columns; float32 rows of words, then
of the buckets; int8 quantized, the output matrix as the input's. Losses are 1 hierarchical softmax, 2 negative
sampling; models 1 cbow, 2 skip-gram, 3 supervised.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError, W2VError
from w2v.formats._formats import read_entries
from w2v.formats.content import Content
from w2v.formats.rows import Rows
from w2v.formats.sink import Sink
from w2v.formats.strict import check_strictly
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import FASTTEXT_BINARY, LoadOptions, Matrix, VectorFile, blocks_of_rows, little_endian
from w2v.types import Counts, StrPath

MAGIC = struct.pack("<i", 793712314)
_HEAD = struct.Struct("<ii12idiiiqq")
_SUPERVISED = 3
Bytes = npt.NDArray[np.uint8]


def read_fasttext(content: Content, options: LoadOptions) -> VectorFile:
    path, head = content.path, content.head
    if len(head) < _HEAD.size:
        raise FormatError(path, "the file ends inside the settings of a fastText model", offset=len(head))
    values = _HEAD.unpack_from(head)
    version, dim, model, buckets, minn, maxn = values[1], *(values[2 + i] for i in (0, 7, 8, 9, 10))
    entries, n_words, n_labels, tokens, pruned = values[15:]
    if version not in (11, 12):
        raise FormatError(path, f"a fastText model of version {version}; 11 and 12 can be read", offset=4)
    if version == 11 and model == _SUPERVISED:
        maxn = 0  # of that version, whatever the file says
    if dim < 1 or minn < 0 or buckets < 0 or tokens < 0 or n_labels < 0 or not 1 <= n_words <= entries:
        raise FormatError(path, f"settings that cannot be: dimension {dim}, {n_words} words of {entries} entries, "
                                f"{buckets} buckets", offset=8)
    data = content.whole()
    if 10 * entries + 4 * dim * n_words > len(data):
        raise FormatError(path, f"{entries} entries and {n_words} words of dimension {dim} do not fit into "
                                f"{len(data)} bytes: the file is cut, or its settings are wrong", offset=8)
    words: list[str] = []
    counts = np.empty(n_words, dtype=np.int64)
    report: dict[str, int] = {}
    at = read_entries(data, _HEAD.size, entries, counts, words, report, path)
    if pruned >= 0 or (at < len(data) and data[at]):
        raise FormatError(path, "a quantized fastText model, which has no exact vectors left; use the model it was "
                                "made from", offset=at)
    table = _matrix(path, data, at, n_words, dim)
    rows = (len(table) // (4 * dim)) - n_words
    if maxn > 0 and rows != buckets:
        raise FormatError(path, f"{rows} rows of n-grams follow {n_words} words, and the settings say {buckets}",
                          offset=at + 1)
    ngrams = table[4 * dim * n_words:]
    if options.mmap is False and content.mappable:
        ngrams = ngrams.copy()
    subwords = Subwords(ngrams, dim, minn, maxn) if maxn > 0 and rows else None
    return _words_with_ngrams(content, words, counts, table, dim, subwords, options, report)


def _matrix(
    path: str, data: Bytes, at: int, n_words: int, dim: int
) -> Bytes:
    """The bytes of the input matrix, which begins at `at` with its quantized mark and its size."""
    if at + 17 > len(data):
        raise FormatError(path, "the file ends before the matrix", offset=len(data))
    rows, columns = struct.unpack("<qq", data[at + 1:at + 17].tobytes())
    if columns != dim or rows < n_words or rows > 1 << 48:
        raise FormatError(path, f"a matrix of {rows} x {columns} does not fit {n_words} words of dimension {dim}",
                          offset=at + 1)
    if 4 * rows * columns > len(data) - at - 17:
        raise FormatError(path, f"the matrix of {rows} x {columns} is {4 * rows * columns} bytes, and "
                                f"{len(data) - at - 17} follow: the file is cut", offset=at + 17)
    return data[at + 17:at + 17 + 4 * rows * columns]


def _words_with_ngrams(
    content: Content, words: list[str], counts: Counts, table: Bytes, dim: int,
    subwords: Subwords | None, options: LoadOptions, report: dict[str, int],
) -> VectorFile:
    """The rows of the words that are wanted, each averaged with its n-grams."""
    if options.mmap:
        raise W2VError(f"{content.path}: the vectors of a fastText model are computed from its n-grams and cannot be "
                       "mapped; write them to .safetensors once")
    wanted = range(min(len(words), options.limit or len(words)))
    if options.strict:
        ends = np.cumsum([_HEAD.size, *(len(word.encode("utf-8", "surrogateescape")) + 10 for word in words)])
        check_strictly(words[:len(wanted)], lambda i: (content.path, None, int(ends[i])), set())
    if options.only is not None:
        wanted = [i for i in wanted if words[i] in options.only]  # type: ignore[assignment]
    own = table[:4 * dim * len(words)].view("<f4").reshape(-1, dim)
    sink = Sink(content.path, dim, max(1, len(wanted)), replace(options, limit=None), certain=len(wanted))
    done = 0
    while done < len(wanted):
        space = sink.space()[:max(1, (1 << 18) // dim)]
        part = wanted[done:done + len(space)]
        names = [words[i] for i in part]
        space[:len(part)] = own[list(part)]
        if subwords is not None:
            subwords.average_into(names, space[:len(part)])
        sink.add(names)
        done += len(part)
    counts = counts[np.asarray(wanted, dtype=np.int64)]
    if len(set(sink.words)) != len(sink.words):
        raise FormatError(content.path, "the same word twice in the dictionary", offset=_HEAD.size)
    return sink.finish(FASTTEXT_BINARY, report, content.packed, counts=counts, subwords=subwords)


def write_fasttext(
    file: BinaryIO, path: StrPath, words: Sequence[str], rows: Rows, counts: Counts | None,
    metadata: Mapping[str, str], output_vectors: Matrix | None, subwords: Subwords | None,
) -> None:
    """Write what `w2v.formats.write_vectors` has checked.

    A word's own row is what is left of its vector without its n-grams, up to rounding. The settings are those of the
    training, as far as `metadata` tells them; fastText needs the output matrix only to go on training, so where it is
    not known it is zero. With hierarchical softmax alone it holds the nodes, in fastText's order: (n - 1) rows.
    """
    n, dim = rows.shape
    training = _training(metadata)
    softmax = bool(training.get("hs")) and not training.get("negative")
    minn, maxn, buckets = (0, 0, 0) if subwords is None else (subwords.minn, subwords.maxn, subwords.buckets)
    counts = np.ones(n, dtype="<i8") if counts is None else counts
    whole = {name: int(training.get(name, default)) for name, default in
             {"window": 5, "epochs": 5, "min_count": 1, "negative": 5}.items()}
    file.write(_HEAD.pack(
        struct.unpack("<i", MAGIC)[0], 12, dim, min(whole["window"], 2**31 - 1), whole["epochs"],
        min(whole["min_count"], 2**31 - 1), whole["negative"], 1, 1 if softmax else 2,
        2 if training.get("sg", True) else 1, buckets, minn, maxn, 100, float(training.get("sample", 1e-4)),
        n, n, 0, int(counts.sum()), -1))
    for word, count in zip(words, counts.tolist(), strict=True):
        file.write(word.encode("utf-8", "surrogateescape") + struct.pack("<bqb", 0, count, 0))
    file.write(struct.pack("<bqq", 0, n + buckets, dim))
    for start, block in blocks_of_rows(path, words, rows):
        if subwords is not None:
            block = subwords.own_rows(words[start:start + len(block)], block)
        file.write(little_endian(block).data.cast("B"))
    if subwords is not None:
        file.write(little_endian(subwords.rows.view(np.float32)).data.cast("B"))
    file.write(struct.pack("<bqq", 0, n, dim))
    _write_outputs(file, n, dim, output_vectors)


def _write_outputs(file: BinaryIO, n: int, dim: int, outputs: Matrix | None) -> None:
    """Nodes are numbered from the lightest on in fastText, and a score is of bit 1 where here it is of bit 0."""
    step = max(1, (1 << 18) // dim)
    nodes = outputs is not None and len(outputs) == n - 1
    for start in range(0, n, step):
        block = np.zeros((min(step, n - start), dim), dtype="<f4")
        if outputs is not None:
            part = -outputs[::-1][start:start + step] if nodes else outputs[start:start + step]
            block[:len(part)] = part
        file.write(block.data.cast("B"))


def _training(metadata: Mapping[str, str]) -> dict[str, Any]:
    """The options of the training from the model card, or nothing."""
    try:
        training = json.loads(metadata.get("training", "{}"))
    except ValueError:
        return {}
    return training if isinstance(training, dict) else {}
