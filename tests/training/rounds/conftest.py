"""Texts for runs in rounds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import planted, rounds


@pytest.fixture(autouse=True)
def short_parts() -> Iterator[None]:
    with rounds.short_parts():
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted.write_corpus(tmp_path_factory.mktemp("rounds") / "corpus.txt", 3_000)
