"""`FileFormat`: the record of one file format, a row of the table in `w2v.formats.registry`.

Place in the data flow: the module of a format defines its record; `w2v.formats` recognises, reads and writes files by
these records and knows nothing else about a format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from w2v.config import TrainConfig
from w2v.corpus_options import TextOptions
from w2v.formats.content import Content
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import LoadOptions, VectorFile
from w2v.types import Counts, Matrix, StrPath

FIELD_BREAKS = re.compile(r"[\0 \t\n\r\v\f]")
"""Characters that end a word in formats whose words are not stored with their lengths."""


@dataclass(frozen=True)
class VectorData:
    """Words and vectors to be written, already checked by `w2v.formats.write_vectors`.

    Attributes
    ----------
    path : the file, for error messages.
    words : n distinct words that the format can hold.
    rows : (n, d), of a type that the format can hold.
    counts : (n,) little-endian int64, or None.
    metadata : text by name.
    output_vectors : (n, d) float32, or None; (n - 1, d) nodes in formats with `nodes_as_output`.
    node_vectors : (n - 1, d) float32, or None.
    subwords : n-gram vectors, or None.
    integer_keys : whether words stand for integers; only w2v's own format keeps it.
    text_options : how the words were made of the text, or None; only w2v's own format keeps them.
    header : first line instead of the usual one, or nothing; None for the usual one. Only for word2vec's formats.
    """

    path: StrPath
    words: Sequence[str]
    rows: Rows
    counts: Counts | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    output_vectors: Matrix | None = None
    node_vectors: Matrix | None = None
    subwords: Subwords | None = None
    integer_keys: bool = False
    header: bytes | None = None
    text_options: TextOptions | None = None


@dataclass(frozen=True)
class FileFormat:
    """A file format: how it is recognised, read and written, and what it can hold.

    Attributes
    ----------
    name : identifies it in `VectorFile.format`, in options and in JSON output.
    label : its name in messages.
    recognises : whether an open file has this format, from its content; the suffix of a file means nothing here.
    read : reads a file that was recognised; raises FormatError if it is broken.
    write : writes to an open file; None if the format is only read.
    suffixes : file names that `write_vectors` writes in this format; "" is a name without a suffix.
    option : value of `w2v convert --to` that selects the format, for one that no suffix selects.
    about : one line of help for `option`.
    takes : options of reading that only some formats use, keys of `w2v.formats.vectorfile.FORMAT_OPTIONS`.
    mappable : whether the file holds the matrix in one piece, so that it can be memory-mapped.
    dtypes : stored types that can be written, keys of `w2v.formats.rows.STORED`.
    keeps : fields of `VectorData` other than words and rows that are written; others are left out.
    forbidden : pattern of words that cannot be written.
    nodes_as_output : whether `output_vectors` may be the (n - 1, d) nodes of hierarchical softmax.
    number_bytes : mean bytes of a float32 number in the file.
    word_overhead : bytes of each word in the file besides its own and its numbers.
    needs_output : whether the file always has an output matrix, zeros if none is given.
    one_window : whether the file has the size of the training windows, as one number.
    """

    name: str
    label: str
    recognises: Callable[[Content], bool]
    read: Callable[[Content, LoadOptions], VectorFile]
    write: Callable[[BinaryIO, VectorData], None] | None = None
    suffixes: tuple[str, ...] = ()
    option: str = ""
    about: str = ""
    takes: frozenset[str] = frozenset()
    mappable: bool = False
    dtypes: tuple[str, ...] = ("float32",)
    keeps: frozenset[str] = frozenset()
    forbidden: re.Pattern[str] | None = None
    nodes_as_output: bool = False
    number_bytes: float = 4.0
    word_overhead: float = 0.0
    needs_output: bool = False
    one_window: bool = False

    def check_trained(self, config: TrainConfig) -> None:
        """Check that a file of this format can hold what training with these hyper-parameters makes.

        Raises
        ------
        ValueError : it cannot; names the options and the formats that can.
        """
        if self.one_window and not isinstance(config.window, int):
            window = config.window if isinstance(config.window, str) else ",".join(map(str, config.window))
            raise ValueError(f"a {self.label} file has a place for the size of the window as one number only, not for "
                             f"window={window}; write .safetensors, or word2vec's formats")
        if config.maxn and "subwords" not in self.keeps:
            raise ValueError(f"a {self.label} file cannot hold n-grams, with maxn = {config.maxn}; write .safetensors "
                             "or format=fasttext, or pass maxn=0 for whole words only")

    def file_bytes(self, n_words: float, word_bytes: float, vector_size: int, ngram_rows: int) -> int:
        """Return the expected size of a file of trained vectors.

        Parameters
        ----------
        n_words, word_bytes : number of words, and their mean length in bytes.
        vector_size : numbers of a row.
        ngram_rows : number of n-gram vectors, which count if the format keeps them.
        """
        rows = n_words * (1 + self.needs_output) + (ngram_rows if "subwords" in self.keeps else 0)
        return int(n_words * (word_bytes + self.word_overhead) + rows * vector_size * self.number_bytes)
