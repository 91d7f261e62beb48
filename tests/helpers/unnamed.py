"""Files without a name (Linux: O_TMPFILE)."""

import os
from pathlib import Path

from w2v.system import files


def has_unnamed(folder):
    if (descriptor := files._unnamed(Path(folder))) is None:
        return False
    os.close(descriptor)
    return True
