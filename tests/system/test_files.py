"""Atomic writing: complete files or the old ones, also after kill -9, with and without unnamed files."""

import errno
import os
import signal
import subprocess
import sys

import pytest
from helpers.unnamed import has_unnamed

from w2v.errors import W2VError
from w2v.system import files

UNNAMED = getattr(os, "O_TMPFILE", 0)


@pytest.fixture(params=["unnamed", "no such flag", *(errno.errorcode[one] for one in (
    errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)), "no /proc", "no links"])
def system(request, monkeypatch, tmp_path):
    """Simulate systems and file systems of all kinds; return whether unnamed files are possible."""
    really_open, really_link = os.open, os.link
    if request.param == "unnamed" and not has_unnamed(tmp_path):
        pytest.skip("this file system has no unnamed files")

    def refuses(path, flags, *rest, **more):
        if UNNAMED and flags & UNNAMED == UNNAMED:
            raise OSError(getattr(errno, request.param), os.strerror(getattr(errno, request.param)), path)
        return really_open(path, flags, *rest, **more)

    def elsewhere(source, name, **more):
        really_link(source.replace("/proc", "/nowhere"), name, **more)

    def forbidden(source, name, **more):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), source)

    if request.param == "no such flag":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif hasattr(errno, request.param):
        monkeypatch.setattr(os, "open", refuses)
    elif request.param != "unnamed":
        monkeypatch.setattr(os, "link", elsewhere if request.param == "no /proc" else forbidden)
    return request.param == "unnamed"


def test_file_appears_when_it_is_complete(system, tmp_path):
    target = tmp_path / "a"
    for content in (b"new", b"", b"longer than before"):
        before = target.read_bytes() if target.exists() else None
        with files.atomic_write(target) as file:
            file.write(content)
            file.flush()
            names = set(os.listdir(tmp_path)) - {"a"}
            assert len(names) == (0 if system else 1) and all(name.endswith(".tmp") for name in names)
            assert (target.read_bytes() if target.exists() else None) == before
        assert target.read_bytes() == content and os.listdir(tmp_path) == ["a"] and target.stat().st_nlink == 1


def test_error_leaves_the_old_file_unchanged(system, tmp_path):
    target = tmp_path / "a"
    target.write_bytes(b"old")
    open_before = len(os.listdir("/dev/fd")) if os.name != "nt" and os.path.isdir("/dev/fd") else 0
    for error, raised in ((KeyboardInterrupt(), KeyboardInterrupt), (OSError(errno.ENOSPC, "full"), W2VError)):
        with pytest.raises(raised), files.atomic_write(target) as file:
            file.write(b"half")
            raise error
        assert target.read_bytes() == b"old" and os.listdir(tmp_path) == ["a"]
    assert (len(os.listdir("/dev/fd")) if open_before else 0) == open_before


def test_several_files_are_replaced_together_or_not_at_all(system, tmp_path, monkeypatch):
    names = [tmp_path / "a", tmp_path / "b"]
    for name in names:
        name.write_bytes(b"old")
    with pytest.raises(W2VError, match="full"), files.atomic_writes(*names) as made:
        made[0].write(b"new")
        raise OSError(errno.ENOSPC, "full")
    really_sync, synced = os.fsync, []

    def sync(descriptor):
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "full")
        really_sync(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(W2VError, match="cannot write .*b: full"), files.atomic_writes(*names) as made:
        for file in made:
            file.write(b"new")
    assert [name.read_bytes() for name in names] == [b"old", b"old"] and sorted(os.listdir(tmp_path)) == ["a", "b"]
    with files.atomic_writes(*names) as made:
        for file in made:
            file.write(b"new")
    assert [name.read_bytes() for name in names] == [b"new", b"new"] and sorted(os.listdir(tmp_path)) == ["a", "b"]


@pytest.mark.skipif(os.name == "nt", reason="no such modes on Windows")
def test_mode_is_that_of_the_old_file_or_of_the_umask(system, tmp_path):
    (tmp_path / "old").touch()
    os.chmod(tmp_path / "old", 0o640)
    former = os.umask(0o027)
    try:
        for name in ("old", "new"):
            with files.atomic_write(tmp_path / name):
                pass
            assert (tmp_path / name).stat().st_mode & 0o7777 == 0o640
    finally:
        os.umask(former)


def test_bytes_are_synced_before_the_file_is_renamed(system, tmp_path, monkeypatch):
    done = []

    def note(name, call):
        monkeypatch.setattr(os, name, lambda *args: (done.append(name), call(*args)))

    note("fsync", os.fsync)
    note("replace", os.replace)
    with files.atomic_write(tmp_path / "a") as file:
        file.write(b"new")
    assert done[:2] == ["fsync", "replace"]


def test_links_are_kept_and_relative_paths_accepted(system, tmp_path, monkeypatch):
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to("far/a")
    monkeypatch.chdir(tmp_path)
    with files.atomic_write("link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "far" / "a").read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == ["far", "link"] and os.listdir(tmp_path / "far") == ["a"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on Windows")
def test_kill_leaves_the_old_file_and_nothing_else(tmp_path):
    if not has_unnamed(tmp_path):
        pytest.skip("this file system has no unnamed files")
    (tmp_path / "a").write_bytes(b"old")
    code = """if True:
        import time
        from w2v.system.files import atomic_write
        with atomic_write("a") as file:
            file.write(b"half" * (1 << 20))
            file.flush()
            print("there", flush=True)
            time.sleep(60)"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "there\n"
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.skipif(os.name == "nt", reason="no umask on Windows")
def test_umask_of_the_process_is_not_changed(system, tmp_path, monkeypatch):
    """Files that other threads create meanwhile would get wrong permissions."""
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the umask was changed"))
    with files.atomic_write(tmp_path / "new") as file:
        file.write(b"x")
    assert (tmp_path / "new").read_bytes() == b"x"
