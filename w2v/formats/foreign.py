"""`.safetensors` files of other programs: one matrix of floats, with a word list next to it. Only read.

Place in the data flow: `Tensors` -> `pick`. Covers embedding tables of model2vec and torch, and any other file with a
single matrix.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from w2v.errors import FormatError
from w2v.formats.content import Content
from w2v.formats.fileformat import FileFormat
from w2v.formats.npy import matrix_of
from w2v.formats.rows import Rows
from w2v.formats.sink import pick
from w2v.formats.tensors import Tensors, is_safetensors
from w2v.formats.vectorfile import LoadOptions, VectorFile
from w2v.formats.wordlist import find_words, place_in, read_words

_FLOATS = ("F64", "F32", "F16", "BF16")


def _read(content: Content, options: LoadOptions) -> VectorFile:
    if options.whole_in_memory:
        content.mappable = False
    tensors = Tensors(content)
    path = content.path
    matrices = [name for name in tensors.header
                if tensors.dtype(name) in _FLOATS and len(tensors.shape(name)) == 2]
    if len(matrices) != 1:
        raise FormatError(path, f"{len(matrices)} matrices of floats in this .safetensors ({', '.join(matrices)[:200]})"
                                "; a file of w2v has the tensors vectors, words and word_offsets, and of other files "
                                "only those with one matrix can be read", offset=8)
    tensor: npt.NDArray[np.generic] = tensors.read(matrices[0])
    if tensors.dtype(matrices[0]) != "BF16":
        tensor = matrix_of(path, tensor)
    elif 0 in tensor.shape:
        raise FormatError(path, "an empty matrix", offset=8)
    report: dict[str, int] = {}
    listed = find_words(path, options.words)
    words, counts = read_words(listed, len(tensor), report, options.strict)
    n = min(len(words), options.limit or len(words))
    return pick(content, words[:n], Rows(tensor[:n]), options, FOREIGN, report, mapped=content.mappable,
                place=place_in(listed), counts=None if counts is None else counts[:n], metadata=tensors.metadata)


FOREIGN = FileFormat("foreign-safetensors", "safetensors of another program", recognises=is_safetensors, read=_read,
                     mappable=True)
"""Recognised after `w2v.formats.own.OWN`, whose files would also be accepted here."""
