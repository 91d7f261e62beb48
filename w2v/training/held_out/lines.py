"""Held-out lines: lines of the corpus that are taken out of training, or the lines of another text.

Place in the data flow: encoded corpus -> the corpus to train on, and the `Lines` for `w2v.training.held_out.loss`.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from w2v.config import TrainConfig
from w2v.corpus._tokenizer import LINE_END, WordTable
from w2v.corpus.elsewhere import Elsewhere, FileMark
from w2v.corpus.encoded import CorpusReport, EncodedCorpus, EncodedText, corpus_checksum
from w2v.corpus.id_store import rewrite
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.vocabulary import Vocabulary, map_words
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.phrases import FrozenPhrases, encode_joined
from w2v.system.display import reading
from w2v.training.held_out.streams import LINES, Random, mix
from w2v.training.modelcard import text_card

Words = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """Held-out lines.

    Attributes
    ----------
    words : (n,) int32 ids of all lines, one line after the other.
    lengths : (lines,) int64, words of each line, at least 1.
    text : entry of the model card if the lines come from another text (`w2v.training.modelcard.text_card`); None if
        they come from the corpus.
    """

    words: Words
    lengths: Places
    text: dict[str, Any] | None = None


@dataclass(frozen=True)
class HeldOut:
    """Size of the held-out text and of the sample on which the loss is computed.

    Attributes
    ----------
    file : path of the text; None for lines of the corpus.
    lines, words : lines with known words, and their known words.
    words_unknown : unknown words of the text, which are skipped; 0 for lines of the corpus.
    windows, pairs : size of the fixed sample.
    """

    file: str | None
    lines: int
    words: int
    words_unknown: int
    windows: int
    pairs: int


class CorpusWithoutLines(EncodedText):
    """An encoded corpus some of whose lines are not trained on.

    The ids of the whole corpus are neither copied nor changed; `read` and `scan` replace the words of the held-out
    lines by line ends, which training skips. `n_words` does not count these words; the counts of the vocabulary do.

    Parameters
    ----------
    whole : the corpus with all lines.
    n_words : words of the lines that are left.
    begins, ends : (n,) int64, rising: where each held-out line begins in the ids, and the place of its line end.
    """

    whole: EncodedText
    n_words: int
    begins: Places
    ends: Places
    place: str

    def __init__(self, whole: EncodedText, n_words: int, begins: Places, ends: Places) -> None:
        self.whole, self.n_words, self.begins, self.ends = whole, n_words, begins, ends
        self.vocabulary: Vocabulary = whole.vocabulary
        self.report: CorpusReport = whole.report
        self.place = whole.place

    @property
    def n_ids(self) -> int:
        return self.whole.n_ids

    def read(self, begin: int, end: int) -> Words:
        return self._without(self.whole.read(begin, end), begin)

    def scan(self) -> Generator[Words, None, None]:
        begin = 0
        for ids in self.whole.scan():
            yield self._without(ids, begin)
            begin += len(ids)

    def line_weight(self, position: int) -> float:
        return self.whole.line_weight(position)

    def elsewhere(self) -> Elsewhere | None:
        whole = self.whole.elsewhere()
        return None if whole is None else _WithoutLines(whole)

    def part(self, begin: int, end: int) -> Any:
        return (self.whole.part(begin, end), *self._lines(begin, end))

    def close(self) -> None:
        self.whole.close()

    def _without(self, ids: Words, begin: int) -> Words:
        return _without(ids, *self._lines(begin, begin + len(ids)))

    def _lines(self, begin: int, end: int) -> tuple[Places, Places]:
        """Return the places in the ids from `begin` to `end` where held-out lines begin, and their lengths there."""
        lines = slice(np.searchsorted(self.ends, begin, "right"), np.searchsorted(self.begins, end, "left"))
        begins = np.maximum(self.begins[lines] - begin, 0)
        return begins, np.minimum(self.ends[lines], end) - begin - begins


def _without(ids: Words, begins: Places, lengths: Places) -> Words:
    """Return ids without held-out lines, which begin at these places; a copy if there are any."""
    if not len(lengths):
        return ids
    before = np.cumsum(lengths) - lengths
    ids = ids.copy()
    ids[np.repeat(begins - before, lengths) + np.arange(lengths.sum())] = LINE_END
    return ids


@dataclass(frozen=True)
class _WithoutLines:
    """Ids that other processes read, without held-out lines; see `w2v.corpus.elsewhere.Elsewhere`."""

    whole: Elsewhere

    @property
    def files(self) -> Sequence[FileMark]:
        return self.whole.files

    @property
    def required(self) -> bool:
        return self.whole.required

    def read(self, part: tuple[Any, Places, Places]) -> Words:
        whole, begins, lengths = part
        return _without(self.whole.read(whole), begins, lengths)


@dataclass(frozen=True)
class HeldOutText:
    """A separate held-out text, read and encoded with a vocabulary of all its words."""

    path: str
    corpus: EncodedCorpus
    sha256: str

    def lines(self, vocabulary: Vocabulary) -> Lines:
        """Return the lines that have words of the vocabulary, without other words.

        Raises
        ------
        CorpusError : no word of the text is in the vocabulary.
        """
        own = self.corpus.vocabulary
        table = WordTable()
        table.add_all(own.blob, own.offsets)
        known, final = map_words(table, own.counts, vocabulary, name=f"held_out: {self.path}")
        ids = np.empty(len(self.corpus.ids) + 1, np.int32)  # `rewrite` may write one more than it returns
        ids = ids[:rewrite(iter((self.corpus.ids,)), final, ids, 1)]
        lengths = np.diff(np.flatnonzero(ids == LINE_END), prepend=-1) - 1
        read = replace(self.corpus.report, words_unknown=own.total - known)
        return Lines(ids[ids >= 0], lengths, text_card(read, self.sha256))


def read_text(corpus: Corpus, config: TrainConfig, phrases: FrozenPhrases | None, *, threads: int, progress: bool,
              ) -> HeldOutText | None:
    """Read the text that `config.held_out` names, in the same way as the corpus; return None if it names none.

    Raises
    ------
    W2VError : the text cannot be read, has no words, or is a file of the corpus.
    """
    path = config.held_out
    if isinstance(path, int):
        return None
    try:
        _check_untrained(path, CorpusInput.of(corpus))
        source = replace(CorpusInput.of(path), text=CorpusInput.of(corpus).text)
        with reading(progress, "reading text held out") as show:
            text = encode_joined(source, phrases, min_count=1, max_vocab=None, threads=threads, progress=show)
    except CorpusError:
        raise CorpusError(f"held_out: there is no word in {path}") from None
    except FormatError:
        raise  # its message begins with the path
    except W2VError as error:
        raise W2VError(f"held_out: {error}") from error
    return HeldOutText(path, text, corpus_checksum(text))


def _check_untrained(path: str, corpus: CorpusInput) -> None:
    """Raise W2VError if a file of the held-out text is also a file of the corpus."""
    if corpus.paths is None:
        return
    held_out = set(map(os.path.realpath, CorpusInput.of(path).files))
    try:
        files = corpus.files
    except (TypeError, W2VError):
        return  # reported when the corpus is read
    for file in files:
        if os.path.realpath(file) in held_out:
            raise W2VError(f"{file} is also a file of the corpus; held-out text must not be trained on")


def split(corpus: EncodedText, config: TrainConfig, text: HeldOutText | None) -> tuple[EncodedText, Lines | None]:
    """Return the corpus to train on, and the held-out lines, if any.

    Parameters
    ----------
    text : the result of `read_text`.

    Raises
    ------
    CorpusError : see `without_lines` and `HeldOutText.lines`.
    ValueError : `config` names a text, but `text` is None.
    """
    if isinstance(config.held_out, int):
        return without_lines(corpus, config.held_out)
    if text is None:
        raise ValueError(f"held_out = {config.held_out!r}: read this text with read_text and pass it")
    return corpus, text.lines(corpus.vocabulary)


def without_lines(corpus: EncodedText, n: int) -> tuple[EncodedText, Lines | None]:
    """Return the corpus without `n` of its lines, and these lines; the ids are not copied.

    Raises
    ------
    CorpusError : `n` is more than half of the lines, or the lines hold all words of the corpus.
    """
    if n == 0:
        return corpus, None
    begins, ends = _choose(corpus, n)
    words = np.concatenate([corpus.read(begin, end) for begin, end in zip(begins, ends, strict=True)])
    if len(words) >= corpus.n_words:
        raise CorpusError(f"held_out = {n} lines hold all words of the corpus: nothing is left to train on")
    kept = CorpusWithoutLines(corpus, corpus.n_words - len(words), begins, ends)
    return kept, Lines(words, ends - begins)


def _choose(corpus: EncodedText, n: int) -> tuple[Places, Places]:
    """Return the begins and ends of `n` lines, rising: those with the smallest random numbers, which follow from the
    number of the line among the lines with known words."""
    start = begin = number = 0
    keys: Random = np.empty(0, np.uint64)
    begins: Places = np.empty(0, np.int64)
    ends: Places = np.empty(0, np.int64)
    for ids in corpus.scan():
        found = np.flatnonzero(ids == LINE_END) + start
        start += len(ids)
        keys = np.concatenate([keys, mix(np.arange(number, number + len(found)), LINES)])
        begins = np.concatenate([begins, np.concatenate([[begin], found + 1])[:-1]])
        ends = np.concatenate([ends, found])
        number, begin = number + len(found), int(found[-1]) + 1 if len(found) else begin
        if len(keys) > n:
            smallest = np.argpartition(keys, n)[:n]
            keys, begins, ends = keys[smallest], begins[smallest], ends[smallest]
    if n > number // 2:
        raise CorpusError(f"held_out = {n} lines of {number} with known words: at most half of them can be held out")
    order = np.argsort(begins)
    return begins[order], ends[order]
