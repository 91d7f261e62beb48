"""Stores: what is listed at an address, and which package a protocol needs."""

import sys
from collections.abc import Iterator

import pytest
from helpers.local_server import without_proxies
from helpers.range_server import Served, Web, serving

from w2v.errors import W2VError
from w2v.system.remote_store import Entry, find_files


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    without_proxies(monkeypatch)
    with serving({}) as web:
        yield web


def test_page_of_links_is_a_folder(web: Web) -> None:
    page = b'<a href="../">up</a> <a href="?C=N">n</a> <a href="b.txt">b</a> <a href="a b">a</a> <a href="d/">d</a>'
    inner = b'<a href="c.txt">c</a>'
    for path, content in (("/f/", page), ("/f", page), ("/f/d/", inner), ("/f/d", inner)):
        web.files[path] = Served(content, mimetype="text/html")
    names = [entry.address.removeprefix(web.url) for entry in find_files(f"{web.url}/f/")]
    assert names == ["/f/a%20b", "/f/b.txt", "/f/d/c.txt"]
    assert [entry.below for entry in find_files(f"{web.url}/f/*b*")] == ["a%20b", "b.txt"]
    with pytest.raises(W2VError, match=r"/\*/c.txt: of HTTP, wildcards are read only in the last part"):
        find_files(f"{web.url}/f/*/c.txt")
    del web.files["/f/d"], web.files["/f/d/"]
    with pytest.raises(W2VError, match="/f/: cannot read: there is no such file"):
        find_files(f"{web.url}/f/")


def test_folders_and_patterns_of_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec")
    store = pytest.importorskip("fsspec.implementations.memory").MemoryFileSystem()
    for name in ("b/1.txt", "b/2.gz", "b/.h/3.txt", "b/d/4.txt", "b/d/x[1].txt"):
        store.pipe(f"/w2v-listing/{name}", b"abc")

    def below(address: str) -> list[str]:
        entries = find_files(address)
        assert all(entry.size == 3 for entry in entries)
        return [entry.below for entry in entries]

    root = "memory://w2v-listing"
    assert below(f"{root}/b") == below(f"{root}/b/") == [".h/3.txt", "1.txt", "2.gz", "d/4.txt", "d/x[1].txt"]
    assert below(f"{root}/b/*.txt") == ["1.txt"]
    assert below(f"{root}/*/d") == ["b/d/4.txt", "b/d/x[1].txt"]
    assert below(f"{root}/b/?.gz") == ["2.gz"]
    assert below(f"{root}/b/**/4.txt") == ["d/4.txt"]
    assert find_files(f"{root}/b/1.txt") == [Entry(f"{root}/b/1.txt", 3, "1.txt")]
    assert find_files(f"{root}/b/d/x[1].txt") == [Entry(f"{root}/b/d/x[1].txt", 3, "x[1].txt")]
    assert [entry.address for entry in find_files(f"{root}/b/d")] == [f"{root}/b/d/4.txt", f"{root}/b/d/x[1].txt"]
    for address in (f"{root}/none", f"{root}/*.none"):
        with pytest.raises(W2VError, match="there is no such file"):
            find_files(address)


# --- packages ------------------------------------------------------------------------------------------------------


def test_missing_package_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(W2VError, match=r"s3://b/x: addresses are read with the package fsspec: .*w2v\[remote\]"):
        find_files("s3://b/x")


@pytest.mark.parametrize(("scheme", "package"), [("s3", "s3fs"), ("gs", "gcsfs"), ("abfs", "adlfs"),
                                                 ("hf", "huggingface_hub")])
def test_missing_package_of_a_protocol_is_named(monkeypatch: pytest.MonkeyPatch, scheme: str, package: str) -> None:
    registry = pytest.importorskip("fsspec.registry")
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(registry._registry, scheme, raising=False)
    with pytest.raises(W2VError, match=f"{scheme}://b/x/y/z: {scheme}:// needs another package: pip install {package}"):
        find_files(f"{scheme}://b/x/y/z")


@pytest.mark.parametrize("address", ["s4://b/x", "simplecache://b/x", "zip://b/x", "local://etc/passwd",
                                     "https://host/x::file:///etc/passwd", "reference://x"])
def test_other_protocols_are_refused(address: str) -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(W2VError, match="does not read such addresses|knows no addresses that begin with"):
        find_files(address)
