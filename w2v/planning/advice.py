"""Advice on a training run, for `w2v plan`: what the numbers say for certain, and heuristics, which say that they are.

Pure functions of the plan's numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from w2v.config import TrainConfig
from w2v.corpus.estimate.estimate import Sizes, TextEstimate

HEURISTIC = "heuristic: "
ENDLESS_LINE = 10_000  # words a line on average, above which lines are hardly sentences
SMALL, LARGE = 1e7, 1e9  # words of a text
ENOUGH_TRAINING = 3e7  # words of all epochs, below which a small text gives poor vectors
MANY_WORDS = 1_000_000  # of a vocabulary
INVALID_SHARE = 0.01
LONG_WORD = 1000  # bytes


def advice(estimate: TextEstimate, sizes: Sizes, config: TrainConfig, threads: int, cores: int,
           spooled: bool) -> list[str]:
    """Lines of advice."""
    return [*_text(estimate, sizes), *_machine(estimate, threads, cores, spooled),
            *(HEURISTIC + line for line in _settings(sizes, config))]


def _text(estimate: TextEstimate, sizes: Sizes) -> Iterator[str]:
    sample = estimate.sample
    if sample.from_start:
        yield ("compressed files can be read from the start only: all numbers trust that the text goes on as it "
               "begins, and the errors are no bound if it does not")
    if sizes.tokens / max(sizes.lines, 1) > ENDLESS_LINE:
        yield (f"{sizes.tokens / max(sizes.lines, 1):,.0f} words a line: windows go across the ends of sentences and "
               "documents; put a sentence or a paragraph on a line")
    elif sizes.tokens / max(sizes.lines, 1) < 2:
        yield "fewer than 2 words a line: a word learns from those beside it on its line, and most have none"
    counts = sample.table.counts()
    invalid, _, longest = sample.table.oddities(counts)
    if invalid > INVALID_SHARE * sample.words:
        yield (f"{100 * invalid / sample.words:.0f} % of the words are no valid UTF-8: is this text, and in UTF-8? "
               "(iconv converts it)")
    if longest > LONG_WORD:
        yield f"a word of {longest:,} bytes: is this text, with blanks between words?"


def _machine(estimate: TextEstimate, threads: int, cores: int, spooled: bool) -> Iterator[str]:
    if threads > cores:
        yield f"{threads} threads for {cores} cores: more than there are cores are of no use"
    elif threads < cores:
        yield f"{threads} of {cores} cores are used (--threads)"
    if any(part.compressed for part in estimate.sample.parts):
        yield "one thread alone unpacks a compressed file: reading is faster from plain files"
    if spooled:
        yield "the ids of the text go to a file on the disk: put TMPDIR on a fast one"


def _settings(sizes: Sizes, config: TrainConfig) -> Iterator[str]:
    trained = sizes.known * config.epochs
    if 0 < trained < ENOUGH_TRAINING:
        epochs = min(max(round(ENOUGH_TRAINING / max(sizes.known, 1)), config.epochs), 50)
        if epochs > config.epochs:
            yield f"a small text: {epochs} epochs"
    if sizes.tokens < SMALL and config.vector_size > 150:
        yield "a text of less than 10 million words hardly fills more than 100 dimensions"
    if sizes.tokens > LARGE and config.vector_size < 200:
        yield "a text of more than a billion words is worth 200 to 300 dimensions"
    if sizes.n_words > MANY_WORDS and config.max_vocab is None:
        yield (f"{sizes.n_words:,.0f} words: most are rare, or typing errors; a min_count of {4 * config.min_count} "
               "or so")
    if sizes.n_words < 1000 and config.min_count > 1 and sizes.distinct > 2 * sizes.n_words:
        yield f"only {sizes.n_words:,.0f} words are frequent enough: a smaller min_count"
    if sizes.tokens > 100 * SMALL and config.sample > 1e-4:
        yield "a large text: sample 1e-4 to 1e-5 is faster and often no worse"
    if config.sample == 0 and sizes.tokens > SMALL:
        yield "without subsampling the most frequent words take most of the time: sample 1e-3"
