"""Degrees of relational similarity: both formats, and broken files, whose errors name the file and the line."""

import re

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError, W2VError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.degrees import _pairs, read_degrees
from w2v.evaluation.sets.reading import LeftOut, Reading

DEGREES = {
    "subcategories-paradigms.txt": "1, a, \"CLASS\", \"Taxonomic\", \"flower:tulip, emotion:rage\"\n",
    "Testing/Phase2Answers/Phase2Answers-1a.txt": "# about\n" + (
        '"a:b"\t"c:d"\t"e:f"\t"g:h"\t"a:b"\t"g:h"\n' * 2 + '"a:b"\t"c:d"\t"e:f"\t"g:h"\t"c:d"\t"g:h"\n'),
    "Training/Phase2Answers/Phase2Answers-1a.txt": "not read\n"}


def test_degrees_are_read_in_both_formats(tmp_path):
    for name, text in DEGREES.items():
        write(tmp_path / "package" / name, text)
    (official,) = read_degrees(tmp_path / "package")
    assert official.paradigms == (("flower", "tulip"), ("emotion", "rage"))
    assert dict(official.ratings) == {("a", "b"): pytest.approx(-200 / 3), ("c", "d"): pytest.approx(-100 / 3),
                                      ("e", "f"): 0, ("g", "h"): 100}
    assert official.questions[0].least == (2, 1, 0, 0) and official.questions[0].most == (0, 0, 0, 3)
    half = DEGREES["Testing/Phase2Answers/Phase2Answers-1a.txt"] + '"a:b"\t"c:d"\t"e:f"\t"g:h"\t""\t"e:f"\t"X of Y"\n'
    write(tmp_path / "package" / "Testing/Phase2Answers/Phase2Answers-1a.txt", half)  # only one of the two answers
    (official,) = read_degrees(tmp_path / "package")
    assert dict(official.ratings) == {("a", "b"): -50, ("c", "d"): -25, ("e", "f"): 25, ("g", "h"): 75}
    assert official.questions[0].least == (2, 1, 0, 0) and official.questions[0].most == (0, 0, 1, 3)
    write(tmp_path / "plain" / "1a.txt", "flower:tulip, emotion:rage\npoem:sonnet 12.5\nsonnet:poem -3\n")
    (plain,) = read_degrees(tmp_path / "plain")
    assert plain.ratings == ((("poem", "sonnet"), 12.5), (("sonnet", "poem"), -3.0))
    assert {guess_kind(tmp_path / name) for name in ("package", "plain")} == {"degrees"}


@pytest.mark.parametrize(("files", "name", "line"), [
    ({"a.txt": "no pairs\n"}, "a.txt", 1), ({"a.txt": "a:b\nc:d 1\ne:f x\n"}, "a.txt", 3),
    (DEGREES | {"Testing/Phase2Answers/Phase2Answers-1a.txt": '"a:b" "c:d"\n'},
     "Testing/Phase2Answers/Phase2Answers-1a.txt", 1),
    (DEGREES | {"subcategories-paradigms.txt": "2, b, x:y\n"}, "Testing/Phase2Answers/Phase2Answers-1a.txt", 1),
])
def test_broken_files_in_folders_are_named_with_their_line(tmp_path, files, name, line):
    for file, text in files.items():
        write(tmp_path / file, text)
    with pytest.raises(FormatError) as caught:
        read_degrees(tmp_path)
    assert f"{tmp_path / name}, line {line}: " in str(caught.value)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(W2VError, match=str(tmp_path)):
        read_degrees(tmp_path)


SLOW = re.compile(r'([^\s",:]+(?: [^\s",:]+)*):([^\s",:]+(?: [^\s",:]+)*)')


@pytest.mark.parametrize("text", [
    "flower:tulip, emotion:rage", "a b:c d e:f", "a:b:c", ":a", "a:", "a: b",
    "a  b:c  d", '"a:b" "c:d"', "x, a b:c d, y:z",
    "a:b c:d", "\ta:b\t", "a,b:c", "::", "a::b", "",
    "ab" * 20_000, "a b " * 20_000, "a:" * 20_000, ("a b" * 9_000) + ":c"])
def test_pairs_are_found_in_linear_time(text):
    found = _pairs(text)
    if len(text) < 1000:
        assert found == SLOW.findall(text)
    else:
        assert len(found) == (10_000 if text.startswith("a:") else ":" in text)


def test_broken_lines_and_relations_are_left_out_and_reported(tmp_path):
    write(tmp_path / "1a.txt", "a:b, c:d\ne:f 1\ng:h x\ni:j inf\nk:l 2\n")
    write(tmp_path / "1b.txt", "no pairs\n")
    write(tmp_path / "1c.txt", "a:b\ne:f 1\n")
    left_out = LeftOut()
    (relation,) = read_degrees(tmp_path, Reading(on_problem=left_out.add))
    assert relation.ratings == ((("e", "f"), 1.0), (("k", "l"), 2.0)) and left_out.count == 4
    assert f"{tmp_path / '1a.txt'}, line 3: " in left_out.message()
    (tmp_path / "1a.txt").unlink()
    with pytest.raises(W2VError, match="no relation"):
        read_degrees(tmp_path, Reading(on_problem=left_out.add))
