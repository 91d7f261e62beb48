"""Beginning of a file or folder, from which the kind of a set is recognised.

Place in the data flow: path -> `Excerpt` -> the `evidence` function of each kind -> kind.
"""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from w2v.errors import W2VError
from w2v.evaluation.sets.reading import header_of, is_content, numbered_lines, read_text, split_fields


class Evidence(IntEnum):
    """Strength of the evidence that a set is of a kind."""

    NONE = 0
    POSSIBLE = 1  # other kinds may look the same
    CERTAIN = 2  # no other kind looks like this


@dataclass(frozen=True)
class Excerpt:
    """Beginning of a file or folder, from which the kind of a set is recognised.

    Attributes
    ----------
    lines : of a file the first three that are neither empty nor comments (`#`); of a folder all lines of its first
        `.txt` file, without empty lines at its end; nothing of an archive.
    header : first of these lines as column names in lower case.
    delimiter : between fields; None recognises it.
    """

    path: Path
    lines: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    is_folder: bool = False
    is_archive: bool = False
    delimiter: str | None = None

    @classmethod
    def of(cls, path: Path, delimiter: str | None = None) -> Excerpt:
        """Read the excerpt; W2VError for a folder without `.txt` files and for a file that cannot be read."""
        if path.is_dir():
            first = min(path.rglob("*.txt"), default=None)
            if first is None:
                raise W2VError(f"{path}: no .txt files in this folder")
            lines = [line.strip() for _, line in numbered_lines(first)]
            while lines and not lines[-1]:
                lines.pop()
            return cls(path, tuple(lines), is_folder=True)
        if tarfile.is_tarfile(path):
            return cls(path, is_archive=True)
        text = read_text(path)
        lines = [line for _, line in numbered_lines(path, text) if is_content(line)][:3]
        return cls(path, tuple(lines), tuple(header_of(text, delimiter)), delimiter=delimiter)

    @property
    def rows(self) -> list[list[str]]:
        """Fields of each of the lines."""
        return [split_fields(line, self.delimiter) for line in self.lines]

    @property
    def has_gap(self) -> bool:
        """Whether there is an empty line between the others."""
        return "" in self.lines

    @property
    def first_word(self) -> str:
        """First word of the first line; empty if there is none."""
        return self.lines[0].split()[0] if self.lines and self.lines[0] else ""
