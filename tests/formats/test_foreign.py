"""Files of other programs, and how files are read: fastText models, npy, safetensors of others, gensim's save(); only=,
limit=, dtype=, mmap=, compression."""

from __future__ import annotations

import gzip
import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import makers, packed, packers, put, sample

import w2v
from w2v import formats
from w2v.errors import FormatError, W2VError
from w2v.formats import content
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.system import resources

FORMATS = list(makers(Path()))
MAPPED = ("own safetensors", "own safetensors, int8", "safetensors of others", "npy", "gensim, npy beside")


def fnv(text: bytes) -> int:
    """FNV-1a as fastText has it: each byte is extended with its sign."""
    value = 2166136261
    for byte in text:
        value = ((value ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619) & 0xFFFFFFFF
    return value


def ngrams(word: str, minn: int, maxn: int) -> list[str]:
    """The n-grams of `<word>`, single marks left out."""
    marked = f"<{word}>"
    return [marked[i:i + n] for i in range(len(marked)) for n in range(minn, maxn + 1)
            if i + n <= len(marked) and not (n == 1 and i in (0, len(marked) - 1))]


def expected(word: str, own: np.ndarray | None, buckets: np.ndarray, minn: int, maxn: int) -> np.ndarray:
    parts = [buckets[fnv(part.encode()) % len(buckets)] for part in ngrams(word, minn, maxn)]
    return np.mean(([] if own is None else [own]) + parts, axis=0)


# ------------------------------------------------------------------------------------------------- each format


@pytest.mark.parametrize("name", FORMATS)
def test_words_and_rows_come_back(tmp_path: Path, name: str) -> None:
    words, rows = sample(300, 12)
    kv = w2v.load(put(tmp_path, makers(tmp_path)[name](words, rows)))
    assert kv.index_to_key == words and kv.report == {} and "300 words x 12" in kv.source
    if name != "fastText binary":  # whose vectors are means with n-grams, see below
        assert np.abs(kv.vectors[:] - rows).max() <= (0.01 if "int8" in name else 0)
    if "own" in name or "gensim" in name:
        assert kv.get_vecattr(words[0], "count") == 300


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bf16", "int8"])
def test_only_limit_and_dtype_go_together(tmp_path: Path, name: str, dtype: str) -> None:
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
def test_mapping_is_refused_where_it_cannot_be(tmp_path: Path, name: str) -> None:
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
                                  "own safetensors", "safetensors of others"])
@pytest.mark.parametrize("suffix", packers())
def test_compressed_files_of_every_format(tmp_path: Path, name: str, suffix: str) -> None:
    words, rows = sample(2500, 12)
    files = makers(tmp_path)[name](words, rows)
    plain = formats.read_vectors(put(tmp_path, files))
    file = formats.read_vectors(put(tmp_path, packed(files, suffix)))
    assert file.words == plain.words and np.array_equal(file.vectors, plain.vectors)
    assert f" in {({'.gz': 'gzip', '.bz2': 'bzip2', '.xz': 'xz', '.zst': 'zstd'})[suffix]}," in file.source


def test_compressed_rows_larger_than_the_first_guess(tmp_path: Path) -> None:
    words, rows = sample(20_000, 40)
    for made in (vector_files.binary(words, rows), vector_files.text(words, rows),
                 vector_files.text(words, rows, header=False)):
        for dtype in (None, "int8", "float16"):
            file = formats.read_vectors(put(tmp_path, {"v.gz": gzip.compress(made, 1)}), dtype=dtype)
            assert file.words == words and np.abs(file.vectors - rows).max() < 0.02
    assert np.array_equal(file.vectors, rows.astype(np.float16))


# ------------------------------------------------------------------------------------------------- fastText


@pytest.mark.parametrize(("minn", "maxn"), [(3, 6), (1, 2), (2, 2), (5, 9)])
def test_fasttext_words_and_unseen_words_from_ngrams(tmp_path: Path, minn: int, maxn: int) -> None:
    words, own = sample(40, 6)
    buckets = np.random.default_rng(3).normal(size=(97, 6)).astype(np.float32)
    kv = w2v.load(put(tmp_path, {"m.bin": vector_files.fasttext(words, own, buckets, minn, maxn)}))
    for i, word in enumerate(words):
        assert np.allclose(kv.vectors[i], expected(word, own[i], buckets, minn, maxn), atol=1e-6), word
    for word in ("unseen", "Größenwahn", "日本語東京", "I'm", "😀😀😀"):
        if ngrams(word, minn, maxn):
            assert np.allclose(kv.get_vector(word), expected(word, None, buckets, minn, maxn), atol=1e-6), word
            assert abs(np.linalg.norm(kv.get_vector(word, norm=True)) - 1) < 1e-6
    assert kv.get_vecattr(words[0], "count") == 1000


