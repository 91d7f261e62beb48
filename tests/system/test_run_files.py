"""Names of the files of several runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from w2v.system.run_files import run_file, sibling_runs


@pytest.mark.parametrize(("path", "second"), [
    ("v.safetensors", "v.run2.safetensors"), ("a/v.bin.gz", "a/v.run2.bin.gz"), ("v.TXT.XZ", "v.run2.TXT.XZ"),
    ("v", "v.run2"), ("a.b/v", "a.b/v.run2"), ("v.1.bin", "v.1.run2.bin"), (".vec", ".vec.run2"),
])
def test_the_number_precedes_the_suffixes(path: str, second: str) -> None:
    assert run_file(path, 1) == path and run_file(path, 2) == second
    assert run_file(Path(path), 2) == str(Path(second))


@pytest.mark.parametrize("suffix", [".safetensors", ".bin.gz", ""])
def test_siblings_are_found_from_every_run_in_the_order_of_their_numbers(tmp_path: Path, suffix: str) -> None:
    files = [run_file(tmp_path / f"v[1]{suffix}", number) for number in (1, 2, 3, 10)]
    others = [f"v[1].run2{suffix}.bak", f"v[1].runx{suffix}", f"w.run2{suffix}", f"v1.run2{suffix}",
              f"v[1].run02{suffix}", f"v[1].run1{suffix}", f"v[1].run2.run3{suffix}", "v[1].run5.txt"]
    for name in (*files, *(str(tmp_path / other) for other in others)):
        Path(name).touch()
    for number, file in enumerate(files):
        assert sibling_runs(file) == files[:number] + files[number + 1:]
    Path(files[0]).unlink()
    assert sibling_runs(files[1]) == files[2:] and sibling_runs(files[0]) == files[1:]


def test_siblings_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("v.bin").touch()
    assert sibling_runs("v.bin") == []
    Path("v.run2.bin").touch()
    assert sibling_runs("v.bin") == ["v.run2.bin"] and sibling_runs("./v.run2.bin") == ["./v.bin"]
    assert sibling_runs("missing/v.bin") == []
