"""Kind of a path: a file of vectors, or a corpus; decided by the content.

Place in the data flow: first step of `w2v doctor`.
"""

from __future__ import annotations

import io
import os
import re

from w2v.errors import W2VError
from w2v.formats import FORMATS, folder_of_vectors
from w2v.formats.archive import unpacked
from w2v.formats.content import Content
from w2v.formats.registry import is_known
from w2v.formats.vectorfile import WORD2VEC_TEXT
from w2v.system.files import local_path
from w2v.system.npy import read_header
from w2v.system.remote import address_of
from w2v.types import StrPath

_WHOLE = re.compile(rb"[\s\d]*")  # lines of whole numbers: ids of a corpus


def is_vectors(path: StrPath) -> bool:
    """Return whether a path names a file or folder of vectors that `w2v.load` reads; otherwise it is a corpus.

    A path that does not exist or cannot be read, an address, a pipe, a pattern, and arrays and lines of integers are a
    corpus, whose reader says what is wrong.
    """
    if address_of(path) is not None:
        return False
    name = local_path(path)
    if os.path.isdir(name):
        return folder_of_vectors(name) is not None
    if not os.path.isfile(name):
        return False
    try:
        with open(name, "rb") as file:
            content = unpacked(Content(file, name), file, is_known)
            return is_known(content) and not _is_integers(content)
    except (W2VError, OSError):
        return False


def _is_integers(content: Content) -> bool:
    """Return whether the content is integers, which some formats of vectors could be, too."""
    if FORMATS["npy"].recognises(content):
        try:
            shape, _, dtype = read_header(io.BytesIO(content.head))
        except ValueError:
            return False
        return dtype.kind in "iub" or len(shape) != 2
    if FORMATS[WORD2VEC_TEXT].recognises(content):
        return False
    head = content.head if content.complete else content.head[:content.head.rfind(b"\n") + 1]
    return bool(head) and _WHOLE.fullmatch(head) is not None
