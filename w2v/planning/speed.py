"""Training speed of this machine, measured by training on a sample for about a second.

Place in the data flow: `TextEstimate` -> a small encoded corpus -> `w2v.training.trainer` -> words per second, for
`w2v.planning.plan`.

The vocabulary is as large as the expected one of the whole text, so that noise words miss the caches as often as in the
real run; words that the sample lacks have the smallest count. Above `MOST_MATRIX_BYTES` nearly all rows come from
memory, and larger matrices would not change the speed.
"""

from __future__ import annotations

import dataclasses
import time

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainConfig
from w2v.corpus._tokenizer import LINE_END, remap
from w2v.corpus.encoded import CorpusReport, EncodedCorpus
from w2v.corpus.estimate.estimate import TextEstimate
from w2v.corpus.estimate.line_lengths import lengths_of, sum_of_pairs
from w2v.corpus.vocabulary import Vocabulary
from w2v.system.resources import available_memory
from w2v.training.needs import matrix_bytes
from w2v.training.trainer import train_encoded

MOST_MATRIX_BYTES = 128 << 20
MOST_BUCKETS = 100_000  # n-gram vectors: 45 MB with 100 dimensions
RUN_SECONDS = 0.2  # shortest training time from which a speed is computed
MOST_SECONDS = 1.5  # no run is started after this time
RUNS = 3  # the fastest one counts, since other work on the machine can only slow down a run
MOST_IDS = 4 << 20
MOST_EPOCHS = 1_000_000
FIRST_OPERATIONS = 4e9  # of the first run, which then takes a few hundredths of a second
GROWTH = 8  # largest factor from one run to the next
LINE_WORDS = 500  # longest line of a run with windows of whole lines; the time of longer ones follows from their pairs
LINE_CONTEXTS = 200  # most contexts that are drawn in a run; the time of more of them follows, too
ALPHA = 1e-4  # the speed does not depend on it, and nothing diverges


