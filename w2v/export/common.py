"""Shared parts of the exports: their data, folders that appear complete, and optional packages.

Place in the data flow: `export_vectors` -> `ExportData` -> `write` of an export.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from w2v.errors import W2VError
from w2v.formats.rows import Rows
from w2v.formats.vectorfile import blocks_of_rows
from w2v.system.compress import check_compression
from w2v.system.files import check_file_name, check_writable
from w2v.system.signals import uninterrupted
from w2v.types import Counts, Matrix

NOT_XML = "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Pattern of a character that XML 1.0 cannot hold (Char in section 2.2)."""


@dataclass(frozen=True)
class ExportData:
    """Data of an export.

    Attributes
    ----------
    words : n words that the target can hold.
    rows : (n, d).
    counts : (n,) int64, or None.
    dtype : stored type to write, a key of `w2v.formats.rows.STORED`.
    """

    words: Sequence[str]
    rows: Rows
    counts: Counts | None
    dtype: str

    def blocks(self, path: str) -> Iterator[tuple[int, Matrix]]:
        """Yield finite float32 blocks of the rows, each with the index of its first row.

        Raises
        ------
        W2VError : there are no words, or a vector contains NaN or infinity; `path` is named.
        """
        if not self.words:
            raise W2VError(f"cannot write {path}: this format can hold none of the words")
        return blocks_of_rows(path, self.words, self.rows)


def optional(module: str, extra: str) -> ModuleType:
    """Return a module of an optional package.

    Raises
    ------
    W2VError : it is not installed; names the extra to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise W2VError(f"this export needs {module.split('.')[0]}: pip install 'w2v[{extra}]' ({error})") from error


def check_folder(path: str) -> None:
    """Check that a folder can be created: the path does not exist, or is an empty folder.

    Raises
    ------
    W2VError : something else is there, or the parent folder cannot be written.
    """
    check_file_name(path)
    check_compression(path, allowed=False)
    target = Path(path)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise W2VError(f"cannot write the folder {path}: it exists; choose another name or remove it")
    check_writable(target.parent / ".w2v-folder")


@contextlib.contextmanager
@uninterrupted
def atomic_folder(path: str) -> Iterator[Path]:
    """Yield a temporary folder in the folder of `path`, which is renamed to `path` if the block succeeds."""
    target = Path(os.path.abspath(path))
    try:
        made = target.parent / f".w2v-{os.urandom(8).hex()}.tmp"
        made.mkdir()  # with the permissions that the umask leaves, which `tempfile` does not use
        try:
            yield made
            if target.is_dir():
                target.rmdir()
            os.replace(made, target)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise W2VError(f"cannot write the folder {path}: {error.strerror or error}") from error