def test_fasttext_line_end_has_no_ngrams(tmp_path: Path) -> None:
    words, own = sample(2, 4)
    file = formats.read_vectors(put(tmp_path, {"m": vector_files.fasttext(["</s>", *words[1:]], own, own)}))
    assert np.array_equal(file.vectors[0], own[0]) and not np.array_equal(file.vectors[1], own[1])


def test_fasttext_without_ngrams_and_with_labels(tmp_path: Path) -> None:
    words, own = sample(5, 4)
    data = vector_files.fasttext(words, own, own[:0], 0, 0, labels=("__label__a", "__label__b"), model=3)
    kv = w2v.load(put(tmp_path, {"m": data}))
    assert kv.index_to_key == words and np.array_equal(kv.vectors, own) and kv.subwords is None
    with pytest.raises(KeyError):
        kv.get_vector("unseen")


def test_word_too_short_for_an_ngram_is_a_key_error(tmp_path: Path) -> None:
    words, own = sample(5, 4)
    kv = w2v.load(put(tmp_path, {"m": vector_files.fasttext(words, own, own, 6, 6)}))
    with pytest.raises(KeyError, match="'a'"):
        kv.get_vector("a")
    with pytest.raises(KeyError, match="no n-gram"):
        kv.subwords.vector("a")
    assert not kv.get_vector("a", oov="zero").any()


@pytest.mark.parametrize(("change", "message"), [
    ({"quantized": 1}, "quantized"), ({"version": 9}, "version 9"), ({"labels": ("",)}, "not a valid label"),
])
def test_fasttext_models_that_cannot_be_read_say_why(tmp_path: Path, change: dict, message: str) -> None:
    words, own = sample(5, 4)
    with pytest.raises(FormatError, match=message):
        formats.read_vectors(put(tmp_path, {"m": vector_files.fasttext(words, own, own, **change)}))


def test_subwords_survive_our_own_file(tmp_path: Path) -> None:
    words, own = sample(20, 6)
    kv = w2v.load(put(tmp_path, {"m.bin": vector_files.fasttext(words, own, own)}))
    kv.save(tmp_path / "m.safetensors")
    again = w2v.load(tmp_path / "m.safetensors")
    assert np.array_equal(again.get_vector("unseen"), kv.get_vector("unseen"))
    assert repr(again.subwords) == "<Subwords: 20 buckets of n-grams of 3 to 6 letters>"


def test_subwords_of_an_empty_table_know_nothing() -> None:
    with pytest.raises(KeyError):
        Subwords(np.zeros(0, dtype=np.uint8), 4, 3, 6).vector("word")


# ------------------------------------------------------------------------------------------------- npy, safetensors


@pytest.mark.parametrize("array", ["f8", "f2", "fortran"])
def test_npy_of_other_types(tmp_path: Path, array: str) -> None:
    words, rows = sample(20, 5)
    made = np.asfortranarray(rows) if array == "fortran" else rows.astype(array)
    listed = "\n".join(words).encode()
    file = formats.read_vectors(put(tmp_path, {"v.npy": vector_files.npy(made), "v.vocab": listed}))
    assert np.allclose(file.vectors, rows, atol=1e-3) and file.words == words
    assert file.rows.dtype_name == ("float16" if array == "f2" else "float32")


@pytest.mark.parametrize("name", ["v.words", "v.vocab", "v.txt", "v.vocab.txt", "words.txt", "vocab.txt"])
def test_word_lists_are_found_beside_the_matrix(tmp_path: Path, name: str) -> None:
    words, rows = sample(3, 5)
    listed = "".join(f"{word}\t{10 - i}\r\n" for i, word in enumerate(words)).encode()
    file = formats.read_vectors(put(tmp_path, {"v.npy": vector_files.npy(rows), name: listed}))
    assert file.words == words and file.counts is not None and file.counts.tolist() == [10, 9, 8]
    assert file.report == {"crlf_lines": 3}


