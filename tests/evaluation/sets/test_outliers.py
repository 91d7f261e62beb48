"""Outlier sets: folders and archives, and broken files, whose errors name the file and the line."""

import io
import tarfile

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError, W2VError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.outliers import read_outliers


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
