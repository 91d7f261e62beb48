"""Analogy sets: every format that is read, and broken files, whose errors name the file and the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError, W2VError
from w2v.evaluation.loading import guess_kind, load_set
from w2v.evaluation.sets.analogies import read_analogies, read_pair_folder
from w2v.evaluation.sets.reading import LeftOut, Reading


def test_msr_as_published_is_read(tmp_path):
    path = write(tmp_path / "word_relationship.questions", "good better rough\nbig bigger small\ncat cats dog\n")
    write(tmp_path / "word_relationship.answers", "JJ_JJR rougher\nJJ_JJR smaller\nNN_NNS dogs\n")
    sections = read_analogies(path)
    assert [(section.name, len(section.questions)) for section in sections] == [("JJ_JJR", 2), ("NN_NNS", 1)]
    assert sections[0].questions[1] == ("big", "bigger", "small", "smaller") and guess_kind(path) == "analogies"
    assert sections[0].pairs == [("good", ("better",)), ("rough", ("rougher",)), ("big", ("bigger",)),
                                 ("small", ("smaller",))]


def test_bats_folder_is_read(tmp_path):
    write(tmp_path / "1_Inflection" / "I01 [noun - plural].txt", "album albums\nday\tdays\n")
    write(tmp_path / "3_Meaning" / "L01.txt", "cat feline/mammal\nrose flower\nboat vessel/craft/ship\n")
    write(tmp_path / "README.txt", "not a relation")
    first, second = read_pair_folder(tmp_path)
    assert (first.name, first.group, second.group) == ("I01 [noun - plural]", "1_Inflection", "3_Meaning")
    assert first.questions == [("album", "albums", "day", "days"), ("day", "days", "album", "albums")]
    assert len(second.questions) == 6 and second.questions[1] == ("cat", "feline", "boat", "vessel", "craft", "ship")
    loaded = load_set(tmp_path)
    assert loaded.kind == "analogies" and {"mammal", "ship", "album"} <= loaded.words


def test_questions_before_a_section_are_named_after_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeffw1 w2 w3 w4\r\n\r\n: b\r\nw1\tw2  w3 w4".encode())
    assert [(s.name, len(s.questions)) for s in read_analogies(path)] == [("mine", 1), ("b", 1)]


@pytest.mark.parametrize(("text", "line"), [
    (": a\nw1 w2 w3 w4\nw1 w2 w3\n", 3), (": a\nw1 w2 w3 w4 w5\n", 2), (": a\n: b\nw1 w2 w3 w4\n", 1),
    (": a\nw1 w2 w3 w4\n: b\n", 3), ("", 1), ("\n\n", 1),
])
def test_broken_analogy_file_is_a_format_error_with_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "q.txt"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read_analogies(path)
    assert caught.value.line == line and str(path) in str(caught.value)


@pytest.mark.parametrize(("text", "line", "message"), [
    (": a\nw x y z\nw x y\n", 3, "four words, this line has 3"),
    (": a\nw x y z\n\n: empty\n: b\nw x y z\n", 4, "'empty' has no questions"),
])
def test_broken_files_are_named_with_their_line(tmp_path, text, line, message):
    path = write(tmp_path / "x.txt", text)
    with pytest.raises(FormatError, match=message) as caught:
        read_analogies(path)
    assert caught.value.line == line and f"{path}, line {line}: " in str(caught.value)


@pytest.mark.parametrize(("files", "name", "line"), [
    ({"a.txt": "x y\nz\n"}, "a.txt", 2), ({"a.txt": "x y\n"}, "a.txt", 1), ({"a.txt": "x /\nz w\n"}, "a.txt", 1),
])
def test_broken_files_in_folders_are_named_with_their_line(tmp_path, files, name, line):
    for file, text in files.items():
        write(tmp_path / file, text)
    with pytest.raises(FormatError) as caught:
        read_pair_folder(tmp_path)
    assert f"{tmp_path / name}, line {line}: " in str(caught.value)


@pytest.mark.parametrize(("files", "name", "line"), [
    ({"a.questions": "x y\n", "a.answers": "L z\n"}, "a.questions", 1),
    ({"a.questions": "x y z\n", "a.answers": "z\n"}, "a.answers", 1),
])
def test_broken_questions_and_answers_are_named_with_their_line(tmp_path, files, name, line):
    for file, text in files.items():
        write(tmp_path / file, text)
    with pytest.raises(FormatError) as caught:
        read_analogies(tmp_path / "a.questions")
    assert f"{tmp_path / name}, line {line}: " in str(caught.value)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(W2VError, match=str(tmp_path)):
        read_pair_folder(tmp_path)


@pytest.mark.parametrize(("text", "line", "problem"), [
    (": a\nw x y z\nw x y\n: b\nw x y z\n", 3, "this line has 3"),
    ("w x\n: a\nw x y z\n: b\nw x y z\n", 1, "this line has 2"),
    (": a\nw x y z\n: empty\n: b\nw x y z\n", 3, "'empty' has no questions"),
    (": a\nw x y z\n: b\nw x y z\n: last\n", 5, "'last' has no questions"),
    (": a\nw x y z\n: b\nw x y z\n:\n", 5, "'line 5' has no questions")])
def test_broken_lines_and_sections_are_left_out_and_reported(tmp_path, text, line, problem):
    left_out = LeftOut()
    sections = read_analogies(write(tmp_path / "q.txt", text), Reading(on_problem=left_out.add))
    assert [(one.name, one.questions) for one in sections if one.questions] == [
        (name, [("w", "x", "y", "z")]) for name in "ab"]
    assert left_out.count == 1 and left_out.first.line == line and problem in left_out.message()


def test_a_copyright_line_is_skipped(tmp_path):
    path = write(tmp_path / "q.txt", "//Copyright 2013 Google Inc. All Rights Reserved.\n: a\nw x y z\n")
    assert [one.name for one in read_analogies(path)] == ["a"] and guess_kind(path) == "analogies"


def test_broken_relations_of_a_folder_are_left_out(tmp_path):
    write(tmp_path / "a.txt", "x y\nz w\nq\n")
    write(tmp_path / "b.txt", "x y\n")
    left_out = LeftOut()
    (section,) = read_pair_folder(tmp_path, Reading(on_problem=left_out.add))
    assert section.name == "a" and len(section.questions) == 2 and left_out.count == 2
    (tmp_path / "a.txt").unlink()
    with pytest.raises(W2VError, match="no .txt file with at least two pairs"):
        read_pair_folder(tmp_path, Reading(on_problem=left_out.add))


def test_broken_questions_are_left_out_of_both_files(tmp_path):
    path = write(tmp_path / "m.questions", "a b c\nd e\nf g h\n")
    write(tmp_path / "m.answers", "L x\nL y\nz\n")
    left_out = LeftOut()
    (section,) = read_analogies(path, Reading(on_problem=left_out.add))
    assert section.questions == [("a", "b", "c", "x")] and left_out.count == 2