def training_speed(estimate: TextEstimate, config: TrainConfig, threads: int, isa: str,
                   contexts: float | None = None) -> float | None:
    """Measure the training speed of all threads together, in words of the vocabulary per second.

    This takes about a second, and longer where a single word takes long (windows of thousands of words). Windows of
    whole lines are measured on lines of at most `LINE_WORDS` words. A reproducible run is measured without its rounds,
    whose merging takes a share of the time that depends on the length of the whole text.

    Parameters
    ----------
    contexts : with windows of whole lines, the mean number of contexts of a word of the text.

    Returns
    -------
    None if the sample has no words of the vocabulary, or if memory does not suffice for a trial.
    """
    config = _trial(config)
    room, fixed = min(MOST_MATRIX_BYTES, available_memory() // 4), matrix_bytes(config, 0)
    n_words = int(min(estimate.vocabulary(config.min_count, config.max_vocab).expected,
                      (room - fixed) / (matrix_bytes(config, 1) - fixed)))
    if n_words < 2:
        return None
    return speed_of_ids(*_corpus(estimate, config, n_words), config, threads, isa, contexts)


def _trial(config: TrainConfig) -> TrainConfig:
    """Return the configuration of the runs that measure the speed."""
    return dataclasses.replace(
        config, held_out=0, line_weights=False, bucket=min(config.bucket, MOST_BUCKETS),
        line_contexts=None if config.line_contexts is None else min(config.line_contexts, LINE_CONTEXTS))


def speed_of_ids(vocabulary: Vocabulary, ids: NDArray[np.int32], config: TrainConfig, threads: int, isa: str,
                 contexts: float | None = None) -> float | None:
    """Measure the training speed on some ids of a text; parameters and result as for `training_speed`."""
    config = _trial(config)
    if config.in_rounds:
        threads = min(threads, config.shards)
        config = dataclasses.replace(config, reproducible=False, distributed=False)
    if config.whole_lines:
        ids = _short_lines(ids, LINE_WORDS)
    known = int(np.count_nonzero(ids >= 0))
    if not known:
        return None
    wanted = max(FIRST_OPERATIONS / _operations(config, known / max(len(ids) - known, 1)), 4.0)
    speeds: list[float] = []
    started = time.perf_counter()
    while True:
        part, epochs = _part(ids, known, wanted)
        seconds, words = _run(vocabulary, part, epochs, config, threads, isa)
        if contexts is not None:
            seconds *= (contexts + 1) / (_mean_contexts(part, config) + 1)
        if seconds >= RUN_SECONDS or words >= known * MOST_EPOCHS:
            speeds.append(words / seconds)
        else:
            wanted = words * min(1.25 * RUN_SECONDS / max(seconds, 1e-6), GROWTH)
        if len(speeds) == RUNS or time.perf_counter() - started > MOST_SECONDS:
            return max(speeds, default=words / max(seconds, 1e-9))


def _part(ids: NDArray[np.int32], known: int, wanted: float) -> tuple[NDArray[np.int32], int]:
    """Return ids with about `wanted` words, and how often to train on them."""
    epochs = min(max(round(wanted / known), 1), MOST_EPOCHS)
    part = ids if epochs > 1 else ids[: max(int(len(ids) * min(wanted / known, 1.0)), 2)]
    return np.append(part[:-1], np.int32(LINE_END)) if part[-1] != LINE_END else part, epochs


def _run(vocabulary: Vocabulary, part: NDArray[np.int32], epochs: int, config: TrainConfig, threads: int,
         isa: str) -> tuple[float, int]:
    """Train on ids several times; return the seconds of training and the number of words."""
    n = int(np.count_nonzero(part >= 0))
    once = dataclasses.replace(config, epochs=epochs, alpha=ALPHA, min_alpha=ALPHA)
    corpus = EncodedCorpus(vocabulary, part, n, CorpusReport(words=n, longest_line=n))
    model = train_encoded(corpus, once, threads=threads, isa=isa, progress=False)
    return model.report.seconds_training, n * epochs


def _operations(config: TrainConfig, words_per_line: float) -> float:
    """Estimate the multiply-adds per word: two per dimension for each pair of a context word and an output."""
    if config.whole_lines:
        reach = min(words_per_line, config.line_contexts or words_per_line)
    else:
        reach = min(config.mean_contexts, words_per_line)
    return max(3 * reach * (1 + config.negative) * config.vector_size, 1.0)


def _short_lines(ids: NDArray[np.int32], most: int) -> NDArray[np.int32]:
    """Cut lines after each `most` words."""
    at = np.arange(len(ids))
    begins = np.maximum.accumulate(np.where(np.append(LINE_END, ids[:-1]) == LINE_END, at, 0))
    cuts = np.flatnonzero(((at - begins) % most == 0) & (at > begins) & (ids != LINE_END))
    return np.insert(ids, cuts, np.int32(LINE_END))


def _mean_contexts(part: NDArray[np.int32], config: TrainConfig) -> float:
    """Return the mean number of contexts of a word with windows of whole lines."""
    lengths = lengths_of(part).astype(np.float64)
    return sum_of_pairs(lengths, config.line_contexts) / max(float(lengths.sum()), 1.0)


def _corpus(estimate: TextEstimate, config: TrainConfig, n_words: int) -> tuple[Vocabulary, NDArray[np.int32]]:
    """Return the vocabulary of the sample, filled up to `n_words`, and ids of the sample."""
    sample, factor = estimate.sample, estimate.factor
    least = max(1, int(config.min_count / factor))
    blob, offsets, counts, final = sample.table.select(sample.table.counts(), least, n_words)
    missing = n_words - len(counts)
    fillers = b"".join(b"\x01%010d" % k for k in range(missing))  # 11 bytes each
    vocabulary = Vocabulary(
        np.append(blob, np.frombuffer(fillers, np.uint8)),
        np.append(offsets, offsets[-1] + 11 * np.arange(1, missing + 1)),
        np.maximum(np.append(counts * factor, np.zeros(missing)), config.min_count).astype(np.int64))
    parts, last, size = [], LINE_END, 0
    for chunk in sample.chunks:
        out = np.empty(len(chunk) + 1, np.int32)
        kept, last = remap(chunk, final, out, last)
        parts.append(out[:kept])
        size += kept
        if size >= MOST_IDS:
            break
    return vocabulary, np.concatenate(parts)
