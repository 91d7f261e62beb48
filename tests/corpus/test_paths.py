"""The corpus argument: what it is taken for, its files, its name, and every error."""

import os
from pathlib import Path

import numpy as np
import pytest

from w2v.corpus.listing import Listing
from w2v.corpus.paths import CorpusInput, checked_size
from w2v.errors import W2VError


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name + "\n")
    return folder


# --- interpretation ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "paths", "name"), [
    ("a.txt", ("a.txt",), "a.txt"),
    (Path("a.txt"), ("a.txt",), "a.txt"),
    ("-", ("-",), "stdin"),
    ("*.txt", ("*.txt",), "*.txt"),
    (["a", Path("b"), "c"], ("a", "b", "c"), "a and 2 more"),
    ((Path("a"),), ("a",), "a"),
])
def test_paths_are_recognised_without_access_to_the_disk(given: object, paths: tuple[str, ...], name: str) -> None:
    corpus = CorpusInput.of(given)
    assert (corpus.given, corpus.paths, corpus.array, corpus.name) == (given, paths, None, name)


@pytest.mark.parametrize("given", [
    [["a", "b"]], [], (), {"a", "b"}, iter(["a"]), (words for words in [["a"]]), np.array(["a"]), np.array([1.5]),
    [np.array([1, 2])],
])
def test_other_iterables_are_sentences(given: object) -> None:
    corpus = CorpusInput.of(given)
    assert corpus.given is given and corpus.paths is None and corpus.array is None
    assert corpus.name == "the iterable" and corpus.absolute_paths() is None and not corpus.is_large(0)


@pytest.mark.parametrize("given", [np.arange(5), np.zeros((2, 3), np.uint8), np.array([], np.int32)])
def test_integer_arrays_are_recognised(given: np.ndarray) -> None:
    corpus = CorpusInput.of(given)
    assert corpus.array is given and corpus.paths is None and corpus.name == "the array"


def test_interpreted_corpus_is_returned_unchanged() -> None:
    corpus = CorpusInput.of("a.txt")
    assert CorpusInput.of(corpus) is corpus


@pytest.mark.parametrize(("given", "message"), [
    (b"text", "the corpus is bytes; pass a path"),
    (bytearray(b"text"), "the corpus is bytes"),
    (5, "the corpus is an int; pass a path, or an iterable"),
    (None, "the corpus is a NoneType"),
    (np.zeros((1, 1, 1), int), "an array of 3 dimensions; it needs 1"),
    (np.array(5), "an array of 0 dimensions"),
])
def test_unsupported_types_are_refused(given: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        CorpusInput.of(given)


# --- files ---------------------------------------------------------------------------------------------------------


def test_folder_is_listed_recursively_sorted_and_without_hidden_names(tmp_path: Path) -> None:
    tree(tmp_path, "b/2", "b/1", "a", ".hidden", ".git/config", "c/.x")
    corpus = CorpusInput.of(tmp_path)
    assert corpus.files == [str(tmp_path / name) for name in ("a", "b/1", "b/2")]
    assert corpus.listing.hidden_skipped == 3


def test_patterns_match_files_and_folders_once(tmp_path: Path) -> None:
    tree(tmp_path, "b.txt", "a.txt", "c.log", "odd[1].txt", "d/e.txt", "d/.f")

    def files(*names: str) -> list[str]:
        return [str(tmp_path / name) for name in names]

    assert CorpusInput.of(f"{tmp_path}/?.txt").files == files("a.txt", "b.txt")
    assert CorpusInput.of(f"{tmp_path}/odd[1].txt").files == files("odd[1].txt")
    assert CorpusInput.of([f"{tmp_path}/*.log", tmp_path / "a.txt"]).files == files("c.log", "a.txt")
    everything = CorpusInput.of(f"{tmp_path}/**")
    assert sorted(everything.files) == files("a.txt", "b.txt", "c.log", "d/e.txt", "odd[1].txt")
    assert CorpusInput.of(f"{tmp_path}/[d]").listing == Listing(files("d/e.txt"), hidden_skipped=1)


def test_files_are_listed_once(tmp_path: Path) -> None:
    corpus = CorpusInput.of(tree(tmp_path, "a"))
    assert len(corpus.files) == 1
    tree(tmp_path, "b")
    assert len(corpus.files) == 1 and len(CorpusInput.of(tmp_path).files) == 2


def test_errors_of_the_listing_name_the_path(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for given, message in ((tmp_path / "empty", "empty: no files in this folder"),
                           (f"{tmp_path}/*.none", r"\*.none: no file matches this pattern"),
                           (["-", "-"], "stdin .* more than once")):
        with pytest.raises(W2VError, match=message):
            _ = CorpusInput.of(given).files
    with pytest.raises(TypeError, match="the corpus is a list, not files"):
        _ = CorpusInput.of([["a"]]).files
    with pytest.raises(TypeError, match="paths, and the first is not a file: 'the'. A sentence is a list of tokens"):
        _ = CorpusInput.of(["the", "cat", "sat"]).files


def test_missing_file_is_listed_and_reported_when_it_is_opened(tmp_path: Path) -> None:
    path = str(tmp_path / "missing")
    assert CorpusInput.of(path).files == [path]
    with pytest.raises(W2VError, match="missing: cannot read: No such file"):
        checked_size(path)
    assert checked_size("-") is None
    assert checked_size(str(tree(tmp_path, "a") / "a")) == 2


def test_corpus_is_large_from_the_sum_of_its_files_on(tmp_path: Path) -> None:
    tree(tmp_path, "123456789", "abcdefghi")
    assert CorpusInput.of(tmp_path).is_large(20) and not CorpusInput.of(tmp_path).is_large(21)
    for given in ("-", tmp_path / "missing", f"{tmp_path}/*.none", ["neither", "nor"]):
        assert not CorpusInput.of(given).is_large(1)


def test_corpus_that_can_be_read_only_once_says_why(tmp_path: Path) -> None:
    tree(tmp_path, "a", "b")
    lines = [["a"]]
    for again in (tmp_path, f"{tmp_path}/*", [tmp_path / "a"], lines, tuple(lines), np.array([1, -1]), "missing",
                  f"{tmp_path}/*.none"):
        assert CorpusInput.of(again).read_once == ""
    for once in (iter(lines), (line for line in lines), map(list, lines)):
        assert "which gives its sentences once" in CorpusInput.of(once).read_once
    assert CorpusInput.of("-").read_once == "stdin can be read only once"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert CorpusInput.of([tmp_path / "a", tmp_path / "pipe"]).read_once == f"{tmp_path}/pipe can be read only once"


def test_absolute_paths_do_not_depend_on_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CorpusInput.of(["a", "-", Path("b/*.txt")]).absolute_paths() == [
        os.path.join(tmp_path, "a"), "-", os.path.join(tmp_path, "b/*.txt")]
