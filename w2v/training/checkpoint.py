"""The file from which a training run goes on: `write_checkpoint`, and `Checkpoint`, which reads it.

Place in the data flow: a paused run (`w2v.training.status.RunState`, matrices, vocabulary) <-> disk; `w2v.training.observers.checkpoints` says when. It
is a `.safetensors` of our own layout (`w2v.formats`), so `w2v.load` and `w2v info` open it too, with two things more:
`__metadata__` has "checkpoint", JSON, and the last 32 bytes, the tensor `sha256`, are the SHA-256 of all bytes before.
Nothing is believed before that is checked.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from w2v._version import __version__
from w2v.config import TrainConfig, plain_value
from w2v.corpus.encoded import EncodedCorpus, corpus_checksum
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import FormatError, W2VError
from w2v.formats.content import Content
from w2v.formats.tensors import Tensors, header_bytes
from w2v.formats.vectorfile import little_endian
from w2v.training.status import RunState
from w2v.types import Matrix, StrPath

LAYOUT = 1
BLOCK = 4 << 20  # bytes that are written and hashed at a time
DIGEST = hashlib.sha256().digest_size


@dataclasses.dataclass(frozen=True)
class Request:
    """What was asked for beside the hyper-parameters, to be found again.

    Attributes
    ----------
    corpus : files, folders and globs, absolute; "-" is standard input; None if it was no text on disk.
    threads : a number or "auto".
    every : time between two checkpoints, as `w2v.system.interval.Interval` reads it.
    notes : what the caller wants to have again; plain values.
    initial : the vectors that the run began with, in words; None if there were none.
    held_out : where the text stands that is held out, if it is one of its own.
    """

    corpus: list[str] | None
    threads: int | str
    every: str
    notes: dict[str, Any] = dataclasses.field(default_factory=dict)
    initial: str | None = None
    held_out: str | None = None


def write_checkpoint(file: BinaryIO, vocabulary: Vocabulary, matrices: Mapping[str, Matrix], vector_size: int,
                     card: Mapping[str, str], state: RunState, request: Request) -> int:
    """Write all of a paused run; returns the number of bytes. Needs no memory that grows with the model.

    Parameters
    ----------
    matrices : (n, padded) float32 by name; the padding stays out.
    card : the model card (`w2v.training.modelcard`), with options and corpus.
    """
    about = {"layout": LAYOUT, "state": dataclasses.asdict(state), "request": dataclasses.asdict(request)}
    metadata = {**card, "format": "w2v", "format_version": "1", "checkpoint": json.dumps(about)}
    small = {"word_offsets": vocabulary.offsets.astype("<i8", copy=False),
             "counts": vocabulary.counts.astype("<i8", copy=False)}
    layout: list[tuple[str, str, tuple[int, ...]]] = [(name, "I64", array.shape) for name, array in small.items()]
    layout += [(name, "F32", (len(matrix), vector_size)) for name, matrix in matrices.items()]
    layout += [("words", "U8", vocabulary.blob.shape), ("sha256", "U8", (DIGEST,))]
    digest, size = hashlib.sha256(), DIGEST
    with ThreadPoolExecutor(1, thread_name_prefix="w2v-hash") as hasher:  # beside the writing: each takes as long
        for block in _all_blocks(header_bytes(layout, metadata), [*small.values()], matrices, vector_size,
                                 vocabulary.blob):
            hashed = hasher.submit(digest.update, block)
            size += file.write(block)
            hashed.result()
    file.write(digest.digest())
    return size


def _all_blocks(header: bytes, small: list[npt.NDArray[Any]], matrices: Mapping[str, Matrix], vector_size: int,
                blob: npt.NDArray[np.uint8]) -> Iterator[memoryview]:
    """All bytes in order, little-endian; a block is good until the next one is taken."""
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
    """A checkpoint that was read and found whole; the matrices stay on disk, mapped, until `release`.

    Attributes
    ----------
    path : of the file.
    config, isa : what the run was started with, and the instruction set that it used.
    state : where it is, `share` of all words, 0 to 1.
    request : see `Request`.
    sha256 : checksum of the text (`w2v.corpus.encoded.corpus_checksum`).
    """

    def __init__(self, path: str, tensors: Tensors) -> None:
        """Of an open file whose checksum is right."""
        self.path, self._tensors = path, tensors
        try:
            about = json.loads(tensors.metadata["checkpoint"])
            training = json.loads(tensors.metadata["training"])
            training.pop("threads")
            self.request, self._held_out = Request(**about["request"]), None
            if self.request.held_out is not None:
                training["held_out"] = self.request.held_out
                self._held_out = json.loads(tensors.metadata["held_out"])["sha256"]
            self.config = TrainConfig(**training)
            state = about["state"]
            self.state = RunState(**{**state, "rollbacks": tuple(state["rollbacks"])})
            self.isa = tensors.metadata["isa"]
            read = json.loads(tensors.metadata["corpus"])
            self.sha256, self._joined = read["sha256"], bool(read.get("words_joined"))
            words = int(tensors.read("counts").sum()) * self.config.epochs
            self.share = self.state.words_done / max(words, 1)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(path, f"the checkpoint lacks what this version needs: {error!r:.200}",
                              offset=8) from error

    @classmethod
    def open(cls, path: StrPath) -> Checkpoint:
        """Read and check a checkpoint: that it is one, its version, its checksum.

        Raises
        ------
        FormatError : it is damaged, something else, or of another version.
        W2VError : the file cannot be read.
        """
        path = str(path)
        try:
            with open(path, "rb") as file:
                content = Content(file, path)
                tensors = Tensors(content)
                data = content.whole()
        except OSError as error:
            raise W2VError(f"cannot read the checkpoint {path}: {error.strerror or error}") from error
        if not tensors.is_checkpoint:
            raise FormatError(path, "a file of vectors, but no checkpoint of a training run", offset=8)
        digest, end = hashlib.sha256(), len(data) - DIGEST
        for start in range(0, end, BLOCK):
            digest.update(data[start:min(start + BLOCK, end)].data)
        if digest.digest() != data[end:].tobytes():
            raise FormatError(path, "the checksum of the checkpoint is wrong: the file is damaged", offset=end)
        found = tensors.metadata.get("version"), _layout(tensors.metadata["checkpoint"])
        if found != (__version__, LAYOUT):
            raise FormatError(path, f"the checkpoint is of w2v {found[0]}, layout {found[1]}, and this is "
                                    f"{__version__}, layout {LAYOUT}: go on with the version that began", offset=8)
        return cls(path, tensors)

    def corpus_paths(self) -> list[StrPath]:
        """Where the text stands.

        Raises
        ------
        ValueError : it must be given again, since it did not stand in files.
        """
        paths = self.request.corpus
        if paths is None or "-" in paths:
            what = "was no file" if paths is None else "came from standard input"
            raise ValueError(f"the text of {self.path} {what}: give the same text again")
        return [Path(name) for name in paths]

    def agree(self, options: Mapping[str, Any]) -> TrainConfig:
        """These hyper-parameters are those of the run; returns all of them. A text of its own that is held out may
        stand elsewhere now: it is known by its checksum.

        Raises
        ------
        ValueError : one is not; names both values.
        """
        found = {name: plain_value(name, value) for name, value in options.items()}
        for name, value in options.items():
            if self._differs(name, found[name]):
                stored = getattr(self.config, name)
                raise ValueError(f"{name} = {value!r} contradicts {name} = {stored!r} of the run in {self.path}; a run "
                                 "goes on as it began: leave the option out")
        return dataclasses.replace(self.config, **found)

    def is_of(self, config: TrainConfig, sha256: str | None) -> bool:
        """Whether it is that of a run with these hyper-parameters, over the text with this checksum."""
        return sha256 == self.sha256 and not any(self._differs(name, value) for name, value in vars(config).items())

    def _differs(self, name: str, value: Any) -> bool:
        """Whether a hyper-parameter, in its plain form, is not that of the run."""
        stored = getattr(self.config, name)
        elsewhere = name == "held_out" and isinstance(stored, str) and isinstance(value, str)
        return bool(value != stored) and not elsewhere

    def check_phrases(self, given: bool) -> None:
        """Where phrases were joined in the text, some are given again; before a text is read.

        Raises
        ------
        W2VError : they are not.
        """
        if self._joined and not given:
            raise W2VError(f"phrases were joined in the text of {self.path}: give the same phrases again")

    def check_corpus(self, corpus: EncodedCorpus) -> str:
        """The text, once it is encoded again, is that of the run; returns its checksum.

        Raises
        ------
        W2VError : it is another; says what differs.
        """
        sha256 = corpus_checksum(corpus)
        problem = self._what_differs(corpus.vocabulary)
        if problem is None and sha256 != self.sha256:
            problem = "the same words with the same counts stand in another order or other lines"
        if problem is not None:
            raise W2VError(f"the text is not the one that {self.path} was made from: {problem}; a run goes on with the "
                           "same text only")
        return sha256

    def check_held_out(self, path: str, sha256: str) -> None:
        """The text of its own that is held out, with this checksum, is that of the run.

        Raises
        ------
        W2VError : it is another.
        """
        if sha256 != self._held_out:
            raise W2VError(f"held_out: {path} is not the text that {self.path} was made with: other words or lines; a "
                           "run goes on with the same text only")

    def _what_differs(self, vocabulary: Vocabulary) -> str | None:
        blob, offsets, counts = (self._tensors.read(name) for name in ("words", "word_offsets", "counts"))
        if len(counts) != len(vocabulary) or int(counts.sum()) != vocabulary.total:
            return (f"it has {len(vocabulary):,} words in the vocabulary that occur {vocabulary.total:,} times, in the "
                    f"checkpoint {len(counts):,} and {int(counts.sum()):,}")
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
        """Fill the matrices, (n, padded) float32 by name, block by block.

        Raises
        ------
        FormatError : the file has not these, or of another shape.
        """
        size = self.config.vector_size
        for name, matrix in matrices.items():
            stored = self._tensors.read(name)
            if stored.shape != (len(matrix), size) or self._tensors.dtype(name) != "F32":
                raise FormatError(self.path, f"`{name}` is of shape {list(stored.shape)}, not {[len(matrix), size]}",
                                  offset=8)
            step = max(1, BLOCK // (4 * size))
            for start in range(0, len(matrix), step):
                matrix[start:start + step, :size] = stored[start:start + step]
                matrix[start:start + step, size:] = 0

    def release(self) -> None:
        """Let go of the file, which holds its place on the disk also when a newer one has its name. Neither
        `check_corpus` nor `load` can be called again."""
        del self._tensors


def _layout(text: str) -> object:
    """The number of the layout, None if there is none."""
    try:
        return json.loads(text).get("layout")
    except (ValueError, AttributeError, RecursionError):
        return None
