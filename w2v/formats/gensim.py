"""Files of gensim's `save()`: `KeyedVectors`, and the vectors of `Word2Vec` and `FastText` models. Only read.

Place in the data flow: `Content`, the `.npy` files next to it -> `pick`. The pickle is read by `w2v.formats.pickled`,
which executes nothing. gensim 4 stores `index_to_key`, gensim 1 to 3 `index2word` (or `index2entity`); arrays above
10 MB are in separate files, `NAME.vectors.npy`, or `NAME.vectors.npz` if the name ends in .gz or .bz2.
"""

from __future__ import annotations

import os
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError, W2VError
from w2v.formats.content import Content
from w2v.formats.fileformat import FileFormat
from w2v.formats.npy import matrix_of, read_array
from w2v.formats.pickled import Call, Name, read_pickle
from w2v.formats.rows import Rows
from w2v.formats.sink import pick
from w2v.formats.strict import check_strictly
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import LoadOptions, VectorFile, check_memory
from w2v.types import Counts

_WORDS = ("index_to_key", "index2word", "index2entity")
_OWN_ROWS = "vectors_vocab"  # of FastText: gensim averages them with the n-grams after loading
_MATRICES = ("vectors", "syn0", _OWN_ROWS)
_TYPES = {"f2", "f4", "f8", "i4", "i8", "u4", "u8"}


def _recognises(content: Content) -> bool:
    """Return whether the file is a pickle of protocol 2 to 5."""
    return content.head[:1] == b"\x80" and b"\2" <= content.head[1:2] <= b"\5"


def _read(content: Content, options: LoadOptions) -> VectorFile:
    path = content.path
    data = content.whole()
    state, prefix = _vectors_object(path, _state(read_pickle(path, data.data)))
    words = next((state[name] for name in _WORDS if name in state), None)
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise FormatError(path, "no list of words in this pickle", offset=0)
    name, matrix, mapped = _find_matrix(path, state, prefix)
    matrix = matrix_of(path, matrix)
    if len(matrix) != len(words):
        raise FormatError(path, f"{len(words)} words do not fit {len(matrix)} vectors", offset=0)
    n = min(len(words), options.limit or len(words))
    report: dict[str, int] = {}
    if options.strict:
        check_strictly(words[:n], lambda i: (path, None, 0), set())
    words, matrix = [_repaired(word, report) for word in words[:n]], matrix[:n]
    subwords = _subwords(path, state, prefix, matrix.shape[1])
    if name == _OWN_ROWS and subwords is not None:
        check_memory(path, matrix.nbytes)
        matrix, mapped = matrix.astype(np.float32), False
        subwords.average_into(words, matrix)
    return pick(content, words, Rows(matrix), options, GENSIM, report, mapped=mapped,
                place=lambda i: (path, None, 0), counts=_counts(path, state, words), subwords=subwords)


def _find_matrix(path: str, state: dict[str, Any], prefix: str) -> tuple[str, npt.NDArray[Any], bool]:
    """Return the name of the matrix of vectors, the matrix, and whether it is mapped."""
    for name in _MATRICES:
        matrix, mapped = _array(path, state, prefix, name)
        if matrix is not None:
            return name, matrix, mapped
    raise FormatError(path, "no matrix of vectors in this pickle", offset=0)


def _state(item: Any) -> dict[str, Any]:
    """Return the attributes of an object that the pickle would create."""
    state = item.state if isinstance(item, Call) else None
    if isinstance(state, tuple) and len(state) == 2 and isinstance(state[0], dict):
        state = state[0]
    return state if isinstance(state, dict) else {}


