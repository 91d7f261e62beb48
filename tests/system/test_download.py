"""Downloads: a file is complete and has the right checksum, or is not kept. The server is local."""

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from helpers.local_server import serving, without_proxies

import w2v
from w2v.errors import W2VError
from w2v.system.download import cache_folder, checksum, fetch

BODY = bytes(range(256)) * 3000
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch:
        without_proxies(patch)
        with serving({"/a.txt": BODY, "/short": BODY, "/endless": BODY}) as running:
            yield running


def test_file_is_fetched_once_and_checked(server, tmp_path):
    root, requested = server
    shown = []
    target = tmp_path / "new" / "folder" / "a.txt"
    requested.clear()
    assert fetch(f"{root}/a.txt", target, SHA.upper(), show=lambda *n: shown.append(n)) == target
    assert target.read_bytes() == BODY and checksum(target) == SHA
    assert len(shown) > 1 and shown[-1] == (len(BODY), len(BODY))
    assert fetch(f"{root}/a.txt", target, SHA) == target and fetch(f"{root}/a.txt", target) == target
    assert requested == ["/a.txt"]
    target.write_bytes(b"an older one")
    fetch(f"{root}/a.txt", target, SHA)
    assert target.read_bytes() == BODY and len(requested) == 2


def test_redirects_and_unknown_lengths_are_accepted(server, tmp_path):
    root, _ = server
    for name in ("moved", "endless"):
        assert fetch(f"{root}/{name}", tmp_path / name, SHA).read_bytes() == BODY


@pytest.mark.parametrize(("path", "sha", "message"), [
    ("/a.txt", "0" * 64, "SHA-256"), ("/missing", SHA, "404"), ("/short", SHA, "connection broke after 768,000"),
])
def test_failed_download_leaves_the_old_file(server, tmp_path, path, sha, message):
    target = tmp_path / "x"
    target.write_bytes(b"old")
    with pytest.raises(W2VError, match=message):
        fetch(server[0] + path, target, sha)
    assert target.read_bytes() == b"old" and os.listdir(tmp_path) == ["x"]


@contextlib.contextmanager
def answering(answer):
    """Send these bytes to one client; yields the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer_once():
            with server.accept()[0] as client:
                client.recv(65536)
                client.sendall(answer)

        thread = threading.Thread(target=answer_once)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x"
        thread.join()


def test_control_characters_of_a_server_are_escaped(tmp_path, monkeypatch):
    without_proxies(monkeypatch)
    with answering(b"HTTP/1.0 500 \x1b]0;owned\x07\r\n\r\n") as address:
        with pytest.raises(W2VError, match=r"the server answers 500 \\x1b\]0;owned\\x07$"):
            fetch(address, tmp_path / "x")


@pytest.mark.parametrize("length", ["9" * 5000, "abc", "\u0663"])
def test_length_that_is_no_number_is_unknown(tmp_path, monkeypatch, length):
    without_proxies(monkeypatch)
    with answering(f"HTTP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\nbody".encode()) as address:
        assert fetch(address, tmp_path / "x").read_bytes() == b"body"


@pytest.mark.parametrize("address", ["file:///etc/hostname", "a.txt", "http://127.0.0.1:1/x", "https://", "http://[x"])
def test_addresses_that_cannot_be_fetched_are_refused(tmp_path, address):
    with pytest.raises(W2VError, match="cannot fetch"):
        fetch(address, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_folder_that_cannot_be_created_is_an_error(server, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(W2VError, match="folder"):
        fetch(f"{server[0]}/a.txt", tmp_path / "file" / "x", SHA)


def test_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("W2V_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("W2V_CACHE")
    assert cache_folder().name == "w2v"
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_CACHE_HOME", "/x")
        assert cache_folder() == Path("/x/w2v")


def test_importing_the_package_imports_no_network_module():
    network = {"socket", "urllib.request", "http.client"}
    code = f"import sys, w2v, w2v.cli, w2v.system.download; print({network} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           cwd=Path(w2v.__file__).parent.parent)
    assert shown.stdout.strip() == "set()"
