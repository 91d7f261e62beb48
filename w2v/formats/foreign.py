"""`.safetensors` files of other programs: one matrix, with a word list next to it. Only read.

Place in the data flow: `Tensors` -> `pick`. Covers models of model2vec and sentence-transformers' static embeddings,
the tables of words of language models, and any other file with a single matrix.

A model of model2vec may have, besides the matrix, `mapping`, the row of each token, and `weights`, a factor for each
token: the vector of token i is weights[i] * embeddings[mapping[i]], in NumPy's common type of both. Integers in the
matrix are the numbers themselves, without a scale. Source: `StaticModel._encode_helper` in model2vec/model.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError
from w2v.formats.content import Content
from w2v.formats.fileformat import FileFormat
from w2v.formats.npy import matrix_of
from w2v.formats.rows import Rows
from w2v.formats.sink import pick
from w2v.formats.tensors import Tensors, is_safetensors
from w2v.formats.vectorfile import ENCODED, LoadOptions, VectorFile, check_memory
from w2v.formats.wordlist import WordList, list_words

_FLOATS = ("F64", "F32", "F16", "BF16")
_MATRICES = (*_FLOATS, "I8")
_WHOLE = ("I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8")
_BLOCK = 1 << 12  # numbers computed at a time

_STATIC = ("embeddings", "embedding.weight")
"""Matrix of model2vec, and of sentence-transformers."""

_TABLES = (
    *_STATIC,
    "word_embeddings.weight",  # BERT, RoBERTa, DistilBERT, ALBERT, ELECTRA, BLOOM
    "wte.weight",  # GPT-2
    "shared.weight",  # T5, BART; the encoder and the decoder have copies
    "embed_tokens.weight",  # Llama, Mistral, Gemma, Qwen, OPT
    "tok_embeddings.weight",  # Llama as published by Meta, ModernBERT
    "word_embedding.weight",  # XLNet
    "embed_in.weight",  # GPT-NeoX
    "token_embedding.weight",  # CLIP
    "embeddings.weight",
    "emb.weight",
    "word_embeddings",  # BERT of TensorFlow
)
"""Endings of the usual names of tables of words, tried in this order; a longer name has a dot or slash before it."""


def _read(content: Content, options: LoadOptions) -> VectorFile:
    if options.whole_in_memory:
        content.mappable = False
    tensors = Tensors(content)
    name = _choose(tensors, options.tensor)
    tensor: npt.NDArray[Any] = tensors.read(name)
    if 0 in tensor.shape:
        raise FormatError(content.path, f"the matrix {name:.80} is empty", offset=8)
    report: dict[str, int] = {}
    mapping, weights = _mapping(tensors, name, len(tensor)), _weights(tensors, name)
    per_token = [len(array) for array in (mapping, weights) if array is not None]
    if len(set(per_token)) > 1:
        raise FormatError(content.path, f"`mapping` has {per_token[0]} tokens, but `weights` {per_token[1]}", offset=8)
    # model2vec refuses a matrix of another length than the vocabulary; language models pad theirs
    listed = list_words(content, per_token[0] if per_token else len(tensor), options, report,
                        padded=bool(per_token) or name not in _STATIC)
    if per_token:
        rows, mapped = _computed(content.path, tensor, tensors.dtype(name), listed, mapping, weights), False
    else:
        rows = listed.select(content.path, _rows(content.path, tensor, tensors.dtype(name)))
        mapped = content.mappable and listed.in_order
    return pick(content, listed.words, rows, options, FOREIGN, report, mapped=mapped, place=listed.place,
                counts=listed.counts, metadata=tensors.metadata)


def _choose(tensors: Tensors, wanted: str | None) -> str:
    """Return the name of the matrix: the wanted one, the only one, or the one with a usual name.

    Raises
    ------
    FormatError : there is none, or several could be meant; names them.
    """
    path = tensors.path
    matrices = [name for name in tensors.header
                if tensors.dtype(name) in _MATRICES and len(tensors.shape(name)) == 2]
    if wanted is not None:
        if wanted in matrices:
            return wanted
        problem = "is not a matrix of floats or int8" if wanted in tensors.header else "is not in this file"
        raise FormatError(path, f"the tensor {wanted!r:.80} {problem}; {_listing(tensors, matrices)}", offset=8)
    if len(matrices) == 1:
        return matrices[0]
    for ending in _TABLES:
        found = [name for name in matrices if f".{name.replace('/', '.')}".endswith(f".{ending}")]
        if len(found) == 1:
            return found[0]
        if found:
            break
    else:
        floats = [name for name in matrices if tensors.dtype(name) in _FLOATS]
        if len(floats) == 1:
            return floats[0]
    if not matrices:
        raise FormatError(path, "no matrix of floats or int8 (words, dimension) in this .safetensors", offset=8)
    raise FormatError(path, f"{_listing(tensors, matrices)}; say which one has the words: tensor=NAME (--tensor NAME)",
                      offset=8)


def _listing(tensors: Tensors, matrices: list[str]) -> str:
    """Return one phrase about the matrices of a file, those with the most rows first."""
    by_rows = sorted(matrices, key=lambda name: -tensors.shape(name)[0])
    shown = ", ".join(f"{name:.80} {'x'.join(map(str, tensors.shape(name)))}" for name in by_rows[:8])
    more = f", and {len(matrices) - 8} more" if len(matrices) > 8 else ""
    return f"{len(matrices)} matrices in this .safetensors{f': {shown}{more}' if matrices else ''}"


def _rows(path: str, tensor: npt.NDArray[Any], code: str) -> Rows:
    """Return a matrix as it is stored; float64 becomes float32, and int8 gets scales of 1."""
    if code == "I8":
        return Rows(tensor, np.ones(len(tensor), dtype=np.float32))
    return Rows(tensor if code == "BF16" else matrix_of(path, tensor))


def _mapping(tensors: Tensors, name: str, n_rows: int) -> npt.NDArray[np.int64] | None:
    """Return the row of each token, if the file has this tensor of model2vec."""
    if name not in _STATIC or "mapping" not in tensors.header:
        return None
    found = tensors.read("mapping")
    if tensors.dtype("mapping") not in _WHOLE or found.ndim != 1 or not len(found):
        raise FormatError(tensors.path, f"`mapping` must be whole numbers of shape (tokens,), not "
                                        f"{tensors.dtype('mapping')} {list(found.shape)}", offset=8)
    if found.min() < 0 or found.max() >= n_rows:
        raise FormatError(tensors.path, f"`mapping` has rows from {found.min()} to {found.max()}, but the matrix has "
                                        f"{n_rows}", offset=tensors.place("mapping"))
    return found.astype(np.int64)


def _weights(tensors: Tensors, name: str) -> npt.NDArray[Any] | None:
    """Return the factor of each token, if the file has this tensor of model2vec."""
    if name not in _STATIC or "weights" not in tensors.header:
        return None
    found = tensors.read("weights")
    if tensors.dtype("weights") not in _FLOATS or found.ndim != 1 or not len(found):
        raise FormatError(tensors.path, f"`weights` must be floats of shape (tokens,), not "
                                        f"{tensors.dtype('weights')} {list(found.shape)}", offset=8)
    return Rows(found[:, None])[:][:, 0] if tensors.dtype("weights") == "BF16" else found


def _computed(
    path: str, tensor: npt.NDArray[Any], code: str, listed: WordList, mapping: npt.NDArray[np.int64] | None,
    weights: npt.NDArray[Any] | None,
) -> Rows:
    """Return the vectors of the tokens `listed.rows`: rows of the matrix by `mapping`, times `weights`."""
    tokens = np.arange(len(listed.words)) if isinstance(listed.rows, slice) else listed.rows
    places = tokens if mapping is None else mapping[tokens]
    dim = tensor.shape[1]
    stored = np.dtype(np.float32) if code == "BF16" else tensor.dtype
    dtype = stored if weights is None else np.result_type(stored, weights.dtype)
    check_memory(path, Rows.size(len(tokens), dim, "float32"))
    if weights is None and code in ("I8", "BF16"):
        return _rows(path, tensor, code).take(places)
    rows = Rows.empty(len(tokens), dim, "float16" if dtype == np.float16 else "float32")
    step = max(1, _BLOCK // dim)
    for start in range(0, len(tokens), step):
        part = slice(start, start + step)
        block = Rows(tensor)[places[part]] if code == "BF16" else tensor[places[part]]
        with np.errstate(over="ignore", invalid="ignore"):  # a number too large for float32 is infinite there
            rows.data[part] = block if weights is None else block * weights[tokens[part], None]
    return rows


FOREIGN = FileFormat("foreign-safetensors", "safetensors of another program", recognises=is_safetensors, read=_read,
                     mappable=True, takes=ENCODED | {"words", "tensor"})
"""Recognised after `w2v.formats.own.OWN`, whose files would also be accepted here."""
