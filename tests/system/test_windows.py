"""What differs on Windows: on other systems the same code runs over a simulated Windows.

The simulation refuses to replace or rename files as Windows does; where the tests run on Windows, the files are really
open and mapped.
"""

import contextlib
import errno
import io
import mmap
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v import cli
from w2v.corpus import blocks
from w2v.errors import W2VError
from w2v.system import files, resources, shell, signals, windows

ON_WINDOWS = sys.platform == "win32"


class InUse:
    """Files that Windows lets nobody replace (`mapped`), or not even rename (`locked`)."""

    def __init__(self, monkeypatch):
        self.mapped, self.locked = set(), set()
        self._replace, self._rename, self._unlink = os.replace, os.rename, os.unlink
        monkeypatch.setattr(files, "_WINDOWS", True)
        monkeypatch.setattr(os, "replace", self.replace)
        monkeypatch.setattr(os, "rename", self.rename)
        monkeypatch.setattr(Path, "unlink", lambda path: self.unlink(path))

    def _refuse(self, path, *sets):
        if any(os.fspath(path) in one for one in sets):
            raise PermissionError(errno.EACCES, "Access is denied", os.fspath(path))

    def replace(self, source, target):
        self._refuse(target, self.mapped, self.locked)
        self._replace(source, target)

    def rename(self, source, target):
        self._refuse(source, self.locked)
        if os.fspath(source) in self.mapped:
            self.mapped.add(os.fspath(target))
            self.mapped.discard(os.fspath(source))
        self._rename(source, target)

    def unlink(self, path):
        self._refuse(path, self.mapped, self.locked)
        self._unlink(path)


@pytest.fixture
def in_use(monkeypatch):
    return InUse(monkeypatch)


def write(path, content):
    with files.atomic_write(path) as file:
        file.write(content)


@pytest.mark.skipif(ON_WINDOWS, reason="simulates Windows")
def test_mapped_file_is_replaced_and_the_old_one_removed_when_it_is_free(tmp_path, in_use):
    target = tmp_path / "v.bin"
    write(target, b"first")
    in_use.mapped.add(str(target))
    write(target, b"second")
    assert target.read_bytes() == b"second"
    (old,) = [name for name in os.listdir(tmp_path) if name != "v.bin"]
    assert old.startswith(".w2v-") and old.endswith(".old") and (tmp_path / old).read_bytes() == b"first"
    write(target, b"third")
    assert sorted(os.listdir(tmp_path)) == [old, "v.bin"]  # still mapped
    in_use.mapped.clear()
    write(tmp_path / "other", b"x")
    assert sorted(os.listdir(tmp_path)) == ["other", "v.bin"] and target.read_bytes() == b"third"


@pytest.mark.skipif(ON_WINDOWS, reason="simulates Windows")
@pytest.mark.parametrize("name", ["v.bin", "k"])
def test_file_that_another_program_has_open_is_written_beside(tmp_path, in_use, name):
    target = tmp_path / name
    write(target, b"first")
    in_use.locked.add(str(target))
    for content in (b"second", b"third"):
        with pytest.raises(W2VError, match=rf"cannot replace .*{name} \(the new content is in .*{name}\.new\): a "
                           "program has it open"):
            write(target, content)
        assert target.read_bytes() == b"first" and (tmp_path / f"{name}.new").read_bytes() == content
        assert sorted(os.listdir(tmp_path)) == sorted([name, f"{name}.new"])


@pytest.mark.skipif(ON_WINDOWS, reason="simulates Windows")
def test_all_of_several_files_are_kept_if_one_is_in_use(tmp_path, in_use):
    for name in ("a", "b"):
        write(tmp_path / name, b"old")
    in_use.locked.add(str(tmp_path / "a"))
    both = tmp_path / "a", tmp_path / "b"
    with pytest.raises(W2VError, match="cannot replace .*a "), files.atomic_writes(*both) as made:
        for file in made:
            file.write(b"new")
    assert [(tmp_path / name).read_bytes() for name in ("a", "a.new", "b")] == [b"old", b"new", b"new"]


@pytest.mark.skipif(ON_WINDOWS, reason="Windows does not replace a file that is open")
def test_permission_error_elsewhere_is_an_error_as_before(tmp_path, in_use, monkeypatch):
    monkeypatch.setattr(files, "_WINDOWS", False)
    write(tmp_path / "a", b"old")
    in_use.locked.add(str(tmp_path / "a"))
    with pytest.raises(W2VError, match="cannot write .*a: Access is denied; an existing file"):
        write(tmp_path / "a", b"new")
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == b"old"


def test_vectors_are_saved_over_the_file_they_are_mapped_from(tmp_path):
    path = tmp_path / "v.safetensors"
    w2v.KeyedVectors(["a", "b"], np.eye(2)).save(path)
    mapped = w2v.load(path, mmap=True)
    for factor in (2, 3):
        w2v.KeyedVectors(["a", "b"], factor * np.eye(2)).save(path)
        assert w2v.load(path)["a"].tolist() == [factor, 0]
    assert mapped["a"].tolist() == [1, 0]
    del mapped
    w2v.KeyedVectors(["a", "b"], np.eye(2)).save(path)
    assert os.listdir(tmp_path) == ["v.safetensors"]


