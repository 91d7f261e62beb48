"""`read_vectors` and `write_vectors` for every format: options, round trips, compression, refusals."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import ROWS, WORDS, makers, packed, packers, put, sample

import w2v
from w2v import formats
from w2v.errors import FormatError, W2VError
from w2v.formats.vectorfile import SAFETENSORS, WORD2VEC_BINARY, WORD2VEC_TEXT
from w2v.system import resources

FORMATS = list(makers(Path()))
MAPPED = ("own safetensors", "own safetensors, int8", "foreign safetensors", "npy", "gensim, separate npy")


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_words_and_rows_come_back(tmp_path: Path, name: str) -> None:
    words, rows = sample(300, 12)
    kv = w2v.load(put(tmp_path, makers(tmp_path)[name](words, rows)))
    assert kv.index_to_key == words and kv.report == {} and "300 words x 12" in kv.source
    if "fastText" not in name:  # whose vectors are means with n-grams, see test_fasttext.py
        assert np.abs(kv.vectors[:] - rows).max() <= (0.01 if "int8" in name else 0)
    if "own" in name or "gensim" in name:
        assert kv.get_vecattr(words[0], "count") == 300


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bf16", "int8"])
def test_only_limit_and_dtype_can_be_combined(tmp_path: Path, name: str, dtype: str) -> None:
    words, rows = sample(300, 12)
    path = put(tmp_path, makers(tmp_path)[name](words, rows))
    whole = formats.read_vectors(path)
    wanted = [words[250], words[3], words[100], "missing", words[3]]
    part = formats.read_vectors(path, only=wanted, limit=200, dtype=dtype)
    assert part.words == [words[3], words[100]] and part.rows.dtype_name == dtype
    assert part.report == {"words_not_found": 2} and "2 of the words asked for not found" in part.source
    assert np.abs(part.vectors - whole.vectors[[3, 100]]).max() < 0.02
    if part.counts is not None:
        assert whole.counts is not None and part.counts.tolist() == whole.counts[[3, 100]].tolist()
    limited = formats.read_vectors(path, limit=7, dtype=dtype)
    assert limited.words == words[:7] and limited.rows.shape == (7, 12)
    (tmp_path / "keep.list").write_text(f"{words[1]}\r\n\n{words[299]}", encoding="utf-8")
    assert formats.read_vectors(path, only=tmp_path / "keep.list").words == [words[1], words[299]]
    with pytest.raises(W2VError, match="none of the 1 words"):
        formats.read_vectors(path, only=["missing"])


@pytest.mark.parametrize("name", FORMATS)
def test_matrix_is_mapped_or_mapping_is_refused(tmp_path: Path, name: str) -> None:
    words, rows = sample(30, 5)
    path = put(tmp_path, makers(tmp_path)[name](words, rows))
    if name not in MAPPED:
        with pytest.raises(W2VError, match="mapped"):
            formats.read_vectors(path, mmap=True)
        return
    for mmap in (True, None):
        data = formats.read_vectors(path, mmap=mmap).rows.data
        assert not data.flags.writeable and not data.flags.owndata
    copied = formats.read_vectors(path, mmap=False)
    assert copied.rows.data.flags.writeable and np.array_equal(copied.vectors, formats.read_vectors(path).vectors)
    with pytest.raises(W2VError, match="a mapped matrix keeps the type in the file"):
        formats.read_vectors(path, mmap=True, dtype="bf16")


@pytest.mark.parametrize("name", ["word2vec binary", "word2vec text", "GloVe text", "fastText binary", "npy", "gensim",
                                  "own safetensors", "foreign safetensors"])
@pytest.mark.parametrize("suffix", packers())
@pytest.mark.slow
def test_compressed_files_of_every_format(tmp_path: Path, name: str, suffix: str) -> None:
    words, rows = sample(2500, 12)
    files = makers(tmp_path)[name](words, rows)
    plain = formats.read_vectors(put(tmp_path, files))
    file = formats.read_vectors(put(tmp_path, packed(files, suffix)))
    assert file.words == plain.words and np.array_equal(file.vectors, plain.vectors)
    assert f" in {({'.gz': 'gzip', '.bz2': 'bzip2', '.xz': 'xz', '.zst': 'zstd'})[suffix]}," in file.source


@pytest.mark.slow
def test_compressed_rows_larger_than_the_first_guess(tmp_path: Path) -> None:
    words, rows = sample(20_000, 40)
    for made in (vector_files.binary(words, rows), vector_files.text(words, rows),
                 vector_files.text(words, rows, header=False)):
        for dtype in (None, "int8", "float16"):
            file = formats.read_vectors(put(tmp_path, {"v.gz": gzip.compress(made, 1)}), dtype=dtype)
            assert file.words == words and np.abs(file.vectors - rows).max() < 0.02
    assert np.array_equal(file.vectors, rows.astype(np.float16))


def test_file_larger_than_memory_is_refused_with_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "v.bin"
    with open(path, "wb") as file:
        file.write(b"250000000 4\n")
        file.truncate(8_000_000_000)  # holes: no disk is used
    monkeypatch.setattr(resources, "available_memory", lambda: 1_500_000_000)
    with pytest.raises(W2VError, match=r"4\.0 GB of memory are needed and 1\.5 GB are free"):
        formats.read_vectors(path)
    with pytest.raises(FormatError):  # what fits is tried: the file is empty
        formats.read_vectors(path, limit=1000)


@pytest.mark.parametrize("options", [{"limit": 0}, {"dtype": "float8"}, {"only": []}])
def test_wrong_options_are_value_errors(tmp_path: Path, options: dict) -> None:
    with pytest.raises(ValueError):
        w2v.load(put(tmp_path, {"v.txt": b"1 2\na 1 2\n"}), **options)


def test_reading_stops_when_all_words_of_only_are_found(tmp_path: Path) -> None:
    lines = [f"w{i} 1 2\n" for i in range(50_000)]
    data = f"50001 2\n{''.join(lines)}broken\n".encode()
    assert formats.read_vectors(put(tmp_path, {"v.txt": data}), only=["w0", "w9"]).words == ["w0", "w9"]
    with pytest.raises(FormatError, match="line 50002"):
        formats.read_vectors(tmp_path / "v.txt", only=["w0", "missing"])


def test_missing_file_and_folder_are_one_line_errors(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.bin", tmp_path):
        with pytest.raises(W2VError) as caught:
            formats.read_vectors(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_limit_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="limit"):
        formats.read_vectors(put(tmp_path, {"v": b"1 2\na 1 2\n"}), limit=0)


# --- round trips and damage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (50, 100), (40_000, 40)])
def test_round_trip_of_padded_rows(tmp_path: Path, name: str, shape: tuple[int, int]) -> None:
    padded = np.random.default_rng(1).normal(size=(shape[0], shape[1] + 12)).astype(np.float32)
    rows = padded[:, :shape[1]]
    words = [f"w{i}" for i in range(shape[0])]
    formats.write_vectors(tmp_path / name, words, rows)
    file = formats.read_vectors(tmp_path / name)
    assert file.words == words and np.array_equal(file.vectors, rows)
    limited = formats.read_vectors(tmp_path / name, limit=2)
    assert limited.words == words[:2] and np.array_equal(limited.vectors, rows[:2])


def written(tmp_path: Path, name: str) -> bytes:
    rows = np.random.default_rng(2).normal(size=(20, 9)).astype(np.float32)
    formats.write_vectors(tmp_path / name, [f"word{i}" for i in range(20)], rows, np.arange(20))
    return (tmp_path / name).read_bytes()


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
@pytest.mark.slow
def test_file_cut_anywhere_is_a_format_error(tmp_path: Path, name: str) -> None:
    whole = written(tmp_path, name)
    # the last newline may be missing, and the last number of a text may lose digits without a trace
    last = len(whole) - {"v.bin": 2, "v.txt": 14, "v.safetensors": 1}[name]
    for size in range(0, last + 1):
        with pytest.raises(FormatError):
            formats.read_vectors(put(tmp_path, {"v": whole[:size]}))


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
def test_flipped_bytes_never_crash(tmp_path: Path, name: str) -> None:
    whole = written(tmp_path, name)
    rng = np.random.default_rng(3)
    failed = 0
    for at in range(0, len(whole), 3):
        broken = bytearray(whole)
        broken[at] ^= int(rng.integers(1, 256))
        try:
            # A new name each time: Windows lets nobody write to a file that is still mapped.
            file = formats.read_vectors(put(tmp_path, {f"v{at}": bytes(broken)}))
            assert len(file.words) == len(file.vectors) == len(set(file.words))
        except FormatError:
            failed += 1
    assert failed > 3


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "a b", "tab\t", "line\n", "\x0bvt"])
def test_words_that_word2vec_cannot_hold_are_refused_before_writing(tmp_path: Path, word: str) -> None:
    with pytest.raises(ValueError) as caught:
        formats.check_words(["ok", word], WORD2VEC_BINARY)
    assert repr(word) in str(caught.value) or not word
    path = put(tmp_path, {"v.txt": b"old"})
    with pytest.raises(ValueError):
        formats.write_vectors(path, ["ok", word], ROWS[:2])
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["v.txt"]


def test_words_with_unicode_blanks_are_allowed() -> None:
    formats.check_words(["a\u00a0b", "\u3000"], WORD2VEC_TEXT)
    with pytest.raises(ValueError, match="safetensors instead"):
        formats.check_words([""], WORD2VEC_TEXT)
    formats.check_words(["a b", ""], SAFETENSORS)


def test_empty_and_blank_words_survive_our_own_format(tmp_path: Path) -> None:
    words, rows = ["the", "", " ", "\t", "\n", "\0"], np.arange(12, dtype=np.float32).reshape(6, 2)
    formats.write_vectors(tmp_path / "v.safetensors", words, rows)
    file = formats.read_vectors(tmp_path / "v.safetensors")
    assert file.words == words and np.array_equal(file.vectors, rows) and file.report == {"empty_words": 1}
    assert formats.words_held(words, WORD2VEC_TEXT).tolist() == [0]
    path = put(tmp_path, {"g.kv": vector_files.gensim(words, rows)})
    assert formats.read_vectors(path).words == words and formats.read_vectors(path).report == {"empty_words": 1}


def test_negative_counts_are_reported(tmp_path: Path) -> None:
    formats.write_vectors(tmp_path / "v.safetensors", WORDS, ROWS, [3, -1, 2])
    assert formats.read_vectors(tmp_path / "v.safetensors").report == {"negative_counts": 1}
    with pytest.raises(FormatError, match="negative counts.*strict"):
        formats.read_vectors(tmp_path / "v.safetensors", strict=True)


@pytest.mark.parametrize("name", ["npy", "foreign safetensors", "gensim", "fastText binary"])
def test_numbers_that_are_not_finite_are_in_the_report_of_every_format(tmp_path: Path, name: str) -> None:
    words, rows = sample(9, 4)
    rows[5, 2] = np.inf
    path = put(tmp_path, makers(tmp_path)[name](words, rows))
    kv = w2v.load(path)
    assert kv.report["not_finite"] >= 1
    with pytest.raises(FormatError, match="NaN or infinity.*strict"):
        w2v.load(path, strict=True)


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_and_the_old_file_stays(
    tmp_path: Path, name: str, value: float
) -> None:
    path = put(tmp_path, {name: b"old"})
    rows = np.ones((5000, 100), dtype=np.float32)
    rows[4321, 7] = value
    with pytest.raises(W2VError, match="'w4321'"):
        formats.write_vectors(path, [f"w{i}" for i in range(5000)], rows)
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == [name]


@pytest.mark.parametrize(("words", "rows", "counts"), [
    (["a"], ROWS, None), (WORDS, ROWS, [1, 2]), (WORDS, ROWS[:, :0], None), ([], ROWS[:0], None),
    (WORDS, ROWS[0], None),
])
def test_shapes_that_do_not_fit_are_refused(tmp_path: Path, words: list, rows: np.ndarray, counts: list | None) -> None:
    with pytest.raises(ValueError):
        formats.write_vectors(tmp_path / "v.bin", words, rows, counts)
    assert os.listdir(tmp_path) == []
