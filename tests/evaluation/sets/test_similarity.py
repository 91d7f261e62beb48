"""Similarity sets: every format that is read, and broken files, whose errors name the file and the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.similarity import read_pairs


def test_semeval_2017_scores_are_read_from_the_gold_file(tmp_path):
    path = write(tmp_path / "en.test.data.txt", "new york\tcity\ncat\tdog\n")
    write(tmp_path / "en.test.gold.txt", "3.5\n2\n")
    assert read_pairs(path) == [("new york", "city", 3.5), ("cat", "dog", 2.0)] and guess_kind(path) == "similarity"


def test_semeval_2017_scores_are_read_from_the_folder_keys(tmp_path):
    path = write(tmp_path / "data" / "en.test.data.txt", "new york\tcity\ncat\tdog\n")
    write(tmp_path / "keys" / "en.test.gold.txt", "3.5\n2\n")
    assert [score for *_, score in read_pairs(path)] == [3.5, 2.0]


@pytest.mark.parametrize(("text", "line"), [
    ("a\tb\t1\na\tb\tx\n", 2), ("w1\tw2\tscore\nw1\tw2\tscore\n", 2), ("a\tb\t1\na\tb\n", 2), ("a b\n", 1), ("", 1),
    ("# only\n", 1), ("a\tb\t1\na\tb\tnan\n", 2), ("w1\tw2\tscore\n", 1),
])
def test_broken_similarity_file_is_a_format_error_with_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read_pairs(path)
    assert caught.value.line == line and str(path) in str(caught.value)


@pytest.mark.parametrize(("text", "line", "message"), [
    ("a\tb\t1\nc\td\tmuch\n", 2, "'much' is not a number"), ("a\tb\t1\nc\td\tinf\n", 2, "'inf' is not a number"),
    ("a\tb\t1\nc\td\n", 2, "two words and a score"),
])
def test_broken_files_are_named_with_their_line(tmp_path, text, line, message):
    path = write(tmp_path / "x.txt", text)
    with pytest.raises(FormatError, match=message) as caught:
        read_pairs(path)
    assert caught.value.line == line and f"{path}, line {line}: " in str(caught.value)


@pytest.mark.parametrize(("files", "name", "line"), [
    ({"a.data.txt": "x\ty\n", "a.gold.txt": "z\n"}, "a.gold.txt", 1),
    ({"a.data.txt": "x\ty\n", "a.gold.txt": ""}, "a.data.txt", 1),
])
def test_broken_files_in_folders_are_named_with_their_line(tmp_path, files, name, line):
    for file, text in files.items():
        write(tmp_path / file, text)
    with pytest.raises(FormatError) as caught:
        read_pairs(tmp_path / "a.data.txt")
    assert f"{tmp_path / name}, line {line}: " in str(caught.value)
