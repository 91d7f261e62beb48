"""What the exports share: their data, folders that appear whole, and optional packages."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.formats.vectorfile import blocks_of_rows
from w2v.system.files import check_writable
from w2v.types import Counts, Matrix


@dataclass(frozen=True)
class ExportData:
    """n words that the target can hold, their rows, their counts if known, and the type of number to write."""

    words: Sequence[str]
    rows: Rows
    counts: Counts | None
    dtype: str

    def blocks(self, path: str) -> Iterator[tuple[int, Matrix]]:
        """Finite float32 blocks with the number of their first row."""
        if not self.words:
            raise W2VError(f"cannot write {path}: no word is left that could be written there")
        return blocks_of_rows(path, self.words, self.rows)


def optional(module: str, extra: str) -> Any:
    """An optional package.

    Raises
    ------
    W2VError : it is not installed; says what to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise W2VError(f"this export needs {module.split('.')[0]}: pip install 'w2v[{extra}]' ({error})") from error


def check_folder(path: str) -> None:
    """A folder can be made here: nothing has that name, or an empty folder.

    Raises
    ------
    W2VError : something is there, or the folder above cannot be written to.
    """
    target = Path(path)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise W2VError(f"cannot write the folder {path}: it exists; give another name or remove it")
    check_writable(target.parent / ".w2v-folder")


@contextlib.contextmanager
def atomic_folder(path: str) -> Iterator[Path]:
    """A temporary folder beside `path`, which at a clean end of the block becomes `path`."""
    target = Path(os.path.abspath(path))
    try:
        made = Path(tempfile.mkdtemp(prefix=".w2v-", suffix=".tmp", dir=target.parent))
        try:
            yield made
            os.chmod(made, 0o755)
            if target.is_dir():
                target.rmdir()
            os.replace(made, target)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise W2VError(f"cannot write the folder {path}: {error.strerror or error}") from error
