"""Phrases that are applied: joined in sentences and texts, saved and loaded.

Place in the data flow: `Phrases` or a file -> `FrozenPhrases` -> joined text, or ids for training (w2v.phrases.encode).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Self, overload

from w2v.corpus.paths import Corpus
from w2v.corpus.sentences import checked_sentence
from w2v.errors import FormatError
from w2v.phrases.file import Model, Pass, read_model, write_model
from w2v.phrases.gensim_file import is_pickle, read_gensim_model
from w2v.phrases.grams import Scorer
from w2v.phrases.options import CUSTOM, check_delimiter, check_options
from w2v.phrases.report import PhraseReport
from w2v.phrases.sentences import JoinedSentences, ScoredWord, join_sentence
from w2v.phrases.text import PhrasedText
from w2v.system.files import atomic_write, check_writable
from w2v.system.threads import resolve_threads
from w2v.types import StrPath

_NOTHING = object()


class FrozenPhrases:
    """Phrases without the counts that they were learned from.

    Parameters
    ----------
    phrases_model : the model to take the phrases of.

    Attributes
    ----------
    min_count, threshold, delimiter, scoring, connector_words : options of learning; see `w2v.Phrases`. `scoring` is
        "custom" if a model with a function was loaded.
    """

    min_count: float
    threshold: float
    delimiter: str
    scoring: str | Scorer
    connector_words: frozenset[str]
    _passes: list[Pass]

    def __init__(self, phrases_model: FrozenPhrases) -> None:
        if not isinstance(phrases_model, FrozenPhrases):
            raise TypeError(f"phrases_model must be a w2v.Phrases, not {type(phrases_model).__name__}")
        self._set(phrases_model._options(), list(phrases_model.passes))

    def _options(self) -> dict[str, Any]:
        return {"scoring": self.scoring, "min_count": self.min_count, "threshold": self.threshold,
                "separator": self.delimiter, "connector_words": sorted(self.connector_words)}

    def _set(self, options: dict[str, Any], passes: list[Pass]) -> None:
        self.scoring, self.min_count, self.threshold = options["scoring"], options["min_count"], options["threshold"]
        self.delimiter, self.connector_words = options["separator"], frozenset(options["connector_words"])
        self._passes = passes

    @property
    def passes(self) -> list[Pass]:
        """For each pass a dict from the words of a phrase to its `PhraseScore` (score, occurrences), by falling score.

        Occurrences are 0 if a file of gensim does not tell them.
        """
        return self._passes

    @passes.setter
    def passes(self, passes: list[Pass]) -> None:
        self._passes = passes

    def __repr__(self) -> str:
        return (f"<{type(self).__name__}: {len(self):,} phrases, min_count={self.min_count}, "
                f"threshold={self.threshold:g}>")

    def __len__(self) -> int:
        """Number of phrases, of all passes."""
        return sum(map(len, self.passes))

    def __bool__(self) -> bool:
        """True, also for a model without phrases."""
        return True

    # --- encoded and whole texts -----------------------------------------------------------------------------------

    @property
    def _separator(self) -> bytes:
        return self.delimiter.encode("utf-8", "surrogateescape")

    def _connector_ids(self, text: PhrasedText) -> list[int]:
        return [word for word in map(text.find, sorted(self.connector_words)) if word >= 0]

    def _join(self, text: PhrasedText, phrases: Sequence[tuple[int, ...]]) -> int:
        return text.join(phrases, self._connector_ids(text), self._separator)

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
        ValueError : the delimiter or a word contains white space; only an iterable of lists can give such words.
        TypeError, W2VError : see `w2v.corpus.encode.encode` and `w2v.system.files.atomic_write`.
        """
        check_delimiter(self.delimiter)
        check_writable(output)
        n_threads = resolve_threads(threads)
        start = time.perf_counter()
        text = PhrasedText.read(corpus, n_threads, progress=progress, line_weights=line_weights)
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
        """Return the words of a sentence with phrases joined, each with its score, or None if it is not a phrase.

        Raises
        ------
        TypeError : `sentence` is a str, bytes or a mapping.
        """
        words: list[ScoredWord] = [(word, None) for word in checked_sentence(sentence, 0)]
        for phrases in self.passes:
            words = join_sentence(words, phrases, self.connector_words, self.delimiter)
        return words

    def _joined(self, sentence: Iterable[str]) -> list[str]:
        return [word for word, _ in self.analyze_sentence(sentence)]

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
        The words of the sentence; for an iterable of sentences an iterable of lists of words, which can be iterated
        over as often as the sentences can.

        Raises
        ------
        TypeError : `sentence`, or one of the sentences, is a str, bytes or a mapping.
        """
        if isinstance(sentence, (str, bytes)):
            raise TypeError("a sentence is a list of words: pass e.g. sentence.split()")
        if not isinstance(sentence, Iterable) or hasattr(sentence, "keys"):
            checked_sentence(sentence, 0)  # raises TypeError
        items: Iterator[Any] = iter(sentence)
        if (first := next(items, _NOTHING)) is _NOTHING:
            return []
        sentences: Iterable[Any] = chain([first], items) if items is sentence else sentence
        return self._joined(sentences) if isinstance(first, str) else JoinedSentences(sentences, self._joined)

    apply = __getitem__

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """Return the phrases that occur in sentences, joined, with their scores."""
        return {word: score for i, sentence in enumerate(sentences)
                for word, score in self.analyze_sentence(checked_sentence(sentence, i)) if score is not None}

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

    # --- files -----------------------------------------------------------------------------------------------------

    def save(self, path: StrPath) -> None:
        """Write the model as plain text; `w2v.phrases.file` describes the format.

        A function that scored the phrases is not saved; the phrases and their scores are.

        Raises
        ------
        W2VError : the file cannot be written.
        """
        options = self._options()
        write_model(path, options | ({"scoring": CUSTOM} if callable(self.scoring) else {}), self.passes)

    @classmethod
    def load(cls, path: StrPath) -> Self:
        """Read a model that `save` or `w2v phrases` wrote, or gensim's `Phrases.save` or `FrozenPhrases.save`.

        Pickles of gensim are read, but never executed. The counts of a text are in no model.

        Raises
        ------
        FormatError : the file is not a phrase model, or a line is wrong.
        W2VError : the file cannot be read.
        """
        options, passes = load_model(path)
        model = cls.__new__(cls)
        model._set(options, passes)
        return model


def load_model(path: StrPath) -> Model:
    """Read options and passes from a file of w2v or gensim, and check the options."""
    if is_pickle(path):
        return read_gensim_model(path)
    options, passes = read_model(path)
    try:
        options["threshold"] = float(options["threshold"])
        check_options(options["min_count"], options["threshold"], options["scoring"], options["separator"],
                      options["connector_words"], loaded=True)
    except (ValueError, OverflowError) as error:
        raise FormatError(path, str(error), line=2) from None
    return options, passes


Phraser = FrozenPhrases  # the name of the class in gensim 1 to 3
