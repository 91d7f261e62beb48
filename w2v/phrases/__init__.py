"""Phrases: words that stand together so often that they are better one word ("new_york", "bank_of_america").

Place in the data flow: a text -> `learn` -> a phrase model -> joined words in lists of str, in another text, or on the
way to training (`w2v.train(..., phrases=...)`). Names are those of gensim's Phrases where the meaning is the same.

>>> from w2v.phrases import ENGLISH_CONNECTOR_WORDS, Phrases
>>> phrases = Phrases("corpus.txt", min_count=5, threshold=10, connector_words=ENGLISH_CONNECTOR_WORDS)
>>> phrases["machine learning at the bank of america".split()]
['machine_learning', 'at', 'the', 'bank_of_america']
>>> phrases.save("phrases.tsv")
>>> model = w2v.train("corpus.txt", phrases="phrases.tsv")
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np

from w2v.corpus.encode import Progress, encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import Corpus
from w2v.errors import FormatError
from w2v.phrases.file import MAX_PASSES, Pass, PhraseScore, read_model, write_model
from w2v.phrases.grams import DEFAULT_THRESHOLD, choose, count_grams, least_count
from w2v.phrases.text import PhrasedText
from w2v.system.display import Display, reading
from w2v.system.files import atomic_write, check_writable
from w2v.system.threads import resolve_threads
from w2v.types import StrPath

ENGLISH_CONNECTOR_WORDS = frozenset("a an the for of with without at from to in on by and or".split())
"""gensim's set: articles, the most frequent prepositions and conjunctions."""

Scored = tuple[str, float | None]


@dataclass(frozen=True)
class PhraseReport:
    """What was read and found. `words` and `distinct_words` are of the text as read; the lists have an entry a pass:
    `distinct_grams` counts pairs of words (with the connector words between them), and `joins` how often phrases of the
    pass were joined, which is not done for the last pass unless the text is written."""

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

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


