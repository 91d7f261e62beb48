"""Conversion of values and text to forms that JSON and terminals can represent."""

from __future__ import annotations

import math
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """Replace surrogate escapes, from bytes that are not valid UTF-8, by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def plain(value: Any) -> Any:
    """Convert a value for JSON: NaN and infinities become null, text becomes `printable`."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
