"""Checkpoint files of training runs: `write_checkpoint`, and `Checkpoint`, which reads them.

Place in the data flow: a paused run (`w2v.training.status.RunState`, matrices, vocabulary) <-> disk, at the times that
`w2v.training.observers.checkpoints` chooses. A checkpoint is a `.safetensors` file in the layout of w2v's own vector
files, so `w2v.load` and `w2v info` open it too. In addition, `__metadata__` has "checkpoint" (JSON), and the last 32
bytes, the tensor `sha256`, are the SHA-256 of all bytes before. No other content is used before the checksum is
verified.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt

from w2v._version import __version__
from w2v.config import TrainConfig, plain_value
from w2v.corpus.encoded import EncodedText, corpus_checksum
from w2v.corpus.paths import CorpusInput
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import FormatError, W2VError
from w2v.formats.content import Content
from w2v.formats.tensors import Tensors, header_bytes
from w2v.formats.vectorfile import INTEGER_KEYS, little_endian
from w2v.system.files import local_path
from w2v.system.interval import Interval
from w2v.system.remote import address_of
from w2v.system.shell import quoted
from w2v.system.threads import MOST_THREADS, Pool, resolve_threads
from w2v.system.windows import open_shared
from w2v.training.status import RunState
from w2v.types import Matrix, StrPath

LAYOUT = 1
BLOCK = 4 << 20  # bytes written and hashed at a time
DIGEST = hashlib.sha256().digest_size


@dataclasses.dataclass(frozen=True)
class Request:
    """Options of a run apart from the hyper-parameters, kept for a resumption.

    The names of the attributes are keys of the checkpoint file and must not change.

    Attributes
    ----------
    corpus : absolute paths of files, folders and globs; "-" is standard input; None if the corpus was not text on disk.
    threads : a number or "auto".
    every : interval of checkpoints, as `w2v.system.interval.Interval` reads it.
    notes : the caller's notes; plain values.
    initial : description of the initial vectors; None if there were none.
    held_out : path of a separate held-out text; None if there was none.
    corpus_options : options of the corpus that differ from their defaults (`w2v.corpus_options`).
    ids : where the ids were to be, one of `w2v.corpus_options.IDS`; a resumption may have them elsewhere.
    """

    corpus: list[str] | None
    threads: int | str
    every: str
    notes: dict[str, Any] = dataclasses.field(default_factory=dict)
    initial: str | None = None
    held_out: str | None = None
    corpus_options: dict[str, Any] = dataclasses.field(default_factory=dict)
    ids: str = "auto"


def write_checkpoint(file: BinaryIO, vocabulary: Vocabulary, matrices: Mapping[str, Matrix], vector_size: int,
                     card: Mapping[str, str], state: RunState, request: Request) -> int:
    """Write a paused run, in memory that does not grow with the model.

    Parameters
    ----------
    file : open for writing, at its start.
    vocabulary : of the run.
    matrices : (n, padded) float32 by name; the padding is not written.
    vector_size : floats per row without padding.
    card : the model card (`w2v.training.modelcard`).
    state, request : of the run.

    Returns
    -------
    Bytes written.
    """
    about = {"layout": LAYOUT, "state": dataclasses.asdict(state), "request": dataclasses.asdict(request)}
    metadata = {**card, "format": "w2v", "format_version": "1", "checkpoint": json.dumps(about)}
    if vocabulary.integer_keys:
        metadata[INTEGER_KEYS] = "true"
    small = {"word_offsets": vocabulary.offsets.astype("<i8", copy=False),
             "counts": vocabulary.counts.astype("<i8", copy=False)}
    layout: list[tuple[str, str, tuple[int, ...]]] = [(name, "I64", array.shape) for name, array in small.items()]
    layout += [(name, "F32", (len(matrix), vector_size)) for name, matrix in matrices.items()]
    layout += [("words", "U8", vocabulary.blob.shape), ("sha256", "U8", (DIGEST,))]
    digest, size = hashlib.sha256(), DIGEST
    with Pool(1, thread_name_prefix="w2v-hash") as hasher:  # while writing, which takes as long
        for block in _all_blocks(header_bytes(layout, metadata), [*small.values()], matrices, vector_size,
                                 vocabulary.blob):
            hashed = hasher.start(digest.update, block)
            size += file.write(block)
            hashed.result()
    file.write(digest.digest())
    return size


def _all_blocks(header: bytes, small: list[npt.NDArray[Any]], matrices: Mapping[str, Matrix], vector_size: int,
                blob: npt.NDArray[np.uint8]) -> Iterator[memoryview]:
    """Yield all bytes in order, little-endian; a block is valid until the next one is taken."""
    yield memoryview(header)
    for array in small:
        yield from _flat_blocks(array)
    for matrix in matrices.values():
        step = max(1, BLOCK // (4 * vector_size))
        room = np.empty((min(step, len(matrix)), vector_size), np.float32)
        for start in range(0, len(matrix), step):
            rows = matrix[start:start + step, :vector_size]
            np.copyto(room[:len(rows)], rows)
            yield little_endian(room[:len(rows)]).data.cast("B")
    yield from _flat_blocks(blob)


def _flat_blocks(array: npt.NDArray[Any]) -> Iterator[memoryview]:
    data = np.ascontiguousarray(array).view(np.uint8)
    for start in range(0, len(data), BLOCK):
        yield data[start:start + BLOCK].data


class Checkpoint:
    """A checkpoint whose checksum was verified; the matrices stay on disk, mapped into memory, until `release`.

    Attributes
    ----------
    path : of the file.
    config : hyper-parameters of the run.
    isa : instruction set that the run used.
    state : state of the run.
    share : share of all words that are done, 0 to 1.
    request : other options of the run.
    sha256 : checksum of the corpus (`w2v.corpus.encoded.corpus_checksum`).
    """

    path: str
    request: Request
    config: TrainConfig
    isa: str
    sha256: str
    state: RunState
    share: float

    def __init__(self, path: str, tensors: Tensors) -> None:
        """Take an open file with a correct checksum; other code calls `open`."""
        self.path, self._tensors = path, tensors
        try:
            self._read(tensors)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise FormatError(path, f"an entry of the checkpoint is missing or invalid: {error!r:.200}",
                              offset=8) from error

    def _read(self, tensors: Tensors) -> None:
        """Set the attributes; any of the errors that `__init__` catches means that an entry is wrong."""
        about = json.loads(tensors.metadata["checkpoint"])
        training = json.loads(tensors.metadata["training"])
        if not (training["reproducible"] or training["distributed"]):
            training.pop("threads")
        self.request, self._held_out = _typed(Request, about["request"]), None
        resolve_threads(self.request.threads)
        Interval.of(self.request.every, "every")
        if self.request.held_out is not None:
            training["held_out"] = self.request.held_out
            self._held_out = _text(json.loads(tensors.metadata["held_out"])["sha256"])
        self.config = TrainConfig(**training)
        self.isa = tensors.metadata["isa"]
        read = json.loads(tensors.metadata["corpus"])
        self.sha256, self._joined = _text(read["sha256"]), bool(read.get("words_joined"))
        words = _checked_vocabulary(tensors)
        self.state = _typed(RunState, about["state"])
        _check_state(self.state, self.config.epochs, words)
        self.share = self.state.words_done / max(words * self.config.epochs, 1)

    @classmethod
    def open(cls, path: StrPath) -> Checkpoint:
        """Open a checkpoint and verify its kind, checksum and version.

        Raises
        ------
        FormatError : the file is damaged, not a checkpoint, or of another version.
        W2VError : the file cannot be read.
        """
        path = str(path)
        try:
            with open(local_path(path), "rb", opener=open_shared) as file:
                content = Content(file, path)
                tensors = Tensors(content)
                data = content.whole()
        except OSError as error:
            raise W2VError(f"cannot read the checkpoint {path}: {error.strerror or error}") from error
        if not tensors.is_checkpoint:
            raise FormatError(path, "this is a file of vectors, not a checkpoint of a training run", offset=8)
        digest, end = hashlib.sha256(), len(data) - DIGEST
        for start in range(0, end, BLOCK):
            digest.update(data[start:min(start + BLOCK, end)].data)
        if digest.digest() != data[end:].tobytes():
            raise FormatError(path, "the checksum of the checkpoint is wrong: the file is damaged", offset=end)
        found = tensors.metadata.get("version"), _layout(tensors.metadata["checkpoint"])
        if found != (__version__, LAYOUT):
            raise FormatError(path, f"the checkpoint was written by w2v {found[0]}, layout {found[1]}, but this is "
                                    f"{__version__}, layout {LAYOUT}: resume with the version that wrote it", offset=8)
        return cls(path, tensors)

    def corpus_paths(self) -> list[StrPath]:
        """Return the paths of the corpus.

        Raises
        ------
        ValueError : the corpus was not in files and must be passed again.
        """
        paths = self.request.corpus
        if paths is None or "-" in paths:
            what = "was not in files" if paths is None else "came from standard input"
            raise ValueError(f"the corpus of {self.path} {what}: pass the same corpus again")
        return [address_of(name) or Path(name) for name in paths]

    def agreed_corpus_options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of the corpus of the run, if those that are given again do not contradict them.

        Raises
        ------
        ValueError : one differs, or a tokenizer has to be passed again.
        """
        stored = dict(self.request.corpus_options)
        text = (CorpusInput.of_graph if "walks" in stored else CorpusInput.of)([], given).options
        for name in given:
            if text.get(name) != stored.get(name):
                raise ValueError(f"{name} = {given[name]!r} differs from the run in {self.path}, which has "
                                 f"{stored.get(name, 'its default')!r}: a resumed run keeps its options; leave it out")
        if "tokenizer" in stored and "tokenizer" not in given:
            raise ValueError(f"the run in {self.path} has tokenizer = {stored['tokenizer']}, a function, which cannot "
                             "be stored: pass it again")
        return {**stored, **given}

    def how_to_move(self) -> str:
        """Return the command that resumes the run with the corpus at another place."""
        return f"w2v train NEW_PLACE --resume {quoted(self.path)}"

    def agree(self, options: Mapping[str, Any]) -> TrainConfig:
        """Return the hyper-parameters of the run, if `options` do not contradict them.

        A separate held-out text may have moved to another path: it is identified by its checksum.

        Raises
        ------
        ValueError : an option contradicts the run; names both values.
        """
        found = {name: plain_value(name, value) for name, value in options.items()}
        for name, value in options.items():
            if self._differs(name, found[name]):
                stored = getattr(self.config, name)
                raise ValueError(f"{name} = {value!r} contradicts {name} = {stored!r} of the run in {self.path}; a "
                                 "resumed run keeps its options: leave this one out")
        return dataclasses.replace(self.config, **found)

    def is_of(self, config: TrainConfig, sha256: str | None) -> bool:
        """Whether this is a checkpoint of a run with these hyper-parameters on the corpus with this checksum."""
        return sha256 == self.sha256 and not any(self._differs(name, value) for name, value in vars(config).items())

    def _differs(self, name: str, value: Any) -> bool:
        """Whether the value of a hyper-parameter, in its plain form, contradicts the run."""
        stored = getattr(self.config, name)
        moved = name == "held_out" and isinstance(stored, str) and isinstance(value, str)
        return bool(value != stored) and not moved

    def check_phrases(self, given: bool) -> None:
        """Check that phrases are given if the run joined phrases.

        Raises
        ------
        W2VError : they are missing.
        """
        if self._joined and not given:
            raise W2VError(f"the run in {self.path} joined phrases: pass the same phrases again")

    def check_corpus(self, corpus: EncodedText) -> str:
        """Check that an encoded corpus is that of the run, and return its checksum.

        Raises
        ------
        W2VError : it differs; says how.
        """
        sha256 = corpus_checksum(corpus)
        problem = self._what_differs(corpus.vocabulary)
        if problem is None and sha256 != self.sha256:
            problem = "it has the same words with the same counts, in another order or other lines"
        if problem is not None:
            raise W2VError(f"the corpus is not that of {self.path}: {problem}; a run can only be resumed on the same "
                           f"text; if it has moved: {self.how_to_move()}")
        return sha256

    def check_held_out(self, path: str, sha256: str) -> None:
        """Check that a separate held-out text with this checksum is that of the run.

        Raises
        ------
        W2VError : it differs.
        """
        if sha256 != self._held_out:
            raise W2VError(f"held_out: {path} is not the held-out text of {self.path}: its words or lines differ; a "
                           "run can only be resumed with the same text")

    def _what_differs(self, vocabulary: Vocabulary) -> str | None:
        """Return how a vocabulary differs from that of the run, or None."""
        blob, offsets, counts = (self._tensors.read(name) for name in ("words", "word_offsets", "counts"))
        if len(counts) != len(vocabulary) or int(counts.sum()) != vocabulary.total:
            return (f"its vocabulary has {len(vocabulary):,} words that occur {vocabulary.total:,} times, that of the "
                    f"checkpoint {len(counts):,} words that occur {int(counts.sum()):,} times")
        if not (np.array_equal(offsets, vocabulary.offsets) and np.array_equal(blob, vocabulary.blob)):
            stored = Vocabulary(blob, offsets, counts)
            rank, old, new = next((rank, a, b) for rank, (a, b) in
                                  enumerate(zip(stored.words, vocabulary.words, strict=True)) if a != b)
            return f"word number {rank + 1} is {new[:40]!r}, in the checkpoint {old[:40]!r}"
        if not np.array_equal(counts, vocabulary.counts):
            rank = int(np.argmax(counts != vocabulary.counts))
            return (f"{vocabulary.words[rank][:40]!r} occurs {vocabulary.counts[rank]:,} times, in the checkpoint "
                    f"{counts[rank]:,}")
        return None

    def load(self, matrices: Mapping[str, Matrix]) -> None:
        """Fill the matrices, (n, padded) float32 by name.

        Raises
        ------
        FormatError : a matrix is missing or has another shape.
        """
        size = self.config.vector_size
        for name, matrix in matrices.items():
            stored = self._tensors.read(name)
            if stored.shape != (len(matrix), size) or self._tensors.dtype(name) != "F32":
                raise FormatError(self.path, f"`{name}` has shape {list(stored.shape)}, not {[len(matrix), size]}",
                                  offset=8)
            step = max(1, BLOCK // (4 * size))
            for start in range(0, len(matrix), step):
                matrix[start:start + step, :size] = stored[start:start + step]
                matrix[start:start + step, size:] = 0

    def release(self) -> None:
        """Close the file, which otherwise takes disk space even after a newer one has replaced it.

        `check_corpus` and `load` cannot be called afterwards.
        """
        del self._tensors


_VALID: dict[str, Callable[[Any], bool]] = {
    "int": lambda value: type(value) is int and 0 <= value < 2**62,
    "float": lambda value: type(value) in (int, float) and math.isfinite(value),
    "str": lambda value: isinstance(value, str),
    "None": lambda value: value is None,
    "list[str]": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "tuple[str, ...]": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "dict[str, Any]": lambda value: isinstance(value, dict),
}
"""Whether a value from JSON has a type, by the annotation of the type."""

_Record = TypeVar("_Record", Request, RunState)


def _typed(kind: type[_Record], values: dict[str, Any]) -> _Record:
    """Return a record of `kind` from JSON.

    Raises
    ------
    TypeError : a field is missing, unknown, or of another type; numbers must be finite, whole ones at least 0.
    """
    for spec in dataclasses.fields(kind):
        if spec.name in values and not any(_VALID[one](values[spec.name]) for one in str(spec.type).split(" | ")):
            raise TypeError(f"{spec.name} = {values[spec.name]!r:.80} is not {spec.type}")
    fields: dict[str, Any] = {name: tuple(value) if name == "rollbacks" else value for name, value in values.items()}
    return kind(**fields)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80} is not text")
    return value


