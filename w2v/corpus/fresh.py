"""A corpus that a function makes anew for each epoch, such as random walks or samples.

Place in the data flow: `fresh=` of `w2v.train` -> `FreshText`, which gives training an `EncodedCorpus` for each epoch.
The vocabulary is that of the first epoch. While an epoch is trained, the next one is made and encoded in a thread; so
the ids of three epochs are stored at most.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Generator
from typing import Any, TypeAlias

from w2v.corpus.encoded import CorpusReport, EncodedCorpus, EncodedText, Ids
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import CorpusError, W2VError

Fresh: TypeAlias = Callable[[], Any] | Callable[[int], Any]
"""Function that returns the corpus of an epoch; its parameter, if it has one, is the number of the epoch, from 0."""

WAIT = 0.1  # seconds between two looks at whether the run was stopped


def corpus_of(fresh: Fresh, epoch: int) -> Any:
    """Call the function for an epoch.

    Raises
    ------
    TypeError : it is not a function, needs more than one argument, or returns None.
    """
    if not callable(fresh):
        raise TypeError(f"fresh must be a function that returns a corpus, not {fresh!r}")
    try:
        inspect.signature(fresh).bind(epoch)
        takes_epoch = True
    except (TypeError, ValueError):  # ValueError: a function in C without a signature
        takes_epoch = False
    found = fresh(epoch) if takes_epoch else fresh()  # type: ignore[call-arg]
    if found is None:
        raise TypeError(f"fresh returned None for epoch {epoch}; it must return a corpus, such as a list of sentences")
    return found


class _Making:
    """The corpus of one epoch, which a thread makes."""

    def __init__(self, make: Callable[[], EncodedCorpus]) -> None:
        self._make = make
        self._found: EncodedCorpus | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="w2v-fresh", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found = self._make()
        except BaseException as error:  # raised where the corpus is asked for
            self._error = error

    def result(self, stopped: Callable[[], bool]) -> EncodedCorpus | None:
        """Wait for the corpus; return None if the run is stopped meanwhile."""
        while self._thread.is_alive() and not stopped():
            self._thread.join(WAIT)
        if self._error is not None:
            raise self._error
        return self._found


class FreshText(EncodedText):
    """Texts of all epochs. What `EncodedText` tells, such as `n_ids`, is about the first one.

    Parameters
    ----------
    first : text of epoch 0.
    make : returns the text of an epoch, encoded with the vocabulary of the first.
    epochs : their number.
    """

    vocabulary: Vocabulary
    n_words: int
    report: CorpusReport
    place: str

    def __init__(self, first: EncodedCorpus, make: Callable[[int], EncodedCorpus], epochs: int) -> None:
        self.vocabulary, self.n_words = first.vocabulary, first.n_words
        self.report, self.place = first.report, first.place
        self._first, self._make, self._epochs = first, make, epochs
        self._lock = threading.Lock()
        self._making: dict[int, _Making] = {}
        self._closed = False
        self._words: dict[int, tuple[int, int]] = {0: (first.report.words, first.report.words_unknown)}

    @property
    def n_ids(self) -> int:
        return self._first.n_ids

    def read(self, begin: int, end: int) -> Ids:
        return self._first.read(begin, end)

    def scan(self) -> Generator[Ids, None, None]:
        yield from self._first.scan()

    def line_weight(self, position: int) -> float:
        return self._first.line_weight(position)

    def close(self) -> None:
        """Let no further epoch be made."""
        self._closed = True
        self._making.clear()

    def of_epoch(self, epoch: int, stopped: Callable[[], bool] = bool) -> EncodedText | None:
        if epoch == 0:
            found: EncodedCorpus | None = self._first
        else:
            found = self._started(epoch).result(stopped)
            if found is None:
                return None
            self._words[epoch] = found.report.words, found.report.words_unknown
        if epoch + 1 < self._epochs:
            self._started(epoch + 1)
        return found

    def words_read(self, epochs: int) -> tuple[int, int]:
        words, unknown = zip(*(self._words.get(epoch, self._words[0]) for epoch in range(epochs)), strict=True)
        return sum(words), sum(unknown)

    def _started(self, epoch: int) -> _Making:
        with self._lock:
            if epoch not in self._making:
                # A slower thread may still ask for the epoch before the one that is trained.
                for old in [old for old in self._making if old < epoch - 2]:
                    del self._making[old]
                self._making[epoch] = _Making(lambda: self._made(epoch))
            return self._making[epoch]

    def _made(self, epoch: int) -> EncodedCorpus:
        if self._closed:
            raise W2VError("the run has ended")
        try:
            return self._make(epoch)
        except CorpusError as error:
            raise CorpusError(f"epoch {epoch} of fresh: {error}") from error
