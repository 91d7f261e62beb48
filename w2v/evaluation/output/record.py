"""Record of results in a file of vectors: the "evaluation" of its metadata, which `w2v info` shows.

Place in the data flow: measures -> JSON text -> `w2v.formats.update_metadata`. The text is an object with the sets by
name, and in each its measures by name. A measure has "value", "interval" (95 %, null without a bootstrap), "all" (the
value with unknown items counted as wrong), and "used" of "total" items. Kinds that search the vocabulary also have
"restrict_vocab". If only a sample of the questions was asked, "sample_of" is their number in the whole set.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from w2v.evaluation.kinds import KINDS
from w2v.evaluation.results import Measure


def record(
    measures: Iterable[Measure], restrict_vocab: int | None, old: str | None = None,
    whole: Mapping[str, int] | None = None,
) -> str:
    """Return the text with these measures added to an older one; measures that are in both are replaced.

    Parameters
    ----------
    measures : those without a finite value are left out.
    restrict_vocab : number of candidates of analogies, None for all words.
    old : the text that is in the file.
    whole : for sets of which only a sample was asked, the number of their questions.
    """
    found = _sets(old)
    for measure in measures:
        if measure.value is None or not math.isfinite(measure.value):
            continue
        interval = measure.interval if measure.interval is not None and math.isfinite(sum(measure.interval)) else None
        entry: dict[str, Any] = {"value": measure.value, "interval": interval, "all": measure.all,
                                 "used": measure.used, "total": measure.total}
        if KINDS[measure.kind].searches_vocabulary:
            entry["restrict_vocab"] = restrict_vocab
        if whole and measure.set in whole:
            entry["sample_of"] = whole[measure.set]
        found.setdefault(measure.set, {})[measure.name] = entry
    return json.dumps(found, allow_nan=False)


def readable(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Iterate over the measures of an "evaluation" that was read from a file: name of the set, and a line to print."""
    for name, measures in found.items():
        for measure, entry in measures.items() if isinstance(measures, dict) else ():
            if isinstance(entry, dict) and _numbers(entry.get("value")):
                text = f"{measure} {entry['value']:.4f}"
                ends = entry.get("interval")
                if isinstance(ends, list) and len(ends) == 2 and _numbers(*ends):
                    text += f" ({ends[0]:.4f} to {ends[1]:.4f})"
                yield name, f"{text}, {entry.get('used')} of {entry.get('total')}" + (
                    f", a sample of {entry['sample_of']}" if "sample_of" in entry else "")


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) for value in values)


def _sets(text: str | None) -> dict[str, Any]:
    """Return the sets of a text, without what is not an object; nothing if it is not a JSON object itself."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    return {key: value for key, value in found.items() if isinstance(value, dict)} if isinstance(found, dict) else {}
