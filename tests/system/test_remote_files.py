"""Files at addresses: the same bytes as served, also after failures, and errors that say what happened and where."""

import io
import random
import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest
from helpers.local_server import without_proxies
from helpers.range_server import Served, Web, hurry, serving

from w2v.errors import W2VError
from w2v.system import remote_files
from w2v.system.remote_files import RemoteFile, _Version, open_binary
from w2v.system.remote_store import find_files

DATA = random.Random(1).randbytes(3_000_000)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Server with /a; blocks are small and waits are short."""
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    without_proxies(monkeypatch)
    hurry(monkeypatch, block=1 << 18)
    with serving({"/a": Served(DATA)}) as web:
        yield web


def read_all(address: str, size: int = 100_000) -> bytes:
    with RemoteFile(address) as file:
        parts = []
        while part := file.read(size):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("size", [999, 100_000, 10_000_000])
def test_file_is_read_in_order(web: Web, size: int) -> None:
    assert read_all(f"{web.url}/a", size) == DATA
    begins = [begin for _, begin in web.asked]
    assert len(begins) == len(set(begins)) < 20, "no byte is asked for twice"


def test_requests_are_in_flight_ahead_of_the_reader_but_not_more(web: Web) -> None:
    web.files["/a"].delay = 0.05
    with RemoteFile(f"{web.url}/a") as file:
        assert file.read(1) == DATA[:1]
        for _ in range(100):
            if len(web.asked) >= remote_files.AHEAD:
                break
            threading.Event().wait(0.02)
        threading.Event().wait(0.1)
        assert len(web.asked) == remote_files.AHEAD and web.most_at_once > 1
        assert file.read(2_000_000) == DATA[1:file.tell()]


def test_file_is_read_at_any_position(web: Web) -> None:
    chance = random.Random(2)
    with open_binary(f"{web.url}/a", download=True) as file:
        assert file.seekable() and file.seek(0, io.SEEK_END) == len(DATA)
        assert file.read(10) == b""
        for _ in range(8):
            begin, size = chance.randrange(len(DATA)), chance.randrange(150_000)
            assert file.seek(begin) == begin and file.read(size) == DATA[begin:begin + size]
        assert file.seek(-5, io.SEEK_END) == len(DATA) - 5 and file.read() == DATA[-5:]
        with pytest.raises(ValueError, match="negative"):
            file.seek(-1)


def test_empty_file(web: Web) -> None:
    web.files["/empty"] = Served(b"")
    assert read_all(f"{web.url}/empty") == b""


# --- failures that pass --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("break_after", [0, 1, 5000, 100_000])
def test_reading_continues_where_the_connection_broke(web: Web, break_after: int) -> None:
    web.files["/a"].break_after, web.files["/a"].breaks = break_after, 6
    assert read_all(f"{web.url}/a") == DATA
    assert web.files["/a"].breaks == 0


def test_connection_that_always_breaks_early_gets_on_with_small_requests(web: Web) -> None:
    web.files["/a"].data, web.files["/a"].break_after = DATA[:100_000], 20_000
    assert read_all(f"{web.url}/a") == DATA[:100_000]


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_busy_server_is_asked_again(web: Web, status: int) -> None:
    web.files["/a"].statuses = [status, status]
    assert read_all(f"{web.url}/a") == DATA


def test_waits_grow_and_begin_again_after_bytes_arrived(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_files, "WAITS", (0.01, 0.02, 0.03))
    waits = []

    def wait(event: threading.Event, seconds: float | None = None) -> bool:
        waits.append(seconds)
        return False

    monkeypatch.setattr(remote_files, "AHEAD", 1)
    file = RemoteFile(f"{web.url}/a")
    monkeypatch.setattr(file._stop, "wait", lambda seconds: wait(file._stop, seconds))
    for _ in range(2):
        web.files["/a"].statuses = [503, 503]
        file.seek(file.tell() + 500_000)
        file.read(100)
    assert waits == [0.01, 0.02, 0.01, 0.02]


def test_server_without_ranges_is_read_as_one_stream(web: Web) -> None:
    web.files["/a"].ranges = False
    assert read_all(f"{web.url}/a") == DATA
    assert len(web.asked) < 10


@pytest.mark.parametrize("ranges", [True, False])
def test_server_that_tells_no_length_is_read_as_one_stream(web: Web, ranges: bool) -> None:
    web.files["/a"].length, web.files["/a"].ranges = False, ranges
    with RemoteFile(f"{web.url}/a") as file:
        assert file.size is None and not file.seekable()
    assert read_all(f"{web.url}/a") == DATA


# --- failures that stay --------------------------------------------------------------------------------------------


def test_lasting_failure_names_address_byte_and_attempts(web: Web) -> None:
    with RemoteFile(f"{web.url}/a") as file:
        file.seek(1_000_000)
        web.files["/a"].statuses = [500] * 99
        with pytest.raises(W2VError, match=rf"^{web.url}/a: cannot read at byte 1,000,000: .*500.*\(4 attempts\)$"):
            file.read(10)


@pytest.mark.parametrize(("status", "said"), [
    (404, "there is no such file"), (403, "access is denied .403.: check"), (401, "access is denied .401."),
    (400, "the server answers 400")])
def test_final_answers_are_not_asked_again(web: Web, status: int, said: str) -> None:
    with RemoteFile(f"{web.url}/a") as file:
        web.files["/a"].statuses = [status] * 99
        with pytest.raises(W2VError, match=said):
            file.read(10)
    assert len(web.asked) <= remote_files.AHEAD


def test_missing_file_is_an_error_at_once(web: Web) -> None:
    for call in (RemoteFile, find_files):
        with pytest.raises(W2VError, match=f"{web.url}/none: cannot read: there is no such file .404."):
            call(f"{web.url}/none")


def test_machine_that_does_not_answer_is_named(web: Web) -> None:
    with pytest.raises(W2VError, match=r"^http://127.0.0.1:1/x: cannot read: .*[Cc]onnect"):
        find_files("http://127.0.0.1:1/x")


@pytest.mark.parametrize("changes_after", [1, 4])
def test_file_that_changes_is_an_error(web: Web, changes_after: int) -> None:
    """Also where no connection breaks, and if only the content changes."""
    web.files["/a"].later, web.files["/a"].changes_after = DATA[::-1], changes_after
    with pytest.raises(W2VError, match=f"{web.url}/a: the file changed while it was read; start again"):
        read_all(f"{web.url}/a")


@pytest.mark.parametrize(("before", "after", "changed"), [
    ({"etag": "a"}, {"etag": "a"}, False), ({"etag": "a"}, {"etag": "b"}, True),
    ({"etag": "a", "mtime": "1"}, {"etag": "a", "mtime": "2"}, False), ({"mtime": "1"}, {"mtime": "2"}, True),
    ({"etag": "a"}, {"md5Hash": "b"}, False), ({"etag": "a", "mtime": "1"}, {"mtime": "2"}, True)])
def test_version_is_compared_by_what_both_answers_have(before, after, changed) -> None:
    assert _Version(1, before).differs(_Version(1, after)) is changed
    assert _Version(1, before).differs(_Version(2, before))


def test_file_that_becomes_shorter_is_an_error(web: Web) -> None:
    web.files["/a"].later, web.files["/a"].changes_after = DATA[:1000], 2
    with pytest.raises(W2VError, match="changed while it was read: it has 1000 bytes instead of 3000000"):
        read_all(f"{web.url}/a")


def test_stream_that_breaks_cannot_continue(web: Web) -> None:
    web.files["/a"].ranges, web.files["/a"].break_after = False, 1_500_000
    with pytest.raises(W2VError, match=r"/a: the connection broke at byte [0-9,]+ .*cannot continue there"):
        read_all(f"{web.url}/a")


def test_stream_is_not_read_at_other_places(web: Web) -> None:
    web.files["/a"].ranges = False
    with RemoteFile(f"{web.url}/a") as file:
        file.seek(2_000_000)
        assert file.read(10) == DATA[2_000_000:2_000_010]
        file.seek(0)
        with pytest.raises(W2VError, match="sends files only from their start.*save it"):
            file.read(10)


def test_redirection_to_a_connection_without_encryption_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Redirecting:
        def info(self, path: str) -> dict[str, object]:
            return {"size": 1, "type": "file", "url": "http://elsewhere/x?token=secret"}

    monkeypatch.setattr(remote_files, "filesystem", lambda address: (Redirecting(), address))
    with pytest.raises(W2VError, match=r"redirected to http://elsewhere/x\?\.\.\., which is not safe"):
        RemoteFile("https://host/x")


@pytest.mark.parametrize("step", ["filesystem", "request"])
def test_file_that_could_not_be_opened_is_closed(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Python closes it when it is freed, and from 3.13 on prints an error of that."""
    def refuse(_: object) -> NoReturn:
        raise W2VError("no such host")

    monkeypatch.setattr(remote_files, "filesystem", refuse if step == "filesystem" else lambda address: (None, address))
    monkeypatch.setattr(RemoteFile, "_ask_version", refuse)
    file = RemoteFile.__new__(RemoteFile)
    with pytest.raises(W2VError):
        RemoteFile.__init__(file, "https://host/x")
    file.close()
    assert file.closed


