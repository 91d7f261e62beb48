"""Advice on a training run: certain findings, and heuristics that are marked as such.

Place in the data flow: the numbers of a plan -> lines of advice for `w2v plan`. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator

from w2v.config import TrainConfig
from w2v.corpus.estimate.estimate import Sizes, TextEstimate
from w2v.corpus.warnings import text_warnings

HEURISTIC = "heuristic: "
SMALL, LARGE = 1e7, 1e9  # words of a text
ENOUGH_TRAINING = 3e7  # words of all epochs below which a small text gives poor vectors
MANY_WORDS = 1_000_000  # words of a vocabulary


def advice(estimate: TextEstimate, sizes: Sizes, config: TrainConfig, threads: int, cores: int,
           place: str) -> list[str]:
    """Return lines of advice; heuristics start with `HEURISTIC`.

    Parameters
    ----------
    estimate, sizes : the estimated text, and its expected sizes with the options of the run.
    config, threads : options of the run.
    cores : processors that the process may use.
    place : where the ids go: "memory", "disk" or "none".
    """
    return [*_text(estimate, sizes, config), *_machine(estimate, config, threads, cores, place),
            *(HEURISTIC + line for line in _settings(sizes, config))]


def _text(estimate: TextEstimate, sizes: Sizes, config: TrainConfig) -> Iterator[str]:
    sample = estimate.sample
    if sample.from_start:
        why = ("tables of this format can be read from the start only" if sample.is_table else
               "compressed files can be read from the start only" if any(part.compressed for part in sample.parts) else
               "a part of a corpus is read from its start")
        yield (f"{why}: all numbers assume that the rest of the text is like "
               "its start; if it is not, the bounds do not hold")
    yield from text_warnings(sample.traits, unknown=1 - sizes.known / max(sizes.tokens, 1), min_count=config.min_count)


def _machine(estimate: TextEstimate, config: TrainConfig, threads: int, cores: int, place: str) -> Iterator[str]:
    if threads > cores:
        yield f"{threads} threads for {cores} cores: more threads than cores do not help"
    elif threads < cores:
        yield f"only {threads} of {cores} cores are used (see --threads)"
    if config.in_rounds and threads > config.shards:
        yield (f"{threads} threads for {config.shards} shards: more threads than shards do not help; another number of "
               "shards (--shards) gives other vectors")
    if any(part.compressed for part in estimate.sample.parts) and not estimate.sample.is_table:
        yield ("a compressed file is decompressed by a single thread: reading is faster from uncompressed files"
               + (", and without stored ids each epoch reads them again" if place == "none" else ""))
    if place == "disk":
        yield "the ids of the text go to a file: set TMPDIR to a folder on a fast disk"


def _settings(sizes: Sizes, config: TrainConfig) -> Iterator[str]:
    trained = sizes.known * config.epochs
    if 0 < trained < ENOUGH_TRAINING:
        epochs = min(max(round(ENOUGH_TRAINING / max(sizes.known, 1)), config.epochs), 50)
        if epochs > config.epochs:
            yield f"a small text: use {epochs} epochs"
    if sizes.tokens < SMALL and config.vector_size > 150:
        yield "with fewer than 10 million words, more than 100 dimensions hardly help"
    if sizes.tokens > LARGE and config.vector_size < 200:
        yield "with more than a billion words, 200 to 300 dimensions are worthwhile"
    if sizes.n_words > MANY_WORDS and config.max_vocab is None:
        yield (f"{sizes.n_words:,.0f} words: most are rare, or misspelled; use a min_count of about "
               f"{4 * config.min_count}")
    if sizes.n_words < 1000 and config.min_count > 1 and sizes.distinct > 2 * sizes.n_words:
        yield f"only {sizes.n_words:,.0f} words are frequent enough: use a smaller min_count"
    if sizes.tokens > 100 * SMALL and config.sample > 1e-4:
        yield "a large text: sample = 1e-4 to 1e-5 is faster and often just as good"
    if config.sample == 0 and sizes.tokens > SMALL:
        yield "without subsampling, the most frequent words take most of the time: use sample = 1e-3"
