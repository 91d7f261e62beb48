"""Categorisation sets: every format that is read, and broken files, whose errors name the file and the line."""

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError, W2VError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.categories import read_categories
from w2v.evaluation.sets.reading import LeftOut, Reading


def test_categories_are_read_in_all_formats(tmp_path):
    table = read_categories(write(tmp_path / "a.csv", "word,category\ncat,animal\n# x\nrose,plant\n"))
    assert [(m.word, m.name, m.line) for m in table] == [("cat", "animal", 2), ("rose", "plant", 4)]
    bless = write(tmp_path / "BLESS.txt", "cat-n\tanimal\tattri\tbig-j\ncat-n\tanimal\tcoord\tdog-n\n"
                  "rose-n\tplant\tx\ty-n\n")
    assert [(m.word, m.name) for m in read_categories(bless)] == [("cat", "animal"), ("rose", "plant")]
    write(tmp_path / "folder" / "animal.txt", "cat\ndog\n")
    write(tmp_path / "folder" / "plant.txt", "rose\n")
    assert [(m.word, m.name) for m in read_categories(tmp_path / "folder")] == [
        ("cat", "animal"), ("dog", "animal"), ("rose", "plant")]
    assert {guess_kind(path) for path in (tmp_path / "a.csv", bless, tmp_path / "folder")} == {"categories"}


@pytest.mark.parametrize(("text", "line", "message"), [
    ("cat animal\nrose\n", 2, "a word and its class"), ("cat animal\ndog animal\n", 1, "fewer than two classes"),
])
def test_broken_files_are_named_with_their_line(tmp_path, text, line, message):
    path = write(tmp_path / "x.txt", text)
    with pytest.raises(FormatError, match=message) as caught:
        read_categories(path)
    assert caught.value.line == line and f"{path}, line {line}: " in str(caught.value)


@pytest.mark.parametrize(("files", "name", "line"), [
    ({"a.txt": "x\n", "b.txt": "\n"}, "b.txt", 1),
])
def test_broken_files_in_folders_are_named_with_their_line(tmp_path, files, name, line):
    for file, text in files.items():
        write(tmp_path / file, text)
    with pytest.raises(FormatError) as caught:
        read_categories(tmp_path)
    assert f"{tmp_path / name}, line {line}: " in str(caught.value)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(W2VError, match=str(tmp_path)):
        read_categories(tmp_path)


@pytest.mark.parametrize("text", [
    "cat animal\nrose\ndog animal\noak plant\n", "word;class\ncat;animal\nrose\ndog;animal\noak;plant\n",
    "class\tword\nanimal\tcat\n\nanimal\tdog\nplant\toak\nplant\n"])
def test_broken_lines_are_left_out_and_reported(tmp_path, text):
    left_out = LeftOut()
    members = read_categories(write(tmp_path / "c.txt", text), Reading(on_problem=left_out.add))
    assert [(one.word, one.name) for one in members] == [("cat", "animal"), ("dog", "animal"), ("oak", "plant")]
    assert left_out.count == 1 and "a word and its class" in left_out.message()


@pytest.mark.parametrize(("text", "delimiter"), [
    ("cat|big animal\noak|plant\n", "|"), ("cat;big animal\noak;plant\n", None),
    ("cat-n big_animal\noak-n plant\n", None),
    ('"cat","big animal"\n"oak","plant"\n', None), ("concept,label\ncat,big animal\noak,plant\n", ",")])
def test_layouts_of_categories_are_read(tmp_path, text, delimiter):
    members = read_categories(write(tmp_path / "c.txt", text), Reading(delimiter))
    assert [(one.word, one.name.replace("_", " ")) for one in members] == [("cat", "big animal"), ("oak", "plant")]