def test_errors_have_no_secrets(web: Web) -> None:
    host = web.url.partition("//")[2]
    address = f"http://user:geheim@{host}/none?token=geheim"
    for call in (RemoteFile, find_files, lambda address: open_binary(address, download=False)):
        with pytest.raises(W2VError) as caught:
            call(address)
        assert "geheim" not in str(caught.value) and f"http://...@{host}/none?..." in str(caught.value)
        assert caught.value.__cause__ is None and caught.value.__suppress_context__ or caught.value.__context__ is None
    web.files["/a"].statuses = [500] * 99
    with pytest.raises(W2VError) as caught:
        read_all(f"{web.url}/a?sig=geheim")
    assert "geheim" not in str(caught.value)


# --- paths ---------------------------------------------------------------------------------------------------------


def test_open_binary_opens_paths_too(tmp_path) -> None:
    path = tmp_path / "a b"
    path.write_bytes(b"abc")
    for place in (path, str(path), path.as_uri(), path.as_uri().replace("///", "//localhost/")):
        with open_binary(place, download=False) as file:
            assert file.read() == b"abc" and file.seek(1) == 1 and file.read() == b"bc"
    with pytest.raises(W2VError, match="none: cannot read: No such file"):
        open_binary(tmp_path / "none", download=True)
    with pytest.raises(W2VError, match=r"s3://b/x is an address.*download=True \(--download\)"):
        open_binary("s3://b/x", download=False)
