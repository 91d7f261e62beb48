"""Labels of nodes: classes to be predicted from the vectors, one or several for each node.

Place in the data flow: file -> nodes with their labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from w2v.errors import FormatError
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import Reading, is_content, named_columns, numbered_lines, split_fields

COLUMNS = (("node", "node_id", "id", "name", "word"), ("label", "labels", "class", "group", "category"))

NodeLabels = Mapping[str, tuple[str, ...]]


def read_labels(path: Path, reading: Reading) -> NodeLabels:
    """Read nodes with their labels.

    A line has a node and one label or more; a node may be on several lines. Lines that begin with # are skipped. A
    table whose header names one of each of COLUMNS is read by these names.

    Raises
    ------
    FormatError : fewer than two labels; or, if `reading` does not leave it out, a line without a label.
    """
    rows = named_columns(path, COLUMNS, reading)
    if rows is None:
        rows = [(number, split_fields(line, reading.delimiter), line)
                for number, line in numbered_lines(path, encoding=reading.encoding) if is_content(line)]
    found: dict[str, dict[str, None]] = {}
    for number, fields, line in rows:
        labels = [label for label in fields[1:] if label]
        if labels and fields[0]:
            found.setdefault(fields[0], {}).update(dict.fromkeys(labels))
        else:
            reading.problem(path, f"expected a node and its label, found {line.strip()!r:.80}", number)
    if len({label for labels in found.values() for label in labels}) < 2:
        raise FormatError(path, "fewer than two labels of nodes", line=1)
    return {node: tuple(labels) for node, labels in found.items()}


def words_of(labels: NodeLabels) -> set[str]:
    """Return all nodes that are asked for."""
    return set(labels)


def evidence(excerpt: Excerpt) -> Evidence:
    """A word and its class look the same, and are categories; so the kind is never recognised."""
    return Evidence.NONE
