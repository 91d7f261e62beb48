"""Conversion of values and text to forms that JSON and terminals can represent.

Words, names of files, metadata and answers of servers come from elsewhere. Control characters in them could move the
cursor, change the title of the terminal or run its commands; bidirectional controls reorder the rest of a line.
"""

from __future__ import annotations

import math
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")  # C0, DEL, C1; ends of lines, bidirectional
_RAW_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")  # those that json.dumps leaves as they are


def printable(text: str) -> str:
    """Return text for a terminal, in lines as before.

    Control characters become visible escapes such as \\x1b, and surrogate escapes, from bytes that are not valid UTF-8,
    U+FFFD.
    """
    return "\n".join(map(printable_line, text.split("\n")))


def printable_line(text: str) -> str:
    """Return text for one line of a terminal, such as a word or a name: as `printable`, with newlines escaped too."""
    return _CONTROL.sub(_escape, without_surrogates(text))


def without_surrogates(text: str) -> str:
    """Replace surrogate escapes, from bytes that are not valid UTF-8, by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def escaped_json(text: str) -> str:
    """Return JSON in which no control character is left unescaped."""
    return _RAW_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def plain(value: Any) -> Any:
    """Convert a value for JSON: NaN and infinities become null, text loses its surrogate escapes."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
