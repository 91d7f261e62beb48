"""`LineSentence` and `PathLineSentences`: files as iterables of sentences, with gensim's names.

Place in the data flow: files -> sentences of a program; or, given to w2v as a corpus, the files themselves
(`w2v.corpus.paths`), which are read in parallel without making a Python object of each word.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

from w2v.corpus.blocks import load
from w2v.corpus.integers import IntegerBlock
from w2v.corpus.paths import CorpusInput
from w2v.corpus.source import open_source
from w2v.errors import W2VError
from w2v.types import StrPath

MAX_SENTENCE = 10_000  # words of a list, gensim's MAX_WORDS_IN_BATCH


class LineSentence:
    """Lines of a file as lists of words, which are separated by white space.

    Parameters
    ----------
    source : a path, plain or compressed with gzip, bzip2, xz or zstd; or an open file or another iterable of lines, str
        or bytes.
    max_sentence_length : longer lines are cut into lists of at most this many words. As a corpus of w2v lines are not
        cut, unless this is changed.
    limit : read only the first `limit` lines.

    Attributes
    ----------
    corpus_paths : the files for w2v to read by itself; None if it has to iterate.

    Examples
    --------
    >>> for words in LineSentence("corpus.txt.gz", limit=10): ...
    >>> model = w2v.train(LineSentence("corpus.txt.gz"))  # as fast as w2v.train("corpus.txt.gz")
    """

    source: StrPath | IO[Any] | Iterable[str] | Iterable[bytes]
    max_sentence_length: int
    limit: int | None

    def __init__(self, source: StrPath | IO[Any] | Iterable[str] | Iterable[bytes],
                 max_sentence_length: int = MAX_SENTENCE, limit: int | None = None) -> None:
        if max_sentence_length < 1:
            raise ValueError(f"max_sentence_length = {max_sentence_length} is out of range: 1 or more")
        self.source, self.max_sentence_length, self.limit = source, max_sentence_length, limit

    @property
    def corpus_paths(self) -> tuple[str, ...] | None:
        """Files that hold exactly these sentences, or None."""
        files = self._files()
        return files if self.limit is None and self.max_sentence_length == MAX_SENTENCE else None

    def __iter__(self) -> Iterator[list[str]]:
        """Yield lists of words; empty lines give none.

        Raises
        ------
        FormatError, W2VError : a file cannot be read or is not text.
        """
        files = self._files()
        for line in islice(self._given() if files is None else _lines(files), self.limit):
            words = [word if isinstance(word, str) else word.decode("utf-8", "surrogateescape")
                     for word in line.split()]
            for start in range(0, len(words), self.max_sentence_length):
                yield words[start:start + self.max_sentence_length]

    def _files(self) -> tuple[str, ...] | None:
        return (os.fspath(self.source),) if isinstance(self.source, (str, os.PathLike)) else None

    def _given(self) -> Iterable[Any]:
        """The lines of an open file from its start, as gensim reads it, or of another iterable."""
        assert not isinstance(self.source, (str, os.PathLike))
        if (seek := getattr(self.source, "seek", None)) is not None:
            seek(0)
        return self.source


class PathLineSentences(LineSentence):
    """Lines of all files of a folder, in the order of their names; folders in it are not entered.

    Parameters
    ----------
    source : a folder, or one file.
    max_sentence_length, limit : as for `LineSentence`; the limit is for all files together.

    Raises
    ------
    ValueError : `source` is neither a folder nor a file.
    """

    input_files: list[str]

    def __init__(self, source: StrPath, max_sentence_length: int = MAX_SENTENCE, limit: int | None = None) -> None:
        super().__init__(source, max_sentence_length, limit)
        folder = os.fspath(source)
        if os.path.isfile(folder):
            self.input_files = [folder]
        elif os.path.isdir(folder):
            paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
            self.input_files = [path for path in paths if os.path.isfile(path)]
        else:
            raise ValueError(f"{folder}: there is no such file or folder")

    def _files(self) -> tuple[str, ...]:
        if not self.input_files:
            raise W2VError(f"{self.source}: no files in this folder")
        return tuple(self.input_files)


def _lines(files: tuple[str, ...]) -> Iterator[bytes]:
    """Yield the lines of files without their ends."""
    source, rest = open_source(CorpusInput(None, paths=files)), b""
    for block in source.blocks():
        content = load(block, lambda size: memoryview(bytearray(size)))
        text = content.text() if isinstance(content, IntegerBlock) else bytes(content)
        *lines, rest = (rest + text).split(b"\n")
        yield from lines
    if rest:
        yield rest
