"""Phrase model that learns from texts.

Place in the data flow: text -> `PhrasedText` (w2v.phrases.text) -> counts of grams (w2v.phrases.grams) -> `Phrases`,
which is also a `FrozenPhrases` (w2v.phrases.frozen).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Unpack

import numpy as np

from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus_options import CorpusOptions, check_names
from w2v.errors import CorpusError
from w2v.phrases.file import Pass, PhraseScore
from w2v.phrases.frozen import FrozenPhrases
from w2v.phrases.grams import DEFAULT_THRESHOLD, Grams, Scorer, choose, count_grams, least_count
from w2v.phrases.options import check_delimiter, check_options
from w2v.phrases.report import PhraseReport
from w2v.phrases.text import PhrasedText
from w2v.system.display import Display
from w2v.system.files import atomic_write, check_writable
from w2v.system.threads import resolve_threads
from w2v.types import StrPath

ENGLISH_CONNECTOR_WORDS = frozenset("a an the for of with without at from to in on by and or".split())
"""Articles and the most frequent English prepositions and conjunctions; the set of gensim."""

_COUNTING = threading.RLock()
"""Held while a text is added or counted, so that threads may share a model; one for all, so that copies need none."""


class Phrases(FrozenPhrases):
    """Phrase model.

    It keeps the text that it learned from, encoded (4 bytes a word, in a temporary file if memory is short), for
    `add_vocab` and `vocab`. `freeze` returns a model without it; files have only the phrases.

    Parameters
    ----------
    sentences : text to learn from: a path, a list of paths, or an iterable of lists of str (see
        `w2v.corpus.paths.Corpus`); None for an empty model.
    min_count : at least 1; rarer pairs of words are not phrases. The scores subtract it, except "npmi".
    threshold : a phrase has a score above it. Default 10; 100 for "word2phrase", 0.5 for "npmi". Above 0; -1 to 1 for
        "npmi"; any number for a function.
    max_vocab_size : `vocab` has at most this many entries, the most frequent ones. The phrases do not depend on it:
        all pairs are counted, in any amount of memory, where gensim forgets rare ones.
    delimiter : text between the words of a joined phrase. With white space the joined text cannot be written.
    progress_per : not used; a parameter of gensim.
    scoring : "default" (gensim), "word2phrase" (word2phrase.c) or "npmi"; see `w2v.phrases.grams.score`. Or a function
        with the parameters `worda_count`, `wordb_count`, `bigram_count`, `len_vocab`, `min_count` and
        `corpus_word_count`, which is called for each distinct pair of words.
    connector_words : words that may occur inside a phrase, any number of them, but not begin or end one.
    passes : 1 to 100. Each pass counts the text that the passes before it joined: 2 passes find phrases of up to 4
        words, 3 of up to 8. With several passes or `output_text` the text is not kept.
    threads : number of threads, or "auto"; the phrases do not depend on it.
    progress : show progress on stderr.
    output : file to save the model in, as `save` does.
    output_text : also write the text there, with all phrases joined. If one of two files cannot be written, both old
        files are unchanged.
    line_weights : each line begins with its weight, which is not a word and stays at the start of the line.
    options : those of `w2v.train` that say how text becomes words and what is read, such as `lowercase`; also for the
        texts of `add_vocab`.

    Raises
    ------
    ValueError : an option is out of range.
    TypeError, W2VError : see `w2v.corpus.encode.encode`.

    Source
    ------
    Mikolov et al. 2013 (Distributed Representations), section 4 and equation 6.

    Examples
    --------
    >>> phrases = Phrases([["new", "york", "city"], ["new", "york"], ["a", "city"]], min_count=1, threshold=1)
    >>> phrases[["in", "new", "york"]]
    ['in', 'new_york']
    """

    max_vocab_size: int = 40_000_000
    _n_passes = 1
    _threads: int | str = "auto"
    _progress = False
    _line_weights = False
    _corpus_options: CorpusOptions = CorpusOptions()
    _report: PhraseReport | None = None
    _text: PhrasedText | None = None  # all text, without joins; None before the first and once it is joined
    _added: Sequence[PhrasedText] = ()  # texts that are not counted yet
    _stale = False  # counting was interrupted
    _learned = False  # phrases were learned here, so that further text needs the text before it
    _vocab: dict[str, int] | None = None

    def __init__(
        self, sentences: Corpus | None = None, min_count: int = 5, threshold: float | None = None,
        max_vocab_size: int = 40_000_000, delimiter: str = "_", progress_per: int = 10_000,
        scoring: str | Scorer = "default", connector_words: Iterable[str] = (), *, passes: int = 1,
        threads: int | str = "auto", progress: bool = False, output: StrPath | None = None,
        output_text: StrPath | None = None, line_weights: bool = False, **options: Unpack[CorpusOptions],
    ) -> None:
        check_names(options, "Phrases")
        if isinstance(connector_words, (str, bytes)) or not isinstance(connector_words, Iterable):
            raise ValueError(f"connector_words must be a list or a set of words, not {connector_words!r:.80}")
        connectors = frozenset(connector_words)
        if threshold is None:
            threshold = 10.0 if callable(scoring) else DEFAULT_THRESHOLD.get(scoring, 0.0)
        check_options(min_count, threshold, scoring, delimiter, connectors, passes)
        if isinstance(max_vocab_size, bool) or not isinstance(max_vocab_size, (int, float)) or not max_vocab_size >= 1:
            raise ValueError(f"max_vocab_size = {max_vocab_size!r} is out of range: expected a number of at least 1")
        self._set({"scoring": scoring, "min_count": int(min_count), "threshold": float(threshold),
                   "separator": delimiter, "connector_words": connectors}, [])
        self.max_vocab_size, self._n_passes = int(min(max_vocab_size, 2**62)), passes
        self._threads, self._progress, self._line_weights = threads, progress, line_weights
        self._corpus_options = options
        if output_text is not None:
            check_delimiter(delimiter)
        for path in (output, output_text):
            if path is not None:
                check_writable(path)
        if sentences is not None:
            start = time.perf_counter()
            corpus = CorpusInput.of(sentences, options)
            text = PhrasedText.read(corpus, resolve_threads(threads), progress=progress, line_weights=line_weights)
            self._learn(text, time.perf_counter() - start, joined=output_text is not None)
            self._write(text, output, output_text)

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes without the text, which may be a temporary file."""
        passes = self.passes  # counts texts that were added
        return {**self.__dict__, "passes": passes, "_text": None, "_added": (), "_vocab": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Set the attributes, also those of version 0.1.0."""
        self._passes, self._report = state.pop("passes"), state.pop("report", None)
        self.__dict__.update(state)

    @property
    def passes(self) -> list[Pass]:
        """The phrases; texts of `add_vocab` are counted first."""
        with _COUNTING:
            self._count_added()
            return self._passes

    @passes.setter
    def passes(self, passes: list[Pass]) -> None:
        with _COUNTING:
            self._passes, self._added, self._stale = passes, (), False

    @property
    def report(self) -> PhraseReport | None:
        """Statistics of learning, None for an empty model and a model from a file; texts of `add_vocab` are counted."""
        with _COUNTING:
            self._count_added()
            return self._report

    # --- learning --------------------------------------------------------------------------------------------------

    def add_vocab(self, sentences: Corpus) -> None:
        """Learn from further text, as if it followed the text so far.

        The text is read at once. It is counted when the phrases are needed, so adding many small texts is fast.

        Parameters
        ----------
        sentences : as in the constructor. An iterable without words adds nothing.

        Raises
        ------
        ValueError : the text so far is not there: the model comes from a file, or has several passes.
        TypeError, W2VError : see `w2v.corpus.encode.encode`.
        """
        self._check_growth()
        corpus = CorpusInput.of(sentences, self._corpus_options)
        try:
            text = PhrasedText.read(corpus, resolve_threads(self._threads), progress=self._progress,
                                    line_weights=self._line_weights)
        except CorpusError:
            if corpus.paths is not None or self._line_weights:
                raise
            return  # a part of a stream may be empty
        with _COUNTING:
            self._check_growth()
            self._added, self._vocab = (*self._added, text), None

    def _check_growth(self) -> None:
        if self._text is None and (self._learned or self._passes):
            raise ValueError("add_vocab needs the text that the model learned from, which is not in files and not kept "
                             "with several passes: make a new Phrases of all texts")

    def _count_added(self) -> None:
        if not self._added and not self._stale:
            return
        texts = [*([self._text] if self._text is not None else []), *self._added]
        if not texts:
            raise ValueError("joining was interrupted, and the text is lost: make a new Phrases")
        text, *more = texts
        if more:
            text.extend(more)
        self._text, self._added = text, ()
        self._learn(text, 0.0)

    def _learn(self, text: PhrasedText, seconds_reading: float, joined: bool = False) -> None:
        """Find the phrases of all passes.

        Parameters
        ----------
        joined : also join the phrases of the last pass.
        """
        start = time.perf_counter()
        self._passes, self._learned, self._stale, self._vocab = [], True, True, None
        if joined or self._n_passes > 1:
            self._text = None  # joining changes it
        distinct_grams: list[int] = []
        joins: list[int] = []
        for number in range(1, self._n_passes + 1):
            with Display(f"counting, pass {number}", len(text.ids), "word", enabled=self._progress) as display:
                found, n_grams = self._find(text, display)
            distinct_grams.append(n_grams)
            if not found:
                break  # later passes would not find any either
            if number < self._n_passes or joined:
                joins.append(self._join(text, found))
        self._text, self._stale = None if joins else text, False
        self._report = PhraseReport(
            text.report.words, text.report.distinct_words, text.report.lines, distinct_grams,
            [len(phrases) for phrases in self._passes], joins, text.n_joined, seconds_reading,
            time.perf_counter() - start, text.threads)

    def _write(self, text: PhrasedText, output: StrPath | None, output_text: StrPath | None) -> None:
        if output_text is None:
            if output is not None:
                self.save(output)
            return
        with atomic_write(output_text) as file:
            text.write(file)
            if output is not None:  # both files or none: the text needs only its name now
                file.flush()
                os.fsync(file.fileno())
                self.save(output)

    def _grams(self, text: PhrasedText, least: int, display: Display | None = None) -> Grams:
        return count_grams(text.ids, text.words, self._connector_ids(text), self._separator, threads=text.threads,
                           least=least, progress=None if display is None else display.update)

    def _find(self, text: PhrasedText, display: Display) -> tuple[list[tuple[int, ...]], int]:
        """Count the grams of a text once and add those with a score above the threshold as a new pass.

        Returns
        -------
        The phrases as ids, and the number of distinct grams.
        """
        min_count = int(self.min_count)
        grams = self._grams(text, least_count(self.scoring, min_count), display)
        chosen, scores = choose(grams, scoring=self.scoring, min_count=min_count, threshold=self.threshold,
                                n_words=text.n_words)
        found = grams.words_of(chosen)
        spelled = {word: text.words.spelled(word).decode("utf-8", "surrogateescape")
                   for word in set(chain.from_iterable(found))}
        if found:
            self._passes.append({
                tuple(spelled[word] for word in words): PhraseScore(score, count) for words, score, count in
                zip(found, scores.tolist(), grams.counts[chosen].tolist(), strict=True)})
        return found, grams.n_distinct

    # --- counts ----------------------------------------------------------------------------------------------------

    @property
    def corpus_word_count(self) -> int:
        """Number of words of the text; 0 for a model from a file."""
        return self.report.words if self.report is not None else 0

    @property
    def vocab(self) -> dict[str, int]:
        """Counts of the words and of the joined pairs of the text, by falling count, without connector words.

        It is made at the first access, by counting the text again.

        Raises
        ------
        ValueError : the text is not there: the model comes from a file, or has several passes.
        """
        with _COUNTING:
            phrases = self.passes  # counts texts that were added
            if self._text is None and (self._learned or phrases):
                raise ValueError("vocab needs the text that the model learned from, which is not in files and not kept "
                                 "with several passes: make a new Phrases")
            if self._vocab is None:
                self._vocab = {} if self._text is None else self._counted(self._text)
            return self._vocab

    def _counted(self, text: PhrasedText) -> dict[str, int]:
        grams = self._grams(text, 1)
        connectors = set(self._connector_ids(text))
        counts = {text.words.spelled(i): n for i, n in enumerate(grams.word_counts.tolist()) if i not in connectors}
        spelled = text.words.spelled
        for words, n in zip(grams.words_of(np.arange(len(grams.counts))), grams.counts.tolist(), strict=True):
            counts[self._separator.join(map(spelled, words))] = n
        most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:self.max_vocab_size]
        return {word.decode("utf-8", "surrogateescape"): n for word, n in most}

    def freeze(self) -> FrozenPhrases:
        """Return the phrases without the text that they were learned from."""
        return FrozenPhrases(self)

    def _options(self) -> dict[str, Any]:
        return super()._options() | ({"words": self.report.words} if self.report is not None else {})


class PhraseOptions(CorpusOptions, total=False):
    """Options of `Phrases`, which documents them."""

    min_count: int
    threshold: float | None
    max_vocab_size: int
    delimiter: str
    progress_per: int
    scoring: str | Scorer
    connector_words: Iterable[str]
    passes: int
    threads: int | str
    progress: bool
    output: StrPath | None
    output_text: StrPath | None
    line_weights: bool


def learn(corpus: Corpus, **options: Unpack[PhraseOptions]) -> Phrases:
    """Learn phrases from a text; parameters and errors are those of `Phrases`."""
    return Phrases(corpus, **options)
