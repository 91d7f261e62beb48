"""Evaluations from the JSON that `w2v evaluate --json` prints.

Place in the data flow: JSON of one file of vectors or of several -> evaluations and comparisons -> `plot`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from w2v.evaluation.comparison import Comparison
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.results import Evaluation


def is_evaluation(values: Mapping[str, Any]) -> bool:
    """Whether an object is what `w2v evaluate --json` prints, by its keys."""
    files = values.get("files")
    first = files[0] if isinstance(files, list) and files else values
    return isinstance(first, dict) and {"analogies", "similarity", "unknown_words"} <= first.keys()


def saved_evaluations(values: Mapping[str, Any], source: str) -> tuple[list[Evaluation], list[Comparison]]:
    """Return the evaluations and the comparisons of an object for which `is_evaluation` holds.

    Parameters
    ----------
    source : the name of the evaluation if the object has one only, because such JSON does not name the vectors.

    Raises
    ------
    ValueError : a value is missing or of another type.
    """
    try:
        evaluations = [_evaluation(one, str(one.get("vectors", source))) for one in values.get("files", [values])]
        names = {spec.name for spec in dataclasses.fields(Comparison)}
        comparisons = [Comparison(**{key: value for key, value in one.items() if key in names})
                       for one in values.get("comparisons", [])]
        for evaluation in evaluations:
            for measure in [*evaluation.measures(), *(part for one in evaluation.results for part in one.parts())]:
                _check_number(measure.set, measure.value)
        for comparison in comparisons:
            _check_number(comparison.set, comparison.p_holm)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"these are not the results of w2v evaluate: {error}") from None
    return evaluations, comparisons


def _evaluation(values: Mapping[str, Any], source: str) -> Evaluation:
    return Evaluation(tuple(kind.result.from_dict(one) for name, kind in KINDS.items() for one in values.get(name, [])),
                      source=source)


def _check_number(name: str, value: object) -> None:
    if value is not None and not isinstance(value, int | float):
        raise ValueError(f"the value of {name} is {value!r}, not a number")