def _vectors_object(path: str, state: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the attributes of the `KeyedVectors`, and the prefix of the names of its files."""
    if any(name in state for name in _WORDS):
        return state, path
    inner = _state(state.get("wv"))
    if any(name in inner for name in _WORDS):
        return inner, f"{path}.wv"
    raise FormatError(path, "a pickle, which is never executed; it holds no word vectors in the form of gensim's "
                            "save()", offset=0)


def _repaired(word: str, report: dict[str, int]) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode, by U+FFFD; surrogate escapes of bytes stay."""
    if word.isascii():
        return word
    try:
        word.encode("utf-8", "surrogateescape")
        return word
    except UnicodeEncodeError:
        report["invalid_utf8"] = report.get("invalid_utf8", 0) + 1
        return word.encode("utf-8", "replace").decode()


def _array(path: str, state: dict[str, Any], prefix: str, name: str) -> tuple[npt.NDArray[Any] | None, bool]:
    """Return an array attribute, from the pickle or from its own file, and whether it is mapped."""
    if isinstance(state.get(name), Call):
        return _inline(path, state[name]), False
    for list_name in ("__numpys", "_SaveLoad__numpys"):
        names = state.get(list_name)
        if isinstance(names, list) and name in names:
            return _separate(path, f"{prefix}.{name}")
    return None, False


def _separate(path: str, stem: str) -> tuple[npt.NDArray[Any], bool]:
    """Return an array from its own file, and whether it is mapped."""
    for name in (f"{stem}.npy", f"{stem}.npz"):
        if not os.path.exists(name):
            continue
        try:
            with open(name, "rb") as file:
                if name.endswith(".npy"):
                    return read_array(Content(file, name)), True
                return _from_zip(name), False
        except OSError as error:
            raise W2VError(f"cannot read {name}: {error.strerror or error}") from error
    raise W2VError(f"{path}: gensim's save() put the vectors into {stem}.npy, which is missing: keep both files "
                   "together")


def _from_zip(name: str) -> npt.NDArray[Any]:
    try:
        with zipfile.ZipFile(name) as packed:
            check_memory(name, packed.getinfo("val.npy").file_size)
        with np.load(name, allow_pickle=False) as arrays:
            array: npt.NDArray[Any] = arrays["val"]
            return array
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError, NotImplementedError) as error:
        raise FormatError(name, f"not an array of gensim ({error})", offset=0) from error


def _inline(path: str, made: Call) -> npt.NDArray[Any]:
    """Return an array from its pickled state: version, shape, type, Fortran order, bytes."""
    try:
        if isinstance(made.what, Name) and made.what.name == "_frombuffer":
            raw, dtype, shape, order = made.arguments
            fortran = order == "F"
        else:
            _, shape, dtype, fortran, raw = made.state
        array = np.frombuffer(_raw_bytes(raw), dtype=_dtype(dtype))
        array = array.reshape(shape[::-1]).T if fortran else array.reshape(shape)
        return array
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise FormatError(path, f"an array in this pickle cannot be read ({error})", offset=0) from error


def _raw_bytes(raw: Any) -> Any:
    """Return the bytes of an array; protocol 2 writes them as an encoded str."""
    if isinstance(raw, Call) and raw.what in (Name("_codecs", "encode"), Name("codecs", "encode")):
        return raw.arguments[0].encode("latin-1")
    return raw


def _dtype(made: Any) -> np.dtype[Any]:
    code, order = made.arguments[0], made.state[1]
    if not (isinstance(code, str) and isinstance(order, str)):  # never hash or print a nested tuple: that recurses
        raise ValueError("the type of its numbers is not text")
    if code not in _TYPES or order not in ("<", ">", "="):
        raise ValueError(f"numbers of type {code!r:.40}")
    return np.dtype(f"{order}{code}")


def _counts(path: str, state: dict[str, Any], words: list[str]) -> Counts | None:
    """Return the counts from `expandos` (gensim 4) or from the objects of `vocab` (before it)."""
    expandos, vocab = state.get("expandos"), state.get("vocab")
    if isinstance(expandos, dict) and isinstance(expandos.get("count"), Call):
        counts = _inline(path, expandos["count"])
        if counts.ndim == 1 and len(counts) >= len(words) and counts.dtype.kind in "iu":
            return counts[:len(words)].astype(np.int64)
    if isinstance(vocab, dict):
        numbers = [_state(vocab.get(word)).get("count") for word in words]
        if all(type(number) is int and 0 <= number < 1 << 63 for number in numbers):
            return np.array(numbers, dtype=np.int64)
    return None


def _subwords(path: str, state: dict[str, Any], prefix: str, dim: int) -> Subwords | None:
    """Return the n-grams of a FastText model."""
    minn, maxn = state.get("min_n"), state.get("max_n")
    rows, _ = _array(path, state, prefix, "vectors_ngrams")
    if rows is None or type(minn) is not int or type(maxn) is not int or maxn < 1 or not state.get("compat_hash", True):
        return None
    rows = matrix_of(path, rows)
    if rows.dtype != np.float32 or rows.shape[1] != dim:
        raise FormatError(path, f"n-grams of shape {rows.shape} do not fit dimension {dim}", offset=0)
    return Subwords(rows.reshape(-1).view(np.uint8), dim, minn, maxn)


GENSIM = FileFormat("gensim", "gensim save()", recognises=_recognises, read=_read, mappable=True)
"""Mappable if the matrix is in a separate `.npy` file."""
