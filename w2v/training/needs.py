"""Memory and disk space that a training run needs, where its ids go, and the refusal of runs that do not fit.

Place in the data flow: configuration and sizes -> bytes. `w2v plan` shows these numbers. `train` compares the same
numbers with the free memory and disk space (`w2v.system.resources`) twice: before it reads a large corpus, using the
lower bounds from a small sample, and before it allocates the matrices, when the vocabulary is known.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from w2v.config import TrainConfig
from w2v.corpus.blocks import BLOCK_SIZE
from w2v.corpus.encoded import EncodedText
from w2v.corpus.estimate.estimate import Sizes, TextEstimate
from w2v.corpus.estimate.sample import take_sample
from w2v.corpus.id_store import DISK_RESERVE, ID_BYTES
from w2v.corpus.paths import CorpusInput
from w2v.corpus.reread import CACHED_BLOCKS
from w2v.corpus_options import IDS
from w2v.errors import CorpusError, W2VError
from w2v.formats import FORMATS
from w2v.system.resources import available_memory, free_disk, require_disk, require_memory
from w2v.training.loop._isa import ROW_FLOATS
from w2v.training.loop.settings import LONGEST_WINDOW
from w2v.training.objectives.table import objective_of
from w2v.types import StrPath

SAMPLER_BYTES = 8 + 4  # per word: its cell of the alias table and its subsampling threshold
WORD_BYTES = 16 + 57 + 8 + 64  # per word, besides its own bytes, which are stored twice: offset and count, the str, the
# list of words, and the set in which duplicates are looked for
TABLE_BYTES = 96 + 8 + 4  # per distinct word while the text is read: slots of 32 bytes at most 5/8 full, count, new id
LISTED_BYTES = 40  # per word of the vocabulary while it is sorted
WORKING_BYTES = 16 << 20  # everything else
THREAD_BYTES = 4 << 20
COPY_BYTES = 4  # per row of a worker of a round besides the copy: its curvature
SUMS = 2  # of a round: as many rows as both matrices have (csrc/rounds/merge.h)
PROCESS_BYTES = 70 << 20  # of a process of a cluster on this machine before it has anything of the run
PROCESS_MODELS = 5  # its matrices, copies of a shard, the parts of two rounds, and parts that are sent or merged. With
# the changes of the shards 0.98 to 1.2 of what was measured (1 to 3 processes, 4 and 8 shards, 59,605 words)
CACHE_BYTES = CACHED_BLOCKS * 2 * BLOCK_SIZE  # a thread, for blocks of text and of ids that are not stored
MOST_LINE_WORDS = 2**31 - 1  # `csrc/loop/long_line.h`
MEMORY_SHARE = 0.5  # share of the free memory that ids may take, see `w2v.corpus.encode.encode`

STORED = ("memory", "disk")

EARLY_BYTES = 256 << 20  # size of a corpus above which it costs comparatively little to read a sample first
EARLY_SAMPLE = 4 << 20
EARLY_SECONDS = 0.2


@dataclass(frozen=True)
class Memory:
    """Memory that a run needs, in bytes.

    Attributes
    ----------
    matrices : input and output matrix.
    rounds : copies and sums of a run with `reproducible`; 0 without. With a cluster on this machine, all of its
        processes.
    sampler : alias table of the noise words and subsampling thresholds.
    vocabulary : words, with their counts.
    ids : the encoded corpus.
    place : where it goes: "memory", "disk", or "none" if it is not stored and each epoch reads the text again.
    spooled : `ids` if they go to a file, otherwise 0; not part of the peaks.
    reading, training : peak while the corpus is read, and while the model is trained.
    peak : the larger of the two.
    graph : rows of a graph; 0 for a text.
    """

    matrices: int
    rounds: int
    sampler: int
    vocabulary: int
    ids: int
    place: str
    spooled: int
    reading: int
    training: int
    peak: int
    graph: int = 0


@dataclass(frozen=True)
class Output:
    """File of the trained vectors.

    Attributes
    ----------
    path : the file.
    format : name of its format, a key of `w2v.formats.FORMATS`, such as "word2vec-binary".
    """

    path: StrPath
    format: str

    @property
    def folder(self) -> str:
        """Folder of the file, with symbolic links followed."""
        return os.path.dirname(os.path.realpath(self.path))


def matrix_bytes(config: TrainConfig, n_words: float) -> float:
    """Return the bytes of the two matrices of `w2v.training.objectives`, whose rows are padded to ROW_FLOATS."""
    input_rows = n_words + ngram_rows(config)
    output_rows = n_words * len(objective_of(config).outputs)
    return (input_rows + output_rows) * -(-config.vector_size // ROW_FLOATS) * ROW_FLOATS * 4


def workers_at_once(config: TrainConfig, threads: int) -> int:
    """Return how many workers of a round have copies of the rows at the same time in this process, which has `threads`;
    0 if the rounds are trained elsewhere."""
    return min(config.shards, 2 * threads)


def rounds_bytes(config: TrainConfig, n_words: float, threads: int, processes: int = 0) -> float:
    """Return the bytes that training in rounds needs besides the matrices; 0 without `reproducible`.

    These are the copies of the workers and the sums of their changes.

    Parameters
    ----------
    threads : of this process; 0 if the rounds are trained elsewhere.
    processes : of a cluster on this machine, which train them.
    """
    if not config.in_rounds:
        return 0.0
    matrices = matrix_bytes(config, n_words)
    if processes:
        return processes * (PROCESS_BYTES + PROCESS_MODELS * matrices) + (config.shards + 1) * matrices
    return workers_at_once(config, threads) * (matrices + 2 * COPY_BYTES * n_words) + SUMS * matrices


def ngram_rows(config: TrainConfig) -> int:
    """Return the number of input rows that belong to n-grams."""
    return config.bucket if config.maxn else 0


def places_for(ids: str, corpus: CorpusInput, phrases: bool, fresh: bool = False) -> tuple[str, ...]:
    """Return the places that the ids of a run may go to, in the order in which they are tried.

    Parameters
    ----------
    ids : as requested; one of `w2v.corpus_options.IDS`.
    phrases : whether phrases are joined, which needs stored ids.
    fresh : whether each epoch has a text of its own, whose ids are stored.

    Raises
    ------
    ValueError : there is no such place, or "none" is asked for and ids have to be stored.
    """
    if corpus.walking is not None:
        return ("none",)
    if ids not in IDS:
        raise ValueError(f"ids = {ids!r} does not exist; pass {' or '.join(map(repr, IDS))}")
    if ids in STORED:
        return (ids,)
    once = corpus.read_once
    if ids == "auto":
        return STORED if phrases or fresh or once else (*STORED, "none")
    if phrases:
        raise ValueError("ids = 'none' cannot be used with phrases, which are joined in the stored ids; use "
                         "ids = 'disk', or write the text with its phrases joined (w2v phrases) and train on that")
    if once:
        raise ValueError(f"ids = 'none' reads the corpus again in each epoch, but {once}; use ids = 'disk', or save "
                         "the text to a file")
    return (ids,)


def place_of_ids(places: Sequence[str], n_bytes: float, free: float) -> str:
    """Return the first place that has room for ids of `n_bytes`, with `free` bytes of memory; the last one if none
    has."""
    for place in places[:-1]:
        room = MEMORY_SHARE * free if place == "memory" else free_disk(spool_folder()) - DISK_RESERVE
        if n_bytes <= room:
            return place
    return places[-1]


def memory(config: TrainConfig, sizes: Sizes, threads: int, free: float, places: Sequence[str] = STORED,
           processes: int = 0) -> Memory:
    """Return the memory that a run needs if `free` bytes are free at its start, which decides where the ids go;
    `threads` and `processes` as for `rounds_bytes`."""
    marks = sizes.lines * (1 + config.line_weights)  # line ends, and weights
    ids = (sizes.tokens + marks) * ID_BYTES
    place = place_of_ids(places, ids, free)
    spooled = ids if place == "disk" else 0.0
    kept = (sizes.known + marks) * ID_BYTES if place == "memory" else 0.0
    if place == "none":
        kept = sizes.n_words * TABLE_BYTES + (threads + 1) * CACHE_BYTES
    words = sizes.n_words * (WORD_BYTES + 2 * sizes.word_bytes)
    sampler = sizes.n_words * SAMPLER_BYTES
    matrices = matrix_bytes(config, sizes.n_words)
    rounds = rounds_bytes(config, sizes.n_words, threads, processes)
    working = WORKING_BYTES + threads * THREAD_BYTES
    reading = sizes.distinct * TABLE_BYTES + sizes.n_words * LISTED_BYTES + working
    if place == "memory":
        reading += ids
    training = kept + matrices + rounds + sampler + words + working
    return Memory(matrices=int(matrices), rounds=int(rounds), sampler=int(sampler), vocabulary=int(words), ids=int(ids),
                  place=place, spooled=int(spooled), reading=int(reading), training=int(training),
                  peak=int(max(reading, training)))


def output_bytes(config: TrainConfig, sizes: Sizes, format: str) -> int:
    """Return the size of the file of the vectors in a format, in bytes."""
    return FORMATS[format].file_bytes(sizes.n_words, sizes.word_bytes, config.vector_size, ngram_rows(config))


def spool_folder() -> str:
    """Return the folder for the ids when they do not fit into memory."""
    return tempfile.gettempdir()


def check_longest_line(longest: int, config: TrainConfig) -> None:
    """Check that the longest line can be trained with windows of whole lines.

    Parameters
    ----------
    longest : its known words.

    Raises
    ------
    CorpusError : it is too long to be one window.
    """
    if config.line_contexts is None and longest > LONGEST_WINDOW:
        raise CorpusError(
            f"window = line trains all pairs of words of a line, but the longest line has {longest:,} known words, "
            f"which is {longest / 1e6 * longest:,.0f} million pairs; the limit is {LONGEST_WINDOW:,} words: draw some "
            "contexts of each word with line_contexts=10 (--line-contexts 10), split the line, or give the window as a "
            "number of words, for example 5")
    if longest > MOST_LINE_WORDS:
        raise CorpusError(f"the longest line has {longest:,} known words; with window = line the limit is "
                          f"{MOST_LINE_WORDS:,}: split the line, or give the window as a number of words")


# --- problems ------------------------------------------------------------------------------------------------------


def problems(who: str, config: TrainConfig, sizes: Sizes, threads: int, output: Output | None,
             places: Sequence[str] = STORED, processes: int = 0) -> list[str]:
    """Return why a run of these sizes does not fit; empty if it does."""
    checks = _checks(who, config, sizes, threads, output, places, processes)
    return [str(error) for check in checks if (error := _error(check))]


def check_early(corpus: CorpusInput, config: TrainConfig, threads: int, output: Output | None = None,
                places: tuple[str, ...] = STORED, processes: int = 0) -> tuple[str, ...]:
    """Refuse a run on a large corpus that does not fit even at the lower bounds of a small sample; before reading it.

    Returns
    -------
    The places that are left for the ids.

    Raises
    ------
    W2VError : says how much is needed and how much is free.
    """
    if corpus.walking is not None or not corpus.is_large(EARLY_BYTES):
        return places
    try:
        estimate = TextEstimate(take_sample(corpus, line_weights=config.line_weights, sample_bytes=EARLY_SAMPLE,
                                            seconds=EARLY_SECONDS))
    except W2VError:
        return places  # reading the whole corpus reports the first error in its order
    if not estimate.sample.words:
        return places
    sizes = estimate.sizes(config.min_count, config.max_vocab, low=True)
    who = (f"{estimate.sample.name}: at least {sizes.n_words:,.0f} words, estimated from a sample, of "
           f"{config.vector_size} dimensions")
    for check in _checks(who, config, sizes, threads, output, places, processes):
        check()
    return places[places.index(memory(config, sizes, threads, available_memory(), places, processes).place):]


def check_fits(corpus: EncodedText, config: TrainConfig, threads: int, output: Output | None = None,
               processes: int = 0) -> None:
    """Refuse a run that does not fit in addition to the ids; before anything is allocated for training.

    Raises
    ------
    W2VError : says how much is needed and how much is free.
    """
    vocabulary = corpus.vocabulary
    sizes = Sizes(tokens=0, lines=0, distinct=0, n_words=len(vocabulary), known=0,
                  word_bytes=len(vocabulary.blob) / max(len(vocabulary), 1))
    who = f"{len(vocabulary):,} words of {config.vector_size} dimensions"
    for check in _checks(who, config, sizes, threads, output, processes=processes):
        check()


def _checks(
    who: str, config: TrainConfig, sizes: Sizes, threads: int, output: Output | None, places: Sequence[str] = STORED,
    processes: int = 0,
) -> Sequence[Callable[[], None]]:
    free = available_memory()
    need = memory(config, sizes, threads, free, places, processes)
    fitting = "" if need.peak <= free else _what_fits(config, sizes, threads, need, free, processes)
    checks = [lambda: require_memory(who, need.peak, fitting)]
    if need.spooled:
        checks.append(lambda: require_disk(f"{who}: the ids of the text, which do not fit into memory", spool_folder(),
                                           need.spooled + DISK_RESERVE, "set TMPDIR to a folder on a larger disk"))
    if output is not None:
        size = output_bytes(config, sizes, output.format)
        checks.append(lambda: require_disk(f"{os.fspath(output.path)}: {who}", output.folder, size,
                                           "write to a larger disk, or use .bin instead of text"))
    return checks


def _error(check: Callable[[], None]) -> W2VError | None:
    try:
        check()
    except W2VError as error:
        return error
    return None


def _what_fits(config: TrainConfig, sizes: Sizes, threads: int, need: Memory, free: int, processes: int) -> str:
    """Return in words what would fit instead: ids at another place, fewer workers of a round, smaller vectors or a
    smaller vocabulary."""
    if need.place == "memory" and memory(config, sizes, threads, free, ("disk",), processes).peak <= free:
        return "it would fit without the ids of the text: use ids=\"disk\" or ids=\"none\" (--ids disk, --ids none)"
    if need.reading > free:
        return "the distinct words of the text alone do not fit; clean the text, or use a part of it"
    if processes and (fewer := _fewer_processes(config, sizes, need, free, processes)):
        return fewer
    if config.in_rounds and not processes and (fewer := _fewer_workers(config, sizes, threads, need, free)):
        return fewer
    rows = need.matrices + need.rounds
    if config.in_rounds:
        rows -= int(workers_at_once(config, threads) * 2 * COPY_BYTES * sizes.n_words + processes * PROCESS_BYTES)
    of_all = rows / -(-config.vector_size // ROW_FLOATS)  # ROW_FLOATS dimensions of all rows
    room = free - (need.training - rows)
    dimensions = int(room / max(of_all, 1)) * ROW_FLOATS
    fixed = need.training - need.matrices - need.rounds - need.sampler - need.vocabulary + matrix_bytes(config, 0)
    fixed += processes * PROCESS_BYTES
    words = int((free - fixed) / ((need.training - fixed) / max(sizes.n_words, 1)))
    fitting = [f"a vector_size of {dimensions}"] * (dimensions > 0) + [f"a max_vocab of {words:,}"] * (words > 0)
    return f"{' or '.join(fitting)} would fit, and so would a larger min_count" if fitting else "nothing would fit"


def _fewer_workers(config: TrainConfig, sizes: Sizes, threads: int, need: Memory, free: int) -> str | None:
    """Return in words with how many workers of a round the run would fit; None if not with a single one."""
    of_one = need.matrices + 2 * COPY_BYTES * sizes.n_words
    workers = workers_at_once(config, threads) - int(-(-(need.peak - free) // of_one))
    if workers < 1:
        return None
    fewer = [f"threads={workers // 2} (--threads {workers // 2})"] * (workers > 1)
    fewer.append(f"shards={workers} (--shards {workers}), which gives other vectors")
    return f"with reproducible=True it would fit with {' or with '.join(fewer)}"


def _fewer_processes(config: TrainConfig, sizes: Sizes, need: Memory, free: int, processes: int) -> str | None:
    """Return in words with how many processes of a cluster on this machine the run would fit, or with threads of one
    process; None if in neither way."""
    places = (need.place,)
    instead = ("engine=\"threads\" (--reproducible without --engine) gives the same vectors with less memory"
               if config.reproducible else "threads of this process, without engine (--engine), need less memory")
    fitting = [n for n in range(1, processes) if memory(config, sizes, 0, free, places, n).peak <= free]
    if fitting:
        return (f"on a cluster of this machine it would fit with threads={fitting[-1]} (--threads {fitting[-1]}); "
                f"{instead}")
    if memory(replace(config, distributed=False), sizes, 1, free, places).peak <= free:
        return f"on a cluster of this machine it does not fit; {instead}"
    return None
