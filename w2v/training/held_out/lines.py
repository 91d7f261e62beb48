"""Held-out lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus._tokenizer import LINE_END, WordTable
from w2v.corpus.encoded import EncodedCorpus, corpus_checksum
from w2v.corpus.id_store import rewrite
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.vocabulary import Vocabulary, map_words
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.phrases import Phrases, encode_joined
from w2v.system.display import reading
from w2v.training.held_out.streams import _LINES, Random, mix
from w2v.training.modelcard import text_card

_IDS = 1 << 22  # ids looked at a time
Words = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """Lines that do not train.

    Attributes
    ----------
    words : (n,) int32 ids, all lines one after the other.
    lengths : (lines,) int64, words of each, 1 or more.
    text : where they are of a text of its own, what a model card says of that; None if they are of the corpus.
    """

    words: Words
    lengths: Places
    text: dict[str, Any] | None = None


@dataclass(frozen=True)
class HeldOut:
    """What is held out, and how much of it the loss looks at.

    Attributes
    ----------
    file : the text of its own; None for lines of the corpus.
    lines, words : lines with known words, and these words.
    words_unknown : of that text; they are skipped.
    windows, pairs : of the fixed sample.
    """

    file: str | None
    lines: int
    words: int
    words_unknown: int
    windows: int
    pairs: int


@dataclass(frozen=True)
class HeldOutText:
    """A text of its own that is held out, as it was read: all its words, in a vocabulary of its own."""

    path: str
    corpus: EncodedCorpus
    sha256: str

    def lines(self, vocabulary: Vocabulary) -> Lines:
        """Those with words of the vocabulary, and no other words; to be called once, since it takes the ids.

        Raises
        ------
        CorpusError : there are none.
        """
        own, ids = self.corpus.vocabulary, self.corpus.ids
        table = WordTable()
        table.add_all(own.blob, own.offsets)
        known, final = map_words(table, own.counts, vocabulary, name=f"held_out: {self.path}")
        ids = ids[:rewrite(iter((ids,)), final, ids, 1)]
        lengths = np.diff(np.flatnonzero(ids == LINE_END), prepend=-1) - 1
        read = replace(self.corpus.report, words_unknown=own.total - known)
        return Lines(ids[ids >= 0], lengths, text_card(read, self.sha256))


def read_text(corpus: Corpus, config: TrainConfig, phrases: Phrases | None, *, threads: int, progress: bool,
              ) -> HeldOutText | None:
    """Read the text of its own that is to be held out, as the corpus will be; None if that is no text of its own.

    Raises
    ------
    W2VError : it cannot be read, has no words, or is a file of the corpus.
    """
    path = config.held_out
    if isinstance(path, int):
        return None
    try:
        _check_untrained(path, CorpusInput.of(corpus))
        with reading(progress, "reading text held out") as show:
            text = encode_joined(path, phrases, min_count=1, max_vocab=None, threads=threads, progress=show)
    except CorpusError:
        raise CorpusError(f"held_out: there is no word in {path}") from None
    except FormatError:
        raise  # which begins with the file's name
    except W2VError as error:
        raise W2VError(f"held_out: {error}") from error
    return HeldOutText(path, text, corpus_checksum(text))


def _check_untrained(path: str, corpus: CorpusInput) -> None:
    """Raise W2VError if a file of the text held out is one of the corpus too."""
    if corpus.paths is None:
        return
    places = set(map(os.path.realpath, CorpusInput.of(path).files))
    try:
        files = corpus.files
    except (TypeError, W2VError):
        return  # whoever reads it will say so
    for file in files:
        if os.path.realpath(file) in places:
            raise W2VError(f"{file} is a file of the corpus too; text that is held out must not train")


@contextmanager
def held_out(corpus: EncodedCorpus, config: TrainConfig, text: HeldOutText | None,
             ) -> Iterator[tuple[EncodedCorpus, Lines | None]]:
    """What is to be trained on and what is held out, if anything: lines of the corpus (`without_lines`), or the text of
    its own, which `read_text` has read.

    Raises
    ------
    CorpusError : as `without_lines` and `HeldOutText.lines`.
    ValueError : that text was not read.
    """
    if isinstance(config.held_out, int):
        with without_lines(corpus, config.held_out) as parts:
            yield parts
    elif text is None:
        raise ValueError(f"held_out = {config.held_out!r}: this text is to be read beforehand")
    else:
        yield corpus, text.lines(corpus.vocabulary)


@contextmanager
def without_lines(corpus: EncodedCorpus, n: int) -> Iterator[tuple[EncodedCorpus, Lines | None]]:
    """The corpus without `n` of its lines, and these. Inside of the block their ids are overwritten by line ends, which
    training passes over, so that nothing as large as the corpus is copied; afterwards it is as it was. The vocabulary's
    counts are those of the whole text.

    Raises
    ------
    CorpusError : that would be more than half of its lines, or all of its words.
    """
    if n == 0:
        yield corpus, None
        return
    begins, ends = _choose(corpus.ids, n)
    lines = [corpus.ids[begin:end].copy() for begin, end in zip(begins, ends, strict=True)]
    held = Lines(np.concatenate(lines), ends - begins)
    if len(held.words) >= corpus.n_words:
        raise CorpusError(f"held_out = {n} lines hold all words of the corpus: nothing is left to train on")
    try:
        for begin, end in zip(begins, ends, strict=True):
            corpus.ids[begin:end] = LINE_END
        yield replace(corpus, n_words=corpus.n_words - len(held.words)), held
    finally:
        for begin, line in zip(begins, lines, strict=True):
            corpus.ids[begin:begin + len(line)] = line


def _choose(ids: Words, n: int) -> tuple[Places, Places]:
    """(n,) where each chosen line begins and where it ends, rising: those with the smallest of a random number that
    each line has by its place among the lines with known words."""
    begin = number = 0
    best: tuple[Random, Places, Places] = np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64)
    for start in range(0, len(ids), _IDS):
        ends = np.flatnonzero(ids[start:start + _IDS] == LINE_END) + start
        begins = np.concatenate([[begin], ends + 1])
        found = mix(np.arange(number, number + len(ends)), _LINES), begins[:-1], ends
        number, begin = number + len(ends), int(begins[-1])
        keys, begins, ends = (np.concatenate(pair) for pair in zip(best, found, strict=True))
        smallest = np.argpartition(keys, n)[:n] if len(keys) > n else np.arange(len(keys))
        best = keys[smallest], begins[smallest], ends[smallest]
    if n > number // 2:
        raise CorpusError(f"held_out = {n} lines of {number} with known words: at most half of them can be held out")
    order = np.argsort(best[1])
    return best[1][order], best[2][order]