def _checked_vocabulary(tensors: Tensors) -> int:
    """Check the words and their counts; return the number of words of the corpus.

    Raises
    ------
    ValueError, TypeError : they are not a vocabulary.
    """
    blob, offsets, counts = (tensors.read(name) for name in ("words", "word_offsets", "counts"))
    if (blob.dtype, offsets.dtype, counts.dtype) != (np.dtype(np.uint8), np.dtype(np.int64), np.dtype(np.int64)):
        raise TypeError("words, word_offsets and counts must be U8, I64 and I64")
    if offsets.ndim != 1 or not (offsets[1:] > offsets[:-1]).all():  # compared, since a difference could overflow
        raise ValueError("word_offsets do not rise")
    Vocabulary(blob, offsets, counts)
    total = float(counts.sum(dtype=np.float64))
    if not total < 2**62:
        raise ValueError("the counts are too large")
    return int(counts.sum())


def _check_state(state: RunState, epochs: int, words: int) -> None:
    """Raise ValueError if a run over a corpus of this many words cannot be in this state."""
    most_pieces = max(3 * words, 4 * MOST_THREADS)  # a shard has at least one id: a word, a line end or a weight
    if not (1 <= state.n_pieces <= most_pieces and state.taken <= epochs * state.n_pieces
            and state.words_done <= epochs * words and 0 <= state.min_alpha <= state.alpha <= 10
            and state.seconds >= 0 and state.seconds_paused >= 0):
        raise ValueError(f"the state {dataclasses.asdict(state)!r:.160} is impossible")


def _layout(text: str) -> object:
    """Return the number of the layout; None if there is none."""
    try:
        return json.loads(text).get("layout")
    except (ValueError, AttributeError, RecursionError):
        return None
