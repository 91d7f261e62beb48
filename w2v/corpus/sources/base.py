"""What all sources of text have in common: `TextSource`.

Place in the data flow: `w2v.corpus.source` opens one -> `TextSource.blocks` -> tokenizer (`w2v.corpus.encode`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import final

from w2v.corpus.blocks import (
    BLOCK_SIZE,
    Block,
    SourceCounts,
)
from w2v.corpus.selection import Selection
from w2v.corpus_options import TextOptions


class TextSource(ABC):
    """Corpus that can be read once, block by block.

    Attributes
    ----------
    name : name of the corpus, for messages.
    classes : 256 bytes, the class of each byte value (WORD_CLASS, SEPARATOR_CLASS, LINE_END_CLASS of
        `w2v.corpus._tokenizer`).
    counts : properties of the text found so far, see `SourceCounts`.
    file : file of the last block; None for iterables and arrays.
    total_bytes : size of all files; None if unknown (stdin, pipes, iterables).
    integers : whether words, at least some, were given as numbers; of an iterable, known with its first block.
    numbers_lines : whether lines are known by their numbers in the corpus, as the sentences of an iterable are, and not
        by where they begin in a file or an array.
    selection : the part of the corpus that `blocks` yields; None for all.
    text : how blocks become words (`w2v.corpus.preparation`).
    """

    integers = False
    numbers_lines = False
    selection: Selection | None = None
    text: TextOptions = TextOptions()

    def __init__(self, name: str, classes: bytes, counts: SourceCounts, total_bytes: int | None) -> None:
        self.name = name
        self.classes = classes
        self.counts = counts
        self.total_bytes = total_bytes
        self.file: str | None = None

    @property
    @abstractmethod
    def bytes_read(self) -> int:
        """Bytes read from disk or the network so far; for a compressed file, compressed bytes."""

    @final
    def blocks(self, block_size: int = BLOCK_SIZE) -> Generator[Block, None, None]:
        """Yield the selected part of `_blocks`."""
        blocks = self._blocks(block_size)
        return blocks if self.selection is None else self.selection.blocks(blocks, self)

    @abstractmethod
    def _blocks(self, block_size: int) -> Generator[Block, None, None]:
        """Yield non-empty blocks of about `block_size` bytes that end at a token boundary, never between CR and LF; if
        `text` or line weights need it, blocks of whole lines.

        A line end is added to a file that does not end with one.

        Raises
        ------
        FormatError : UTF-16 or UTF-32, a damaged compressed stream, or 64 MiB without white space. NUL bytes are
            reported here or by `w2v.corpus.blocks.load`.
        W2VError : a file cannot be read.
        TypeError : a sentence of an iterable is not a list of tokens.
        ValueError : it is a list of integers, and `text` has options.
        """


def no_text(what: str) -> TypeError:
    return TypeError(f"a tokenizer makes words of text, but {what}: pass texts (str) or files of text, or leave the "
                     "tokenizer out")
