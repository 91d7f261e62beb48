"""Web server on this machine for the tests of remote corpora: byte ranges, and the ways in which servers fail."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from w2v.system import remote_files


def hurry(monkeypatch: pytest.MonkeyPatch, *, block: int) -> None:
    """Make remote files ask for small blocks, and wait shortly before a request is repeated."""
    monkeypatch.setattr(remote_files, "WAITS", (0.0, 0.0, 0.01))
    monkeypatch.setattr(remote_files, "BLOCK", block)
    monkeypatch.setattr(remote_files, "FIRST", 1 << 14)
    monkeypatch.setattr(remote_files, "LEAST", 1 << 12)


@dataclass
class Served:
    """A file, and how the server misbehaves with it.

    Attributes
    ----------
    data : content.
    ranges, length : whether the server knows byte ranges, and tells the length.
    break_after : bytes of each answer after which the connection breaks, as long as `breaks` is above 0.
    statuses : answers of the next requests for content, instead of the content.
    later : content of the file after `changes_after` requests for content.
    delay : seconds before each answer with content.
    """

    data: bytes
    ranges: bool = True
    length: bool = True
    break_after: int | None = None
    breaks: int = 1 << 30
    statuses: list[int] = field(default_factory=list)
    later: bytes | None = None
    changes_after: int = 0
    delay: float = 0.0
    mimetype: str = "text/plain"


@dataclass
class Web:
    """Running server.

    Attributes
    ----------
    url : address of its root, without a slash at the end.
    files : by path; a test may change them.
    asked : (path, first byte) of each request for content so far; the byte is None without a range.
    most_at_once : largest number of such requests at the same time.
    """

    url: str
    files: dict[str, Served]
    asked: list[tuple[str, int | None]] = field(default_factory=list)
    most_at_once: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextlib.contextmanager
def serving(files: dict[str, Served]) -> Iterator[Web]:
    """Serve `files`, by path, on a free port."""
    web = Web("", files)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_content=False)

        def do_GET(self) -> None:
            with web.lock:
                web.now += 1
                web.most_at_once = max(web.most_at_once, web.now)
            try:
                self._answer(with_content=True)
            finally:
                with web.lock:
                    web.now -= 1

        def _answer(self, with_content: bool) -> None:
            path = self.path.partition("?")[0]
            file = web.files.get(path)
            if file is None:
                self._status(404)
                return
            asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if with_content:
                with web.lock:
                    web.asked.append((path, int(asked[1]) if asked else None))
                    status = file.statuses.pop(0) if file.statuses else None
                time.sleep(file.delay)
                if status is not None:
                    self._status(status)
                    return
            if file.later is not None and sum(name == path for name, _ in web.asked) > file.changes_after:
                file.data, file.later = file.later, None
            self._send(file, asked, with_content)

        def _status(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, file: Served, asked: re.Match[str] | None, with_content: bool) -> None:
            begin, end = 0, len(file.data)
            if asked and file.ranges:
                begin, end = int(asked[1]), min(int(asked[2]) + 1, end)
                if begin >= end:
                    self._status(416)
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(file.data)}")
            else:
                self.send_response(200)
            if file.length:
                self.send_header("Content-Length", str(end - begin))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.send_header("Content-Type", file.mimetype)
            self.send_header("ETag", f'"{hashlib.sha256(file.data).hexdigest()[:16]}"')
            self.end_headers()
            if not with_content:
                return
            size = end - begin
            if file.break_after is not None and file.break_after < size and file.breaks > 0:
                size, file.breaks, self.close_connection = file.break_after, file.breaks - 1, True
            with contextlib.suppress(OSError):  # the client may have gone
                self.wfile.write(file.data[begin:begin + size])

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    web.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
