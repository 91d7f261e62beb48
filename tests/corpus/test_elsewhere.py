"""Ids that other processes read: how they recognise the files, and what they read."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from w2v.corpus.elsewhere import SAMPLE_BYTES, SAMPLES, FileMark, IdsFile, first_problem
from w2v.corpus.encode import encode
from w2v.errors import W2VError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(np.random.default_rng(1).bytes(3 * SAMPLES * SAMPLE_BYTES))
    return path


@pytest.mark.parametrize("size", [0, 1, SAMPLE_BYTES, SAMPLE_BYTES + 1, 3 * SAMPLES * SAMPLE_BYTES])
def test_copy_with_another_time_is_the_same_file(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(np.random.default_rng(2).bytes(size))
    mark = FileMark.of(str(path))
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    os.utime(path, (1, 1))
    assert mark.problem() is None and mark.size == size and pickle.loads(pickle.dumps(mark)) == mark


@pytest.mark.parametrize("place", [0, SAMPLE_BYTES - 1, -SAMPLE_BYTES, -1])
def test_other_bytes_at_the_start_and_the_end_are_another_file(file: Path, place: int) -> None:
    mark = FileMark.of(str(file))
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert mark.problem() == f"{file}: another file: its content differs"


@pytest.mark.parametrize("change", [-1, 1])
def test_other_size_is_another_file(file: Path, change: int) -> None:
    mark = FileMark.of(str(file))
    os.truncate(file, mark.size + change)
    assert mark.problem() == (f"{file}: another file: {mark.size + change:,} bytes instead of {mark.size:,}")


def test_path_of_a_mark_does_not_depend_on_the_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    mark = FileMark.of(file.name)
    monkeypatch.chdir("/")
    assert mark.path == str(file) and mark.problem() is None


def test_first_problem_names_the_missing_file(file: Path) -> None:
    marks = [FileMark.of(str(file)), FileMark(f"{file}.2", 1, "")]
    assert first_problem(marks[:1]) is None
    assert first_problem(marks) == f"{file}.2: cannot read: No such file or directory"


def test_ids_of_a_shared_file_are_those_of_the_corpus(tmp_path: Path) -> None:
    corpus = encode([["a", "b", "c"], ["b"], ["c", "a"]] * 50, min_count=1, memory_share=0, spool_dir=tmp_path,
                    shared=True)
    elsewhere = corpus.elsewhere()
    assert isinstance(elsewhere, IdsFile) and [str(path) for path in tmp_path.iterdir()] == [elsewhere.files[0].path]
    there = pickle.loads(pickle.dumps(elsewhere))
    for begin, end in ((0, corpus.n_ids), (0, 1), (17, 61), (5, 5), (corpus.n_ids - 1, corpus.n_ids)):
        ids = there.read(corpus.part(begin, end))
        assert ids.dtype == np.int32 and ids.tolist() == corpus.ids[begin:end].tolist()
    corpus.close()
    assert not list(tmp_path.iterdir())
    with pytest.raises(W2VError, match="on .*: cannot read: No such file"):
        there.read((0, 1))


@pytest.mark.parametrize("order", ["<", ">"])
def test_ids_of_a_machine_of_any_byte_order_are_read(tmp_path: Path, order: str) -> None:
    ids, path = np.arange(-1, 300, dtype=np.int32), tmp_path / "ids"
    path.write_bytes(ids.astype(f"{order}i4").tobytes())
    there = pickle.loads(pickle.dumps(IdsFile((FileMark.of(str(path)),), np.dtype(f"{order}i4"))))
    got = there.read((5, 290))
    assert got.dtype == np.int32 and got.dtype.isnative and np.array_equal(got, ids[5:290])


@pytest.mark.parametrize("shared, memory_share", [(False, 0.0), (True, 0.5)])
def test_ids_in_memory_or_in_a_file_without_a_name_are_only_here(tmp_path: Path, shared: bool,
                                                                 memory_share: float) -> None:
    corpus = encode([["a", "b"]] * 9, min_count=1, memory_share=memory_share, spool_dir=tmp_path, shared=shared)
    assert corpus.elsewhere() is None and not list(tmp_path.iterdir())


def test_shared_file_is_removed_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="min_count"):
        encode([["a", "b"]] * 9, min_count=10, memory_share=0, spool_dir=tmp_path, shared=True)
    assert not list(tmp_path.iterdir())
