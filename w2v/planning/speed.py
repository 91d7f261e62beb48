"""How fast this machine will train on a corpus: the real training, for about a second, on a sample.

The vocabulary is made as large as that of the whole text is expected to be (up to where larger matrices change
nothing any more, since their rows come from memory anyway), words that the sample lacks with the least count. So
negative samples miss the caches as they will.
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
from w2v.corpus.vocabulary import Vocabulary
from w2v.system.resources import available_memory
from w2v.training.needs import matrix_bytes
from w2v.training.trainer import train_encoded

MOST_MATRIX_BYTES = 128 << 20
MOST_BUCKETS = 100_000  # of n-grams: 45 MB at 100 dimensions
RUN_SECONDS = 0.2  # of training, at least, that a rate is taken from
MOST_SECONDS = 1.5  # for all runs with what is around them; the one under way then is the last
RUNS = 3  # the fastest of them counts: whatever else the machine does only slows it down
MOST_IDS = 4 << 20
MOST_EPOCHS = 1_000_000
FIRST_OPERATIONS = 4e9  # the first run is so small that it takes some hundredths of a second
GROWTH = 8  # at most, from run to run
ALPHA = 1e-4  # speed does not depend on it, and nothing diverges


def training_speed(estimate: TextEstimate, config: TrainConfig, threads: int, isa: str) -> float | None:
    """Words of the vocabulary a second, over all threads; None if there are none, or no memory to try.

    The cost is about a second, more where one word takes long (windows of thousands of words).
    """
    config = dataclasses.replace(config, held_out=0, line_weights=False, bucket=min(config.bucket, MOST_BUCKETS))
    room, fixed = min(MOST_MATRIX_BYTES, available_memory() // 4), matrix_bytes(config, 0)
    n_words = int(min(estimate.vocabulary(config.min_count, config.max_vocab).expected,
                      (room - fixed) / (matrix_bytes(config, 1) - fixed)))
    if n_words < 2:
        return None
    vocabulary, ids = _corpus(estimate, config, n_words)
    known = int(np.count_nonzero(ids >= 0))
    if not known:
        return None
    wanted = max(FIRST_OPERATIONS / _operations(config, known / max(len(ids) - known, 1)), 4.0)
    rates: list[float] = []
    started = time.perf_counter()
    while len(rates) < RUNS:
        seconds, words = _run(vocabulary, ids, known, config, threads, isa, wanted)
        if seconds >= RUN_SECONDS or words >= known * MOST_EPOCHS:
            rates.append(words / seconds)
        else:
            wanted = words * min(1.25 * RUN_SECONDS / max(seconds, 1e-6), GROWTH)
        if time.perf_counter() - started > MOST_SECONDS:
            break
    return max(rates, default=words / max(seconds, 1e-9))


def _run(vocabulary: Vocabulary, ids: NDArray[np.int32], known: int, config: TrainConfig, threads: int, isa: str,
         wanted: float) -> tuple[float, int]:
    """Train on about so many words: a part of the ids, or all of them several times. Seconds, and words."""
    epochs = min(max(round(wanted / known), 1), MOST_EPOCHS)
    part = ids if epochs > 1 else ids[: max(int(len(ids) * min(wanted / known, 1.0)), 2)]
    part = np.append(part[:-1], np.int32(LINE_END)) if part[-1] != LINE_END else part
    n = int(np.count_nonzero(part >= 0))
    once = dataclasses.replace(config, epochs=epochs, alpha=ALPHA, min_alpha=ALPHA)
    corpus = EncodedCorpus(vocabulary, part, n, CorpusReport(n, 0, 0, 0, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0))
    model = train_encoded(corpus, once, threads=threads, isa=isa, progress=False)
    return model.report.seconds_training, n * epochs


def _operations(config: TrainConfig, words_a_line: float) -> float:
    """Multiply-adds a word, roughly: two for each pair of a context and an output, and dimension."""
    reach = words_a_line if config.whole_lines else min(sum(config.sides) / 2, words_a_line)
    return max(3 * reach * (1 + config.negative) * config.vector_size, 1.0)


def _corpus(estimate: TextEstimate, config: TrainConfig, n_words: int) -> tuple[Vocabulary, NDArray[np.int32]]:
    """A vocabulary of `n_words`, the sample's filled up, and ids of the sample."""
    sample, factor = estimate.sample, estimate.factor
    least = max(1, int(config.min_count / factor))
    blob, offsets, counts, final = sample.table.select(sample.table.counts(), least, n_words)
    missing = n_words - len(counts)
    more = b"".join(b"\x01%010d" % k for k in range(missing))
    vocabulary = Vocabulary(
        np.append(blob, np.frombuffer(more, np.uint8)),
        np.append(offsets, offsets[-1] + 11 * np.arange(1, missing + 1)),
        np.maximum(np.append(counts * factor, np.zeros(missing)), config.min_count).astype(np.int64))
    parts, last, size = [], LINE_END, 0
    for piece in sample.chunks:
        out = np.empty(len(piece) + 1, np.int32)
        kept, last = remap(piece, final, out, last)
        parts.append(out[:kept])
        size += kept
        if size >= MOST_IDS:
            break
    return vocabulary, np.concatenate(parts)