class Phrases:
    """A phrase model.

    Parameters
    ----------
    sentences : the text to learn from: a path or several, or an iterable of lists of str (see `w2v.corpus.source.open_source`);
        None for an empty model.
    min_count : pairs of words that occur less often are no phrases; the scores subtract it, except for "npmi".
    threshold : a phrase has a score above it; by default 10, 100 for "word2phrase", 0.5 for "npmi".
    delimiter : what stands between the words of a phrase when they are joined.
    scoring : "default" (gensim's), "word2phrase" (word2phrase.c's) or "npmi"; see `w2v.phrases.grams.choose`.
    connector_words : words that may stand inside of a phrase, any number of them, but not begin or end one.
    passes : 2 finds phrases of up to 4 words, 3 of up to 8: each pass counts the text that the ones before it joined.
    threads : number of threads, or "auto"; the phrases do not depend on it.
    progress : shown on stderr.
    output_text : also write the text there, with all phrases joined.
    line_weights : each line begins with its weight, which is no word and stays where it is.

    Attributes
    ----------
    passes : for each pass from the words of a phrase to a named tuple (score, occurrences), by falling score.
    report : what learning found (`PhraseReport`); None for a model from a file.

    Raises
    ------
    ValueError : an option is out of range.
    TypeError, W2VError : see `w2v.corpus.encode.encode`.
    """

    def __init__(
        self, sentences: Corpus | None = None, min_count: int = 5, threshold: float | None = None, *,
        delimiter: str = "_", scoring: str = "default", connector_words: Iterable[str] = (), passes: int = 1,
        threads: int | str = "auto", progress: bool = False, output_text: StrPath | None = None,
        line_weights: bool = False,
    ) -> None:
        self.min_count, self.delimiter, self.scoring = min_count, delimiter, scoring
        if isinstance(connector_words, (str, bytes)):
            raise ValueError("connector_words are a list or a set of words, not one string")
        self.connector_words = frozenset(connector_words)
        self.threshold = float(DEFAULT_THRESHOLD.get(scoring, 0.0) if threshold is None else threshold)
        self.passes: list[Pass] = []
        self.report: PhraseReport | None = None
        check_options(min_count, self.threshold, scoring, passes, delimiter, self.connector_words)
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
        return sum(map(len, self.passes))

    # -------------------------------------------------------------------------------------------------- learning

    def _learn(self, text: PhrasedText, passes: int, progress: bool, output: StrPath | None, seconds: float) -> None:
        """`seconds` were spent on reading."""
        start = time.perf_counter()
        grams: list[int] = []
        joins: list[int] = []
        for number in range(1, passes + 1):
            with Display(f"counting, pass {number}", len(text.ids), "word", enabled=progress) as display:
                chosen, n_grams = self._find(text, display)
            grams.append(n_grams)
            if not chosen:
                break  # nor would later passes find any
            if number < passes or output is not None:
                joins.append(self._join(text, chosen))
        counted = time.perf_counter()
        if output is not None:
            with atomic_write(output) as file:
                text.write(file)
        read_report = text.report
        self.report = PhraseReport(
            read_report.words, read_report.distinct_words, read_report.lines, grams, [len(one) for one in self.passes],
            joins, text.n_joined, seconds, counted - start, text.threads)

    def _find(self, text: PhrasedText, display: Display) -> tuple[list[tuple[int, ...]], int]:
        """Count once and keep what scores above the threshold, as a new pass: the phrases as ids, and how many
        different grams there are."""
        grams = count_grams(
            text.ids, text.words, self._connectors(text), self._separator, threads=text.threads,
            least=least_count(self.scoring, self.min_count), progress=display.update)
        places, scores = choose(grams, scoring=self.scoring, min_count=self.min_count, threshold=self.threshold,
                                n_words=text.n_words)
        chosen = grams.words_of(places)
        spelled = {word: text.words.spelled(word).decode("utf-8", "surrogateescape")
                   for word in set(chain.from_iterable(chosen))}
        if chosen:
            self.passes.append({tuple(spelled[word] for word in words): PhraseScore(score, count) for words, score, count in
                                zip(chosen, scores.tolist(), grams.counts[places].tolist(), strict=True)})
        return chosen, grams.n_distinct

    @property
    def _separator(self) -> bytes:
        return self.delimiter.encode("utf-8", "surrogateescape")

    def _connectors(self, text: PhrasedText) -> list[int]:
        return [word for word in map(text.find, sorted(self.connector_words)) if word >= 0]

    def _join(self, text: PhrasedText, phrases: Sequence[tuple[int, ...]]) -> int:
        return text.join(phrases, self._connectors(text), self._separator)

    # -------------------------------------------------------------------------------------------------- whole texts

    def join(self, text: PhrasedText) -> list[int]:
        """Join the phrases of all passes in a text; how often those of each pass."""
        joins = []
        for phrases in self.passes:
            known = [tuple(map(text.find, parts)) for parts in phrases]
            joins.append(self._join(text, [words for words in known if min(words) >= 0]))
        return joins

    def apply_to(self, corpus: Corpus, output: StrPath, *, threads: int | str = "auto", progress: bool = False,
                 line_weights: bool = False) -> PhraseReport:
        """Write a text with its phrases joined: a line for each that has words, a blank between words. With
        `line_weights` the lines of both begin with their weights, as float32.

        Raises
        ------
        as `w2v.corpus.encode.encode` and `w2v.system.files.atomic_write`.
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
                            [len(one) for one in self.passes], joins, text.n_joined, read - start, joined - read,
                            n_threads)

    # -------------------------------------------------------------------------------------------------- lists of str

    def analyze_sentence(self, sentence: Iterable[str]) -> list[Scored]:
        """The words of a sentence with phrases joined, each with its score, or None for a word that is no phrase."""
        tokens: list[Scored] = [(word, None) for word in sentence]
        for phrases in self.passes:
            tokens = self._join_tokens(tokens, phrases)
        return tokens

    def _join_tokens(self, tokens: list[Scored], phrases: Pass) -> list[Scored]:
        """From the left: `start` is where the word stands in `out` that may begin a phrase, -1 if there is none."""
        out: list[Scored] = []
        start = -1
        for token in tokens:
            if token[0] in self.connector_words:
                out.append(token)
                continue
            if start >= 0:
                parts = (*(word for word, _ in out[start:]), token[0])
                found = phrases.get(parts)
                if found is not None:
                    out[start:] = [(self.delimiter.join(parts), found.score)]
                    start = -1
                    continue
            start = len(out)
            out.append(token)
        return out

    def __getitem__(self, sentence: Iterable[Any]) -> Any:
        """A list of str: a sentence with its phrases joined. Of an iterable of sentences: an iterator over these."""
        if isinstance(sentence, (str, bytes)):
            raise TypeError("a sentence is a list of words: pass e.g. sentence.split()")
        tokens = iter(sentence)
        first = next(tokens, None)
        if first is None:
            return []
        whole = chain([first], tokens)
        if isinstance(first, str):
            return [word for word, _ in self.analyze_sentence(whole)]
        return ([word for word, _ in self.analyze_sentence(one)] for one in whole)

    apply = __getitem__

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """The phrases that joining these sentences makes, with their scores."""
        return {word: score for sentence in sentences for word, score in self.analyze_sentence(sentence)
                if score is not None}

    def export_phrases(self) -> dict[str, float]:
        """All phrases, joined, with their scores; of several ways to the same spelling the highest score."""
        found: dict[str, float] = {}
        for phrases in self.passes:
            for parts, (score, _) in phrases.items():
                word = self.delimiter.join(parts)
                found[word] = max(score, found.get(word, score))
        return found

    export = export_phrases

    @property
    def phrasegrams(self) -> dict[str, float]:
        """As `export_phrases`."""
        return self.export_phrases()

    def freeze(self) -> Self:
        """This object, which keeps no counts; gensim's Phrases needs it to become as small."""
        return self

    # -------------------------------------------------------------------------------------------------- files

    def save(self, path: StrPath) -> None:
        """Write the model as plain text; see `w2v.phrases.file`."""
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
        FormatError : it is no such file, or a line is wrong.
        W2VError : it cannot be read.
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


