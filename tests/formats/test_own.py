"""w2v's own files: golden files, the exact bytes, the mapping, and wrong headers."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import ROWS, WORDS, put, sample

from w2v import formats
from w2v.corpus_options import TextOptions
from w2v.errors import FormatError
from w2v.formats._words import all_distinct, words_differ
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.formats.tensors import pack_header

# --- good files ------------------------------------------------------------------------------------------------------


def test_safetensors_layout(tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    formats.write_vectors(path, WORDS, ROWS, [9, 5, 1], metadata={"epochs": "5"}, output_vectors=ROWS * 2)
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    data = content[8 + length:]
    assert (8 + length) % 64 == 0
    assert header["__metadata__"] == {"epochs": "5", "format": "w2v", "format_version": "1"}
    assert header["word_offsets"] == {"dtype": "I64", "shape": [4], "data_offsets": [0, 32]}
    assert header["counts"] == {"dtype": "I64", "shape": [3], "data_offsets": [32, 56]}
    assert header["vectors"] == {"dtype": "F32", "shape": [3, 2], "data_offsets": [56, 80]}
    assert header["output_vectors"] == {"dtype": "F32", "shape": [3, 2], "data_offsets": [80, 104]}
    assert header["words"] == {"dtype": "U8", "shape": [13], "data_offsets": [104, 117]}
    assert data == (struct.pack("<4q3q", 0, 3, 10, 13, 9, 5, 1) + ROWS.astype("<f4").tobytes()
                    + (ROWS * 2).astype("<f4").tobytes() + "thegrößex_1".encode())


def test_safetensors_round_trip_is_mapped(tmp_path: Path) -> None:
    words = [*WORDS, "with blank", "bad\udcff"]
    rows = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    formats.write_vectors(tmp_path / "v.safetensors", words, rows, [5, 4, 3, 2, 1], metadata={"a": "b"})
    file = formats.read_vectors(tmp_path / "v.safetensors")
    assert file.words == words and np.array_equal(file.vectors, rows)
    assert file.counts is not None and file.counts.tolist() == [5, 4, 3, 2, 1]
    assert file.metadata["a"] == "b" and file.report == {"invalid_utf8": 1} and file.output_vectors is None
    assert not file.vectors.flags.writeable and not file.vectors.flags.owndata
    part = formats.read_vectors(tmp_path / "v.safetensors", limit=2)
    assert part.words == words[:2] and np.array_equal(part.vectors, rows[:2])


def safetensors(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def good_header() -> dict:
    return {"word_offsets": {"dtype": "I64", "shape": [2], "data_offsets": [0, 16]},
            "vectors": {"dtype": "F32", "shape": [1, 1], "data_offsets": [16, 20]},
            "words": {"dtype": "U8", "shape": [1], "data_offsets": [20, 21]}}


GOOD_DATA = struct.pack("<qqf", 0, 1, 2.5) + b"a"


def changed(name: str, **entry: object) -> dict:
    header = good_header()
    header[name] = {**header.get(name, {}), **entry}
    return header


def test_handmade_safetensors_is_read(tmp_path: Path) -> None:
    file = formats.read_vectors(put(tmp_path, {"v": safetensors(good_header(), GOOD_DATA)}))
    assert file.words == ["a"] and file.vectors.tolist() == [[2.5]] and file.counts is None


# --- broken files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [
    safetensors(good_header(), GOOD_DATA, length=2**40),
    safetensors(good_header(), GOOD_DATA[:-1]),
    safetensors(b"{" * 5000, GOOD_DATA),
    safetensors(b"{\"a\": \xff}", GOOD_DATA),
    safetensors({"vectors": good_header()["vectors"]}, GOOD_DATA),
    safetensors({**good_header(), "__metadata__": {"a": 1}}, GOOD_DATA),
    safetensors(changed("vectors", dtype="F16"), GOOD_DATA),
    safetensors(changed("vectors", dtype=["F32"]), GOOD_DATA),
    safetensors(changed("vectors", shape=[2**62, 2**62]), GOOD_DATA),
    safetensors(changed("vectors", shape=[-1, -1]), GOOD_DATA),
    safetensors(changed("vectors", shape=[True, True]), GOOD_DATA),
    safetensors(changed("vectors", shape=[1]), GOOD_DATA),
    safetensors(changed("vectors", shape=[0, 1], data_offsets=[16, 16]), GOOD_DATA),
    safetensors(changed("vectors", data_offsets=[-4, 0]), GOOD_DATA),
    safetensors(changed("vectors", data_offsets=[20, 24]), GOOD_DATA),
    safetensors(changed("vectors", data_offsets=[16]), GOOD_DATA),
    safetensors(changed("word_offsets", shape=[1], data_offsets=[0, 8]), GOOD_DATA),
    safetensors(good_header(), struct.pack("<qqf", 0, 9, 2.5) + b"a"),
    safetensors(good_header(), struct.pack("<qqf", 1, 1, 2.5) + b"a"),
    safetensors({**good_header(), "words": 7}, GOOD_DATA),
    safetensors(changed("counts", dtype="I64", shape=[2], data_offsets=[0, 16]), GOOD_DATA),
    safetensors(changed("output_vectors", dtype="F32", shape=[2, 2], data_offsets=[0, 16]), GOOD_DATA),
])
def test_broken_safetensors_is_a_format_error(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, {"v": content})
    with pytest.raises(FormatError) as caught:
        formats.read_vectors(path)
    assert caught.value.offset is not None and str(path) in str(caught.value)


def test_duplicate_words_are_found_without_decoding_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    words = list({rng.bytes(int(size)) for size in rng.integers(1, 30, 20_000)})
    ends = np.cumsum([0, *map(len, words)])
    assert words_differ(b"".join(words), ends)
    for i, j in ((0, len(words) - 1), (5, 6), (70, 7000)):
        twice = [*words]
        twice[j] = words[i]
        assert not words_differ(b"".join(twice), np.cumsum([0, *map(len, twice)]))
    two = {"vectors": ("F32", np.ones((2, 1), dtype=np.float32)), "words": ("U8", np.frombuffer(b"aa", np.uint8)),
           "word_offsets": ("I64", np.array([0, 1, 2]))}
    path = put(tmp_path, {"v": vector_files.safetensors(two)})
    assert formats.read_vectors(path).report == {"duplicates": 1}


def test_nodes_of_hierarchical_softmax_are_kept_and_checked(tmp_path):
    vectors, nodes = np.ones((3, 2), dtype=np.float32), np.arange(4, dtype=np.float32).reshape(2, 2)
    formats.write_vectors(tmp_path / "v.safetensors", ["a", "b", "c"], vectors, node_vectors=nodes)
    assert formats.read_vectors(tmp_path / "v.safetensors").node_vectors.tolist() == nodes.tolist()
    assert formats.read_vectors(tmp_path / "v.safetensors", limit=2).node_vectors is None
    assert formats.read_vectors(tmp_path / "v.safetensors", only=["a"]).node_vectors is None
    with pytest.raises(ValueError, match="node_vectors"):
        formats.write_vectors(tmp_path / "w.safetensors", ["a", "b", "c"], vectors, node_vectors=vectors)
    data = (tmp_path / "v.safetensors").read_bytes()
    (tmp_path / "v.safetensors").write_bytes(data.replace(b'[2,2]', b'[1,4]').replace(b'[2, 2]', b'[1, 4]'))
    with pytest.raises(FormatError, match="node_vectors"):
        formats.read_vectors(tmp_path / "v.safetensors")


def test_scale_of_an_int8_file_is_checked(tmp_path: Path) -> None:
    words, rows = sample(4, 3)
    data = vector_files.own(tmp_path, words, rows, "int8")
    head = struct.unpack("<Q", data[:8])[0]
    for broken in (data[:8 + head].replace(b'"scales"', b'"scalez"'), data[:8 + head].replace(b'"I8"', b'"U8"')):
        with pytest.raises(FormatError):
            formats.read_vectors(put(tmp_path, {"v": broken + data[8 + head:]}))


# --- golden files: every later version reads them, and writes the same bytes -----------------------------------------

DATA = Path(__file__).parent / "data"
GOLDEN_WORDS = ["the", "größe", "日本語", "New York", "b\udcffd"]
GOLDEN_ROWS = np.array([[0.5, -1.0, 2.0], [0.25, 3.0, -4.0], [-0.125, 1.0, 0.0], [1.5, -2.5, 8.0], [0.0, 0.0, -127.0]],
                dtype=np.float32)
NGRAMS = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
METADATA = {"version": "0.1", "isa": "scalar", "training": '{"window": 5}'}
GOLDEN_FILES = {"own-1-float32": "float32", "own-1-float16": "float16", "own-1-bf16": "bf16", "own-1-int8": "int8"}


def write_golden(path: Path, dtype: str) -> None:
    whole = dtype == "float32"
    formats.write_vectors(
        path, GOLDEN_WORDS, Rows.encode(GOLDEN_ROWS, dtype), [50, 40, 30, 20, 10], metadata=METADATA,
        output_vectors=GOLDEN_ROWS[::-1] if whole else None,
        subwords=Subwords(NGRAMS.reshape(-1).view(np.uint8), 3, 3, 6) if whole else None)


@pytest.mark.parametrize("name", GOLDEN_FILES)
def test_golden_file_is_read(name: str) -> None:
    file = formats.read_vectors(DATA / f"{name}.safetensors")
    assert file.words == GOLDEN_WORDS and file.counts is not None and file.counts.tolist() == [50, 40, 30, 20, 10]
    assert file.rows.dtype_name == GOLDEN_FILES[name] and file.metadata.items() >= METADATA.items()
    assert file.metadata["format"] == "w2v" and file.metadata["format_version"] == "1"
    if name == "own-1-int8":
        assert np.abs(file.vectors - GOLDEN_ROWS).max() <= 8 / 127
    else:
        assert np.array_equal(file.vectors, GOLDEN_ROWS)  # numbers that every type has
    if name == "own-1-float32":
        assert np.array_equal(file.output_vectors, GOLDEN_ROWS[::-1])
        ngrams = file.subwords
        assert ngrams is not None and (ngrams.buckets, ngrams.minn, ngrams.maxn) == (2, 3, 6)
        assert np.array_equal(ngrams.rows.view(np.float32).reshape(2, 3), NGRAMS)


@pytest.mark.parametrize("name", GOLDEN_FILES)
def test_golden_file_is_written_byte_for_byte(tmp_path: Path, name: str) -> None:
    write_golden(tmp_path / "v.safetensors", GOLDEN_FILES[name])
    assert (tmp_path / "v.safetensors").read_bytes() == (DATA / f"{name}.safetensors").read_bytes()


# --- options of the text ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [
    {"lowercase": True, "tokenize": "words"}, {"normalize": "nfkc", "stop_words": ["a", "größe"]},
    {"tokenizer": "jieba.lcut", "lowercase": True},
])
def test_options_of_the_text_are_kept(options: dict[str, object], tmp_path: Path) -> None:
    path, text = tmp_path / "v.safetensors", TextOptions.from_dict(options)
    formats.write_vectors(path, WORDS, ROWS, text_options=text, metadata={"text_options": "of others"})
    assert formats.read_vectors(path).text_options == text
    assert json.loads(formats.read_metadata(path)["text_options"]) == options
    with pytest.raises(ValueError, match="text_options: the reader depends on this metadata"):
        formats.update_metadata(path, {"text_options": "{}"})
    formats.write_vectors(path, WORDS, ROWS, metadata={"text_options": "of others"})
    assert formats.read_vectors(path).text_options is None and "text_options" not in formats.read_metadata(path)


@pytest.mark.parametrize("suffix", [".txt", ".bin"])
def test_other_formats_do_not_keep_options_of_the_text(suffix: str, tmp_path: Path) -> None:
    formats.write_vectors(tmp_path / f"v{suffix}", WORDS, ROWS, text_options=TextOptions(lowercase=True))
    assert formats.read_vectors(tmp_path / f"v{suffix}").text_options is None


@pytest.mark.parametrize(("stored", "problem"), [
    ("lowercase", "broken"), ("[]", "expected an object"), ('{"lowercase": 1}', "lowercase must be True or False"),
    ('{"colour": true}', "'colour' is not an option of this version"),
    ('{"stop_words": "/etc/passwd"}', "list of words"),
    ("[" * 100_000, "broken"), ('{"tokenize": null}', "tokenize = None does not exist"),
])
def test_broken_options_of_the_text_are_named(stored: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    formats.write_vectors(path, WORDS, ROWS)
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    header["__metadata__"]["text_options"] = stored
    path.write_bytes(pack_header(header) + content[8 + length:])
    with pytest.raises(FormatError, match=f"`text_options` in the metadata is .*{problem}"):
        formats.read_vectors(path)


def test_words_are_known_to_be_distinct_by_their_hashes():
    words = [f"w{i}" for i in range(5000)]
    assert all_distinct([]) and all_distinct(["a"]) and all_distinct(words)
    for repeated in (0, 17, 4999):
        assert not all_distinct([*words, words[repeated]])
