"""`.safetensors` files of other programs: the choice of the tensor, types, model2vec, broken containers."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import file_bytes, put, safetensors, sample

import w2v
from w2v import formats
from w2v.errors import FormatError
from w2v.formats.rows import Rows

WORDS, ROWS = sample(6, 4)
OTHER = np.ones((9, 4), np.float32)
LISTED = "".join(f"{word}\n" for word in WORDS).encode()


def tokenizer(words: list[str] = WORDS, **more: Any) -> bytes:
    return json.dumps({"model": {"vocab": {word: i for i, word in enumerate(words)}}, **more}).encode()


def test_bf16_is_read_and_several_matrices_are_refused(tmp_path: Path) -> None:
    bits = Rows.encode(ROWS, "bf16").data
    files = {"v.safetensors": safetensors({"w": ("BF16", bits), "b": ("F32", ROWS[0])}), "v.txt": LISTED}
    file = formats.read_vectors(put(tmp_path, files))
    assert file.rows.dtype_name == "bf16" and np.allclose(file.vectors, ROWS, rtol=0.01)
    two = safetensors({"a": ("F32", ROWS), "b": ("F32", ROWS)})
    with pytest.raises(FormatError, match=r"2 matrices in this \.safetensors: a 6x4, b 6x4; .*tensor=NAME"):
        formats.read_vectors(put(tmp_path, {"v.safetensors": two}))


@pytest.mark.parametrize("name", [
    "bert.embeddings.word_embeddings.weight", "embeddings.word_embeddings.weight", "bert/embeddings/word_embeddings",
    "roberta.embeddings.word_embeddings.weight", "distilbert.embeddings.word_embeddings.weight",
    "electra.embeddings.word_embeddings.weight", "wte.weight", "transformer.wte.weight", "model.embed_tokens.weight",
    "model.decoder.embed_tokens.weight", "shared.weight", "model.shared.weight", "embedding.weight", "embeddings",
    "embeddings.weight", "transformer.word_embeddings.weight", "transformer.word_embedding.weight",
    "gpt_neox.embed_in.weight", "tok_embeddings.weight", "model.embeddings.tok_embeddings.weight", "emb.weight",
    "text_model.embeddings.token_embedding.weight", "0.auto_model.embeddings.word_embeddings.weight",
])
def test_usual_names_of_word_tables_are_found_alone(tmp_path: Path, name: str) -> None:
    others = ("a.position_embeddings.weight", "token_type_embeddings.weight", "wpe.weight", "lm_head.weight",
              "encoder.layer.0.attention.self.query.weight", "zz.position_embedding.weight")
    tensors = {**{other: ("F32", OTHER) for other in others}, name: ("F32", ROWS), "z": ("F32", OTHER)}
    path = put(tmp_path, {"model.safetensors": safetensors(tensors), "vocab.txt": LISTED})
    file = formats.read_vectors(path)
    assert file.words == WORDS and np.array_equal(file.vectors, ROWS)


def test_t5_and_its_copies(tmp_path: Path) -> None:
    tensors = {name: ("F32", OTHER) for name in ("decoder.embed_tokens.weight", "encoder.embed_tokens.weight")}
    path = put(tmp_path, {"model.safetensors": safetensors({**tensors, "shared.weight": ("F32", ROWS)}),
                          "vocab.txt": LISTED})
    assert np.array_equal(formats.read_vectors(path).vectors, ROWS)
    path = put(tmp_path, {"model.safetensors": safetensors(tensors)})
    with pytest.raises(FormatError, match=r"2 matrices .*decoder\.embed_tokens\.weight 9x4.*--tensor NAME"):
        formats.read_vectors(path)


def test_tensor_can_be_named(tmp_path: Path, run: Any) -> None:
    tensors = {"embeddings": ("F32", OTHER), "mine": ("F16", ROWS.astype("f2")), "bias": ("F32", ROWS[0]),
               "ids": ("I64", np.ones((6, 4), np.int64))}
    path = put(tmp_path, {"v.safetensors": safetensors(tensors), "v.txt": LISTED})
    kv = w2v.load(path, tensor="mine")
    assert np.array_equal(kv.vectors, ROWS.astype("f2").astype("f4"))
    for name, problem in (("bias", "is not a matrix"), ("ids", "is not a matrix"), ("none", "is not in this file")):
        with pytest.raises(FormatError, match=f"'{name}' {problem}.*2 matrices .*: embeddings 9x4, mine 6x4"):
            formats.read_vectors(path, tensor=name)
    code, out, _ = run("info", path, "--tensor", "mine", "--words", tmp_path / "v.txt", "--json")
    assert code == 0 and json.loads(out)["dtype"] == "float16"
    code, _, err = run("convert", path, tmp_path / "w.bin", "--tensor", "none")
    assert code == 1 and "is not in this file" in err


@pytest.mark.parametrize("stored", ["f4", "f2", "f8", "i1"])
@pytest.mark.parametrize("weights", [None, "f4", "f2", "f8"])
@pytest.mark.parametrize("mapping", [None, "i8", "i4"])
def test_model2vec_weights_and_mapping_are_applied_as_in_model2vec(
    tmp_path: Path, stored: str, weights: str | None, mapping: str | None
) -> None:
    codes = {"f4": "F32", "f2": "F16", "f8": "F64", "i1": "I8", "i8": "I64", "i4": "I32"}
    rng = np.random.default_rng(1)
    matrix = (rng.normal(size=(6, 4)) * 30).astype(stored)
    tensors = {"embeddings": (codes[stored], matrix)}
    rows = matrix
    if mapping:
        places = rng.integers(0, 6, 6).astype(mapping)
        tensors["mapping"], rows = (codes[mapping], places), rows[places]
    if weights:
        factors = rng.normal(size=6).astype(weights)
        tensors["weights"], rows = (codes[weights], factors), rows * factors[:, None]
    path = put(tmp_path, {"model.safetensors": safetensors(tensors), "tokenizer.json": tokenizer()})
    file = formats.read_vectors(tmp_path)  # the folder
    assert file.words == WORDS and np.array_equal(file.vectors, rows.astype(np.float32))
    assert file.rows.dtype_name == {"f2": "float16", "i1": "int8"}.get(rows.dtype.str[1:], "float32")
    some = formats.read_vectors(path, limit=4, only=[WORDS[3], WORDS[5]])
    assert some.words == [WORDS[3]] and np.array_equal(some.vectors[0], rows[3].astype(np.float32))


@pytest.mark.parametrize(("name", "code", "array"), [
    ("mapping", "I64", np.array([0, 1, 2, 3, 4, 6])), ("mapping", "I64", np.array([0, 1, 2, 3, 4, -1])),
    ("mapping", "F32", np.arange(6, dtype="f4")), ("mapping", "I32", np.arange(3, dtype="i4")),
    ("mapping", "I64", np.zeros((6, 1), "i8")), ("weights", "F32", np.arange(3, dtype="f4")),
    ("weights", "F32", ROWS), ("weights", "I32", np.arange(6, dtype="i4")), ("weights", "F32", np.zeros(0, "f4")),
])
def test_impossible_tensors_of_model2vec_are_refused(tmp_path: Path, name: str, code: str, array: Any) -> None:
    tensors = {"embeddings": ("F32", ROWS), name: (code, array)}
    with pytest.raises(FormatError):
        formats.read_vectors(put(tmp_path, {"model.safetensors": safetensors(tensors), "tokenizer.json": tokenizer()}))


def test_static_embeddings_of_sentence_transformers_are_read_from_their_folder(tmp_path: Path) -> None:
    (tmp_path / "0_StaticEmbedding").mkdir()
    put(tmp_path / "0_StaticEmbedding", {"model.safetensors": safetensors({"embedding.weight": ("F32", ROWS)}),
                                         "tokenizer.json": tokenizer()})
    assert formats.read_vectors(tmp_path).words == WORDS
    (tmp_path / "empty").mkdir()
    with pytest.raises(w2v.W2VError, match=r"is a folder without model\.safetensors or "):
        formats.read_vectors(tmp_path / "empty")


def test_rows_of_padding_are_left_out_and_counted(tmp_path: Path) -> None:
    matrix = np.concatenate([ROWS, OTHER])
    for name, accepted in (("model.embed_tokens.weight", True), ("embeddings", False)):
        path = put(tmp_path, {"model.safetensors": safetensors({name: ("F32", matrix)}), "tokenizer.json": tokenizer()})
        if accepted:
            file = formats.read_vectors(path)
            assert file.words == WORDS and np.array_equal(file.vectors, ROWS)
            assert file.report == {"rows_without_word": 9} and "9 rows without a word left out" in file.source
        with pytest.raises(FormatError, match="6 words for a matrix of 15 rows"):
            formats.read_vectors(path, strict=accepted)


def test_holes_in_a_vocabulary_and_two_words_of_one_number(tmp_path: Path) -> None:
    vocabulary = json.dumps({"a": 4, "b": 0, "c": 4, "d": 2}).encode()
    path = put(tmp_path, {"model.safetensors": safetensors({"wte.weight": ("F32", ROWS)}), "vocab.json": vocabulary})
    file = formats.read_vectors(path)
    assert file.words == ["b", "d", "a", "c"] and np.array_equal(file.vectors, ROWS[[0, 2, 4, 4]])
    assert file.report == {"rows_without_word": 3} and formats.read_vectors(path, limit=3).words == ["b", "d"]


def container(header: object, data: bytes = file_bytes(ROWS)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


ENTRY = {"dtype": "F32", "shape": [6, 4], "data_offsets": [0, 96]}


@pytest.mark.parametrize("broken", [
    container({"a": ENTRY, "b": {"dtype": "F32", "shape": [4], "data_offsets": [80, 96]}}),
    container({"a": {**ENTRY, "data_offsets": [4, 100]}}, b"1234" + file_bytes(ROWS)),
    container({"a": ENTRY}, bytes(97)), container({"a": ENTRY}, bytes(95)), container({"a": ENTRY, "__metadata__": []}),
    container({"a": ENTRY, "__metadata__": {"x": 2**40}}), container({"a": ENTRY, "__metadata__": {"x": None}}),
    container({"a": ENTRY, "__metadata__": "text"}), container(b'{"a":' + b"[" * 200_000), container({"a": []}),
    container({"a": None}), container({"a": {**ENTRY, "data_offsets": [0.0, 96.0]}}),
    container({"a": {**ENTRY, "data_offsets": [-96, 0]}}), container({"a": {**ENTRY, "shape": [2**62, 2**62]}}),
    container({"a": {**ENTRY, "shape": [True, 24]}}), container({"a": {**ENTRY, "dtype": "F8_E4M3"}}),
    container({"a": {**ENTRY, "dtype": ["F32"]}}), container({}, b""), container({"a": {**ENTRY, "shape": [6, 2, 2]}}),
    container(b'{"a":{"shape":[' + b"9" * 5000 + b']}}'),
], ids=range(20))
def test_broken_containers_are_format_errors(tmp_path: Path, broken: bytes) -> None:
    with pytest.raises(FormatError):
        formats.read_vectors(put(tmp_path, {"v.safetensors": broken, "v.txt": LISTED}))


@pytest.mark.parametrize("training", ["null", "[]", '{"window": null, "epochs": [], "min_count": 1099511627776}',
                                      '{"window": [5, 2], "sample": "x"}', '{"window": "line", "negative": {}}',
                                      "[" * 100_000, '{"sample": 1e999, "hs": [1]}', '{"window": true}'])
def test_metadata_of_others_never_stops_the_conversion_to_fasttext(tmp_path: Path, training: str) -> None:
    files = {"v.safetensors": container({"a": ENTRY, "__metadata__": {"training": training}}), "v.txt": LISTED}
    file = formats.read_vectors(put(tmp_path, files))
    formats.write_vectors(tmp_path / "v.bin", file.words, file.rows, format="fasttext-binary", metadata=file.metadata)
    assert np.array_equal(formats.read_vectors(tmp_path / "v.bin").vectors, ROWS)


def test_lone_surrogates_of_a_tokenizer_are_replaced_and_counted(tmp_path: Path) -> None:
    words = ["a", "\ud800b", "c", "\udfffd", "\ud83d\ude00", "f"]
    path = put(tmp_path, {"model.safetensors": safetensors({"embeddings": ("F32", ROWS)}),
                          "tokenizer.json": tokenizer(words)})
    file = formats.read_vectors(path)
    assert file.words[1] == "\ufffdb" and file.words[3] == "\ufffdd" and file.report == {"invalid_utf8": 2}
    formats.write_vectors(tmp_path / "w.safetensors", file.words, file.rows)
    with pytest.raises(FormatError, match="not valid UTF-8"):
        formats.read_vectors(path, strict=True)


def test_added_tokens_are_words(tmp_path: Path) -> None:
    added = [{"id": 4, "content": "<pad>"}, {"id": 5, "content": "x y"}, {"id": 0, "content": WORDS[0]}]
    path = put(tmp_path, {"model.safetensors": safetensors({"embeddings": ("F32", ROWS)}),
                          "tokenizer.json": tokenizer(WORDS[:4], added_tokens=added)})
    assert formats.read_vectors(path).words == [*WORDS[:4], "<pad>", "x y"]


@pytest.mark.parametrize("vocabulary", [
    [[i, -1.5] for i in range(6)], [[-1.5, word] for word in WORDS], ["ab"] * 6, dict.fromkeys(WORDS, True), [[]] * 6,
    {word: 2**60 + i for i, word in enumerate(WORDS)}, {word: i / 1 for i, word in enumerate(WORDS)}, 7, None, {},
    {word: i - 1 for i, word in enumerate(WORDS)},
])
def test_words_that_are_no_text_are_refused(tmp_path: Path, vocabulary: object) -> None:
    path = put(tmp_path, {"model.safetensors": vector_files.safetensors({"embeddings": ("F32", ROWS)}),
                          "tokenizer.json": json.dumps({"model": {"vocab": vocabulary}}).encode()})
    with pytest.raises(FormatError, match=r"tokenizer\.json"):
        formats.read_vectors(path)
