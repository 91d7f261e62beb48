"""What the tables of `report.py` are made of: results, cells and rows."""

from __future__ import annotations

import json
from typing import Any

import common

LARGEST_SPREAD = 0.4
MEASURE_AGAIN = "measure again"

Result = dict[str, Any]
Summary = dict[str, Any]


def load(name: str) -> Result | None:
    path = common.RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def steady(*summaries: Summary) -> bool:
    """Whether results may be printed."""
    return all(summary["spread"] <= LARGEST_SPREAD for summary in summaries)


def cell(text: str, *summaries: Summary) -> str:
    """The text, unless one of the results that it is computed from varies too much."""
    return text if steady(*summaries) else MEASURE_AGAIN


def unsteady(result: Any, place: str) -> list[str]:
    """Names of the results in a JSON value that vary too much."""
    if not isinstance(result, dict):
        return []
    if "median" in result and "spread" in result and "values" in result:
        return [] if steady(result) else [f"{place}: spread {common.percent(result['spread'])}"]
    return [name for key, value in result.items() for name in unsteady(value, f"{place} / {key}")]


def millions(speed: Summary) -> str:
    return cell(f"{speed['median'] / 1e6:.2f}", speed)


def faster(ours: Summary, theirs: Summary) -> str:
    """How many times as fast our speed is, as the median over the turns."""
    return cell(f"{common.times_faster(ours['values'], theirs['values']):.1f}", ours, theirs)


def markdown(head: list[str], rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in [head, ["---"] + ["---:"] * (len(head) - 1), *rows]]


def machine_of(result: Result) -> str:
    m = result["machine"]
    return f"{m['cpu']}, {common.count(m['cores'], 'core')}, {m['isa']}, {m['compiler']}, {m['date']}"
