"""Outlier sets: folders and archives, and broken files, whose errors name the file and the line."""

import io
import tarfile

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError, W2VError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.outliers import read_outliers
from w2v.evaluation.sets.reading import LeftOut, Reading


def test_outliers_are_read_from_folders_and_archives(tmp_path):
    group = "cat\ndog\n\nNew York\ncar\n"
    write(tmp_path / "8" / "pets.txt", group)
    (found,) = read_outliers(tmp_path / "8")
    assert (found.name, found.words, found.outliers) == ("pets", ("cat", "dog"), ("New York", "car"))
    archive = tmp_path / "x.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in (("s/en/a.txt", group), ("s/de/a.txt", group), ("s/en/b.txt", group.replace("\n", "\r\n"))):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    assert [one.name for one in read_outliers(archive)] == ["a", "b"]
    assert len(read_outliers(archive, "de")) == 1
    assert guess_kind(archive) == guess_kind(tmp_path / "8") == "outliers"


@pytest.mark.parametrize(("files", "name", "line"), [
    ({"a.txt": "x\ny\n"}, "a.txt", 1), ({"a.txt": "x\n\ny\n"}, "a.txt", 1),
])
def test_broken_files_in_folders_are_named_with_their_line(tmp_path, files, name, line):
    for file, text in files.items():
        write(tmp_path / file, text)
    with pytest.raises(FormatError) as caught:
        read_outliers(tmp_path)
    assert f"{tmp_path / name}, line {line}: " in str(caught.value)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(W2VError, match=str(tmp_path)):
        read_outliers(tmp_path)


def test_a_broken_archive_is_an_error(tmp_path):
    with pytest.raises(W2VError, match=r"cannot read .*x.tar.gz"):
        read_outliers(write(tmp_path / "x.tar.gz", "no archive"))


def test_broken_groups_are_left_out_and_reported(tmp_path):
    write(tmp_path / "f" / "a.txt", "cat\ndog\n\ncar\n")
    write(tmp_path / "f" / "b.txt", "cat\n")
    table = write(tmp_path / "g.csv", "category,words,outliers\nx,\"['a', 'b']\",\"['c']\"\ny,[1],\"['c']\"\n"
                  "z,\"'abc'\",\"['c']\"\nw,\"" + "[" * 5000 + "\",\"['c']\"\n")
    for path, problems in ((tmp_path / "f", 1), (table, 3)):
        left_out = LeftOut()
        (group,) = read_outliers(path, reading=Reading(on_problem=left_out.add))
        assert len(group.words) == 2 and left_out.count == problems and len(left_out.message()) < 1000
