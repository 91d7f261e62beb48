"""Samples of the lines of a corpus in plain Python, and the forms in which tests read them."""

from pathlib import Path
from typing import Any

from w2v.corpus.encoded import EncodedCorpus

MASK = 2**64 - 1
FORMS = [(1, 1 << 19), (1, 1), (1, 7), (3, 50)]  # threads, block size
Lines = list[list[str]]


def mix(number: int) -> int:
    """SplitMix64 in plain Python."""
    number = (number + 0x9E3779B97F4A7C15) & MASK
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & MASK
    return number ^ number >> 31


def lines_of(encoded: EncodedCorpus) -> Lines:
    lines: Lines = [[]]
    for id in encoded.ids.tolist():
        if id == -1:
            lines.append([])
        elif id >= 0:
            lines[-1].append(encoded.vocabulary.words[id])
    assert lines.pop() == []
    return lines


def write_tables(pa: Any, pq: Any, folder: Path, lines: Lines, kind: str) -> Lines:
    """Write lines of digits, 10 higher, to two Parquet files with the column "c", and return the lines that they have.

    Parameters
    ----------
    pa, pq : the modules pyarrow and pyarrow.parquet, which the test requires.
    kind : "text", "tokens" or "integers".
    """
    lines = [[str(int(word) + 10) for word in line] for line in lines]
    rows: list[Any] = {"text": list(map(" ".join, lines)), "tokens": lines,
                       "integers": [list(map(int, line)) for line in lines]}[kind]
    for number, part in enumerate((rows[:90], rows[90:])):
        pq.write_table(pa.table({"c": part}), folder / f"{number}.parquet")
    return [line for line in lines if line] if kind == "tokens" else lines  # rows without tokens are no lines