def test_word_list_can_be_given_and_must_fit(tmp_path: Path) -> None:
    words, rows = sample(3, 5)
    path = put(tmp_path, {"v.npy": vector_files.npy(rows), "other": "\n".join(words[:2]).encode()})
    with pytest.raises(FormatError, match="2 words for a matrix of 3 rows"):
        formats.read_vectors(path, words=tmp_path / "other")
    with pytest.raises(FormatError, match=r"v\.words"):
        formats.read_vectors(path)
    (tmp_path / "other").write_text("\n".join(words), encoding="utf-8")
    assert formats.read_vectors(path, words=tmp_path / "other").words == words


def test_arrays_of_objects_are_never_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    with pytest.raises(FormatError, match="never loaded"):
        formats.read_vectors(tmp_path / "v.npy")


def test_words_of_a_tokenizer(tmp_path: Path) -> None:
    words, rows = sample(4, 3)
    tokenizer = json.dumps({"model": {"vocab": {word: i for i, word in enumerate(words)}}}).encode()
    path = put(tmp_path, {"model.safetensors": vector_files.safetensors({"embeddings": ("F32", rows)}),
                          "tokenizer.json": tokenizer})
    assert formats.read_vectors(path).words == words
    for broken in (b"{}", b"[", b'{"model": {"vocab": {"a": 0, "b": 7}}}', b'{"model": {"vocab": [["a"]]}}'):
        (tmp_path / "tokenizer.json").write_bytes(broken)
        with pytest.raises(FormatError):
            formats.read_vectors(path)


def test_bf16_of_others_and_several_matrices(tmp_path: Path) -> None:
    words, rows = sample(4, 3)
    bits = Rows.encode(rows, "bf16").data
    files = {"v.safetensors": vector_files.safetensors({"w": ("BF16", bits), "b": ("F32", rows[0])}),
             "v.txt": "\n".join(words).encode()}
    file = formats.read_vectors(put(tmp_path, files))
    assert file.rows.dtype_name == "bf16" and np.allclose(file.vectors, rows, rtol=0.01)
    two = vector_files.safetensors({"a": ("F32", rows), "b": ("F32", rows)})
    with pytest.raises(FormatError, match=r"2 matrices of floats in this \.safetensors \(a, b\)"):
        formats.read_vectors(put(tmp_path, {"v.safetensors": two}))


# ------------------------------------------------------------------------------------------------- gensim


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["f4", "f8", ">f4"])
def test_gensim_pickles_of_every_protocol(tmp_path: Path, protocol: int, dtype: str) -> None:
    words, rows = sample(500, 7)
    data = vector_files.gensim(words, rows.astype(dtype), protocol)
    file = formats.read_vectors(put(tmp_path, {"v.kv": data}))
    assert file.words == words and np.array_equal(file.vectors, rows) and file.source.count("gensim save()") == 1
    assert file.counts is not None and file.counts[0] == 500


def test_gensim_models_and_old_names(tmp_path: Path) -> None:
    words, rows = sample(50, 7)
    data = vector_files.gensim(words, rows, index2word=words).replace(b"index_to_key", b"index_to_xxx")
    assert formats.read_vectors(put(tmp_path, {"v.kv": data})).words == words


def test_gensim_file_beside_that_is_missing_is_named(tmp_path: Path) -> None:
    words, _ = sample(5, 7)
    with pytest.raises(W2VError, match=r"v\.kv\.vectors\.npy, which is missing"):
        formats.read_vectors(put(tmp_path, {"v.kv": vector_files.gensim(words, None)}))


