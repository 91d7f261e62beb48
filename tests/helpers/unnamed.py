"""Test whether a folder can have unnamed files (Linux: O_TMPFILE)."""

import os
from pathlib import Path

from w2v.system import files


def has_unnamed(folder: str | os.PathLike[str]) -> bool:
    if (descriptor := files._unnamed(Path(folder), 0o600)) is None:
        return False
    os.close(descriptor)
    return True