@pytest.mark.skipif(not ON_WINDOWS, reason="other systems replace open files")
@pytest.mark.parametrize("keep", ["open", "mapped"])
def test_file_in_use_is_written_beside_on_windows(tmp_path, keep):
    target = tmp_path / "v.bin"
    write(target, b"first")
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(target, "rb"))
        if keep == "mapped":
            stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            file.close()
        with pytest.raises(W2VError, match=r"the new content is in .*v\.bin\.new"):
            write(target, b"second")
        assert target.read_bytes() == b"first" and (tmp_path / "v.bin.new").read_bytes() == b"second"
    write(target, b"third")
    assert target.read_bytes() == b"third"


def test_read_only_file_is_refused_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "v.bin").write_bytes(b"old")
    (tmp_path / "v.bin").chmod(0o444)
    monkeypatch.setattr(files, "_WINDOWS", True)
    monkeypatch.setattr(os, "access", lambda path, mode: bool(os.stat(path).st_mode & 0o200))  # root may write
    with pytest.raises(W2VError, match=r"cannot write .*v\.bin: it is read-only; allow writing"):
        files.check_writable(tmp_path / "v.bin")
    (tmp_path / "v.bin").chmod(0o644)
    files.check_writable(tmp_path / "v.bin")


def test_shared_file_is_read_as_any_file(tmp_path):
    (tmp_path / "a").write_bytes(b"a\r\n\x1ab")
    with open(tmp_path / "a", "rb", opener=windows.open_shared) as file:
        assert file.read() == b"a\r\n\x1ab"
        os.rename(tmp_path / "a", tmp_path / "b")
    with pytest.raises(FileNotFoundError):
        open(tmp_path / "a", "rb", opener=windows.open_shared)


# --- memory --------------------------------------------------------------------------------------------------------

VM_STAT = """Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               11461.
Pages active:                            259153.
Pages inactive:                          256823.
Pages speculative:                         1391.
Pages throttled:                              0.
Pages wired down:                        122911.
Pages purgeable:                           4321.
"""


def test_free_memory_of_macos_is_that_of_vm_stat(monkeypatch):
    monkeypatch.setattr(resources.subprocess, "run", lambda *args, **options: type("Done", (), {"stdout": VM_STAT}))
    assert resources._macos_memory() == 16384 * (11461 + 256823 + 1391)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert resources._system_memory() == 16384 * (11461 + 256823 + 1391)


@pytest.mark.parametrize("told", ["", "vm_stat: failed", "page size of 4096 bytes"])
def test_memory_of_macos_is_unknown_if_vm_stat_does_not_tell(monkeypatch, told):
    monkeypatch.setattr(resources.subprocess, "run", lambda *args, **options: type("Done", (), {"stdout": told}))
    assert resources._macos_memory() is None


def test_free_memory_of_windows_is_asked_of_the_system(monkeypatch):
    if ON_WINDOWS:
        assert 1 << 24 < windows.free_memory() < 1 << 50
    else:
        assert windows.free_memory() is None
    monkeypatch.setattr(windows, "free_memory", lambda: 123456)
    monkeypatch.setattr(sys, "platform", "win32")
    assert resources._system_memory() == 123456


# --- reading, streams, commands ------------------------------------------------------------------------------------


def test_ranges_of_a_file_are_read_by_threads_without_preadv(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "preadv", raising=False)
    content = np.random.default_rng(1).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
    (tmp_path / "a").write_bytes(content)
    with open(tmp_path / "a", "rb") as file:
        shared = blocks.Descriptor(file, "a")
        assert file.tell() == 0
    wrong = []

    def read(first):
        for begin in range(first, 290_000, 7919):
            if shared.read(begin, begin + 10_000) != content[begin:begin + 10_000]:
                wrong.append(begin)

    threads = [threading.Thread(target=read, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with pytest.raises(W2VError, match="became shorter"):
        shared.read(299_000, 301_000)


def test_training_without_preadv_gives_the_same_vectors(tmp_path, monkeypatch):
    text = "".join(f"w{n % 97} w{n % 89} w{n % 83}\n" for n in range(60_000))
    (tmp_path / "t.txt").write_bytes(text.encode())

    def trained():
        return w2v.train(tmp_path / "t.txt", vector_size=8, epochs=1, threads=1, seed=1, progress=False).wv

    first = trained()
    monkeypatch.delattr(os, "preadv", raising=False)
    again = trained()
    assert first.index_to_key == again.index_to_key and (first.vectors == again.vectors).all()


@pytest.mark.parametrize(("named", "shown"), [
    (None, b"\xe6\x97\xa5"), ("latin-1", b"?")])
def test_redirected_output_is_utf8(monkeypatch, named, shown):
    class Stream(io.TextIOWrapper):
        pass

    monkeypatch.setattr(cli.os, "name", "nt")
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    if named:
        monkeypatch.setenv("PYTHONIOENCODING", named)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, Stream(io.BytesIO(), encoding=named or "cp1252", newline="\n"))
    cli._prepare_streams()
    stream = sys.stdout
    monkeypatch.undo()
    stream.write("日")
    stream.flush()
    assert stream.buffer.getvalue() == shown


@pytest.mark.parametrize("content", ["日本\n".encode(), b"\xef\xbb\xbf" + "日本\n".encode()])
def test_piped_input_is_utf8_with_or_without_a_mark(monkeypatch, content):
    from w2v.cli import prompt

    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    monkeypatch.setattr(prompt.os, "name", "nt")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="cp1252"))
    lines = iter(prompt.Lines([], {}))
    found = list(lines)
    monkeypatch.undo()
    assert found == ["日本"]


