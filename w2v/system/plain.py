"""Values and text in a plain form, for JSON and terminals."""

from __future__ import annotations

import math
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """Words may hold bytes that are no UTF-8; a terminal gets U+FFFD for them."""
    return _SURROGATE.sub("\ufffd", text)


def plain(value: Any) -> Any:
    """JSON has no NaN, null instead; and no bytes that are not UTF-8."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
