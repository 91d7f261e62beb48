"""Addresses as a corpus: the same ids as from files, permission, listing, reports without secrets, and resumption."""

import contextlib
import gzip
import http.server
import io
import json
import logging
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.local_server import without_proxies
from helpers.processes import with_peak
from helpers.range_server import Served, Web, hurry, serving
from helpers.stops import Stop, stop_after
from helpers.vector_files import packers

import w2v
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import CorpusInput
from w2v.corpus.source import open_source
from w2v.errors import W2VError
from w2v.system import remote_files
from w2v.training.run import paced

TEXT = b"".join(b"the fox %d jumps over the lazy dog %d\n" % (i % 50, i % 7) for i in range(20_000))
OPTIONS = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False, "epochs": 2}


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Server with /a.txt; blocks are small and waits are short."""
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    without_proxies(monkeypatch)
    hurry(monkeypatch, block=1 << 17)
    with serving({"/a.txt": Served(TEXT)}) as web:
        yield web


def read(corpus: object, **options: object) -> EncodedCorpus:
    return encode(CorpusInput.of(corpus, {"download": True, **options}), min_count=1, threads=2)  # type: ignore[arg-type]


def same(one: EncodedCorpus, other: EncodedCorpus) -> bool:
    return one.vocabulary.words == other.vocabulary.words and one.ids.tolist() == other.ids.tolist()


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes, "zip": lambda data: zipped("x", data), "tar": lambda data: tarred("x", data),
    "tar.gz": lambda data: gzip.compress(tarred("x", data), 1), **packers()}


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
def test_address_gives_the_ids_of_the_file(web: Web, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a").write_bytes(TEXT)
    packed = pack(TEXT)
    web.files["/a.txt"] = Served(packed, break_after=9000, breaks=4)
    corpus = read(f"{web.url}/a.txt")
    assert same(corpus, encode(tmp_path / "a", min_count=1))
    report = corpus.report
    assert (report.files, report.remote_files, report.bytes_read) == (1, 1, len(packed))


def test_progress_knows_the_total_size(web: Web) -> None:
    web.files["/b.txt"] = Served(TEXT)
    source = open_source(CorpusInput.of([f"{web.url}/a.txt", f"{web.url}/b.txt"], {"download": True}))
    assert source.total_bytes == 2 * len(TEXT)
    seen = []
    for block in source.blocks(1 << 16):
        seen.append(source.bytes_read)
        assert isinstance(block, bytes)
    assert seen == sorted(seen) and len(set(seen)) > 10 and source.bytes_read == 2 * len(TEXT)


def test_address_can_be_read_again(web: Web) -> None:
    corpus = CorpusInput.of(f"{web.url}/a.txt", {"download": True})
    assert same(encode(corpus, min_count=1), encode(corpus, min_count=1))


def test_files_and_addresses_are_one_corpus(web: Web, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT)
    corpus = read([str(tmp_path / "a"), f"{web.url}/a.txt"])
    assert (corpus.report.files, corpus.report.remote_files, corpus.report.bytes_read) == (2, 1, 2 * len(TEXT))


def test_folders_and_patterns_are_read_in_order_without_hidden_files() -> None:
    store = pytest.importorskip("fsspec.implementations.memory").MemoryFileSystem()
    root = "/w2v-corpus"
    for name, text in (("b.txt", "bb\n"), ("a.txt.gz", "aa\n"), ("d/c.txt", "cc\n"), (".h/x.txt", "hidden\n"),
                       (".h/y.txt", "hidden\n"), ("d/.z", "hidden\n"), ("_SUCCESS", "")):
        data = text.encode()
        store.pipe(f"{root}/{name}", gzip.compress(data) if name.endswith("gz") else data)

    def words(address: str) -> tuple[list[str], int]:
        corpus = read(address)
        names = [corpus.vocabulary.words[i] for i in corpus.ids.tolist() if i >= 0]
        return names, corpus.report.hidden_files_skipped

    assert words(f"memory:/{root}") == (["aa", "bb", "cc"], 2)
    assert words(f"memory:/{root}/") == (["aa", "bb", "cc"], 2)
    assert words(f"memory:/{root}/*.txt*") == (["aa", "bb"], 0)
    assert words(f"memory:/{root}/**") == (["aa", "bb", "cc"], 2)
    assert words(f"memory:/{root}/?") == (["cc"], 1)
    assert words(f"memory:/{root}/.h/*") == (["hidden", "hidden"], 0)
    with pytest.raises(W2VError, match=r"memory://w2v-corpus/\.q: cannot read: there is no such file"):
        read(f"memory:/{root}/.q")
    store.pipe(f"{root}/only/.h", b"x")
    with pytest.raises(W2VError, match=r"memory://w2v-corpus/only: no files there \(skipped: 1 hidden\)"):
        read(f"memory:/{root}/only")


def test_missing_file_is_an_error_before_any_file_is_read(web: Web) -> None:
    with pytest.raises(W2VError, match=f"^{web.url}/none: cannot read: there is no such file .404."):
        w2v.train([f"{web.url}/a.txt", f"{web.url}/none"], **OPTIONS, download=True)
    assert all(path == "/none" for path, _ in web.asked)


def test_file_of_another_kind_is_named_by_its_address(web: Web) -> None:
    web.files["/x.pdf"] = Served(b"%PDF-1.5\n" + TEXT)
    with pytest.raises(W2VError, match=r"/x.pdf\?\.\.\., byte 0: this is a PDF document"):
        read(f"{web.url}/x.pdf?token=secret")
    with pytest.raises(W2VError, match=r"/x.npy: arrays of integers are read only from files"):
        web.files["/x.npy"] = Served(b"\x93NUMPY")
        read(f"{web.url}/x.npy")


def test_damage_is_reported_with_the_address(web: Web) -> None:
    web.files["/a.gz"] = Served(gzip.compress(TEXT)[:-100])
    with pytest.raises(W2VError, match=f"^{web.url}/a.gz, byte [0-9]+: the compressed data end too early"):
        read(f"{web.url}/a.gz")


@pytest.mark.parametrize("name", ["/a.txt", "/a.gz", "/a.tar"])
def test_lasting_failure_is_not_taken_for_damage(web: Web, name: str) -> None:
    text = TEXT * 5
    web.files[name] = Served({"/a.txt": text, "/a.gz": gzip.compress(text, 0), "/a.tar": tarred("x", text)}[name])
    corpus = CorpusInput.of(f"{web.url}{name}", {"download": True})
    blocks = open_source(corpus).blocks(1 << 12)
    next(blocks)
    web.files[name].statuses = [500] * 999
    with pytest.raises(W2VError, match=rf"^{web.url}{name}: cannot read at byte [0-9,]+: .*500.*attempts\)$"):
        list(blocks)


@pytest.mark.slow
def test_large_file_at_an_address_takes_bounded_memory(web: Web) -> None:
    web.files["/large"] = Served(TEXT * 160)
    code = (f"from w2v.system.remote_files import RemoteFile\nfile, n = RemoteFile('{web.url}/large'), 0\n"
            "while data := file.read(1 << 19):\n    n += len(data)\nprint(n)")
    done, memory = with_peak(code, "import aiohttp, fsspec.implementations.http, w2v.system.remote_files")
    assert int(done) == 160 * len(TEXT) > 100 << 20 and memory < 60 << 20, memory


# --- permission ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [
    lambda address: w2v.train(address, **OPTIONS), lambda address: w2v.train([Path(address)], **OPTIONS),
    lambda address: w2v.Phrases(address), lambda address: w2v.plan(address), lambda address: encode(address),
    lambda address: w2v.train(address, **OPTIONS, download=False)])
def test_address_without_permission_is_an_error_before_any_work(call: Callable[[str], object],
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)  # nothing is asked
    with pytest.raises(W2VError, match=r"s3://bucket/x is an address on the network.*download=True \(--download\)"):
        call("s3://bucket/x")


@pytest.mark.parametrize("command", [["train", "-o", "v.bin"], ["plan"], ["phrases", "-o", "p.tsv"]])
def test_commands_need_the_option(run, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, shown = run(command[0], f"{web.url}/a.txt", *command[1:])
    assert code == 1 and "is an address on the network" in shown and "--download" in shown and out == ""
    assert web.asked == [] and list(tmp_path.iterdir()) == []


def test_command_trains_from_an_address(run, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_bytes(TEXT)
    options = ["--quiet", "--threads", "1", "--min-count", "1", "--vector-size", "4", "--epochs", "1"]
    assert run("train", f"{web.url}/a.txt", "--download", "-o", "web.bin", *options)[0] == 0
    assert run("train", "a.txt", "-o", "file.bin", *options)[0] == 0
    assert (tmp_path / "web.bin").read_bytes() == (tmp_path / "file.bin").read_bytes()


def test_command_finds_phrases_at_an_address(run, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_bytes(TEXT)
    assert run("phrases", f"{web.url}/a.txt", "--download", "-o", "web.tsv", "--quiet")[0] == 0
    assert run("phrases", "a.txt", "-o", "file.tsv", "--quiet")[0] == 0
    assert (tmp_path / "web.tsv").read_bytes() == (tmp_path / "file.tsv").read_bytes()


def test_address_of_a_local_file_needs_no_permission(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_bytes(b"x y\n")
    for address in (f"file://{tmp_path}/a%20b.txt", Path(f"file://{tmp_path}/a%20b.txt"), f"file://{tmp_path}/*.txt"):
        assert encode(address, min_count=1).report.words == 2


# --- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow", "t.arrows", "t.csv", "t.csv.gz", "t.tsv.zst", "t.jsonl",
                                  "t.jsonl.xz"])
def test_tables_at_addresses_give_the_ids_of_the_files(web: Web, tmp_path: Path, name: str) -> None:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    lines = TEXT.decode().splitlines()[:5000]
    table = pa.table({"n": list(range(len(lines))), "text": lines})
    path, (_, form, *packed) = tmp_path / name, name.split(".")
    if form == "parquet":
        parquet.write_table(table, path, row_group_size=1000)
    elif form in ("arrow", "arrows"):
        new = pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        with new(str(path), table.schema) as writer:
            writer.write_table(table, max_chunksize=1000)
    else:
        rows = {"csv": ["n,text", *(f"{n},{line}" for n, line in enumerate(lines))],
                "tsv": ["n\ttext", *(f"{n}\t{line}" for n, line in enumerate(lines))],
                "jsonl": [json.dumps({"n": n, "text": line}) for n, line in enumerate(lines)]}[form]
        if packed and f".{packed[0]}" not in packers():
            pytest.skip("this Python has no zstd")
        path.write_bytes((packers()[f".{packed[0]}"] if packed else bytes)("\n".join(rows).encode()))
    web.files[f"/{name}"] = Served(path.read_bytes(), break_after=9000, breaks=3)
    address = f"{web.url}/{name}?token=secret"
    corpus = read(address, column="text")
    assert same(corpus, encode(CorpusInput.of(path, {"column": "text"}), min_count=1))
    assert (corpus.report.files, corpus.report.remote_files) == (1, 1)
    with pytest.raises(W2VError, match=rf"/{name}\?\.\.\.: there is no column 'other'; the columns are 'n', 'text'"):
        read(address, column="other")
    with pytest.raises(W2VError, match="is an address on the network"):
        CorpusInput.of(address, {"column": "text"})


# --- what is stored and shown --------------------------------------------------------------------------------------


def test_nothing_that_is_shown_or_stored_has_the_secrets(web: Web, tmp_path: Path, caplog, capfd) -> None:
    host = web.url.partition("//")[2]
    address = f"http://user:secret@{host}/a.txt?token=secret"
    with caplog.at_level(logging.DEBUG, "w2v"):
        model = w2v.train(address, **{**OPTIONS, "progress": True}, download=True, log_json=tmp_path / "log.jsonl")
    model.save(tmp_path / "v.safetensors")
    shown = [str(model.report), json.dumps(model.report.to_dict()), json.dumps(model.wv.metadata), caplog.text,
             "".join(capfd.readouterr()), (tmp_path / "log.jsonl").read_text(), CorpusInput.of(
                 address, {"download": True}).name]
    assert not [text for text in shown if "secret" in text]
    assert b"secret" not in (tmp_path / "v.safetensors").read_bytes()
    assert "a.txt?..." in caplog.text


def test_model_card_counts_addresses_beside_the_checksums_of_files(web: Web, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT)
    model = w2v.train([str(tmp_path / "a"), f"{web.url}/a.txt"], **OPTIONS, download=True)
    card = json.loads(model.wv.metadata["corpus"])
    assert (card["files"], card["files_at_addresses"]) == (2, 1)
    assert [file["name"] for file in card["sha256_of_files"]] == ["a"]
    assert "files_at_addresses" not in json.loads(w2v.train(tmp_path / "a", **OPTIONS).wv.metadata["corpus"])


def test_held_out_text_is_compared_with_files_only(web: Web, tmp_path: Path) -> None:
    (tmp_path / "held").write_bytes(TEXT[:1000])
    model = w2v.train(f"{web.url}/a.txt", **OPTIONS, download=True, held_out=str(tmp_path / "held"))
    assert model.report.loss_held_out is not None


def test_checkpoint_keeps_the_address_and_asks_for_permission_again(web: Web, tmp_path: Path) -> None:
    address, path = f"{web.url}/a.txt?key=1", tmp_path / "run.w2v"

    with paced(shard_ids=1 << 12):
        whole = w2v.train(address, **OPTIONS, download=True)
    with paced(shard_ids=1 << 12, after_shard=stop_after(60)), pytest.raises(Stop):
        w2v.train(address, **OPTIONS, download=True, checkpoint=path, checkpoint_every="0.01%")
    with pytest.raises(W2VError, match=r"a.txt\?\.\.\. is an address on the network.*download=True"):
        w2v.train(resume=path, progress=False)
    with paced(shard_ids=1 << 12):
        resumed = w2v.train(resume=path, progress=False, download=True)
    assert resumed.report.words_trained == whole.report.words_trained
    assert (resumed.wv.vectors == whole.wv.vectors).all()


def test_addresses_do_not_depend_on_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["s3://b/x y.txt", Path("https://h/x"), "rel.txt", "file:///a/b"]
    corpus = CorpusInput.of(given, {"download": True})
    assert corpus.absolute_paths() == ["s3://b/x y.txt", "https://h/x", str(tmp_path / "rel.txt"), "/a/b"]
    assert corpus.options == {}


def test_plan_needs_files(web: Web) -> None:
    with pytest.raises(W2VError, match=r"a sample needs files, and .*/a.txt\?\.\.\. is an address: save"):
        w2v.plan(f"{web.url}/a.txt?secret", download=True)


@pytest.mark.slow
def test_program_ends_while_a_server_does_not_answer(web: Web, tmp_path: Path) -> None:
    web.files["/a.txt"].delay = 5.0
    code = ("from w2v.system.remote_files import RemoteFile\n"
            f"file = RemoteFile('{web.url}/a.txt')\nfile._next\n"
            "import threading, time\nthreading.Timer(0.5, lambda: __import__('os')._exit(9)).daemon = True\n"
            "from w2v.system import remote_files\n"
            "remote_files._Block(lambda: file._fetch(0, 10), 0)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=4, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


# --- S3 ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Store on this machine, as the file system of another program, with the bucket w2v-test."""
    server = pytest.importorskip("moto.server")
    s3fs = pytest.importorskip("s3fs")
    without_proxies(monkeypatch)
    monkeypatch.setattr(remote_files, "WAITS", (0.0, 0.01))
    running = server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    for name, value in (("AWS_ENDPOINT_URL", f"http://{host}:{port}"), ("AWS_ACCESS_KEY_ID", "key"),
                        ("AWS_SECRET_ACCESS_KEY", "geheim"), ("AWS_DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    store = s3fs.S3FileSystem(skip_instance_cache=True)
    store.makedirs("w2v-test", exist_ok=True)
    yield store
    s3fs.S3FileSystem.clear_instance_cache()
    running.stop()


@pytest.mark.slow
def test_objects_of_s3_are_listed_and_read(bucket: Any, tmp_path: Path) -> None:
    half = TEXT.index(b"\n", len(TEXT) // 2) + 1
    for key, data in (("t/part-1.txt", TEXT[:half]), ("t/part-2.txt.gz", gzip.compress(TEXT[half:])), ("t/", b""),
                      ("t/.hidden", b"x"), ("big", TEXT * 12), ("t.tar.gz", gzip.compress(tarred("x", TEXT)))):
        bucket.pipe_file(f"w2v-test/{key}", data)
    (tmp_path / "a").write_bytes(TEXT)
    whole = encode(tmp_path / "a", min_count=1)
    for address in ("s3://w2v-test/t/part-*", "s3://w2v-test/t", "s3://w2v-test/t/", "s3://w2v-test/t.tar.gz"):
        assert same(read(address), whole)
    assert read("s3://w2v-test/t").report.hidden_files_skipped == 1
    assert read("s3://w2v-test/big").n_words == 12 * whole.n_words
    bucket.pipe_file("w2v-test/t/part-3.txt", b"new\n")
    assert read("s3://w2v-test/t/part-*").n_words == whole.n_words + 1, "listings are not kept"
    for missing in ("s3://w2v-test/none.txt", "s3://none/x", "s3://w2v-test/none-*"):
        with pytest.raises(W2VError, match=f"{missing.replace('*', '.')}: cannot read: there is no such file"):
            read(missing)


@pytest.mark.slow
def test_object_that_is_replaced_while_it_is_read_is_an_error(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_files, "BLOCK", 1 << 17)
    bucket.pipe_file("w2v-test/a", TEXT * 4)
    blocks = open_source(CorpusInput.of("s3://w2v-test/a", {"download": True})).blocks(1 << 12)
    next(blocks)
    bucket.pipe_file("w2v-test/a", bytes(reversed(TEXT)) * 4)
    with pytest.raises(W2VError, match="^s3://w2v-test/a: the file changed while it was read; start again$"):
        list(blocks)


# --- Hugging Face --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def hub(files: dict[str, bytes]) -> Iterator[str]:
    """Serve the files of the data set org/name as the hub does, and yield its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.startswith("/datasets/org/name/resolve/main/"):
                data = files[path.removeprefix("/datasets/org/name/resolve/main/")]
                begin, end = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
                self._send(data[begin:end + 1], 206)
            elif path.startswith("/api/datasets/org/name/tree/main"):
                folder = path.removeprefix("/api/datasets/org/name/tree/main").strip("/")
                inside = [{"type": "file", "oid": "1" * 40, "size": len(data), "path": name}
                          for name, data in files.items() if not folder or name.startswith(folder + "/")]
                folders = [] if folder else [{"type": "directory", "oid": "3" * 40, "size": 0, "path": "data"}]
                self._send(json.dumps(inside + folders).encode())
            else:
                self._send(json.dumps({"id": "org/name", "sha": "2" * 40, "siblings": []}).encode())

        def _send(self, data: bytes, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.slow
@pytest.mark.parametrize("path", ["data", "data/*.txt*", "data/a.txt"])
def test_data_set_of_the_hub_is_read_from_the_endpoint_of_the_environment(monkeypatch: pytest.MonkeyPatch,
                                                                          tmp_path: Path, path: str) -> None:
    """In another process, since the package reads the environment when it is imported."""
    pytest.importorskip("huggingface_hub")
    pytest.importorskip("fsspec")
    without_proxies(monkeypatch)
    code = ("import sys\nfrom w2v.corpus.encode import encode\nfrom w2v.corpus.paths import CorpusInput\n"
            "read = encode(CorpusInput.of(sys.argv[1], {'download': True}), min_count=1)\n"
            "print(read.n_words, read.report.files, read.report.bytes_read)\n")
    files = {"data/a.txt": TEXT * 6, "data/b.txt.gz": gzip.compress(b"one two\n")}
    with hub(files) as endpoint:
        done = subprocess.run([sys.executable, "-c", code, f"hf://datasets/org/name/{path}"], capture_output=True,
                              text=True, cwd=tmp_path,
                              env={**os.environ, "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_TELEMETRY": "1"})
    words = 6 * len(TEXT.split())
    whole = f"{words + 2} 2 {sum(map(len, files.values()))}"
    assert done.stdout.strip() == (f"{words} 1 {6 * len(TEXT)}" if path.endswith("a.txt") else whole), done.stderr
