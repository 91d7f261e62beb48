"""Similarity sets: every format that is read, and broken files, whose errors name the file and the line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.reading import LeftOut, Reading
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


# ------------------------------------------------------------------------------------------------- published layouts

OLD_NEW = [("old", "new", 1.58), ("smart", "intelligent", 9.2)]


@pytest.mark.parametrize("text", [
    # SimLex-999
    "word1\tword2\tPOS\tSimLex999\tconc(w1)\tSD(SimLex)\nold\tnew\tA\t1.58\t2.72\t0.41\n"
    "smart\tintelligent\tA\t9.2\t1.75\t0.67\n",
    "old\tnew\tA\t1.58\tANTONYMS\nsmart\tintelligent\tN\t9.2\tNONE\n",  # SimVerb-3500
    "old new V 1.58\nsmart intelligent V 9.2\n",
    "old;new;1.58\nsmart;intelligent;9.2\n",  # RG-65
    "Word 1,Word 2,Human (mean)\nold,new,1.58\nsmart,intelligent,9.2\n",  # WordSim-353, combined.csv
    "Word 1\tWord 2\tHuman (mean)\t1\t2\nold\tnew\t1.58\t1\t2\nsmart\tintelligent\t9.2\t9\t9\n",
    "# i: identical, t: topic\nt\told\tnew\t1.58\nS\tsmart\tintelligent\t9.2\n",  # WordSim-353, relations
    "old-j new-j 1.58\nsmart-j intelligent-j 9.2\n",  # MEN, lemma form
    "old\tnew\t1.58\t7\t6\nsmart\tintelligent\t9.2\t10\t9\n",  # rare words
    "old,new,1.58\nsmart,intelligent,9.2\n",  # MTurk
    "verb1\tverb2\tscore of people\nold\tnew\t1.58\nsmart\tintelligent\t9.2\n",
    ",word1,word2,similarity\n0,old,new,1.58\n1,smart,intelligent,9.2\n",
    "score;word1;word2\n1.58;old;new\n9.2;smart;intelligent\n",
    "# note\n\nword1 word2 score\nold new 1.58\nsmart intelligent 9.2\n",
    '"old","new",1.58\n"smart","intelligent",9.2\n', '"old";"new";"1.58"\nsmart;intelligent;9.2\n',
])
def test_published_layouts_are_read(tmp_path, text):
    path = write(tmp_path / "pairs.txt", text)
    assert read_pairs(path) == OLD_NEW and guess_kind(path) == "similarity"


def test_words_keep_a_suffix_that_not_all_have(tmp_path):
    path = write(tmp_path / "pairs.txt", "vitamin-a\tcarrot\t5\nadd-n\tx-v\t2\n")
    assert read_pairs(path) == [("vitamin-a", "carrot", 5.0), ("add-n", "x-v", 2.0)]


@pytest.mark.parametrize(("delimiter", "text"), [
    ("|", "a b|c, d|3\ne|f|1\n"), (",", "a b,c, 3\ne,f,1\n"), ("\t", "a b\tc\t3\ne\tf\t1\n"),
    ("::", "a b::c::3\ne::f::1\n"),
    (";", "word1;word2;x;score\na b;c;y;3\ne;f;z;1\n")])
def test_delimiter_separates_the_fields(tmp_path, delimiter, text):
    found = read_pairs(write(tmp_path / "p.txt", text), Reading(delimiter))
    assert [score for *_, score in found] == [3.0, 1.0] and found[0][0] == "a b"


@pytest.mark.parametrize(("line", "problem"), [
    ("a\tb\n", "expected two words and a score"), ("a\tb\t3x\n", "'3x' is not a number"),
    ("\tb\t1\n", "a word is missing"),
    ("a\t\t1\n", "a word is missing"), ("a\tb\tnan\n", "'nan' is not"), ("a\tb\t1e999\n", "'1e999' is not"),
    ("a\tb\t1_0\n", "'1_0' is not"), ("a\tb\t3,5\n", "'3,5' is not"), ("a\tb\t\n", "'' is not")])
@pytest.mark.parametrize("at", [0, 1, 3])
def test_broken_lines_are_left_out_and_reported(tmp_path, line, problem, at):
    lines = ["c\td\t1\n", "e\tf\t2\n", "g\th\t3\n"]
    path = write(tmp_path / "p.txt", "".join([*lines[:at], line, *lines[at:]]))
    left_out = LeftOut()
    assert read_pairs(path, Reading(on_problem=left_out.add)) == [("c", "d", 1.0), ("e", "f", 2.0), ("g", "h", 3.0)]
    assert left_out.count == 1 and left_out.first.line == at + 1 and problem in left_out.message()
    with pytest.raises(FormatError, match=re.escape(f"line {at + 1}: ")):
        read_pairs(path)


def test_broken_semeval_lines_are_left_out_of_both_files(tmp_path):
    path = write(tmp_path / "en.data.txt", "a\tb\nc\nd\te\nf\tg\n")
    write(tmp_path / "en.gold.txt", "1\n2\nx\n4\n")
    left_out = LeftOut()
    assert read_pairs(path, Reading(on_problem=left_out.add)) == [("a", "b", 1.0), ("f", "g", 4.0)]
    assert left_out.count == 2 and "with 1 more like it" in left_out.message()
