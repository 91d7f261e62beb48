"""Files that a path names: links, circles of links, what cannot be read, patterns of any depth, and addresses."""

import os
import socket
from pathlib import Path

import pytest

import w2v
from w2v.corpus.listing import list_files, pattern_includes
from w2v.corpus.outputs import check_outputs
from w2v.corpus.paths import CorpusInput
from w2v.errors import W2VError

OPTIONS = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False, "sample": 0}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder `d` with a file, and a folder `real` beside it."""
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "one.txt").write_text("a b c\n" * 9)
    (tmp_path / "d" / "sub" / "two.txt").write_text("d e\n" * 9)
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "f.txt").write_text("x y z\n" * 9)
    return tmp_path


def names(tree: Path, given: object) -> list[str]:
    return [os.path.relpath(path, tree).replace(os.sep, "/") for path in list_files(str(given)).files]


# --- links ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["d", "d/**", "d/**/*.txt", "d/**/*", "d*", "?/**/*.txt"])
def test_linked_folders_are_followed(tree: Path, given: str) -> None:
    (tree / "d" / "linked").symlink_to(tree / "real")
    assert names(tree, tree / given) == ["d/linked/f.txt", "d/one.txt", "d/sub/two.txt"]


def test_words_of_a_linked_folder_are_trained(tree: Path) -> None:
    (tree / "d" / "linked").symlink_to(tree / "real")
    assert set("abcdexyz") == set(w2v.train(tree / "d", **OPTIONS).wv.index_to_key)


@pytest.mark.parametrize("given", ["d", "d/**", "d/**/*.txt"])
def test_folder_that_two_links_lead_to_is_read_once(tree: Path, given: str) -> None:
    for link in ("l1", "l2", "sub/l3"):
        (tree / "d" / link).symlink_to(tree / "real")
    assert len([name for name in names(tree, tree / given) if name.endswith("f.txt")]) == 1


@pytest.mark.parametrize("given", ["d", "d/**", "d/**/*.txt"])
def test_folder_that_is_also_linked_keeps_its_own_path(tree: Path, given: str) -> None:
    (tree / "d" / "a_link").symlink_to(tree / "d" / "sub")
    assert names(tree, tree / given) == ["d/one.txt", "d/sub/two.txt"]


@pytest.mark.parametrize("given", ["d", "d/**", "d/**/*.txt", "**/one.txt", "**"])
def test_circles_of_links_end(tree: Path, given: str) -> None:
    for link, target in (("up", ".."), ("self", "."), ("sub/back", ".."), ("sub/again", "../sub"), ("loop", "loop")):
        (tree / "d" / link).symlink_to(target)
    found = names(tree, tree / given)
    real = [os.path.realpath(tree / name) for name in found]
    assert len(real) == len(set(real)) and str(tree / "d" / "one.txt") in real


@pytest.mark.parametrize("given", ["*/*.txt", "*/*"])
def test_pattern_that_matches_a_folder_and_a_link_to_it_reads_its_files_once(tree: Path, given: str) -> None:
    (tree / "alias").symlink_to(tree / "real")
    assert sorted(map(os.path.basename, names(tree, tree / given))) == (
        ["f.txt", "one.txt"] if given.endswith("txt") else ["f.txt", "one.txt", "two.txt"])


@pytest.mark.parametrize("given", ["d/**/current/*.txt", "d/**/current", "d/**/current/**", "**/current/*.txt"])
def test_link_that_a_pattern_names_leads_to_a_folder_with_another_name(tree: Path, given: str) -> None:
    (tree / "d" / "current").symlink_to("sub")
    assert names(tree, tree / given) == ["d/current/two.txt"]


def test_links_to_files_are_read(tree: Path) -> None:
    (tree / "d" / "link.txt").symlink_to(tree / "real" / "f.txt")
    assert "d/link.txt" in names(tree, tree / "d")


def test_output_in_a_linked_folder_is_refused(tree: Path) -> None:
    (tree / "d" / "linked").symlink_to(tree / "real")
    with pytest.raises(ValueError, match="linked, a link in an input; choose another path"):
        check_outputs({"output": tree / "real" / "v.bin"}, CorpusInput.of(tree / "d"))
    check_outputs({"output": tree / "real" / "v.bin"}, CorpusInput.of(f"{tree}/d/**/*.txt"))


# --- what cannot be read -------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("given", ["d", "d/**", "d/*"])
def test_dangling_links_pipes_and_sockets_in_folders_are_skipped_and_counted(tree: Path, given: str) -> None:
    (tree / "d" / "gone").symlink_to(tree / "nothing")
    (tree / "d" / "circle").symlink_to("circle")
    os.mkfifo(tree / "d" / "pipe")
    (tree / "d" / "to_pipe").symlink_to("pipe")
    (tree / "d" / "null").symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(tree / "d")  # the path of a socket is short
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        listing = list_files(str(tree / given))
    assert [os.path.relpath(path, tree) for path in listing.files] == ["d/one.txt", "d/sub/two.txt"]
    assert (listing.dangling_links, listing.special_skipped) == (2, 4)
    report = w2v.train(str(tree / given), **OPTIONS).report.corpus
    assert (report.files, report.dangling_links_skipped, report.special_files_skipped) == (2, 2, 4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_command_reports_what_it_skipped(tree: Path, run) -> None:
    (tree / "d" / "gone").symlink_to(tree / "nothing")
    os.mkfifo(tree / "d" / "pipe")
    code, _, shown = run("train", tree / "d", "-o", tree / "v.bin", "--min-count", "1", "--sample", "0")
    assert code == 0
    assert "1   dangling links skipped" in shown
    assert "1   pipes, sockets or devices skipped" in shown


def test_folder_of_skipped_names_says_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("nothing")
    (tmp_path / ".hidden").touch()
    with pytest.raises(W2VError, match=r"no files in this folder \(skipped: 1 hidden, 1 dangling links\)"):
        list_files(str(tmp_path))


def test_dangling_link_that_is_named_is_an_error_with_its_target(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("nothing")
    with pytest.raises(W2VError, match=r"gone: cannot read: No such file or directory \(a link to nothing\)"):
        w2v.train(tmp_path / "gone", **OPTIONS)


# --- patterns ------------------------------------------------------------------------------------------------------


def test_patterns_of_any_depth_see_hidden_names_only_if_they_name_them(tree: Path) -> None:
    (tree / "d" / ".git").mkdir()
    (tree / "d" / ".git" / "x.txt").touch()
    (tree / "d" / ".y.txt").touch()
    assert names(tree, tree / "d/**/*.txt") == ["d/one.txt", "d/sub/two.txt"]
    assert names(tree, tree / "d/**/.git/*.txt") == ["d/.git/x.txt"]
    assert names(tree, tree / "d/**/.*.txt") == ["d/.y.txt"]
    assert list_files(str(tree / "d/**")).hidden_skipped == 2


def test_patterns_of_any_depth_work_in_the_current_folder(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert list_files("**/*.txt").files == [str(Path(path)) for path in ("d/one.txt", "d/sub/two.txt", "real/f.txt")]
    assert list_files("[dr]*/**/f*").files == [str(Path("real/f.txt"))]
    with pytest.raises(W2VError, match="no file matches this pattern"):
        list_files("**/*.vec")


@pytest.mark.parametrize(("pattern", "path", "expected"), [
    ("**", "a/b", True), ("**/b", "a/b", True), ("**/b", "b", True), ("a/**", "a", True), ("*", "a/b", True),
    ("**", ".a/b", False), ("**/.a/*", ".a/b", True), ("a/*", ".a/b", False), ("*.txt", "b.txt/c", True),
    ("a/**/b/**", "a/b", True),
    ("a/**/b/**/c", "a/x/b/y/z/c", True), ("a/**/b", "b", False), ("**/**", "a/b/c", True)])
def test_pattern_includes_files_and_what_is_below_folders(pattern: str, path: str, expected: bool) -> None:
    assert pattern_includes(pattern.split("/"), path.split("/")) is expected


# --- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "said"), [
    ("http://example.com/c.txt", "http://example.com/c.txt is an address.*curl -fL http://example.com/c.txt"),
    ("https://example.com/?a=*", "https://example.com/.*curl"),
    (Path("https://example.com/c.txt"), "https://example.com/c.txt is an address"),  # the path has a single slash
    ("s3://bucket/c.txt", "aws s3 cp s3://bucket/c.txt"),
    ("gs://bucket/c/*.gz", "gcloud storage cp gs://bucket"),
    ("hf://datasets/org/name/c.txt", "hf download"),
    ("abfs://container/c.txt", "abfs://container/c.txt is an address"),
    ("file:///tmp/there/is/no%20such.txt", "^/tmp/there/is/no such.txt: cannot read: (No such file|.*[Pp]ath)"),
    ("file://host/tmp/c.txt", "names a file of the machine host"),
    (["https://example.com/a.txt", "https://example.com/b.txt"], "https://example.com/a.txt is an address"),
])
def test_address_is_an_error_that_says_how_to_get_the_file(given, said: str) -> None:
    with pytest.raises(W2VError, match=said):
        w2v.train(given, **OPTIONS)
    with pytest.raises(W2VError, match=said):
        w2v.plan(given)


def test_command_shows_the_address_as_it_was_given(tmp_path: Path, run) -> None:
    code, _, shown = run("train", "https://example.com/c.txt", "-o", tmp_path / "v.bin")
    assert code == 1 and "https://example.com/c.txt is an address" in shown


def test_file_whose_name_looks_like_an_address_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ab:").mkdir()
    Path("ab:/c.txt").write_text("a b\n" * 9)
    assert len(w2v.train("ab:/c.txt", **OPTIONS).wv) == 2
