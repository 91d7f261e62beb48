"""A whole text as ids in which phrases are joined, pass by pass and in place.

Place in the data flow: `w2v.corpus.encode.encode` with every word kept -> joined ids -> more counting, an `EncodedCorpus` for
training, or text again. Joined words get ids behind the others (or that of a word that reads alike), counts stay exact,
and memory does not grow with the text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Event
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import WordTable
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.id_store import rewrite
from w2v.corpus.vocabulary import select_words
from w2v.phrases._grams import CONNECTOR, Joiner, render
from w2v.phrases.grams import Words

PIECE_IDS = 1 << 20
WHITE_SPACE = b" \t\n\v\f\r"


class PhrasedText:
    """The ids of a corpus that was encoded with `min_count=1`; its ids are changed.

    Attributes
    ----------
    ids : int32, -1 ends a line, and its weight, if it has one, stands before it (csrc/text/lineweight.h). words : see
        `Words`; of a word that was joined wherever it stood the count is 0. n_words : words of the text now.
        n_joined : words that went into the one before them.
    """

    def __init__(self, corpus: EncodedCorpus, threads: int) -> None:
        vocabulary = corpus.vocabulary
        self.ids, self.report, self.threads = corpus.ids, corpus.report, threads
        self.words = Words(vocabulary.blob, vocabulary.offsets, vocabulary.counts)
        self.n_words, self.n_joined = vocabulary.total, 0
        self._table = WordTable()
        self._table.add_all(vocabulary.blob, vocabulary.offsets)

    def find(self, word: str) -> int:
        """The id of a word, -1 if it does not occur."""
        return self._table.find(word.encode("utf-8", "surrogateescape"))

    def join(self, phrases: Sequence[tuple[int, ...]], connectors: Sequence[int], separator: bytes) -> int:
        """Join phrases wherever they stand: in each line from the left, as soon as one is complete; connector words
        only go along inside of one. Returns the number of joins."""
        if not phrases:
            return 0
        kinds = np.zeros(len(self.words), dtype=np.uint8)
        kinds[list(connectors)] = CONNECTOR
        parts = np.array([word for phrase in phrases for word in phrase], dtype=np.int32)
        lengths = np.array([len(phrase) for phrase in phrases], dtype=np.int64)
        joined = self._joined_words(phrases, separator)
        occurrences = self._join(Joiner(kinds, parts, np.concatenate(([0], lengths.cumsum())), joined), len(phrases))
        np.subtract.at(self.words.counts, parts, np.repeat(occurrences, lengths))
        np.add.at(self.words.counts, joined, occurrences)
        swallowed = int((occurrences * (lengths - 1)).sum())
        self.n_words -= swallowed
        self.n_joined += swallowed
        return int(occurrences.sum())

    def _joined_words(self, phrases: Sequence[tuple[int, ...]], separator: bytes) -> NDArray[np.int32]:
        """The id of each phrase as one word."""
        words = self.words
        ids = np.empty(len(phrases), dtype=np.int32)
        new: list[bytes] = []
        for k, phrase in enumerate(phrases):
            word = separator.join([words.spelled(part) for part in phrase])
            known = len(self._table)
            ids[k] = self._table.add(word, 0)
            if ids[k] == known:
                new.append(word)
        ends = words.offsets[-1] + np.cumsum([len(word) for word in new], dtype=np.int64)
        self.words = Words(np.concatenate((words.blob, np.frombuffer(b"".join(new), dtype=np.uint8))),
                           np.concatenate((words.offsets, ends)),
                           np.concatenate((words.counts, np.zeros(len(new), dtype=np.int64))))
        return ids

    def _join(self, joiner: Joiner, n_phrases: int) -> NDArray[np.int64]:
        """All pieces in place by all threads, then moved together; how often each phrase was joined."""
        bounds = [0]
        while bounds[-1] < len(self.ids):
            bounds.append(joiner.cut(self.ids, min(bounds[-1] + PIECE_IDS, len(self.ids))))
        pieces = [self.ids[begin:end] for begin, end in pairwise(bounds)]
        counts = np.zeros((self.threads, n_phrases), dtype=np.int64)
        kept = np.zeros(len(pieces), dtype=np.int64)

        stop = Event()

        def work(thread: int) -> None:
            for i in range(thread, len(pieces), self.threads):
                if stop.is_set():
                    return
                kept[i] = joiner.apply(pieces[i], counts[thread])

        with ThreadPoolExecutor(self.threads, thread_name_prefix="w2v-phrases") as pool:
            try:
                list(pool.map(work, range(self.threads)))
            except BaseException:  # Ctrl-C above all
                stop.set()
                raise
        at = 0
        for piece, n in zip(pieces, kept.tolist(), strict=True):
            self.ids[at : at + n] = piece[:n]
            at += n
        self.ids = self.ids[:at]
        occurrences: NDArray[np.int64] = counts.sum(axis=0)
        return occurrences

    def encoded(self, *, min_count: int, max_vocab: int | None, known: Sequence[str] = ()) -> EncodedCorpus:
        """For training: the vocabulary is chosen by the counts after joining, words of `known` whatever theirs. Ends
        this object, whose ids it takes.

        Raises
        ------
        CorpusError : no word occurs `min_count` times.
        """
        vocabulary, final = select_words(self._table, self.words.counts, min_count=min_count, max_vocab=max_vocab,
                                         name="the corpus with its phrases joined", known=known)
        n = rewrite(iter((self.ids,)), final, self.ids, self.threads)
        report = dataclasses.replace(
            self.report, words=self.n_words, words_unknown=self.n_words - vocabulary.total,
            distinct_words=int((self.words.counts > 0).sum()), words_joined=self.n_joined)
        return EncodedCorpus(vocabulary, self.ids[:n], vocabulary.total, report)

    def write(self, file: BinaryIO) -> None:
        """The text: a line each of those with words, a blank between words, its weight before them.

        Raises
        ------
        ValueError : a word has white space in it, which only an iterable of lists can give.
        """
        spaced = np.flatnonzero(self.words.holding(WHITE_SPACE))
        if len(spaced):
            word = self.words.spelled(int(spaced[0])).decode("utf-8", "replace")
            raise ValueError(f"the word {word!r} has white space in it, so the text cannot be written with blanks "
                             "between words")
        for begin in range(0, len(self.ids), PIECE_IDS):
            end = min(begin + PIECE_IDS, len(self.ids))
            file.write(render(self.ids, begin, end, self.words.blob, self.words.offsets).data)
