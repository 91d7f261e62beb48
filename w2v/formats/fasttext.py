"""fastText's `.bin` models: reader and writer of the words and of the n-grams for words outside the vocabulary.

Place in the data flow: `Content` -> `Sink`, `Subwords`; and `VectorData` -> file. A word's vector is the mean of its
own row and the rows of its n-grams, as in fastText. The n-grams stay mapped; labels, the output matrix and quantized
models are not read. The models that are written can be loaded by fastText; without n-grams they have whole words only.

Layout, little-endian (fastText 0.2 to 0.9: model version 12, before it 11)
--------------------------------------------------------------------------
int32 magic 793712314, int32 version; 12 int32 (dim ws epoch minCount neg wordNgrams loss model bucket minn maxn
lrUpdateRate) and a double (sample); int32 entries, words, labels; int64 tokens; int64 pruned (-1: none); the entries:
word, NUL, int64 count, int8 type (0 word, 1 label); int8 quantized; int64 rows, columns; float32 rows of words, then
of the buckets; int8 quantized, the output matrix like the input. Losses: 1 hierarchical softmax, 2 negative sampling;
models: 1 cbow, 2 skip-gram, 3 supervised.

fastText of 2016 wrote neither magic number and version, nor the pruned and quantized marks. Such a file is recognised
by its settings and first entry. Source: `_OLD_HEADER_FORMAT` in gensim/models/_fasttext_bin.py.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError
from w2v.formats._fasttext import read_entries
from w2v.formats.content import Content
from w2v.formats.decoding import decoded
from w2v.formats.fileformat import FIELD_BREAKS, FileFormat, VectorData
from w2v.formats.sink import Sink
from w2v.formats.strict import check_strictly
from w2v.formats.subwords import LONGEST_NGRAM, Subwords, check_ngram_lengths
from w2v.formats.vectorfile import ENCODED, FASTTEXT_BINARY, LoadOptions, VectorFile, blocks_of_rows, little_endian
from w2v.types import Counts, Matrix

_MAGIC = 793712314
_HEAD = struct.Struct("<ii12idiiiqq")
_OLD_HEAD = struct.Struct("<12idiiiq")
_CBOW, _SKIP_GRAM, _SUPERVISED = 1, 2, 3
_HIERARCHICAL_SOFTMAX, _NEGATIVE_SAMPLING = 1, 2
_BLOCK = 1 << 18  # numbers converted at a time
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class _Settings:
    """Settings of a model that the reader needs; `size` of the header, and whether the file has marks (`marked`)."""

    dim: int
    buckets: int
    minn: int
    maxn: int
    entries: int
    words: int
    pruned: bool
    size: int
    marked: bool


def _recognises(content: Content) -> bool:
    return _has_magic(content.head) or _recognises_old(content)


def _has_magic(head: bytes) -> bool:
    return head.startswith(struct.pack("<i", _MAGIC))


def _recognises_old(content: Content) -> bool:
    """Return whether all settings and the first entry are possible; text and other formats have larger numbers."""
    if len(content.head) < _OLD_HEAD.size + 11:
        return False
    values = _OLD_HEAD.unpack_from(content.head)
    dim, window, epochs, min_count, negative, word_ngrams, loss, model, buckets, minn, maxn, rate = values[:12]
    sample, entries, words, labels, tokens = values[12:]
    end = content.head.find(b"\0", _OLD_HEAD.size)
    return (0 < dim < 1 << 16 and 0 < window < 1 << 16 and 0 < epochs < 1 << 16 and min_count >= 0 <= negative < 1 << 16
            and 0 < word_ngrams < 100 and 1 <= loss <= 3 and 1 <= model <= 3 and buckets >= 0 <= minn <= LONGEST_NGRAM
            and 0 <= maxn <= LONGEST_NGRAM and rate >= 0 and 0 <= sample <= 1 and 0 < words <= entries
            and labels == entries - words and tokens >= entries and end > _OLD_HEAD.size
            and content.head[end + 9:end + 10] == b"\0")


def _read_settings(path: str, head: bytes) -> _Settings:
    if not _has_magic(head):
        dim, model, buckets, minn, maxn = (_OLD_HEAD.unpack_from(head)[i] for i in (0, 7, 8, 9, 10))
        dim, model, buckets, minn, maxn = (_OLD_HEAD.unpack_from(head)[i] for i in (0, 7, 8, 9, 10))
        entries, words = _OLD_HEAD.unpack_from(head)[13:15]
        return _Settings(dim, buckets, minn, 0 if model == _SUPERVISED else maxn, entries, words, False, _OLD_HEAD.size,
                         False)
    if len(head) < _HEAD.size:
        raise FormatError(path, "the file ends inside the settings of a fastText model", offset=len(head))
    values = _HEAD.unpack_from(head)
    version, dim, model, buckets, minn, maxn = values[1], *(values[2 + i] for i in (0, 7, 8, 9, 10))
    entries, words, labels, tokens, pruned = values[15:]
    if version not in (11, 12):
        raise FormatError(path, f"a fastText model of version {version}; only 11 and 12 can be read", offset=4)
    if version == 11 and model == _SUPERVISED:
        maxn = 0  # models of that version have no n-grams, even if the file has settings for them
    if dim < 1 or minn < 0 or buckets < 0 or tokens < 0 or labels < 0 or not 1 <= words <= entries:
        raise FormatError(path, f"impossible settings: dimension {dim}, {words} words of {entries} entries, {buckets} "
                                "buckets", offset=8)
    check_ngram_lengths(path, minn, maxn, 44)
    return _Settings(dim, buckets, minn, maxn, entries, words, pruned >= 0, _HEAD.size, True)


def _read(content: Content, options: LoadOptions) -> VectorFile:
    path = content.path
    settings = _read_settings(path, content.head)
    dim, n_words = settings.dim, settings.words
    data = content.whole()
    if 10 * settings.entries + 4 * dim * n_words > len(data):
        raise FormatError(path, f"{settings.entries} entries and {n_words} words of dimension {dim} do not fit into "
                                f"{len(data)} bytes: the file is truncated, or its settings are wrong", offset=8)
    words: list[str] = []
    counts = np.empty(n_words, dtype=np.int64)
    report: dict[str, int] = {}
    at = read_entries(data, settings.size, settings.entries, counts, words, report, path)
    counts = little_endian(counts)
    if settings.pruned or (settings.marked and at < len(data) and data[at]):
        raise FormatError(path, "a quantized fastText model, which has no exact vectors; use the model it was made "
                                "from", offset=at)
    at += settings.marked
    table = _input_matrix(path, data, at, n_words, dim)
    n_ngrams = (len(table) // (4 * dim)) - n_words
    if settings.maxn > 0 and n_ngrams != settings.buckets:
        raise FormatError(path, f"{n_ngrams} rows of n-grams follow the {n_words} words, but the settings say "
                                f"{settings.buckets}", offset=at)
    ngrams = table[4 * dim * n_words:]
    if options.mmap is False and content.mappable:
        ngrams = ngrams.copy()
    ngrams = little_endian(ngrams.view(np.float32)).view(np.uint8)
    subwords = Subwords(ngrams, dim, settings.minn, settings.maxn) if settings.maxn > 0 and n_ngrams else None
    own = table[:4 * dim * n_words].view("<f4").reshape(-1, dim)
    return _average(content, words, counts, own, subwords, options, report, settings.size)


def _input_matrix(path: str, data: Bytes, at: int, n_words: int, dim: int) -> Bytes:
    """Return the bytes of the input matrix, which begins at `at` with its size."""
    if at + 16 > len(data):
        raise FormatError(path, "the file ends before the matrix", offset=len(data))
    rows, columns = struct.unpack("<qq", data[at:at + 16].tobytes())
    if columns != dim or rows < n_words or rows > 1 << 48:
        raise FormatError(path, f"a matrix of {rows} x {columns} does not fit {n_words} words of dimension {dim}",
                          offset=at)
    if 4 * rows * columns > len(data) - at - 16:
        raise FormatError(path, f"the matrix of {rows} x {columns} takes {4 * rows * columns} bytes, but "
                                f"{len(data) - at - 16} follow: the file is truncated", offset=at + 16)
    return data[at + 16:at + 16 + 4 * rows * columns]


def _average(
    content: Content, words: list[str], counts: Counts, own: Matrix, subwords: Subwords | None, options: LoadOptions,
    report: dict[str, int], first: int,
) -> VectorFile:
    """Select the requested words, and average the own row (n, d) of each with its n-grams.

    `first` is the byte of the first entry.
    """
    wanted: Sequence[int] = range(min(len(words), options.limit or len(words)))
    known = decoded(words, options, report, content.path)
    if options.strict:
        ends = np.cumsum([first, *(len(word.encode("utf-8", "surrogateescape")) + 10 for word in words)])
        check_strictly(known[:len(wanted)], lambda i: (content.path, None, int(ends[i])), set())
    if options.only is not None:
        wanted = [i for i in wanted if known[i] in options.only]
    dim = own.shape[1]
    sink = Sink(content, dim, max(1, len(wanted)), replace(options, limit=None), certain=len(wanted))
    done = 0
    while done < len(wanted):
        space = sink.space()[:max(1, _BLOCK // dim)]
        part = wanted[done:done + len(space)]
        names = [words[i] for i in part]
        space[:len(part)] = own[list(part)]
        if subwords is not None:
            subwords.average_into(names, space[:len(part)])
        sink.add([known[i] for i in part], np.flatnonzero(~np.isfinite(space[:len(part)]).all(axis=1)).tolist())
        done += len(part)
    if len({words[i] for i in wanted}) != len(wanted):
        raise FormatError(content.path, "the dictionary contains the same word twice", offset=first)
    return sink.finish(FASTTEXT, report, counts=counts[np.asarray(wanted, dtype=np.int64)], subwords=subwords)


def _write(file: BinaryIO, data: VectorData) -> None:
    """Write a model.

    A word's own row is its vector without the share of its n-grams, up to rounding. fastText needs the output matrix
    only to continue training, so an unknown one is zero. With hierarchical softmax alone it holds the nodes.
    """
    (n, dim), subwords = data.rows.shape, data.subwords
    counts = np.ones(n, dtype="<i8") if data.counts is None else data.counts
    buckets = 0 if subwords is None else subwords.buckets
    file.write(_settings_bytes(data, int(counts.sum())))
    for word, count in zip(data.words, counts.tolist(), strict=True):
        file.write(word.encode("utf-8", "surrogateescape") + struct.pack("<bqb", 0, count, 0))
    file.write(struct.pack("<bqq", 0, n + buckets, dim))
    for start, block in blocks_of_rows(data.path, data.words, data.rows):
        if subwords is not None:
            block = subwords.own_rows(data.words[start:start + len(block)], block)
        file.write(little_endian(block).data.cast("B"))
    if subwords is not None:
        file.write(little_endian(subwords.rows.view(np.float32)).data.cast("B"))
    file.write(struct.pack("<bqq", 0, n, dim))
    _write_outputs(file, n, dim, data.output_vectors)


def _settings_bytes(data: VectorData, tokens: int) -> bytes:
    """Return the beginning of a model, with the settings of the training as far as the metadata has them."""
    (n, dim), subwords = data.rows.shape, data.subwords
    minn, maxn, buckets = (0, 0, 0) if subwords is None else (subwords.minn, subwords.maxn, subwords.buckets)
    training = _training(data.metadata)
    hierarchical = bool(training.get("hs")) and not training.get("negative")
    window, epochs, min_count, negative = (
        _setting(training, name, default) for name, default in
        {"window": 5, "epochs": 5, "min_count": 1, "negative": 5}.items())
    sample = training.get("sample", 1e-4)
    return _HEAD.pack(
        _MAGIC, 12, dim, window, epochs, min_count, negative, 1,
        _HIERARCHICAL_SOFTMAX if hierarchical else _NEGATIVE_SAMPLING,
        _SKIP_GRAM if training.get("sg", True) else _CBOW, buckets, minn, maxn, 100,
        float(sample) if type(sample) in (int, float) and 0 <= sample <= 1 else 1e-4, n, n, 0, tokens, -1)


def _setting(training: Mapping[str, Any], name: str, default: int) -> int:
    """Return an option of the training as a number that the file can hold; of two sides of a window the larger one.

    The options may come from the metadata of any file, so that every type is possible. `default` stands for what is no
    number, such as the window "line".
    """
    value = training.get(name)
    numbers = [side for side in (value if isinstance(value, list) else [value]) if type(side) is int]
    return min(max(0, *numbers), 2**31 - 1) if numbers else default


def _write_outputs(file: BinaryIO, n: int, dim: int, outputs: Matrix | None) -> None:
    """Write the output matrix (n, d), or the nodes (n - 1, d) of hierarchical softmax.

    fastText numbers the nodes in the opposite order, from the lightest one on, and the sigmoid of a node is the
    probability of bit 1, not of bit 0 as here.
    """
    step = max(1, _BLOCK // dim)
    nodes = outputs is not None and len(outputs) == n - 1
    for start in range(0, n, step):
        block = np.zeros((min(step, n - start), dim), dtype="<f4")
        if outputs is not None:
            part = -outputs[::-1][start:start + step] if nodes else outputs[start:start + step]
            block[:len(part)] = part
        file.write(block.data.cast("B"))


def _training(metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of the training from the metadata, empty if there are none."""
    try:
        training = json.loads(metadata.get("training", "{}"))
    except (ValueError, RecursionError):
        return {}
    return training if isinstance(training, dict) else {}


FASTTEXT = FileFormat(
    FASTTEXT_BINARY, "fastText binary", recognises=_recognises, read=_read, write=_write, option="fasttext",
    about="a .bin model that fastText loads", keeps=frozenset({"counts", "output_vectors", "subwords"}),
    forbidden=FIELD_BREAKS, nodes_as_output=True, word_overhead=16, needs_output=True, one_window=True, takes=ENCODED)
