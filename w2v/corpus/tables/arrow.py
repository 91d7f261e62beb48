"""Access to pyarrow, which is imported only when a table is read, and its errors.

Place in the data flow: used by all modules of this folder.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from w2v.errors import FormatError, W2VError

EXTRA = "w2v[data]"


def arrow(module: str = "") -> Any:
    """Return pyarrow, or one of its modules such as "parquet".

    Raises
    ------
    W2VError : it is not installed, or too old; names the extra.
    """
    try:
        return importlib.import_module(f"pyarrow.{module}" if module else "pyarrow")
    except ImportError as error:
        raise W2VError(f"reading tables needs pyarrow; install it with: pip install '{EXTRA}' ({error})") from error


def has_arrow() -> bool:
    """Return whether pyarrow can be imported."""
    try:
        arrow()
    except W2VError:
        return False
    return True


def brief(error: BaseException) -> str:
    """Return the first line of the message of an error."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


@contextmanager
def damage(path: str, where: str) -> Iterator[None]:
    """Turn the errors of pyarrow into a FormatError that names the part of the file."""
    try:
        yield
    except W2VError:
        raise
    except OSError as error:
        if error.errno is not None:
            raise W2VError(f"{path}: cannot read: {error.strerror}") from error
        raise FormatError(path, f"{where} is damaged or cannot be read ({brief(error)})") from error
    except MemoryError as error:
        raise FormatError(path, f"{where} is damaged, or needs more memory than there is ({brief(error)})") from error
    except (arrow().ArrowException, ValueError, EOFError) as error:
        raise FormatError(path, f"{where} is damaged or cannot be read ({brief(error)})") from error