@pytest.mark.parametrize(("error", "gone"), [
    (OSError(errno.EINVAL, "x"), True), (OSError(errno.EPIPE, "x"), True), (OSError(errno.ENOSPC, "x"), False),
    (OSError(errno.EINVAL, "x", "a file"), False)])
def test_closed_pipe_of_windows_is_an_invalid_argument(tmp_path, monkeypatch, error, gone):
    found = []
    read, write = os.pipe()
    with open(read, "rb"), open(write, "wb") as pipe, open(tmp_path / "a", "wb") as file:
        monkeypatch.setattr(cli.os, "name", "nt")
        for stream in (pipe, file, io.StringIO()):
            monkeypatch.setattr(sys, "stdout", stream)
            found.append(cli._reader_has_gone(error))
        monkeypatch.undo()
    assert found == [gone, *[isinstance(error, BrokenPipeError)] * 2]


@pytest.mark.parametrize(("argument", "posix", "cmd"), [
    ("v.bin", "v.bin", "v.bin"), ("a b.bin", "'a b.bin'", '"a b.bin"'),
    (r"C:\my files\v.bin", r"'C:\my files\v.bin'", r'"C:\my files\v.bin"'), (r"C:\v.bin", r"'C:\v.bin'", r"C:\v.bin"),
    ("a&b", "'a&b'", '"a&b"'), ("", "''", '""'), ("C:\\a b\\", "'C:\\a b\\'", '"C:\\a b\\\\"'),
    ('say "x"', "'say \"x\"'", '"say ""x"""'), ("日本 語", "'日本 語'", '"日本 語"')])
def test_commands_are_quoted_for_the_shell_of_the_system(monkeypatch, argument, posix, cmd):
    monkeypatch.setattr(sys, "platform", "linux")
    assert shell.quoted(argument) == posix
    monkeypatch.setattr(sys, "platform", "win32")
    assert shell.quoted(argument) == cmd
    assert shell.command(["tar", "-xf", argument]) == f"tar -xf {cmd}"


# --- signals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "kind"), [(signal.SIGINT, KeyboardInterrupt),
                                              (signal.SIGTERM, signals.Terminated)])
def test_signal_waits_without_timers(monkeypatch, number, kind):
    monkeypatch.delattr(signals._signal, "setitimer", raising=False)
    monkeypatch.delattr(signals._signal, "SIGALRM", raising=False)
    steps = []

    @signals.uninterrupted
    def make():
        signal.raise_signal(number)
        time.sleep(0.05)  # longer than the time between two tries
        steps.append("made")

    with pytest.raises(kind), signals.raising():
        make()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            time.sleep(0.01)
        steps.append("never")
    assert steps == ["made"]


def test_second_signal_does_not_wait_without_timers(monkeypatch):
    monkeypatch.delattr(signals._signal, "setitimer", raising=False)
    monkeypatch.delattr(signals._signal, "SIGALRM", raising=False)
    monkeypatch.setattr(signals, "_AGAIN", 10.0)
    steps = []

    @signals.uninterrupted
    def make():
        signal.raise_signal(signal.SIGINT)
        steps.append("made")
        signal.raise_signal(signal.SIGINT)
        steps.append("never")

    with pytest.raises(KeyboardInterrupt), signals.raising():
        make()
    assert steps == ["made"]


def test_every_signal_that_ends_a_command_has_a_word_and_an_exit_code():
    assert set(signals.NUMBERS) == {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK")
                                    if hasattr(signal, name)}
    assert [signals._code(number) for number in (signal.SIGINT, signal.SIGTERM, 21)] == [130, 143, 143]


@pytest.mark.skipif(not hasattr(signal, "SIGBREAK"), reason="only Windows has Ctrl-Break")
def test_ctrl_break_ends_the_work_as_sigterm_does():
    with pytest.raises(signals.Terminated), signals.raising():
        signal.raise_signal(signal.SIGBREAK)