class Spy:
    """Would write a file if its pickle were run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [2, 4])
def test_pickles_are_not_run(tmp_path: Path, protocol: int) -> None:
    words, rows = sample(5, 7)
    data = vector_files.gensim(words, rows, protocol, spy=Spy(tmp_path / "made"))
    assert formats.read_vectors(put(tmp_path, {"v.kv": data})).words == words
    assert not (tmp_path / "made").exists()


# ------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(("rows", "flaw", "at"), [
    (b"b 1 2\na 3 4\na 5 6\n", "duplicate words: 'a'", 2), (b"b 1 2\nNew York 3 4\n", "blanks: 'New York'", 1),
    (b"b 1 2\n\xff 3 4\n", r"UTF-8: b'\\xff'", 1), (b"b 1 2\na 3 4\r\nc 5 6\n", "CR LF", 1),
    (b"a 1 2\nb 3 4", "newline", 1),
])
@pytest.mark.parametrize("header", [b"%d 2\n", b""])
@pytest.mark.parametrize("filler", [0, 30_000])
def test_strict_names_the_line_and_the_byte_of_every_flaw(
    tmp_path: Path, header: bytes, rows: bytes, flaw: str, at: int, filler: int
) -> None:
    """Also beyond the first block; `at` is the line of the flaw among `rows`."""
    before = b"".join(b"w%d 0.5 0.25\n" % i for i in range(filler))
    n = filler + len(rows.splitlines())
    header = header and header % n
    path = put(tmp_path, {"v.txt": header + before + rows})
    kv = w2v.load(path)
    assert len(kv.report) == 1 and flaw.split(":")[0] in kv.source
    with pytest.raises(FormatError, match=f"{flaw}.*strict") as caught:
        w2v.load(path, strict=True)
    offset = len(header + before) + (len(rows) if flaw == "newline" else sum(map(len, rows.splitlines(True)[:at])))
    assert (caught.value.line, caught.value.offset) == (bool(header) + filler + at + 1, offset)


def test_strict_names_the_place_in_every_format(tmp_path: Path) -> None:
    rows = np.ones((3, 2), np.float32)
    words = ["a", "größe", "a"]
    listed = "".join(f"{word}\n" for word in words).encode()
    fast = vector_files.fasttext(["a", "\udcff", "b"], rows, rows[:0])
    own = tmp_path / "o.safetensors"
    formats.write_vectors(own, ["a", "\udcff"], rows[:2])
    for files, offset, line, name in (
        ({"b.bin": vector_files.binary(words, rows)}, 4 + 11 + 17, None, "b.bin"),
        ({"n.npy": vector_files.npy(rows), "n.words": listed}, None, 3, "n.words"),
        ({"s.safetensors": vector_files.safetensors({"weight": ("F32", rows)}), "s.txt": listed}, None, 3, "s.txt"),
        ({"c.npy": vector_files.npy(rows), "c.words": b"a\nb\r\nc\n"}, 3, 2, "c.words"),
        ({"f.bin": fast}, fast.index(b"\xff\0"), None, "f.bin"),
        ({"g.kv": vector_files.gensim(words, rows)}, 0, None, "g.kv"),
        ({"o.safetensors": own.read_bytes()}, own.read_bytes().rindex(b"\xff"), None, "o.safetensors"),
        ({"m.txt": b"\xef\xbb\xbf1 2\na 1 2\n"}, 0, 1, "m.txt"),
    ):
        path = put(tmp_path, files)
        with pytest.raises(FormatError, match="strict=True") as caught:
            formats.read_vectors(path, strict=True)
        assert (Path(caught.value.path).name, caught.value.offset, caught.value.line) == (name, offset, line)


def test_what_cannot_fit_is_refused_with_its_gigabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_only_stops_reading_when_all_is_found(tmp_path: Path) -> None:
    lines = [f"w{i} 1 2\n" for i in range(50_000)]
    data = f"50001 2\n{''.join(lines)}broken\n".encode()
    assert formats.read_vectors(put(tmp_path, {"v.txt": data}), only=["w0", "w9"]).words == ["w0", "w9"]
    with pytest.raises(FormatError, match="line 50002"):
        formats.read_vectors(tmp_path / "v.txt", only=["w0", "missing"])


@pytest.mark.parametrize(("data", "what"), [
    (b"SQLite format 3\0" + b"\0" * 100, "Magnitude"), (b"PK\3\4" + b"\0" * 50, "zip"),
    (b"PAR1" + b"\0" * 50, "Parquet"), (b"\x89HDF\r\n", "HDF5"),
    (b"FiFu" + b"\0" * 50, "finalfusion"), (b"\x80", "no known format"),
])
def test_formats_that_are_not_read_are_named(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        formats.read_vectors(put(tmp_path, {"v": data}))


def test_window_is_never_much_larger_than_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "BLOCK", 4)
    monkeypatch.setattr(content, "SAMPLE", 64)
    words, rows = sample(40, 3)
    for made in (vector_files.binary(words, rows), vector_files.text(words, rows)):
        for data in (made, gzip.compress(made)):
            file = formats.read_vectors(put(tmp_path, {"v": data}))
            assert file.words == words and np.array_equal(file.vectors, rows)


def test_scale_of_an_int8_file_is_checked(tmp_path: Path) -> None:
    words, rows = sample(4, 3)
    data = vector_files.own(tmp_path, words, rows, "int8")
    head = struct.unpack("<Q", data[:8])[0]
    for broken in (data[:8 + head].replace(b'"scales"', b'"scalez"'), data[:8 + head].replace(b'"I8"', b'"U8"')):
        with pytest.raises(FormatError):
            formats.read_vectors(put(tmp_path, {"v": broken + data[8 + head:]}))
