"""`Clusters`: the result of `w2v.cluster`, its tables, and files of classes.

Place in the data flow: clusters of words -> tables, JSON, data frames, files with the class of each word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.analysis.clusters.number import Tried
from w2v.analysis.clusters.picture import PARTS
from w2v.analysis.estimate import Estimate
from w2v.formats import words_held
from w2v.formats.vectorfile import WORD2VEC_TEXT
from w2v.system.compress import without_compression
from w2v.system.drawing import draw_part
from w2v.system.fact_table import Fact, FactTable
from w2v.system.files import atomic_write
from w2v.system.plain import plain, printable_line
from w2v.system.report import Report, frame
from w2v.system.text_table import TextTable, number
from w2v.system.text_table import interval as interval_text
from w2v.types import Indices, Matrix, Scores, StrPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

SHOWN = 100
"""Clusters in the table for people."""

Names = tuple[tuple[str, float], ...]
"""Words with the cosine of each with the centre of its cluster."""


@dataclass(frozen=True)
class WordCluster:
    """A cluster of words.

    Attributes
    ----------
    number : 0 for the largest cluster.
    size : number of words.
    cosine : mean cosine of its words with its centre.
    silhouette : mean silhouette of its words; NaN if there is only one cluster.
    nearest : the words nearest the centre, nearest first: a name for the cluster.
    peripheral : the words farthest from the centre, farthest first.
    """

    number: int
    size: int
    cosine: Estimate
    silhouette: Estimate
    nearest: Names
    peripheral: Names

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        far = {"peripheral": _pairs(self.peripheral)} if self.peripheral else {}
        return {"cluster": self.number, "words": self.size, "cosine": self.cosine.to_dict(),
                "silhouette": self.silhouette.to_dict(), "nearest": _pairs(self.nearest), **far}


@dataclass(frozen=True, repr=False, eq=False)
class Clusters(Report):
    """Clusters of words, the largest first.

    Attributes
    ----------
    clusters : one entry for each cluster that has words.
    k : number of clusters that were asked for, or chosen; more than there are if too few words differ.
    words : number of words in clusters.
    broken, zero : words left out, because their vectors have NaN or infinity, or are zero: they have no direction.
    cosine : mean cosine of all words with the centres of their clusters. Its chance is that of random vectors.
    silhouette : mean silhouette of all words, -1 to 1: how much nearer a word is to its own cluster than to the next
        one, by the mean cosine with their words. Its chance is that of random vectors.
    chance_words : number of random vectors, drawn from a normal distribution with the mean and covariance of the words'
        unit vectors and clustered in the same way; 0 if there were none.
    tried : the numbers of clusters that were compared; empty if k was given.
    sample : number of words by which they were compared.
    mini_batches : whether the centres come from mini-batches instead of all words.
    seed : of everything that was drawn.
    vocabulary : (n,) all words of the vectors.
    labels : (n,) int64 number of the cluster of each word of the vocabulary; -1 for words that are in none.
    cosines, silhouettes : (n,) float32 cosine of each word with its centre, and its silhouette; NaN for words in none.
    centres : (clusters, d) float32 of length 1.
    """

    clusters: tuple[WordCluster, ...]
    k: int
    words: int
    broken: int
    zero: int
    cosine: Estimate
    silhouette: Estimate
    chance_words: int
    tried: tuple[Tried, ...]
    sample: int
    mini_batches: bool
    seed: int
    vocabulary: Sequence[str]
    labels: Indices
    cosines: Scores
    silhouettes: Scores
    centres: Matrix

    def __len__(self) -> int:
        """Number of clusters."""
        return len(self.clusters)

    def brief(self) -> str:
        return f"{len(self)} clusters of {self.words} words, cosine={self.cosine.value:.4f}"

    def members(self, cluster: int) -> list[str]:
        """Return the words of a cluster, in the order of the vocabulary.

        Raises
        ------
        ValueError : there is no such cluster.
        """
        if not 0 <= cluster < len(self):
            raise ValueError(f"cluster = {cluster} is out of range: there are clusters 0 to {len(self) - 1}")
        return [self.vocabulary[row] for row in np.flatnonzero(self.labels == cluster).tolist()]

    def tables(self) -> list[TextTable | FactTable]:
        tables: list[TextTable | FactTable] = []
        if self.tried:
            best = ("silhouette highest above that of random vectors" if self.tried[0].silhouette.chance is not None
                    else "highest silhouette")
            tables.append(TextTable(
                ("clusters", "silhouette", "95 %", "by chance", "cosine", "95 %", "by chance"),
                [(f"{one.k:,}{' *' if one.k == self.k else ''}", *one.silhouette.cells(), *one.cosine.cells())
                 for one in self.tried],
                notes=(f"* {best}, on {self.sample:,} words. This is a heuristic: another number may serve a purpose "
                       "better.",)))
        tables.append(TextTable(
            (f"{len(self):,} clusters of {self.words:,} words", "mean", "95 %", "by chance"),
            [("cosine with the centre", *self.cosine.cells()), ("silhouette", *self.silhouette.cells())],
            notes=tuple(self._notes())))
        tables.append(FactTable([fact for one in self.clusters[:SHOWN] for fact in _facts(one)], notes=(
            [f"and {len(self) - SHOWN:,} smaller clusters (--json or a file shows all)"] if len(self) > SHOWN else [])))
        return tables

    def _notes(self) -> Iterator[str]:
        if self.chance_words:
            yield (f"by chance: the same of {self.chance_words:,} random vectors with the mean and covariance of the "
                   "words")
        silhouette = self.silhouette
        if silhouette.chance is not None and silhouette.interval is not None:
            yield ("the clusters are more separate than those of random vectors" if
                   silhouette.interval[0] > silhouette.chance else
                   "the clusters are no more separate than those of random vectors: they divide the space, but there "
                   "are no gaps between them")
        if len(self) < self.k:
            yield f"only {len(self):,} of {self.k:,} clusters have words: too few vectors differ"
        if self.broken or self.zero:
            yield (f"left out: {self.broken:,} words with NaN, infinity or too large numbers, and {self.zero:,} with "
                   "zero vectors")
        if self.mini_batches:
            yield "the centres are those of mini-batches; all words are assigned to them"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: everything but the values of single words, which `save` writes."""
        tried = [{"k": one.k, "silhouette": one.silhouette.to_dict(), "cosine": one.cosine.to_dict()}
                 for one in self.tried]
        return {"k": self.k, "words": self.words, "broken": self.broken, "zero": self.zero,
                "cosine": self.cosine.to_dict(), "silhouette": self.silhouette.to_dict(),
                "chance_words": self.chance_words, "tried": tried, "sample": self.sample,
                "mini_batches": self.mini_batches, "seed": self.seed,
                "clusters": [one.to_dict() for one in self.clusters]}

    def to_frame(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each word in a cluster, in the order of the vocabulary, and the
        columns "word", "cluster", "cosine" and "silhouette"."""
        return frame({"word": word, "cluster": label, "cosine": cosine, "silhouette": silhouette}
                     for word, label, cosine, silhouette in self._rows() if label >= 0)

    def plot(self, axes: Axes | None = None, *, part: str = "clusters") -> Axes:
        """Draw one part of the result, with intervals and the value of random vectors.

        Parameters
        ----------
        axes : as in `Report.plot`.
        part : "clusters" for the silhouette of the largest clusters, or "tried" for that of each number of clusters
            that was tried. `w2v plot` draws both on one figure.

        Raises
        ------
        ValueError : another part. W2VError : as in `Report.plot`.
        """
        return draw_part(PARTS, self.to_dict(), axes, part)

    def _rows(self) -> Iterator[tuple[str, int, float, float]]:
        """Yield the values of each word of the vocabulary."""
        yield from zip(self.vocabulary, self.labels.tolist(), self.cosines.tolist(), self.silhouettes.tolist(),
                       strict=True)

    def save(self, path: StrPath) -> None:
        """Write the class of each word, in the order of the vocabulary; the file appears complete or not at all.

        Parameters
        ----------
        path : `.tsv` has a heading, and the columns word, class, cosine and silhouette of the words in clusters.
            `.json` has the values of `to_dict`, and the class of each word. Any other name has lines of a word and
            its class, as word2vec.c writes them with `-classes`; -1 for words in no cluster.

        Raises
        ------
        ValueError : a word has white space or is empty, which lines of a word and its class cannot hold, or a TAB or
            the end of a line, which `.tsv` cannot hold. `check_classes` checks this before the work.
        W2VError : the file cannot be written.
        """
        check_classes(path, self.vocabulary)
        kind = _kind(path)
        with atomic_write(path) as file:
            if kind == ".json":
                classes = dict(zip(self.vocabulary, self.labels.tolist(), strict=True))
                file.write(json.dumps(plain({**self.to_dict(), "classes": classes})).encode() + b"\n")
                return
            if kind == ".tsv":
                file.write(b"word\tclass\tcosine\tsilhouette\n")
            for word, label, cosine, silhouette in self._rows():
                if kind != ".tsv":
                    file.write(f"{word} {label}\n".encode("utf-8", "surrogateescape"))
                elif label >= 0:
                    last = "" if silhouette != silhouette else f"{silhouette:.6f}"
                    file.write(f"{word}\t{label}\t{cosine:.6f}\t{last}\n".encode("utf-8", "surrogateescape"))


def check_classes(path: StrPath, words: Sequence[str]) -> None:
    """Check that `Clusters.save` can write words to a path; ValueError otherwise, which names a word."""
    kind = _kind(path)
    if kind == ".tsv":
        wrong = next((word for word in words if any(mark in word for mark in "\t\n\r")), None)
        if wrong is not None:
            raise ValueError(f"the word {wrong[:80]!r} has a TAB or the end of a line, which a .tsv file cannot hold; "
                             "write .json instead")
    elif kind != ".json" and (held := words_held(words, WORD2VEC_TEXT)) is not None:
        first = int(np.argmin(np.append(held, -1) == np.arange(len(held) + 1)))
        raise ValueError(f"the word {words[first][:80]!r} is empty or has white space or NUL, which a file of words "
                         "and classes cannot hold; write .json instead")


def _kind(path: StrPath) -> str:
    return Path(without_compression(path)).suffix.lower()


def _pairs(names: Names) -> list[dict[str, Any]]:
    return [{"word": word, "cosine": cosine} for word, cosine in names]


def _facts(one: WordCluster) -> Iterator[Fact]:
    """Yield the lines of a cluster: its numbers, and its words."""
    values = [f"cosine {number(one.cosine.value)} ({interval_text(one.cosine.interval, 4)})"]
    if one.silhouette.value == one.silhouette.value:
        values.append(f"silhouette {number(one.silhouette.value)} ({interval_text(one.silhouette.interval, 4)})")
    yield Fact(f"cluster {one.number}", f"{one.size:,} word{'' if one.size == 1 else 's'}", ", ".join(values))
    yield Fact("", note=", ".join(printable_line(word) for word, _ in one.nearest))
    if one.peripheral:
        yield Fact("", note=f"farthest: {', '.join(printable_line(word) for word, _ in one.peripheral)}")
