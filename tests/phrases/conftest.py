"""Fixtures of the tests of phrases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import phrases_twin as twin

from w2v import cli
from w2v.phrases import Phrases


@pytest.fixture(scope="session")
def phrase_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[list[str]], Phrases]:
    """A text, its phrase model, its sentences, and the model as an object."""
    return twin.files_in(tmp_path_factory.mktemp("phrases"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Function that runs one w2v command and returns its exit code, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
