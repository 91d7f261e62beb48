"""What a training run needs of memory and disk, and the refusal of one that cannot fit.

Place in the data flow: configuration and sizes -> bytes. `w2v plan` shows them, and `train` compares the same numbers
with what there is (`w2v.system.resources`): before it reads a large corpus, with the lower bounds from a small sample, and
when the vocabulary is known, before the matrices are made.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from w2v.config import TrainConfig
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.estimate.estimate import Sizes, TextEstimate
from w2v.corpus.estimate.sample import take_sample
from w2v.corpus.id_store import DISK_RESERVE, ID_BYTES
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.errors import W2VError
from w2v.formats.vectorfile import FASTTEXT_BINARY, SAFETENSORS, WORD2VEC_BINARY, WORD2VEC_TEXT
from w2v.system.resources import available_memory, require_disk, require_memory
from w2v.training.loop._isa import ROW_FLOATS
from w2v.training.objectives.table import objective_of
from w2v.types import StrPath

SAMPLER_BYTES = 8 + 4  # a word: its cell of the alias table, its threshold of subsampling
WORD_BYTES = 16 + 57 + 8 + 64  # a word besides its own bytes, which stand twice: its offset and count, the str, the
# list of all, and the set that looks for words that stand twice
TABLE_BYTES = 96 + 8 + 4  # a different word while the text is read: slots of 32 bytes at most 5/8 full, count, new id
LISTED_BYTES = 40  # a word of the vocabulary while it is sorted
WORKING_BYTES = 16 << 20  # whatever else
THREAD_BYTES = 4 << 20
TEXT_NUMBER_BYTES = 12.1  # of a number in word2vec text, with its blank: measured
MEMORY_SHARE = 0.5  # of the free memory that ids may take, see `w2v.corpus.encode.encode`

EARLY_BYTES = 256 << 20  # of a corpus, from which on a look at a sample costs little beside the reading
EARLY_SAMPLE = 4 << 20
EARLY_SECONDS = 0.2


@dataclass(frozen=True)
class Memory:
    """Bytes. `reading` and `training` are the two peaks, `peak` the larger of them. Ids that go to a file on the disk
    are `spooled` and count for neither."""

    matrices: int
    sampler: int
    vocabulary: int
    ids: int
    spooled: int
    reading: int
    training: int
    peak: int


@dataclass(frozen=True)
class Output:
    """Where the vectors will go, and in which format of `w2v.formats.vectorfile`."""

    path: StrPath
    format: str

    @property
    def folder(self) -> str:
        return os.path.dirname(os.path.realpath(self.path))


def matrix_bytes(config: TrainConfig, n_words: float) -> float:
    """The input and the output matrix, rows padded to ROW_FLOATS floats: see `w2v.training.objectives`."""
    input_rows = n_words + ngram_rows(config)
    output_rows = n_words * len(objective_of(config).outputs)
    return (input_rows + output_rows) * -(-config.vector_size // ROW_FLOATS) * ROW_FLOATS * 4


def ngram_rows(config: TrainConfig) -> int:
    """Input rows that are no words."""
    return config.bucket if config.maxn else 0


def memory(config: TrainConfig, sizes: Sizes, threads: int, free: float) -> Memory:
    """What a run needs of memory when so much is free as it begins, which decides where the ids go."""
    between = sizes.lines * (1 + config.line_weights)  # line ends, and weights
    ids = (sizes.tokens + between) * ID_BYTES
    spooled = ids if ids > MEMORY_SHARE * free else 0.0
    kept = 0.0 if spooled else (sizes.known + between) * ID_BYTES
    words = sizes.n_words * (WORD_BYTES + 2 * sizes.word_bytes)
    sampler = sizes.n_words * SAMPLER_BYTES
    matrices = matrix_bytes(config, sizes.n_words)
    working = WORKING_BYTES + threads * THREAD_BYTES
    reading = ids - spooled + sizes.distinct * TABLE_BYTES + sizes.n_words * LISTED_BYTES + working
    training = kept + matrices + sampler + words + working
    return Memory(*map(int, (matrices, sampler, words, ids, spooled, reading, training, max(reading, training))))


def output_bytes(config: TrainConfig, sizes: Sizes, format: str) -> int:
    """The file of the vectors."""
    number = TEXT_NUMBER_BYTES if format == WORD2VEC_TEXT else 4.0
    around = 2.0 if format in (WORD2VEC_TEXT, WORD2VEC_BINARY) else 16.0  # blank and newline; offset and count
    rows = sizes.n_words + (ngram_rows(config) if format in (SAFETENSORS, FASTTEXT_BINARY) else 0)
    if format == FASTTEXT_BINARY:
        rows += sizes.n_words
    return int(sizes.n_words * (sizes.word_bytes + around) + rows * config.vector_size * number)


def spool_folder() -> str:
    """Where the ids go when they do not fit into memory."""
    return tempfile.gettempdir()


# --- problems ------------------------------------------------------------------------------------------------------


def problems(who: str, config: TrainConfig, sizes: Sizes, threads: int, output: Output | None) -> list[str]:
    """Why a run of these sizes cannot fit; empty if it can."""
    return [str(error) for check in _checks(who, config, sizes, threads, output) if (error := _error(check))]


def check_early(corpus: Corpus, config: TrainConfig, threads: int, output: Output | None = None) -> None:
    """Before a large corpus is read: refuse what cannot fit even at the lower bounds of a small sample.

    Raises
    ------
    W2VError : says what is needed and what is free.
    """
    corpus = CorpusInput.of(corpus)
    if not corpus.is_large(EARLY_BYTES):
        return
    try:
        estimate = TextEstimate(take_sample(corpus, line_weights=config.line_weights, sample_bytes=EARLY_SAMPLE,
                                            seconds=EARLY_SECONDS))
    except W2VError:
        return  # reading it all will say so, in the order of the text
    if not estimate.sample.words:
        return
    sizes = estimate.sizes(config.min_count, config.max_vocab, low=True)
    who = (f"{estimate.sample.name}: at least {sizes.n_words:,.0f} words, estimated from a sample, of "
           f"{config.vector_size} dimensions")
    for check in _checks(who, config, sizes, threads, output):
        check()


def check_fits(corpus: EncodedCorpus, config: TrainConfig, threads: int, output: Output | None = None) -> None:
    """When the vocabulary is known and nothing is allocated for training yet: refuse what does not fit beside the ids.

    Raises
    ------
    W2VError : says what is needed and what is free.
    """
    vocabulary = corpus.vocabulary
    sizes = Sizes(0, 0, 0, len(vocabulary), 0, len(vocabulary.blob) / max(len(vocabulary), 1))
    who = f"{len(vocabulary):,} words of {config.vector_size} dimensions"
    for check in _checks(who, config, sizes, threads, output):
        check()


def _checks(
    who: str, config: TrainConfig, sizes: Sizes, threads: int, output: Output | None
) -> Sequence[Callable[[], None]]:
    free = available_memory()
    need = memory(config, sizes, threads, free)
    fitting = _what_fits(config, sizes, threads, free) if need.peak > free else ""
    checks = [lambda: require_memory(who, need.peak, fitting)]
    if need.spooled:
        checks.append(lambda: require_disk(f"{who}: the ids of the text, which do not fit into memory", spool_folder(),
                                           need.spooled + DISK_RESERVE, "set TMPDIR to a larger disk"))
    if output is not None:
        size = output_bytes(config, sizes, output.format)
        checks.append(lambda: require_disk(f"{os.fspath(output.path)}: {who}", output.folder, size,
                                           "write to a larger disk, or .bin instead of text"))
    return checks


def _error(check: Callable[[], None]) -> W2VError | None:
    try:
        check()
    except W2VError as error:
        return error
    return None


def _what_fits(config: TrainConfig, sizes: Sizes, threads: int, free: int) -> str:
    """Which smaller vectors or vocabulary would fit, in words."""
    need = memory(config, sizes, threads, free)
    if need.reading > free:
        return "the different words of the text alone do not fit: clean it, or take a part of it"
    of_all = need.matrices / -(-config.vector_size // ROW_FLOATS)  # ROW_FLOATS dimensions of all rows
    room = free - (need.training - need.matrices)
    dimensions = int(room / max(of_all, 1)) * ROW_FLOATS
    fixed = need.training - need.matrices - need.sampler - need.vocabulary + matrix_bytes(config, 0)
    words = int((free - fixed) / ((need.training - fixed) / max(sizes.n_words, 1)))
    fitting = [f"a vector_size of {dimensions}"] * (dimensions > 0) + [f"a max_vocab of {words:,}"] * (words > 0)
    return f"{' or '.join(fitting)} would fit, so would a larger min_count" if fitting else "nothing would fit"
