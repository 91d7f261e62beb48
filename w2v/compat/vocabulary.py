"""`VocabularyBuilder`: the vocabulary of a model of gensim's classes, from a corpus or from known counts.

Place in the data flow: corpus, or counts by word -> vocabulary and untrained vectors -> `Word2Vec.train`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from w2v.compat.gensim import chosen_corpus, parameters, refuse_unknown
from w2v.compat.utils import TrimRule, keep_vocab_item
from w2v.compat.weights import Weights
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.vocabulary import Keep, Vocabulary
from w2v.corpus_options import TextOptions
from w2v.formats.keys import Key, words_of
from w2v.system.display import reading
from w2v.types import StrPath

NULL_WORD = "\0"  # gensim's word for padding; it never occurs, so it is neither trained nor drawn


class VocabularyBuilder(Weights):
    """Counting and choosing of words.

    Attributes
    ----------
    raw_vocab : counts of all words that `scan_vocab` found and `prepare_vocab` has not used yet.
    effective_min_count : least count of a word in the vocabulary, of `min_count` and `max_final_vocab` the stricter.
    corpus_count, corpus_total_words : sentences and words of the last corpus; None if a file does not say.
    """

    effective_min_count: int

    min_count: int
    sample: float
    max_final_vocab: int | None
    null_word: int
    progress: bool
    _corpus_options: dict[str, Any]  # those given

    def __init__(self) -> None:
        super().__init__()
        self.raw_vocab: dict[str, int] = {}
        self._raw_integers = False  # whether its words stand for integers
        self._raw_text: TextOptions | None = None  # how they were made of the text
        self.effective_min_count = self.min_count
        self.corpus_count: int | None = 0
        self.corpus_total_words: int | None = 0

    def build_vocab(
        self, corpus_iterable: Corpus | None = None, corpus_file: StrPath | None = None, update: bool = False,
        progress_per: int = 10_000, keep_raw_vocab: bool = False, trim_rule: TrimRule | None = None, **unknown: object,
    ) -> None:
        """Count words and choose the vocabulary; the vectors are untrained afterwards.

        Parameters
        ----------
        corpus_iterable, corpus_file : one of them, as in the constructor.
        update : keep all words with their vectors, add new words, and add up the counts; `train` then continues.
        keep_raw_vocab : keep the counts of all words in `raw_vocab`.
        trim_rule : as in the constructor.
        progress_per : accepted, no effect.

        Raises
        ------
        RuntimeError : `update` without a vocabulary.
        CorpusError : (a RuntimeError) no word is left.
        """
        refuse_unknown(unknown, "build_vocab", parameters(self.build_vocab))
        corpus = chosen_corpus(corpus_iterable, corpus_file)
        if keep_raw_vocab:
            self.scan_vocab(corpus)
            self.prepare_vocab(update=update, keep_raw_vocab=True, trim_rule=trim_rule)
        else:
            self._counted(corpus, update, trim_rule)

    def build_vocab_from_freq(
        self, word_freq: Mapping[Key, int], keep_raw_vocab: bool = False, corpus_count: int | None = None,
        trim_rule: TrimRule | None = None, update: bool = False,
    ) -> None:
        """Choose the vocabulary from known counts; otherwise like `build_vocab`.

        Parameters
        ----------
        word_freq : count of each word or integer.
        corpus_count : number of sentences, for `self.corpus_count`.
        update, keep_raw_vocab, trim_rule : as for `build_vocab`.

        Raises
        ------
        RuntimeError : `update` without a vocabulary.
        ValueError : no word is left, or a count is negative.
        """
        before = self.raw_vocab, self._raw_integers, self._raw_text
        words, self._raw_integers = words_of(word_freq)
        self._raw_text = None
        self.raw_vocab = dict(zip(words, word_freq.values(), strict=True))
        try:
            self.prepare_vocab(update=update, keep_raw_vocab=keep_raw_vocab, trim_rule=trim_rule)
        except BaseException:
            self.raw_vocab, self._raw_integers, self._raw_text = before
            raise
        self.corpus_count, self.corpus_total_words = corpus_count or 0, sum(word_freq.values())

    def scan_vocab(
        self, corpus_iterable: Corpus | None = None, corpus_file: StrPath | None = None, progress_per: int = 10_000,
        workers: int | None = None, trim_rule: TrimRule | None = None,
    ) -> tuple[int, int]:
        """Count all words of a corpus into `raw_vocab`, for `prepare_vocab`; `build_vocab` does both.

        Parameters
        ----------
        corpus_iterable, corpus_file : one of them, as in the constructor.
        progress_per, workers, trim_rule : accepted, no effect: the counts are exact.

        Returns
        -------
        Number of words and of sentences.

        Raises
        ------
        CorpusError : (a RuntimeError) there is no word.
        """
        corpus = self._corpus(chosen_corpus(corpus_iterable, corpus_file))
        encoded = self._read(corpus, min_count=1)
        found = encoded.vocabulary
        self.raw_vocab = dict(zip(found.words, found.counts.tolist(), strict=True))
        self._raw_integers, self._raw_text = found.integer_keys, found.text_options
        self.corpus_count, self.corpus_total_words = encoded.report.lines, encoded.report.words
        return encoded.report.words, encoded.report.lines

    def prepare_vocab(
        self, update: bool = False, keep_raw_vocab: bool = False, trim_rule: TrimRule | None = None,
        min_count: int | None = None, sample: float | None = None, dry_run: bool = False,
    ) -> dict[str, int]:
        """Choose the vocabulary from `raw_vocab`; the vectors are untrained afterwards.

        Parameters
        ----------
        update, keep_raw_vocab, trim_rule : as for `build_vocab`.
        min_count, sample : new values of these attributes.
        dry_run : change nothing, only return the numbers.

        Returns
        -------
        "num_retained_words" and "retain_total", the words of the vocabulary and their sum of counts in `raw_vocab`;
        "drop_unique", the words left out; "downsample_unique" and "downsample_total", the words that are subsampled and
        the words that an epoch will train.

        Raises
        ------
        RuntimeError : `update` without a vocabulary, or `scan_vocab` was not called.
        ValueError : no word is left, or a value is out of range.
        """
        self._refuse_while_training("prepare_vocab")
        known = self._known(update)
        if not self.raw_vocab:
            raise RuntimeError("there are no counts to choose from: call scan_vocab first")
        before = self.min_count, self.sample
        self.min_count, self.sample = min_count or self.min_count, sample or self.sample
        try:
            config = self._run_settings().config
            chosen = self._chosen(known, config.min_count, trim_rule)
            if not chosen:
                raise ValueError(f"none of the {len(self.raw_vocab)} words has a count of min_count = "
                                 f"{config.min_count} or more")
            vocabulary = vocabulary_of({NULL_WORD: 0, **chosen} if self.null_word and not update else chosen,
                                       self._raw_integers, self._raw_text)
        except BaseException:
            self.min_count, self.sample = before
            raise
        keep = vocabulary.keep_probabilities(config.sample).astype(np.float64)
        report = {"drop_unique": len(self.raw_vocab) - len(chosen), "retain_total": vocabulary.total,
                  "downsample_unique": int((keep < 1).sum()), "downsample_total": int(vocabulary.counts @ keep),
                  "num_retained_words": len(chosen)}
        if dry_run:
            self.min_count, self.sample = before
            return report
        self._set_effective_min_count(vocabulary)
        if update:
            self._grow(chosen, self._raw_integers)
        else:
            self._start(vocabulary)
        self.raw_vocab = self.raw_vocab if keep_raw_vocab else {}
        return report

    def reset_from(self, other_model: VocabularyBuilder) -> None:
        """Use the vocabulary of another model, with untrained vectors."""
        self._refuse_while_training("reset_from")
        self.corpus_count, self.corpus_total_words = other_model.corpus_count, other_model.corpus_total_words
        self._begin(other_model._words())

    def _known(self, update: bool) -> list[str]:
        """Return the words that an update keeps.

        Raises
        ------
        RuntimeError : there are none.
        """
        known = self.wv.index_to_key if update else []
        if update and not known:
            raise RuntimeError("there is no vocabulary to update: call build_vocab without update first")
        return known

    def _chosen(self, known: list[str], min_count: int, trim_rule: TrimRule | None) -> dict[str, int]:
        """Return the words of `raw_vocab` for the vocabulary, with their counts."""
        raw = self.raw_vocab
        chosen = {word: raw[word] for word in known if word in raw}
        others = {word: count for word, count in raw.items()
                  if word not in chosen and keep_vocab_item(word, count, min_count, trim_rule)}
        if self.max_final_vocab is not None:
            room = max(self.max_final_vocab - len(known), 0)
            others = dict(sorted(others.items(), key=frequency_order)[:room])
        return chosen | others

    def _read(
        self, corpus: CorpusInput, *, min_count: int = 5, max_vocab: int | None = None, known: Sequence[str] = (),
        keep: Keep | None = None, vocabulary: Vocabulary | None = None,
    ) -> EncodedCorpus:
        """Read a corpus, with progress; the parameters are those of `encode`."""
        with reading(self.progress) as show:
            return encode(corpus, min_count=min_count, max_vocab=max_vocab, known=known, keep=keep,
                          vocabulary=vocabulary, threads=self._run_settings().threads, progress=show)

    def _corpus(self, corpus: Corpus) -> CorpusInput:
        """Interpret a corpus: with the options of the constructor, and those that the words were made with."""
        known = None if self._wv is None else self._wv.text_options
        given = CorpusInput.of(corpus, {**({} if known is None else vars(known)), **self._corpus_options})
        return replace(given, stored=known is not None)

    def _counted(self, corpus: Corpus, update: bool, trim_rule: TrimRule | None) -> EncodedCorpus:
        """Read a corpus and take over its vocabulary."""
        self._refuse_while_training("build_vocab")
        known, limit = self._known(update), self.max_final_vocab
        if self.null_word and not known:
            known = [NULL_WORD]
        keep = None if trim_rule is None else partial(keep_vocab_item, trim_rule=trim_rule)
        encoded = self._read(self._corpus(corpus), min_count=self._run_settings().config.min_count, known=known,
                             keep=keep, max_vocab=None if limit is None else max(limit, len(known)))
        self.corpus_count, self.corpus_total_words = encoded.report.lines, encoded.report.words
        found = encoded.vocabulary
        self._set_effective_min_count(found)
        if update:
            self._grow(dict(zip(found.words, found.counts.tolist(), strict=True)), found.integer_keys)
        else:
            self._start(found)
        return encoded

    def _set_effective_min_count(self, chosen: Vocabulary) -> None:
        self.effective_min_count, limit = self.min_count, self.max_final_vocab
        if limit is not None and len(chosen) >= limit:
            self.effective_min_count = max(self.min_count, int(chosen.counts.min()))

    def _start(self, vocabulary: Vocabulary) -> None:
        self._vocabulary, self._wv, self._output, self._syn1 = vocabulary, None, None, None

    def _grow(self, counted: Mapping[str, int], integer_keys: bool) -> None:
        """Add words and counts; old words keep their rows, new ones start as in a new model."""
        old = self.wv
        before = [0] * len(old) if old.counts is None else old.counts.tolist()
        counts = dict(zip(old.index_to_key, before, strict=True))
        for word, count in counted.items():
            counts[word] = counts.get(word, 0) + count
        self._begin(vocabulary_of(counts, old.integer_keys or integer_keys, old.text_options), self.initial())


def frequency_order(item: tuple[str, int]) -> tuple[int, bytes]:
    """Sort key of words with counts, in the order of every vocabulary: by falling count, then by bytes."""
    return -item[1], item[0].encode("utf-8", "surrogateescape")


def vocabulary_of(
    counts: Mapping[str, int], integer_keys: bool = False, text_options: TextOptions | None = None
) -> Vocabulary:
    """Return a vocabulary of words with these counts."""
    items = sorted(counts.items(), key=frequency_order)
    return Vocabulary.from_words([word for word, _ in items], [count for _, count in items], integer_keys=integer_keys,
                                 text_options=text_options)
