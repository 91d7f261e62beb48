"""Lines for programs that use `logging`: the logger `w2v`, level INFO, and WARNING for likely mistakes.

The package adds no handler and sets no level, so nothing is printed unless the program asks for it:

    logging.basicConfig(level=logging.INFO)
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger

LOGGER = "w2v"


def logger() -> Logger | None:
    """Return the logger if the program receives lines of the level INFO from it, otherwise None.

    `logging` is not imported here, which takes 4 ms: a program that has not imported it has no handler either.
    """
    logging = sys.modules.get("logging")
    if logging is None or not logging.getLogger(LOGGER).isEnabledFor(logging.INFO):
        return None
    found: Logger = logging.getLogger(LOGGER)
    return found


def info(text: str) -> None:
    """Send a line to the logger."""
    if (receiver := logger()) is not None:
        receiver.info("%s", text, stacklevel=2)


def warning(text: str) -> None:
    """Send a line of the level WARNING, if the program has a handler; without one `logging` would print it."""
    logging = sys.modules.get("logging")
    if logging is not None and (receiver := logging.getLogger(LOGGER)).hasHandlers():
        receiver.warning("%s", text, stacklevel=2)
