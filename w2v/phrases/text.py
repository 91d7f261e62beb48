"""Encoded text in which phrases are joined, pass by pass and in place.

Place in the data flow: `w2v.corpus.encode.encode` with every word kept -> `PhrasedText` -> counting of the next pass
(w2v.phrases.grams), an `EncodedCorpus` for training, or a text file. A joined word gets a new id, or that of the word
with the same spelling. Counts stay exact, and memory does not grow with the text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from itertools import pairwise
from threading import Event
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.corpus._tokenizer import WordTable
from w2v.corpus.encode import encode
from w2v.corpus.encoded import CorpusReport, EncodedCorpus
from w2v.corpus.id_store import rewrite
from w2v.corpus.paths import Corpus
from w2v.corpus.vocabulary import select_words
from w2v.phrases._grams import CONNECTOR, Joiner, render
from w2v.phrases.grams import Words
from w2v.system.display import reading
from w2v.system.threads import Pool

SHARD_IDS = 1 << 20  # joined or written at a time
WHITE_SPACE = b" \t\n\v\f\r"


class PhrasedText:
    """Text as ids, which joining changes.

    Parameters
    ----------
    corpus : encoded with `min_count=1`; its ids are overwritten.
    threads : number of threads.

    Attributes
    ----------
    ids : int32; -1 ends a line, and the weight of a line, if there is one, precedes its words (csrc/text/lineweight.h).
    words : spellings and current counts; a word that was joined at all occurrences has count 0.
    report : of the corpus.
    n_words : current number of words.
    n_joined : words that were joined to the word before them.
    """

    ids: NDArray[np.int32]
    report: CorpusReport
    threads: int
    words: Words
    n_words: int
    n_joined: int

    def __init__(self, corpus: EncodedCorpus, threads: int) -> None:
        vocabulary = corpus.vocabulary
        self.ids, self.report, self.threads, self._place = corpus.ids, corpus.report, threads, corpus.place
        self.words = Words(vocabulary.blob, vocabulary.offsets, vocabulary.counts)
        self.n_words, self.n_joined = vocabulary.total, 0
        self._table = WordTable()
        self._table.add_all(vocabulary.blob, vocabulary.offsets)

    @classmethod
    def read(cls, corpus: Corpus, threads: int, *, progress: bool = False, line_weights: bool = False) -> PhrasedText:
        """Read a corpus; errors as `w2v.corpus.encode.encode`."""
        with reading(progress) as show:
            return cls(encode(corpus, min_count=1, line_weights=line_weights, threads=threads, progress=show), threads)

    def extend(self, texts: Sequence[PhrasedText]) -> None:
        """Add the lines of other texts, in which no phrases are joined, behind those of this one."""
        all_ids, begin = [self.ids], 0
        final = self._ids_of(text.words.spelled(i) for text in texts for i in range(len(text.words)))
        for text in texts:
            own = final[begin : begin + len(text.words)]
            begin += len(own)
            self.words.counts[own] += text.words.counts
            all_ids.append(np.where(text.ids >= 0, own[np.maximum(text.ids, 0)], text.ids))
            self.n_words += text.n_words
            self.report = dataclasses.replace(self.report, words=self.report.words + text.report.words,
                                              lines=self.report.lines + text.report.lines)
        self.ids = np.concatenate(all_ids)
        self.report = dataclasses.replace(self.report, distinct_words=len(self.words))

    def find(self, word: str) -> int:
        """Return the id of a word, -1 if it does not occur."""
        return self._table.find(word.encode("utf-8", "surrogateescape"))

    def join(self, phrases: Sequence[tuple[int, ...]], connectors: Sequence[int], separator: bytes) -> int:
        """Join phrases in each line, from left to right, each as soon as it is complete.

        Parameters
        ----------
        phrases : word ids of each.
        connectors : ids of the connector words, which are joined only inside a phrase.
        separator : bytes between joined words.

        Returns
        -------
        The number of joins.
        """
        if not phrases:
            return 0
        kinds = np.zeros(len(self.words), dtype=np.uint8)
        kinds[list(connectors)] = CONNECTOR
        parts = np.array([word for phrase in phrases for word in phrase], dtype=np.int32)
        lengths = np.array([len(phrase) for phrase in phrases], dtype=np.int64)
        joined = self._joined_ids(phrases, separator)
        occurrences = self._apply(Joiner(kinds, parts, np.concatenate(([0], lengths.cumsum())), joined), len(phrases))
        np.subtract.at(self.words.counts, parts, np.repeat(occurrences, lengths))
        np.add.at(self.words.counts, joined, occurrences)
        n_joined = int((occurrences * (lengths - 1)).sum())
        self.n_words -= n_joined
        self.n_joined += n_joined
        return int(occurrences.sum())

    def _joined_ids(self, phrases: Sequence[tuple[int, ...]], separator: bytes) -> NDArray[np.int32]:
        """Return the id of each phrase as one word; new words are added to `words`."""
        words = self.words
        return self._ids_of(separator.join([words.spelled(part) for part in phrase]) for phrase in phrases)

    def _ids_of(self, spelled: Iterable[bytes]) -> NDArray[np.int32]:
        """Return the ids of words; new ones are added to `words` with the count 0."""
        words = self.words
        ids: list[int] = []
        new: list[bytes] = []
        for word in spelled:
            known = len(self._table)
            ids.append(self._table.add(word, 0))
            if ids[-1] == known:
                new.append(word)
        ends = words.offsets[-1] + np.cumsum([len(word) for word in new], dtype=np.int64)
        self.words = Words(np.concatenate((words.blob, np.frombuffer(b"".join(new), dtype=np.uint8))),
                           np.concatenate((words.offsets, ends)),
                           np.concatenate((words.counts, np.zeros(len(new), dtype=np.int64))))
        return np.array(ids, dtype=np.int32)

    def _apply(self, joiner: Joiner, n_phrases: int) -> NDArray[np.int64]:
        """Join in all shards, in place and by all threads, then close the gaps between them.

        Returns
        -------
        int64 (n_phrases,), the number of joins of each phrase.
        """
        bounds = [0]
        while bounds[-1] < len(self.ids):
            bounds.append(joiner.cut(self.ids, min(bounds[-1] + SHARD_IDS, len(self.ids))))
        shards = [self.ids[begin:end] for begin, end in pairwise(bounds)]
        counts = np.zeros((self.threads, n_phrases), dtype=np.int64)
        kept = np.zeros(len(shards), dtype=np.int64)
        stop = Event()

        def work(thread: int) -> None:
            for i in range(thread, len(shards), self.threads):
                if stop.is_set():
                    return
                kept[i] = joiner.apply(shards[i], counts[thread])

        with Pool(self.threads, thread_name_prefix="w2v-phrases") as pool:
            try:
                list(pool.map(work, range(self.threads)))
            except BaseException:  # also Ctrl-C
                stop.set()
                raise
        end = 0
        for shard, n in zip(shards, kept.tolist(), strict=True):
            self.ids[end : end + n] = shard[:n]
            end += n
        self.ids = self.ids[:end]
        occurrences: NDArray[np.int64] = counts.sum(axis=0)
        return occurrences

    def encoded(self, *, min_count: int, max_vocab: int | None, known: Sequence[str] = ()) -> EncodedCorpus:
        """Return the joined text as an encoded corpus, which takes over the ids: this object must not be used any more.

        Parameters
        ----------
        min_count, max_vocab, known : choose the vocabulary by the counts after joining, as in
            `w2v.corpus.encode.encode`.

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
        return EncodedCorpus(vocabulary, self.ids[:n], vocabulary.total, report, self._place)

    def write(self, file: BinaryIO) -> None:
        """Write the text: one line for each line with words, its weight first, and a blank between words.

        Raises
        ------
        ValueError : a word contains white space, which only an iterable of lists can give.
        """
        spaced = np.flatnonzero(self.words.containing(WHITE_SPACE))
        if len(spaced):
            word = self.words.spelled(int(spaced[0])).decode("utf-8", "replace")
            raise ValueError(f"the word {word[:80]!r} contains white space, so the text cannot be written with blanks "
                             "between words")
        for begin in range(0, len(self.ids), SHARD_IDS):
            end = min(begin + SHARD_IDS, len(self.ids))
            file.write(render(self.ids, begin, end, self.words.blob, self.words.offsets).data)
