"""Base of the results that people print, look at in a notebook, and pass on to programs.

Place in the data flow: results -> tables for people, plain values and data frames for programs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.system.fact_table import Fact, FactTable
from w2v.system.plain import plain, printable
from w2v.system.text_table import TextTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from pandas import DataFrame  # pyright: ignore[reportMissingImports]


class Report:
    """A result with a short `repr`, tables, plain values and a data frame.

    `print` shows the tables of the command line as text, and a notebook shows them as HTML. A subclass that is a
    dataclass is declared with `repr=False`.
    """

    _instead = ""  # what draws such results, for the message of a `plot` that has no picture

    def brief(self) -> str:
        """Return the most important values in a few words, for `repr`."""
        raise NotImplementedError

    def tables(self) -> Sequence[TextTable | FactTable]:
        """Return the tables that the command line shows; by default one with all values."""
        return [FactTable([Fact(name.replace("_", " "), _shown(value)) for name, value in self.to_dict().items()])]

    def to_dict(self) -> dict[str, Any]:
        """Return all values as plain Python values by name, as the command line prints them with `--json`."""
        if not dataclasses.is_dataclass(self):
            raise NotImplementedError
        return dataclasses.asdict(self)

    def as_dict(self) -> dict[str, Any]:
        """Return `to_dict()`."""
        return self.to_dict()

    def to_frame(self) -> DataFrame:
        """Return the values as a `pandas.DataFrame`: one row, with a column for each value.

        Raises
        ------
        W2VError : pandas is not installed.
        """
        return frame([self.to_dict()], flat=True)

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the result, and nothing else, and return matplotlib's axes.

        Parameters
        ----------
        axes : where to draw; None makes a figure, which is `axes.figure`.

        Raises
        ------
        W2VError : matplotlib is not installed, there is nothing to draw, or no picture of this kind of result.
        """
        raise W2VError(f"there is no picture of a {type(self).__name__}{self._instead and '; '}{self._instead}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}<{printable(self.brief())}>"

    def __str__(self) -> str:
        return printable("\n\n".join(table.render() for table in self.tables()))

    def _repr_html_(self) -> str:
        return printable("\n".join(table.render("html") for table in self.tables()))


def _shown(value: object) -> str:
    return f"{value:,}" if type(value) is int else f"{value:,.4g}" if isinstance(value, float) else str(value)


def frame(rows: Iterable[Mapping[str, Any]], *, flat: bool = False) -> DataFrame:
    """Return rows as a `pandas.DataFrame`, with values as in JSON: text loses its surrogate escapes.

    Parameters
    ----------
    rows : values by name of the column.
    flat : give values of nested dicts columns of their own, with names like "corpus.words".

    Raises
    ------
    W2VError : pandas is not installed.
    """
    library, values = pandas(), [plain(row) for row in rows]
    found: DataFrame = library.json_normalize(values) if flat else library.DataFrame(values)
    return found


def pandas() -> ModuleType:
    """Return the module `pandas`, or raise a W2VError that names the extra."""
    try:
        import pandas  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise W2VError("data frames need pandas: pip install 'w2v[pandas]'") from error
    found: ModuleType = pandas
    return found
