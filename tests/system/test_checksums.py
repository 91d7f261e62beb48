"""Checksums of files beside other work."""

import hashlib
from pathlib import Path

import pytest

from w2v.system import checksums
from w2v.system.checksums import FileChecksum, FileState, file_checksums


def states(*paths: Path) -> list[FileState]:
    return [state for path in paths if (state := FileState.of(str(path))) is not None]


def test_checksums_are_those_of_the_bytes_in_order(tmp_path: Path) -> None:
    texts = {"b": b"b" * 3_000_000, "a": b"", "c": b"word\n"}
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text)
    with file_checksums(states(*(tmp_path / name for name in texts))) as found:
        assert found.result() == [FileChecksum(name, len(text), hashlib.sha256(text).hexdigest())
                                  for name, text in texts.items()]


def test_changed_and_missing_files_have_no_checksum(tmp_path: Path) -> None:
    for name in ("changed", "gone"):
        (tmp_path / name).write_bytes(b"x")
    files = states(tmp_path / "changed", tmp_path / "gone")
    (tmp_path / "changed").write_bytes(b"yy")
    (tmp_path / "gone").unlink()
    with file_checksums(files) as found:
        assert [one.sha256 for one in found.result()] == [None, None]


def test_only_regular_files_have_a_state(tmp_path: Path) -> None:
    assert states(tmp_path, tmp_path / "missing", Path("/dev/null")) == [] and FileState.of("a\0b") is None


def test_end_of_the_block_drops_what_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "BLOCK", 1)
    (tmp_path / "a").write_bytes(b"x" * 30_000_000)
    with pytest.raises(KeyboardInterrupt), file_checksums(states(tmp_path / "a")) as found:
        raise KeyboardInterrupt
    assert found.done() and found.result()[0].sha256 is None


def test_checksums_without_a_thread_are_computed_at_once(tmp_path: Path, few_threads: object) -> None:
    (tmp_path / "a").write_bytes(b"x")
    few_threads(0)  # type: ignore[operator]
    with file_checksums(states(tmp_path / "a")) as found:
        assert found.done() and found.result()[0].sha256 == hashlib.sha256(b"x").hexdigest()
