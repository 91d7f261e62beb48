"""The sources of the extensions, which are compiled without checks of indices."""

import re
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).parent.parent / "w2v").rglob("*.pyx"))


@pytest.mark.skipif(not SOURCES, reason="the sources are not here")
def test_no_index_is_negative() -> None:
    """With `wraparound` off, `values[-1]` of a tuple reads outside of it unless the limited API is used."""
    lines = [(path.name, line.split("#")[0]) for path in SOURCES
             for line in path.read_text(encoding="utf-8").splitlines()]
    found = [(name, line) for name, line in lines if re.search(r"[\w\])]\[-", line)]
    assert found == []