def learn(corpus: Corpus, **options: Any) -> Phrases:
    """Learn phrases from a text; options as in `Phrases`."""
    return Phrases(corpus, **options)


def check_options(min_count: int, threshold: float, scoring: str, passes: int, delimiter: str,
                  connector_words: Iterable[str]) -> None:
    """Raise ValueError for what is out of range; the message names it."""
    if scoring not in DEFAULT_THRESHOLD:
        raise ValueError(f"scoring = {scoring!r} is not known; there are {', '.join(DEFAULT_THRESHOLD)}")
    if isinstance(min_count, bool) or not isinstance(min_count, (int, np.integer)) or not 1 <= min_count < 2**62:
        raise ValueError(f"min_count = {min_count!r} is out of range: a whole number of at least 1")
    low, high = (-1.0, 1.0) if scoring == "npmi" else (0.0, float("inf"))
    if not (low <= threshold < high or threshold == high == 1) or (scoring != "npmi" and threshold == 0):
        bounds = "-1 to 1" if scoring == "npmi" else "above 0"
        raise ValueError(f"threshold = {threshold!r} is out of range for scoring {scoring!r}: {bounds}")
    if isinstance(passes, bool) or not isinstance(passes, int) or not 1 <= passes <= MAX_PASSES:
        raise ValueError(f"passes = {passes!r} is out of range: 1 to {MAX_PASSES}")
    if not isinstance(delimiter, str) or any(letter in " \t\n\v\f\r" for letter in delimiter):
        raise ValueError(f"the separator {delimiter!r} is no text without white space")
    if not all(isinstance(word, str) and word for word in connector_words):
        raise ValueError("connector_words are words of at least one letter each")


def load_phrases(phrases: Phrases | StrPath) -> Phrases:
    """A model, or that of a file."""
    if isinstance(phrases, Phrases):
        return phrases
    if isinstance(phrases, (str, Path, os.PathLike)):
        return Phrases.load(phrases)
    raise TypeError(f"phrases are a file or a w2v.phrases.Phrases, not {phrases!r}")


def encode_joined(
    corpus: Corpus, phrases: Phrases | StrPath | None, *, min_count: int, max_vocab: int | None, threads: int,
    known: Sequence[str] = (), line_weights: bool = False, progress: Progress | None = None,
) -> EncodedCorpus:
    """`w2v.corpus.encode.encode`, with phrases joined on the way where there are any: `min_count` is then that of the words
    after joining, and words below it still are parts of phrases."""
    if phrases is None:
        return encode(corpus, min_count=min_count, max_vocab=max_vocab, known=known, line_weights=line_weights,
                      threads=threads, progress=progress)
    model = load_phrases(phrases)
    text = PhrasedText(encode(corpus, min_count=1, line_weights=line_weights, threads=threads, progress=progress),
                       threads)
    model.join(text)
    return text.encoded(min_count=min_count, max_vocab=max_vocab, known=known)


def _read(corpus: Corpus, threads: int, progress: bool, line_weights: bool) -> EncodedCorpus:
    with reading(progress) as show:
        return encode(corpus, min_count=1, line_weights=line_weights, threads=threads, progress=show)
