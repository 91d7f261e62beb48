"""`LineSentence` and `PathLineSentences`: sentences of files, and files that w2v reads by itself."""

from __future__ import annotations

import bz2
import gzip
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.vector_files import text_packers

import w2v
from w2v.corpus.encode import encode
from w2v.corpus.line_sentences import LineSentence, PathLineSentences
from w2v.corpus.paths import CorpusInput
from w2v.errors import FormatError, W2VError

TEXT = "a b  c\n\nd\te\r\n" + "w " * 25 + "\nend of file"
LINES = [["a", "b", "c"], ["d", "e"], ["w"] * 25, ["end", "of", "file"]]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode())
    return path


def test_lines_of_files_and_of_open_files_are_lists_of_words(text: Path) -> None:
    for suffix, pack in text_packers().items():
        text.with_suffix(suffix).write_bytes(pack(TEXT.encode()))
    for source in (text, str(text), *map(text.with_suffix, text_packers()), TEXT.splitlines()):
        assert list(LineSentence(source)) == LINES
    opened: list[Any] = [text.open(), text.open("rb"), bz2.BZ2File(text.with_suffix(".bz2")), io.StringIO(TEXT)]
    for file in opened:
        with file:
            sentences = LineSentence(file)
            assert list(sentences) == list(sentences) == LINES  # from the start each time


def test_npy_file_gives_its_numbers_as_words(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[5, 70, -1], [2**62, -1, -1]]))
    assert list(LineSentence(tmp_path / "a.npy")) == [["5", "70"], [str(2**62)]]


def test_long_lines_are_cut_and_a_limit_counts_lines(text: Path) -> None:
    cut = list(LineSentence(text, max_sentence_length=10))
    assert [len(line) for line in cut] == [3, 2, 10, 10, 5, 3]
    assert list(LineSentence(text, limit=3)) == LINES[:2]  # the second line is empty
    assert list(LineSentence(text, limit=0)) == []
    with pytest.raises(ValueError, match="max_sentence_length = 0"):
        LineSentence(text, max_sentence_length=0)


@pytest.mark.parametrize("line", [
    b"na\xc3\xafve caf\xc3\xa9\n", b"latin \xe9\n", "non\u00a0breaking wide\u3000space\n".encode()])
def test_words_are_those_of_w2v(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "t.txt").write_bytes(line * 3)
    sentences = LineSentence(tmp_path / "t.txt")
    by_words = encode([words for words in sentences], min_count=1)
    assert by_words.vocabulary.words == encode(sentences, min_count=1).vocabulary.words


def test_given_to_w2v_they_are_files(text: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "2.txt").write_text("x y\n")
    (folder / "1.txt.gz").write_bytes(gzip.compress(b"a b\n"))
    (folder / "inner").mkdir()
    assert CorpusInput.of(LineSentence(text)).paths == (str(text),)
    assert CorpusInput.of(PathLineSentences(folder)).paths == (str(folder / "1.txt.gz"), str(folder / "2.txt"))
    assert list(PathLineSentences(folder)) == [["a", "b"], ["x", "y"]]
    assert list(PathLineSentences(text)) == LINES and list(PathLineSentences(folder, limit=1)) == [["a", "b"]]
    for changed in (LineSentence(text, limit=2), LineSentence(text, max_sentence_length=5), LineSentence(["a b"])):
        assert CorpusInput.of(changed).paths is None
    assert encode(LineSentence(text, limit=1), min_count=1).report.words == 3
    options: dict[str, Any] = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False}
    assert np.array_equal(w2v.train(LineSentence(text), **options).wv.vectors, w2v.train(text, **options).wv.vectors)
    assert np.array_equal(w2v.Word2Vec(LineSentence(text), min_count=1, vector_size=4, workers=1).wv.vectors,
                          w2v.Word2Vec(corpus_file=text, min_count=1, vector_size=4, workers=1).wv.vectors)


def test_output_over_the_files_is_refused(text: Path) -> None:
    with pytest.raises(ValueError, match="output"):
        w2v.train(LineSentence(text), output=text, min_count=1, progress=False)
    assert text.read_bytes() == TEXT.encode()


def test_missing_and_binary_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="missing.txt"):
        list(LineSentence(tmp_path / "missing.txt"))
    with pytest.raises(ValueError, match="no such file or folder"):
        PathLineSentences(tmp_path / "missing")
    (tmp_path / "binary").write_bytes(b"a\0b\n")
    with pytest.raises(FormatError, match="NUL"):
        list(LineSentence(tmp_path / "binary"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(W2VError, match="no files"):
        list(PathLineSentences(tmp_path / "empty"))
    with pytest.raises(W2VError, match="no files|empty"):
        w2v.train(PathLineSentences(tmp_path / "empty"), progress=False)


def test_lines_are_those_of_gensim(text: Path) -> None:
    gensim = pytest.importorskip("gensim.models.word2vec")
    for options in ({}, {"max_sentence_length": 7}, {"limit": 2}):
        assert list(LineSentence(text, **options)) == list(gensim.LineSentence(str(text), **options))
    folder = os.path.dirname(text)
    assert list(PathLineSentences(folder)) == list(gensim.PathLineSentences(folder))


def test_classes_are_where_programs_import_them_from() -> None:
    from w2v import compat, models
    from w2v.compat import word2vec

    assert compat is not None and w2v.LineSentence is models.LineSentence is word2vec.LineSentence is LineSentence
    assert w2v.PathLineSentences is models.PathLineSentences is word2vec.PathLineSentences is PathLineSentences
