"""Words in other encodings than UTF-8, in every format whose words are bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files
from helpers.vector_files import Files, makers, put

import w2v
from w2v import formats
from w2v.errors import FormatError, W2VError

WORDS = ["päivä", "öl", "abc"]
ROWS = np.arange(12, dtype=np.float32).reshape(3, 4) / 8
FORMATS = [name for name in makers(Path()) if "gzip" not in name and "gensim" not in name]


def in_encoding(make: Callable[[list[str], np.ndarray], Files], encoding: str) -> Files:
    """Make files whose words are bytes in `encoding`."""
    escaped = [word.encode(encoding).decode("utf-8", "surrogateescape") for word in WORDS]
    marks = {word: f"mark{i}" for i, word in enumerate(escaped)}  # helpers encode words as strict UTF-8
    made = make(list(marks.values()), ROWS)
    return {name: _replaced(data, [word.encode("utf-8", "surrogateescape") for word in escaped])
            for name, data in made.items()}


def _replaced(data: bytes, words: list[bytes]) -> bytes:
    for i, word in enumerate(words):
        data = data.replace(b"mark%d" % i, word)
    return data


@pytest.mark.parametrize("name", ["word2vec binary", "word2vec text", "GloVe text", "npy", "foreign safetensors"])
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_words_are_decoded(tmp_path: Path, name: str, encoding: str) -> None:
    path = put(tmp_path, in_encoding(makers(tmp_path)[name], encoding))
    kv = w2v.load(path, encoding=encoding)
    assert kv.index_to_key == WORDS and kv.report == {} and np.array_equal(kv["öl"], ROWS[1])
    assert w2v.load(path, encoding=encoding, only=["öl"], strict=True).index_to_key == ["öl"]
    assert w2v.load(path).report == {"invalid_utf8": 2} and "encoding=" in w2v.load(path).source


def test_own_and_fasttext_files_are_decoded(tmp_path: Path) -> None:
    escaped = [word.encode("latin-1").decode("utf-8", "surrogateescape") for word in WORDS]
    formats.write_vectors(tmp_path / "v.safetensors", escaped, ROWS)
    fast = put(tmp_path, {"f.bin": vector_files.fasttext(escaped, ROWS, ROWS)})
    for path in (tmp_path / "v.safetensors", fast):
        assert w2v.load(path, encoding="latin-1").index_to_key == WORDS
        assert w2v.load(path, encoding="latin-1", only=["päivä"]).index_to_key == ["päivä"]
    assert np.array_equal(w2v.load(fast, encoding="latin-1").vectors, w2v.load(fast).vectors)


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "shift_jis", "euc_kr", "koi8-r"])
def test_encodings_of_other_scripts(tmp_path: Path, encoding: str) -> None:
    word = {"koi8-r": "слово", "euc_kr": "단어"}.get(encoding, "日本")
    data = f"2 2\n{word} 1 2\nb 3 4\n".encode(encoding)
    assert formats.read_vectors(put(tmp_path, {"v": data}), encoding=encoding).words == [word, "b"]


def test_unicode_errors_as_in_bytes_decode(tmp_path: Path) -> None:
    path = put(tmp_path, {"v": b"3 2\np\xe4iv\xe4 1 2\nok 3 4\np\xe4iv\xe5 5 6\n"})
    with pytest.raises(UnicodeDecodeError, match="encoding="):
        w2v.load(path, unicode_errors="strict")
    ignored = w2v.load(path, unicode_errors="ignore")
    assert ignored.index_to_key == ["piv", "ok"] and ignored.report == {"invalid_utf8": 2, "duplicates": 1}
    assert w2v.load(path, unicode_errors="replace").index_to_key == ["p\ufffdiv\ufffd", "ok"]
    kept = w2v.load(path, encoding="ascii")
    assert kept.index_to_key[0] == "p\udce4iv\udce4" and kept.report == {"invalid_encoding": 2}
    with pytest.raises((FormatError, UnicodeDecodeError)):
        w2v.load(path, unicode_errors="replace", strict=True)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7", "cp037", "no-such-encoding", "rot13"])
def test_encodings_that_cannot_be_read_are_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(ValueError, match="encoding"):
        w2v.load(put(tmp_path, {"v": b"1 2\na 1 2\n"}), encoding=encoding)
    with pytest.raises(ValueError, match="unicode_errors"):
        w2v.load(tmp_path / "v", unicode_errors="no-such-handler")


def test_encoding_of_a_format_without_bytes_is_an_error(tmp_path: Path) -> None:
    path = put(tmp_path, {"v.kv": vector_files.gensim(WORDS, ROWS)})
    assert w2v.load(path, unicode_errors="strict").index_to_key == WORDS
    with pytest.raises(W2VError, match="encoding= .* no use"):
        w2v.load(path, encoding="latin-1")


def test_the_hint_for_an_unknown_word_names_the_option(tmp_path: Path) -> None:
    kv = w2v.load(put(tmp_path, {"v": b"2 2\np\xe4iv\xe4 1 2\nok 3 4\n"}))
    with pytest.raises(KeyError, match="encoding= or --encoding"):
        kv["päivä"]
    with pytest.raises(KeyError, match="spelling"):
        kv["word"]
