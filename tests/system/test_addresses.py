"""Addresses: nothing is fetched without permission and a checksum; files are checked and kept. The server is local."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.local_server import serving, without_proxies

import w2v
from w2v.errors import W2VError
from w2v.system.addresses import locate

TEXT = b"2 2\na 1 2\nb 3 4\n"
SHA = hashlib.sha256(TEXT).hexdigest()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """Address of a server on this machine, and the paths requested so far; the cache is empty."""
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    without_proxies(monkeypatch)
    hub = "/org/repo/resolve/{}/a%20dir/v.txt"
    with serving({"/v.txt": TEXT, "/short": TEXT, hub.format(COMMIT): TEXT, hub.format("main"): TEXT}) as running:
        yield running


def test_file_is_fetched_once_and_kept(server: tuple[str, list[str]]) -> None:
    root, requested = server
    for _ in range(2):
        kv = w2v.load(f"{root}/v.txt", download=True, sha256=SHA.upper())
        assert kv.index_to_key == ["a", "b"]
    assert requested == ["/v.txt"]


@pytest.mark.parametrize(("address", "options", "message"), [
    ("https://example.invalid/v.txt", {"sha256": SHA}, "download=True"),
    ("https://example.invalid/v.txt", {"download": True}, "sha256="),
    ("http://example.invalid/v.txt", {"download": True, "sha256": SHA}, "only https"),
    ("file:///etc/passwd", {"download": True, "sha256": SHA}, "only https"),
    ("https://example.invalid/v.txt", {"download": True, "sha256": "abc"}, "64 hex digits"),
    ("hf://org/repo/v.txt", {"download": True}, "@revision"),
    ("hf://org/repo/v.txt@main", {"download": True}, "may change"),
    (f"hf://org/repo/v.txt@{COMMIT}", {}, "download=True"),
])
def test_nothing_is_fetched_without_permission_and_checksum(
    server: tuple[str, list[str]], address: str, options: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        w2v.load(address, **options)
    assert server[1] == []


@pytest.mark.parametrize("revision", [COMMIT, "main"])
def test_address_of_the_hub_becomes_a_url(server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch,
                                          revision: str) -> None:
    root, requested = server
    monkeypatch.setenv("HF_ENDPOINT", root)
    kv = w2v.load(f"hf://org/repo/a dir/v.txt@{revision}", download=True, sha256=None if revision == COMMIT else SHA)
    assert len(kv) == 2 and requested == [f"/org/repo/resolve/{revision}/a%20dir/v.txt"]


@pytest.mark.parametrize(("name", "message"), [
    ("short", "connection broke after 16 of 116"), ("missing", "404"), ("away", "redirected to ftp:")])
def test_incomplete_file_is_not_kept(server: tuple[str, list[str]], tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises((W2VError, ValueError), match=message):
        w2v.load(f"{server[0]}/{name}", download=True, sha256=SHA)
    assert not list((tmp_path / "cache").glob("*"))


def test_file_with_a_wrong_checksum_is_not_kept(server: tuple[str, list[str]], tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="not " + "0" * 64):
        w2v.load(f"{server[0]}/v.txt", download=True, sha256="0" * 64)
    assert not list((tmp_path / "cache").glob("*"))


def test_changed_file_in_the_cache_is_an_error(server: tuple[str, list[str]], tmp_path: Path) -> None:
    path = locate(f"{server[0]}/v.txt", allowed=True, sha256=SHA)
    path.write_bytes(TEXT + b"c 5 6\n")
    with pytest.raises(W2VError, match="delete it"):
        locate(f"{server[0]}/v.txt", allowed=True, sha256=SHA)


def test_path_with_a_checksum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a path"):
        w2v.load(tmp_path / "v.txt", sha256=SHA)
