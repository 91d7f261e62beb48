"""Reader of the `.safetensors` of other programs: one matrix of floats, and a word list beside it.

Place in the data flow: `Tensors` -> `pick`. Embedding tables of model2vec and torch, and anything else of one matrix.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError
from w2v.formats.content import Content
from w2v.formats.npy import matrix_of
from w2v.formats.rows import Rows
from w2v.formats.sink import pick
from w2v.formats.tensors import Tensors
from w2v.formats.vectorfile import FOREIGN_SAFETENSORS, LoadOptions, VectorFile
from w2v.formats.wordlist import find_words, place_in, read_words

_FLOATS = ("F64", "F32", "F16", "BF16")


def read_foreign(content: Content, tensors: Tensors, options: LoadOptions) -> VectorFile:
    path = content.path
    matrices = [name for name in tensors.header
                if tensors.dtype(name) in _FLOATS and len(tensors.shape(name)) == 2]
    if len(matrices) != 1:
        raise FormatError(path, f"{len(matrices)} matrices of floats in this .safetensors ({', '.join(matrices)[:200]})"
                                "; the words of `vectors` stand in ours, and of others one matrix can be read",
                          offset=8)
    tensor: npt.NDArray[np.generic] = tensors.read(matrices[0])
    if tensors.dtype(matrices[0]) != "BF16":
        tensor = matrix_of(path, tensor)
    elif 0 in tensor.shape:
        raise FormatError(path, "an empty matrix", offset=8)
    report: dict[str, int] = {}
    listed = find_words(path, options.words)
    words, counts = read_words(listed, len(tensor), report, options.strict)
    n = min(len(words), options.limit or len(words))
    return pick(path, words[:n], Rows(tensor[:n]), options, FOREIGN_SAFETENSORS, report, content.packed,
                mapped=content.mappable, place=place_in(listed), counts=None if counts is None else counts[:n],
                metadata=tensors.metadata)
