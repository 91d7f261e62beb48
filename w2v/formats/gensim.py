"""Files of gensim's `save()`: `KeyedVectors`, and the vectors of `Word2Vec`, `FastText` and `Doc2Vec`. Only read.

Place in the data flow: `Content`, the `.npy` files next to it -> `pick`. The pickle is read by `w2v.formats.pickled`,
which executes nothing; its arrays by `w2v.formats.gensim_arrays`. gensim 4 stores `index_to_key`, gensim 1 to 3
`index2word` (or `index2entity`). Keys that are integers are read as decimal text. `Doc2Vec` has vectors of words and of
documents: gensim 4 in `wv` and `dv`, before it documents in `docvecs`, where plain integers come before other tags.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError, W2VError
from w2v.formats.content import Content
from w2v.formats.fileformat import FileFormat
from w2v.formats.gensim_arrays import find_array, inline_array, integer_scalar
from w2v.formats.gensim_models import model_settings, output_matrix
from w2v.formats.npy import matrix_of
from w2v.formats.pickled import Call, read_pickle
from w2v.formats.rows import Rows
from w2v.formats.sink import pick
from w2v.formats.strict import check_strictly, repair_surrogates
from w2v.formats.subwords import Subwords, check_ngram_lengths
from w2v.formats.vectorfile import LoadOptions, VectorFile, check_memory
from w2v.types import Counts, Matrix

_WORDS = ("index_to_key", "index2word", "index2entity")
_OWN_ROWS = "vectors_vocab"  # of FastText: gensim averages them with the n-grams after loading
_MATRICES = ("vectors", "syn0", _OWN_ROWS, "vectors_docs", "doctag_syn0")
_ATTRIBUTES = {"words": ("wv",), "docs": ("dv", "docvecs")}
"""Attributes of a model that hold the vectors of each part."""

_LEAST_INTEGER, _MOST_INTEGER = -1 << 63, (1 << 64) - 1


def _recognises(content: Content) -> bool:
    """Return whether the file is a pickle of protocol 2 to 5."""
    return content.head[:1] == b"\x80" and b"\2" <= content.head[1:2] <= b"\5"


def _read(content: Content, options: LoadOptions) -> VectorFile:
    path = content.path
    model = _state(read_pickle(path, content.whole().data))
    parts = _parts(path, model)
    state, prefix = _chosen(path, parts, options.part)
    name, matrix, mapped = _find_matrix(path, state, prefix)
    matrix = matrix_of(path, matrix)
    keys = _keys(path, state, len(matrix))
    n = min(len(keys), options.limit or len(keys))
    report: dict[str, int] = {}
    words, integers = _words(path, keys[:n], report)
    if options.strict:
        check_strictly(words, lambda i: (path, None, 0), set())
    words, matrix = [repair_surrogates(word, report) for word in words], matrix[:n]
    subwords = _subwords(path, state, prefix, matrix.shape[1])
    if name == _OWN_ROWS and subwords is not None:
        check_memory(path, matrix.nbytes)
        matrix, mapped = matrix.astype(np.float32), False
        subwords.average_into(words, matrix)
    of_words, whole = "words" in parts and state is parts["words"][0], (len(keys), matrix.shape[1])
    outputs = output_matrix(path, model, whole) if of_words else None
    file = pick(content, words, Rows(matrix), options, GENSIM, report, mapped=mapped,
                place=lambda i: (path, None, 0), counts=_counts(path, state, keys[:n]), subwords=subwords,
                output_vectors=None if outputs is None else outputs[:n],
                metadata=model_settings(model) if of_words else None)
    others = [part for part in parts if options.part is None and parts[part][0] is not state]
    return replace(file, integer_keys=integers, source="; ".join([file.source, *(
        f"the vectors of its {part} are read with part={part!r}" for part in others)]))


def _find_matrix(path: str, state: dict[str, Any], prefix: str) -> tuple[str, npt.NDArray[Any], bool]:
    """Return the name of the matrix of vectors, the matrix, and whether it is mapped."""
    for name in _MATRICES:
        matrix, mapped = find_array(path, state, prefix, name)
        if matrix is not None:
            return name, matrix, mapped
    raise FormatError(path, "no matrix of vectors in this pickle", offset=0)


def _state(item: Any) -> dict[str, Any]:
    """Return the attributes of an object that the pickle would create."""
    state = item.state if isinstance(item, Call) else None
    if isinstance(state, tuple) and len(state) == 2 and isinstance(state[0], dict):
        state = state[0]
    return state if isinstance(state, dict) else {}


def _parts(path: str, state: dict[str, Any]) -> dict[str, tuple[dict[str, Any], str]]:
    """Return the attributes of each `KeyedVectors`, and the prefix of the names of its files, by part."""
    if any(name in state for name in _WORDS):
        return {"words": (state, path)}
    found = {}
    for part, attributes in _ATTRIBUTES.items():
        for attribute in attributes:
            inner = _state(state.get(attribute))
            if any(name in inner for name in (*_WORDS, "offset2doctag")):
                found[part] = inner, f"{path}.{attribute}"
    if not found:
        raise FormatError(path, "a pickle, which is never executed; it holds no word vectors in the form of gensim's "
                                "save(); load it with the program that wrote it, and save its vectors with "
                                "save_word2vec_format", offset=0)
    return found


def _chosen(
    path: str, parts: dict[str, tuple[dict[str, Any], str]], wanted: str | None
) -> tuple[dict[str, Any], str]:
    """Return the part that the option asks for; the first one without the option."""
    if wanted is not None and wanted not in parts:
        raise W2VError(f"{path}: there are no vectors of {wanted} in this file; it has those of {', '.join(parts)}")
    return parts[wanted or next(iter(parts))]


def _keys(path: str, state: dict[str, Any], n_rows: int) -> list[Any]:
    """Return the keys of a matrix of `n_rows` rows."""
    keys = next((state[name] for name in _WORDS if name in state), None)
    if keys is None:
        tags, highest = state.get("offset2doctag"), state.get("max_rawint")
        if isinstance(tags, list) and type(highest) is int and -1 <= highest == n_rows - len(tags) - 1:
            keys = [*range(highest + 1), *tags]
    if not isinstance(keys, list) or not keys:
        raise FormatError(path, "no list of words in this pickle", offset=0)
    if len(keys) != n_rows:
        raise FormatError(path, f"{len(keys)} words do not fit {n_rows} vectors", offset=0)
    return keys


def _words(path: str, keys: list[Any], report: dict[str, int]) -> tuple[list[str], bool]:
    """Return the keys as text, and whether some of them are integers; integers among text are counted."""
    if all(type(key) is str for key in keys):
        return keys, False
    words, integers = [], 0
    for i, key in enumerate(keys):
        if type(key) is not str:
            value = key if type(key) is int else integer_scalar(key)
            if value is None or not _LEAST_INTEGER <= value <= _MOST_INTEGER:
                raise FormatError(path, f"key {i} of {len(keys)} is neither text nor an integer of 64 bits", offset=0)
            key, integers = str(value), integers + 1
        words.append(key)
    if integers < len(keys):
        report["integers_as_text"] = integers
    return words, True


def _counts(path: str, state: dict[str, Any], keys: list[Any]) -> Counts | None:
    """Return the counts from `expandos` (gensim 4) or from the objects of `vocab` (before it)."""
    expandos, vocab = state.get("expandos"), state.get("vocab")
    if isinstance(expandos, dict) and isinstance(expandos.get("count"), Call):
        counts = inline_array(path, expandos["count"])
        if counts.ndim == 1 and len(counts) >= len(keys) and counts.dtype.kind in "iu":
            return counts[:len(keys)].astype(np.int64)
    if isinstance(vocab, dict):
        numbers = [_state(vocab.get(key) if type(key) in (str, int) else None).get("count") for key in keys]
        if all(type(number) is int and 0 <= number < 1 << 63 for number in numbers):
            return np.array(numbers, dtype=np.int64)
    return None


def _subwords(path: str, state: dict[str, Any], prefix: str, dim: int) -> Subwords | None:
    """Return the n-grams of a FastText model; None if they have another hash than fastText's, as before gensim 3.8."""
    minn, maxn = state.get("min_n"), state.get("max_n")
    rows, _ = find_array(path, state, prefix, "vectors_ngrams")
    known = state.get("compatible_hash") is True
    if rows is None or type(minn) is not int or type(maxn) is not int or maxn < 1 or not known:
        return None
    check_ngram_lengths(path, minn, maxn, 0)
    rows = matrix_of(path, rows)
    if rows.dtype != np.float32 or rows.shape[1] != dim:
        raise FormatError(path, f"n-grams of shape {rows.shape} do not fit dimension {dim}", offset=0)
    if isinstance(packed := state.get("hash2index"), dict) and packed:
        rows = _unpacked(path, rows, packed, state.get("bucket"))
    return Subwords(rows.reshape(-1).view(np.uint8), dim, minn, maxn)


def _unpacked(path: str, rows: Matrix, row_of: dict[Any, Any], buckets: Any) -> Matrix:
    """Return the n-gram vectors of all buckets; gensim up to 3.8 could leave out those that no word uses, now zeros."""
    pairs = [(bucket, row) for bucket, row in row_of.items() if type(bucket) is int and type(row) is int]
    if (type(buckets) is not int or not 0 < buckets < 1 << 31 or len(pairs) != len(rows)
            or not all(0 <= bucket < buckets and 0 <= row < len(rows) for bucket, row in pairs)):
        raise FormatError(path, f"{len(row_of)} buckets do not fit {len(rows)} n-grams", offset=0)
    check_memory(path, buckets * rows.shape[1] * 4)
    whole = np.zeros((buckets, rows.shape[1]), dtype=np.float32)
    whole[[bucket for bucket, _ in pairs]] = rows[[row for _, row in pairs]]
    return whole


GENSIM = FileFormat("gensim", "gensim save()", recognises=_recognises, read=_read, mappable=True,
                    takes=frozenset({"part"}))
"""Mappable if the matrix is in a separate `.npy` file."""
