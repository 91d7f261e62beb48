"""Phrase model: learned from a text, applied to sentences and texts, saved as plain text.

Place in the data flow: text -> `PhrasedText` (w2v.phrases.text) -> counts of grams (w2v.phrases.grams) -> `Phrases` ->
joined text, or ids for training (w2v.phrases.encode).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self, TypedDict, Unpack, overload

import numpy as np

from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import Corpus
from w2v.errors import FormatError
from w2v.phrases.file import MAX_PASSES, Pass, PhraseScore, read_model, write_model
from w2v.phrases.grams import DEFAULT_THRESHOLD, choose, count_grams, least_count
from w2v.phrases.sentences import ScoredWord, join_sentence
from w2v.phrases.text import PhrasedText
from w2v.system.display import Display, reading
from w2v.system.files import atomic_write, check_writable
from w2v.system.report import Report
from w2v.system.threads import resolve_threads
from w2v.types import StrPath

ENGLISH_CONNECTOR_WORDS = frozenset("a an the for of with without at from to in on by and or".split())
"""Articles and the most frequent English prepositions and conjunctions; the set of gensim."""


@dataclass(frozen=True, repr=False)
class PhraseReport(Report):
    """Statistics of learning or joining phrases. The lists have one entry a pass.

    Attributes
    ----------
    words, distinct_words, lines : of the text as it was read.
    distinct_grams : distinct pairs of words, with the connector words between them.
    phrases : phrases of the model.
    joins : number of times that phrases of the pass were joined. Learning joins those of the last pass only if the text
        is written.
    words_joined : words that were joined to the word before them.
    seconds_reading, seconds_counting : times of reading, and of counting and joining.
    threads : number of threads.
    """

    words: int
    distinct_words: int
    lines: int
    distinct_grams: list[int]
    phrases: list[int]
    joins: list[int]
    words_joined: int
    seconds_reading: float
    seconds_counting: float
    threads: int

    def brief(self) -> str:
        return f"words={self.words}, distinct_words={self.distinct_words}, phrases={self.phrases}"


class Phrases:
    """Phrase model.

    Parameters
    ----------
    sentences : text to learn from: a path, a list of paths, or an iterable of lists of str (see
        `w2v.corpus.paths.Corpus`); None for an empty model.
    min_count : at least 1; rarer pairs of words are not phrases. The scores subtract it, except "npmi".
    threshold : a phrase has a score above it. Default 10; 100 for "word2phrase", 0.5 for "npmi". Above 0; -1 to 1 for
        "npmi".
    delimiter : text between the words of a joined phrase, without white space.
    scoring : "default" (gensim), "word2phrase" (word2phrase.c) or "npmi"; see `w2v.phrases.grams.choose`.
    connector_words : words that may occur inside a phrase, any number of them, but not begin or end one.
    passes : 1 to 100. Each pass counts the text that the passes before it joined: 2 passes find phrases of up to 4
        words, 3 of up to 8.
    threads : number of threads, or "auto"; the phrases do not depend on it.
    progress : show progress on stderr.
    output_text : also write the text there, with all phrases joined.
    line_weights : each line begins with its weight, which is not a word and stays at the start of the line.

    Attributes
    ----------
    passes : for each pass a dict from the words of a phrase to its `PhraseScore` (score, occurrences), by falling
        score.
    report : statistics of learning; None for a model from a file.

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

    def __init__(
        self, sentences: Corpus | None = None, min_count: int = 5, threshold: float | None = None, *,
        delimiter: str = "_", scoring: str = "default", connector_words: Iterable[str] = (), passes: int = 1,
        threads: int | str = "auto", progress: bool = False, output_text: StrPath | None = None,
        line_weights: bool = False,
    ) -> None:
        self.min_count, self.delimiter, self.scoring = min_count, delimiter, scoring
        if isinstance(connector_words, (str, bytes)):
            raise ValueError("connector_words must be a list or a set of words, not one string")
        self.connector_words = frozenset(connector_words)
        self.threshold = float(DEFAULT_THRESHOLD.get(scoring, 0.0) if threshold is None else threshold)
        self.passes: list[Pass] = []
        self.report: PhraseReport | None = None
        _check_options(min_count, self.threshold, scoring, passes, delimiter, self.connector_words)
        if sentences is not None:
            if output_text is not None:
                check_writable(output_text)
            n_threads, start = resolve_threads(threads), time.perf_counter()
            text = PhrasedText(_read(sentences, n_threads, progress, line_weights), n_threads)
            self._learn(text, passes, progress, output_text, time.perf_counter() - start)

    def __repr__(self) -> str:
        return (f"<{type(self).__name__}: {len(self):,} phrases, min_count={self.min_count}, "
                f"threshold={self.threshold:g}>")

    def __len__(self) -> int:
        """Number of phrases, of all passes."""
        return sum(map(len, self.passes))

    # --- learning --------------------------------------------------------------------------------------------------

    def _learn(self, text: PhrasedText, passes: int, progress: bool, output: StrPath | None,
               seconds_reading: float) -> None:
        start = time.perf_counter()
        distinct_grams: list[int] = []
        joins: list[int] = []
        for number in range(1, passes + 1):
            with Display(f"counting, pass {number}", len(text.ids), "word", enabled=progress) as display:
                found, n_grams = self._find(text, display)
            distinct_grams.append(n_grams)
            if not found:
                break  # later passes would not find any either
            if number < passes or output is not None:
                joins.append(self._join(text, found))
        counted = time.perf_counter()
        if output is not None:
            with atomic_write(output) as file:
                text.write(file)
        self.report = PhraseReport(
            text.report.words, text.report.distinct_words, text.report.lines, distinct_grams,
            [len(phrases) for phrases in self.passes], joins, text.n_joined, seconds_reading, counted - start,
            text.threads)

    def _find(self, text: PhrasedText, display: Display) -> tuple[list[tuple[int, ...]], int]:
        """Count the grams of a text once and add those with a score above the threshold as a new pass.

        Returns
        -------
        The phrases as ids, and the number of distinct grams.
        """
        grams = count_grams(
            text.ids, text.words, self._connector_ids(text), self._separator, threads=text.threads,
            least=least_count(self.scoring, self.min_count), progress=display.update)
        chosen, scores = choose(grams, scoring=self.scoring, min_count=self.min_count, threshold=self.threshold,
                                n_words=text.n_words)
        found = grams.words_of(chosen)
        spelled = {word: text.words.spelled(word).decode("utf-8", "surrogateescape")
                   for word in set(chain.from_iterable(found))}
        if found:
            self.passes.append({
                tuple(spelled[word] for word in words): PhraseScore(score, count) for words, score, count in
                zip(found, scores.tolist(), grams.counts[chosen].tolist(), strict=True)})
        return found, grams.n_distinct

    @property
    def _separator(self) -> bytes:
        return self.delimiter.encode("utf-8", "surrogateescape")

    def _connector_ids(self, text: PhrasedText) -> list[int]:
        return [word for word in map(text.find, sorted(self.connector_words)) if word >= 0]

    def _join(self, text: PhrasedText, phrases: Sequence[tuple[int, ...]]) -> int:
        return text.join(phrases, self._connector_ids(text), self._separator)

    # --- encoded and whole texts -----------------------------------------------------------------------------------

    def join(self, text: PhrasedText) -> list[int]:
        """Join the phrases of all passes in an encoded text.

        Returns
        -------
        The number of joins of each pass.
        """
        joins = []
        for phrases in self.passes:
            ids = [tuple(map(text.find, parts)) for parts in phrases]
            joins.append(self._join(text, [words for words in ids if min(words) >= 0]))
        return joins

    def apply_to(self, corpus: Corpus, output: StrPath, *, threads: int | str = "auto", progress: bool = False,
                 line_weights: bool = False) -> PhraseReport:
        """Write a text with its phrases joined: one line for each line with words, and a blank between words.

        Parameters
        ----------
        corpus : see `w2v.corpus.paths.Corpus`.
        output : file to write.
        threads : number of threads, or "auto"; the text does not depend on it.
        progress : show progress on stderr.
        line_weights : lines begin with their weights, in both texts; they are written as float32.

        Raises
        ------
        ValueError : a word contains white space, which only an iterable of lists can give.
        TypeError, W2VError : see `w2v.corpus.encode.encode` and `w2v.system.files.atomic_write`.
        """
        check_writable(output)
        n_threads = resolve_threads(threads)
        start = time.perf_counter()
        text = PhrasedText(_read(corpus, n_threads, progress, line_weights), n_threads)
        read = time.perf_counter()
        joins = self.join(text)
        joined = time.perf_counter()
        with atomic_write(output) as file:
            text.write(file)
        return PhraseReport(text.report.words, text.report.distinct_words, text.report.lines, [],
                            [len(phrases) for phrases in self.passes], joins, text.n_joined, read - start,
                            joined - read, n_threads)

    # --- lists of str ----------------------------------------------------------------------------------------------

    def analyze_sentence(self, sentence: Iterable[str]) -> list[ScoredWord]:
        """Return the words of a sentence with phrases joined, each with its score, or None if it is not a phrase."""
        words: list[ScoredWord] = [(word, None) for word in sentence]
        for phrases in self.passes:
            words = join_sentence(words, phrases, self.connector_words, self.delimiter)
        return words

    @overload
    def __getitem__(self, sentence: Iterable[str]) -> list[str]: ...

    @overload
    def __getitem__(self, sentence: Iterable[list[str] | tuple[str, ...] | Iterator[str]]) -> Iterable[list[str]]: ...

    def __getitem__(self, sentence: Iterable[str] | Iterable[Iterable[str]]) -> list[str] | Iterable[list[str]]:
        """Join phrases in a sentence, or in each sentence of an iterable.

        Parameters
        ----------
        sentence : words of a sentence, or an iterable of sentences.

        Returns
        -------
        The words of the sentence; for an iterable of sentences an iterator over lists of words.

        Raises
        ------
        TypeError : `sentence` is a str or bytes.
        """
        if isinstance(sentence, (str, bytes)):
            raise TypeError("a sentence is a list of words: pass e.g. sentence.split()")
        items: Iterator[Any] = iter(sentence)
        first = next(items, None)
        if first is None:
            return []
        items = chain([first], items)
        if isinstance(first, str):
            return [word for word, _ in self.analyze_sentence(items)]
        return ([word for word, _ in self.analyze_sentence(one)] for one in items)

    apply = __getitem__

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """Return the phrases that occur in sentences, joined, with their scores."""
        return {word: score for sentence in sentences for word, score in self.analyze_sentence(sentence)
                if score is not None}

    def export_phrases(self) -> dict[str, float]:
        """Return all phrases, joined, with their scores; the highest one if several phrases are spelled alike."""
        found: dict[str, float] = {}
        for phrases in self.passes:
            for parts, (score, _) in phrases.items():
                word = self.delimiter.join(parts)
                found[word] = max(score, found.get(word, score))
        return found

    export = export_phrases

    @property
    def phrasegrams(self) -> dict[str, float]:
        """The phrases, as returned by `export_phrases`."""
        return self.export_phrases()

    def freeze(self) -> Self:
        """Return this object, for programs written for gensim: a model keeps no counts that could be dropped."""
        return self

    # --- files -----------------------------------------------------------------------------------------------------

    def save(self, path: StrPath) -> None:
        """Write the model as plain text; `w2v.phrases.file` describes the format.

        Raises
        ------
        W2VError : the file cannot be written.
        """
        options: dict[str, Any] = {
            "scoring": self.scoring, "min_count": self.min_count, "threshold": self.threshold,
            "separator": self.delimiter, "connector_words": sorted(self.connector_words)}
        if self.report is not None:
            options["words"] = self.report.words
        write_model(path, options, self.passes)

    @classmethod
    def load(cls, path: StrPath) -> Self:
        """Read a model that `save` or `w2v phrases` wrote.

        Raises
        ------
        FormatError : the file is not a phrase model, or a line is wrong.
        W2VError : the file cannot be read.
        """
        options, passes = read_model(path)
        try:
            phrases = cls(min_count=options["min_count"], threshold=options["threshold"],
                          delimiter=options["separator"], scoring=options["scoring"],
                          connector_words=options["connector_words"])
        except ValueError as error:
            raise FormatError(path, str(error), line=2) from None
        phrases.passes = passes
        return phrases


