"""`doctor`: checks vectors, and says what each number means and what to do.

Place in the data flow: vectors -> `Subject` -> the checks of a table -> `Diagnosis`. A new check is a function and a
row of CHECKS.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, Unpack, cast

from w2v.analysis.health import dimensions, neighbourhoods, norms, rows, similarities, words
from w2v.analysis.health.kind import is_vectors
from w2v.analysis.health.subject import LEAST, Settings, Subject
from w2v.corpus.estimate.sample import SAMPLE_BYTES
from w2v.corpus.health.diagnose import diagnose_corpus
from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus_options import CorpusOptions, check_names
from w2v.formats import read_vectors
from w2v.system.diagnosis import Diagnosis, Finding
from w2v.vectors.description import Described
from w2v.vectors.table import Table

KINDS = ("vectors", "corpus")

_DEFAULTS = Settings()


@dataclass(frozen=True)
class Check:
    """A check: its name and group in the report, and its function."""

    name: str
    group: str
    function: Callable[[Subject], Finding]

    def __call__(self, subject: Subject) -> Finding:
        return replace(self.function(subject), check=self.name, group=self.group)


CHECKS = (
    Check("file", "words", words.file_flaws),
    Check("encoding", "words", words.encoding),
    Check("letter case", "words", words.letter_case),
    Check("order", "words", words.counts_and_order),
    Check("zero vectors", "vectors", rows.zero_vectors),
    Check("broken vectors", "vectors", rows.broken_vectors),
    Check("equal vectors", "vectors", rows.equal_vectors),
    Check("untrained vectors", "vectors", rows.untrained_vectors),
    Check("output vectors", "vectors", rows.output_vectors),
    Check("length", "lengths", norms.norms_and_frequency),
    Check("unusual length", "lengths", norms.unusual_norms),
    Check("random pairs", "similarities", similarities.random_pairs),
    Check("common direction", "similarities", similarities.common_direction),
    Check("hubs", "similarities", neighbourhoods.hubs),
    Check("near duplicates", "similarities", neighbourhoods.near_duplicates),
    Check("isotropy", "dimensions", dimensions.isotropy),
    Check("used dimensions", "dimensions", dimensions.used_dimensions),
    Check("local dimension", "dimensions", neighbourhoods.intrinsic_dimension),
    Check("frequency", "dimensions", dimensions.frequency_components),
    Check("one dimension", "dimensions", dimensions.dominating_dimension),
)
"""The checks of vectors, in the order of the report."""

NULL = "the value for random vectors, as many and of as many dimensions"


class HasVectors(Protocol):
    """A trained model."""

    @property
    def wv(self) -> Table:
        """Its vectors."""
        ...


def doctor(subject: Table | HasVectors | Corpus, *, kind: str | None = None, sample: int | None = _DEFAULTS.sample,
           nearest: int | None = _DEFAULTS.nearest, pairs: int = _DEFAULTS.pairs, seed: int = _DEFAULTS.seed,
           random: bool = False, sample_bytes: int = SAMPLE_BYTES, line_weights: bool = False,
           **reading: Unpack[CorpusOptions]) -> Diagnosis:
    """Check vectors or a corpus, and say what is wrong, what it means, and what to do.

    Each number has a 95 % interval, or the value that random vectors would have, or it was counted exactly.

    Parameters
    ----------
    subject : vectors (`KeyedVectors`, a trained model), the path of a file of vectors, or a corpus.
    kind : "vectors" or "corpus"; None decides by the object, or by the content of the file.
    sample : words drawn at random for lengths and dimensions, 50 or more; None for all.
    nearest : most frequent words whose neighbours among each other are searched, 50 or more; None for all, which takes
        time in proportion to the square of their number, and memory for a float32 copy. A sample has at most 2^25
        numbers.
    pairs : random pairs of words, 1 or more.
    seed : of everything that is drawn, 0 or more.
    random : the vectors are meant to be random, for example those with which training begins: the check "random pairs"
        then passes if nothing distinguishes them from random ones, and is a problem otherwise.
    sample_bytes : bytes of a corpus to read at most, 1 or more; a smaller corpus is read completely.
    line_weights : each line of a corpus begins with its weight, which is not a word.
    reading : how the corpus is read: `lowercase`, `tokenize`, `column` and the other options of `w2v.train`.

    Returns
    -------
    Diagnosis : `findings`, with their numbers, meaning and advice; `passed` is False if there is a problem.

    Raises
    ------
    ValueError : a parameter is out of range, or there are no vectors.
    TypeError : an unknown keyword, or a corpus that is not in files.
    FormatError, W2VError : the file cannot be read; a corpus has no words.

    Example
    -------
    >>> found = w2v.doctor(kv)
    >>> found.passed, found["common direction"]["share"].value
    (True, 0.29)
    >>> print(found)
    >>> w2v.doctor("raw.txt", tokenize="words", lowercase=True).severity
    'ok'
    """
    if kind not in (None, *KINDS):
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    settings = _settings(sample, nearest, pairs, seed, random)
    table = _table_of(subject, kind)
    check_names(reading, "doctor")
    if table is None:
        corpus = replace(CorpusInput.of(cast(Corpus, subject), reading), seed=seed)
        return diagnose_corpus(corpus, sample_bytes=sample_bytes, line_weights=line_weights)
    if reading:
        raise ValueError(f"{next(iter(reading))} is an option of a corpus, and these are vectors")
    return _vectors(table, settings)


def _settings(sample: int | None, nearest: int | None, pairs: int, seed: int, random: bool) -> Settings:
    least_values = ("sample", sample, LEAST), ("nearest", nearest, LEAST), ("pairs", pairs, 1), ("seed", seed, 0)
    for name, value, least in least_values:
        if value is not None and value < least:
            raise ValueError(f"{name} = {value} is out of range: it must be {least} or more")
    return Settings(sample, nearest, pairs, seed, random)


def _table_of(subject: object, kind: str | None) -> Table | None:
    """Return the vectors of an object or a path; None if it is a corpus."""
    vectors = subject if isinstance(subject, Table) else getattr(subject, "wv", None)
    if isinstance(vectors, Table):
        if kind == "corpus":
            raise ValueError("these are vectors: leave out kind='corpus'")
        return vectors
    if isinstance(subject, (str, os.PathLike)) and kind != "corpus" and (kind == "vectors" or is_vectors(subject)):
        return Described.from_file(read_vectors(subject))
    return None


def _vectors(table: Table, settings: Settings) -> Diagnosis:
    if not len(table) or not table.vector_size:
        raise ValueError("there are no vectors to check")
    subject = Subject(table, settings)
    findings = tuple(check(subject) for check in CHECKS)
    return Diagnosis("vectors", table.source or "vectors", _facts(subject), findings, NULL)


def _facts(subject: Subject) -> dict[str, Any]:
    table = subject.table
    facts: dict[str, Any] = {
        "words": subject.n, "dimensions": subject.dim, "type": table.rows.dtype_name,
        "counts": "no" if table.counts is None else "yes",
        "output vectors": "no" if table.output_vectors is None else "yes"}
    if subject.measurable:
        facts |= {"sample": len(subject.sample.rows), "nearest": len(subject.frequent)}
    return facts | {"seed": subject.settings.seed}
