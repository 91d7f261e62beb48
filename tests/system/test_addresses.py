"""Addresses: nothing without permission and a checksum; what comes is checked and kept. The server is this process."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import w2v
from w2v.errors import W2VError
from w2v.system.addresses import locate

TEXT = b"2 2\na 1 2\nb 3 4\n"
SHA = hashlib.sha256(TEXT).hexdigest()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Handler(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "ftp://127.0.0.1/v.txt")
            self.end_headers()
            return
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(TEXT) + (5 if self.path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(TEXT)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Handler, "asked", [])
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_file_is_fetched_once_and_kept(server: str) -> None:
    for _ in range(2):
        kv = w2v.load(f"{server}/v.txt", download=True, sha256=SHA.upper())
        assert kv.index_to_key == ["a", "b"]
    assert Handler.asked == ["/v.txt"]


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
    server: str, address: str, options: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        w2v.load(address, **options)
    assert Handler.asked == []


@pytest.mark.parametrize("revision", [COMMIT, "main"])
def test_hub_address_becomes_a_url(server: str, monkeypatch: pytest.MonkeyPatch, revision: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server)
    kv = w2v.load(f"hf://org/repo/a dir/v.txt@{revision}", download=True, sha256=None if revision == COMMIT else SHA)
    assert len(kv) == 2 and Handler.asked == [f"/org/repo/resolve/{revision}/a%20dir/v.txt"]


@pytest.mark.parametrize(("name", "message"), [
    ("short", "broke off after 16 of 21"), ("missing", "404"), ("away", "redirected to ftp:")])
def test_what_does_not_come_whole_is_not_kept(server: str, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises((W2VError, ValueError), match=message):
        w2v.load(f"{server}/{name}", download=True, sha256=SHA)
    assert not list((tmp_path / "cache").glob("*"))


def test_other_content_than_promised_is_not_kept(server: str, tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="not " + "0" * 64):
        w2v.load(f"{server}/v.txt", download=True, sha256="0" * 64)
    assert not list((tmp_path / "cache").glob("*"))


def test_changed_cache_is_found(server: str, tmp_path: Path) -> None:
    path = locate(f"{server}/v.txt", allowed=True, sha256=SHA)
    path.write_bytes(TEXT + b"c 5 6\n")
    with pytest.raises(W2VError, match="delete it"):
        locate(f"{server}/v.txt", allowed=True, sha256=SHA)


def test_paths_take_no_checksum(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a path"):
        w2v.load(tmp_path / "v.txt", sha256=SHA)