class PhraseOptions(TypedDict, total=False):
    """Options of `Phrases`, which documents them."""

    min_count: int
    threshold: float | None
    delimiter: str
    scoring: str
    connector_words: Iterable[str]
    passes: int
    threads: int | str
    progress: bool
    output_text: StrPath | None
    line_weights: bool


def learn(corpus: Corpus, **options: Unpack[PhraseOptions]) -> Phrases:
    """Learn phrases from a text; parameters and errors are those of `Phrases`."""
    return Phrases(corpus, **options)


def _check_options(min_count: int, threshold: float, scoring: str, passes: int, delimiter: str,
                   connector_words: Iterable[str]) -> None:
    """Raise ValueError for an option that is out of range; the message names it."""
    if scoring not in DEFAULT_THRESHOLD:
        raise ValueError(f"scoring = {scoring!r} is unknown; choose one of {', '.join(DEFAULT_THRESHOLD)}")
    if isinstance(min_count, bool) or not isinstance(min_count, (int, np.integer)) or not 1 <= min_count < 2**62:
        raise ValueError(f"min_count = {min_count!r} is out of range: expected a whole number of at least 1")
    low, high = (-1.0, 1.0) if scoring == "npmi" else (0.0, float("inf"))
    if not (low <= threshold < high or threshold == high == 1) or (scoring != "npmi" and threshold == 0):
        bounds = "-1 to 1" if scoring == "npmi" else "above 0"
        raise ValueError(f"threshold = {threshold!r} is out of range for scoring {scoring!r}: expected {bounds}")
    if isinstance(passes, bool) or not isinstance(passes, int) or not 1 <= passes <= MAX_PASSES:
        raise ValueError(f"passes = {passes!r} is out of range: expected 1 to {MAX_PASSES}")
    if not isinstance(delimiter, str) or any(letter in " \t\n\v\f\r" for letter in delimiter):
        raise ValueError(f"the separator {delimiter!r} must be text without white space")
    if not all(isinstance(word, str) and word for word in connector_words):
        raise ValueError("connector_words must be words of at least one letter")


def _read(corpus: Corpus, threads: int, progress: bool, line_weights: bool) -> EncodedCorpus:
    with reading(progress) as show:
        return encode(corpus, min_count=1, line_weights=line_weights, threads=threads, progress=show)
