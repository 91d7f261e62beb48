"""`Word2VecFiles`: gensim's methods for files in word2vec's formats. Adds them to `GensimMethods`.

Place in the data flow: files <-> vectors, through `w2v.formats`. The parameters are those of gensim 4, also by
position.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError, W2VError
from w2v.formats import read_vectors, write_vectors
from w2v.formats.decoding import decode
from w2v.formats.vectorfile import WORD2VEC_BINARY, WORD2VEC_TEXT, VectorFile
from w2v.system.files import atomic_write, local_path
from w2v.types import Counts, Indices, StrPath
from w2v.vectors.gensim_methods import GensimMethods


class Word2VecFiles(GensimMethods):
    """Words with one vector each, and files of word2vec; parameters and attributes as in `Table`."""

    @classmethod
    def from_file(cls, file: VectorFile) -> Self:
        """Make vectors of a file that was read with `w2v.formats.read_vectors`."""
        kv = cls(file.words, file.rows, file.counts, source=file.source, distinct=True)
        kv.metadata, kv.report, kv.subwords = file.metadata, file.report, file.subwords
        kv.output_vectors, kv.integer_keys = file.output_vectors, file.integer_keys
        kv.text_options = file.text_options
        return kv

    @classmethod
    def load_word2vec_format(
        cls, fname: StrPath, fvocab: StrPath | None = None, binary: bool = False, encoding: str = "utf8",
        unicode_errors: str = "strict", limit: int | None = None, datatype: npt.DTypeLike = np.float32,
        no_header: bool = False,
    ) -> Self:
        """Read word vectors in any format, with the parameters of gensim 4.

        Words of a text file are text, also if they are digits: set `integer_keys` if integers are to be keys.

        Parameters
        ----------
        fname : the file. Its content decides about the format: `binary` and `no_header` are accepted without effect.
        fvocab : a file with lines `word count`, as `save_word2vec_format` and the option -save-vocab write it.
        encoding, unicode_errors : of the words, as in `bytes.decode`: "strict", "ignore" or "replace".
        limit : read only the first `limit` words, >= 1; None for all.
        datatype : type in memory: float32 (the type in the file, if it has one), or float16. float64 is read as
            float32, with a warning.

        Returns
        -------
        KeyedVectors : as from `load`; without counts `get_vecattr(word, "count")` is a stand-in.

        Raises
        ------
        UnicodeDecodeError : (a ValueError) a word is not valid in the encoding, and `unicode_errors` is "strict".
        FormatError, W2VError : as in `load`.
        ValueError : `limit` or `datatype` is out of range.
        """
        file = read_vectors(fname, limit=limit, dtype=_stored_type(datatype), encoding=_other(encoding),
                            unicode_errors=unicode_errors)
        kv = cls.from_file(file)
        if fvocab is not None:
            kv.counts = _read_counts(fvocab, kv.key_to_index, encoding, unicode_errors)
        kv._stand_in_counts = True
        return kv

    def save_word2vec_format(
        self, fname: StrPath, fvocab: StrPath | None = None, binary: bool = False, total_vec: int | None = None,
        write_header: bool = True, prefix: str = "", append: bool = False, sort_attr: str = "count",
    ) -> None:
        """Write word2vec text or binary, with the parameters of gensim 4; the suffix does not decide.

        Parameters
        ----------
        fname : the file.
        fvocab : also write a file with lines `word count` (or another `sort_attr`).
        binary : word2vec binary instead of text.
        total_vec : number of words in the header, if more are appended later.
        write_header : begin with the line `words dimension`; without it the text is that of GloVe.
        prefix : text before each word.
        append : add to the files instead of replacing them.
        sort_attr : order of the words, by falling values of this attribute; the present order if there is none.

        Raises
        ------
        ValueError : a word that the format cannot hold, or `fvocab` without the attribute.
        W2VError : a vector contains NaN or infinity, or a file cannot be written.
        """
        values = self.expandos.get(sort_attr)
        if values is None and fvocab is not None:
            raise ValueError(f"fvocab needs the attribute {sort_attr!r} of the words, which these vectors do not have; "
                             "counts are kept by .safetensors files and by training")
        words, rows = self.index_to_key, self.rows
        order = None if values is None else np.argsort(-values, kind="stable")
        if order is not None and (order[1:] < order[:-1]).any():
            words, rows, values = [words[i] for i in order], rows.take(order), _taken(values, order)
        words = [prefix + word for word in words] if prefix else words
        header = f"{len(self) if total_vec is None else total_vec} {self.vector_size}\n" if write_header else ""
        write_vectors(fname, words, rows, format=WORD2VEC_BINARY if binary else WORD2VEC_TEXT, header=header.encode(),
                      append=append)
        if fvocab is not None and values is not None:
            _write_counts(fvocab, words, values, append)

    def intersect_word2vec_format(
        self, fname: StrPath, lockf: float = 0.0, binary: bool = False, encoding: str = "utf8",
        unicode_errors: str = "strict",
    ) -> None:
        """Replace the vectors of known words by those of a file; no word is added.

        Mapped vectors are copied into memory first.

        Parameters
        ----------
        fname : a file of any format.
        lockf : for `Word2Vec`: 0 keeps these words from changing in training, 1 lets them change.
        binary : accepted as in gensim; the content decides.
        encoding, unicode_errors : as in `load_word2vec_format`.

        Raises
        ------
        ValueError : the vectors have another dimension, or a word is not valid in the encoding.
        FormatError, W2VError : as in `load`.
        """
        file = read_vectors(fname, encoding=_other(encoding), unicode_errors=unicode_errors)
        if file.rows.shape[1] != self.vector_size:
            raise ValueError(f"{file.source}: expected vectors of {self.vector_size} dimensions")
        index = self.key_to_index
        pairs = [(index[word], place) for place, word in enumerate(file.words) if word in index]
        rows, places = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        factors = np.broadcast_to(np.asarray(self.vectors_lockf, dtype=np.float32), len(self)).copy()
        self._own_rows()[rows], factors[rows] = file.rows[places], lockf
        self.vectors_lockf = factors


def _taken(values: npt.NDArray[Any] | None, order: Indices) -> npt.NDArray[Any] | None:
    return None if values is None else values[order]


def _stored_type(datatype: npt.DTypeLike) -> str | None:
    """Return the option `dtype` of `read_vectors` for a type of NumPy."""
    name = np.dtype(datatype).name
    if name == "float64":
        warnings.warn("vectors are stored with 32 bits a number: datatype float64 is read as float32", stacklevel=3)
    elif name not in ("float32", "float16"):
        raise ValueError(f"datatype must be float32 or float16, not {name}; load(dtype=) has bf16 and int8 too")
    return "float16" if name == "float16" else None


def _other(encoding: str) -> str | None:
    """Return the option `encoding` of `read_vectors`: None for UTF-8, which every format can have."""
    return None if encoding.lower().replace("_", "-") in ("utf8", "utf-8") else encoding


def _read_counts(path: StrPath, index: dict[str, int], encoding: str, errors: str) -> Counts:
    """Return the counts (n,) of words from a file with lines `word count`; 0, with a warning, for words without one."""
    counts = np.full(len(index), -1, dtype=np.int64)
    try:
        with open(local_path(path), "rb") as file:
            for number, line in enumerate(file, 1):
                fields = line.rsplit(None, 1)
                if not fields:
                    continue
                if len(fields) != 2 or not fields[1].isdigit():
                    raise FormatError(path, f"expected a word and its count, found {line.strip()[:80]!r}", line=number)
                row = index.get(decode(fields[0], encoding, errors, os.fspath(path)))
                if row is not None:
                    counts[row] = int(fields[1])
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error
    if missing := int((counts < 0).sum()):
        warnings.warn(f"{os.fspath(path)}: {missing:,} of {len(index):,} words have no count there; it is taken as 0",
                      stacklevel=3)
    return np.maximum(counts, 0)


def _write_counts(path: StrPath, words: Sequence[str], values: npt.NDArray[Any], append: bool) -> None:
    with atomic_write(path, append=append) as file:
        for word, value in zip(words, values.tolist(), strict=True):
            file.write(f"{word} {value}\n".encode("utf-8", "surrogateescape"))
