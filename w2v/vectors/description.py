"""`Described`: facts about vectors for people and programs, and a data frame of them. Adds this to `Sentences`.

Place in the data flow: vectors -> facts -> `w2v info`, notebooks.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from w2v.system.fact_table import Fact, FactTable
from w2v.system.plain import without_surrogates
from w2v.system.report import Report, pandas
from w2v.vectors.sentences import Sentences

if TYPE_CHECKING:
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]

FIRST_WORDS = 5


class Described(Sentences, Report):
    """`Sentences` that describe themselves."""

    _instead = "w2v.map(vectors) draws the words, and w2v.doctor(vectors).plot() their cosines"

    def brief(self) -> str:
        source = f", {self.source}" if self.source else ""
        return f"{len(self):,} words x {self.vector_size}{source}"

    def __repr__(self) -> str:
        return Report.__repr__(self)

    def __str__(self) -> str:
        """Return `repr`, as gensim's class does."""
        return repr(self)

    def to_dict(self) -> dict[str, Any]:
        """Return what `w2v info --json` shows, without the vectors: sizes, origin, first words, flaws, metadata."""
        facts: dict[str, Any] = {
            "source": self.source, "words": len(self), "vector_size": self.vector_size, "dtype": self.rows.dtype_name,
            "first_words": [word[:40] for word in self.index_to_key[:FIRST_WORDS]]}
        if self.integer_keys:
            facts["integer_keys"] = "yes"
        if self.text_options is not None:
            facts["text_options"] = self.text_options.to_dict()
        if self.counts is not None:
            facts["tokens"] = int(self.counts.sum())
        if self.output_vectors is not None:
            facts["output_vectors"] = "yes"
        if self.subwords is not None:
            facts["subwords"] = repr(self.subwords).strip("<>")
        if self.report:
            facts["report"] = self.report
        if self.metadata:
            facts["metadata"] = {key: parsed(text) for key, text in self.metadata.items()}
        return facts

    def tables(self) -> list[FactTable]:
        shown = [(name, value) for name, value in self.to_dict().items() if name != "metadata"]
        return [FactTable([Fact(name.replace("_", " "), note=_text(value)) for name, value in shown])]

    def to_frame(self) -> DataFrame:
        """Return the vectors as a `pandas.DataFrame` of float32, with the words as index and a column per dimension.

        Raises
        ------
        W2VError : pandas is not installed.
        """
        words = [without_surrogates(word) for word in self.index_to_key]
        found: DataFrame = pandas().DataFrame(self.rows[np.arange(len(self))], index=words)
        return found


def parsed(text: str) -> Any:
    """Return a JSON object or list parsed, any other text as it is."""
    try:
        return json.loads(text) if text[:1] in ("{", "[") else text
    except (ValueError, RecursionError):
        return text


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return f"{value:,}" if type(value) is int else str(value)
