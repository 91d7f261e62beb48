"""Rounds on three hosts with TLS, by the script `tests/run_hosts.py`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import run_hosts

SCRIPT = Path(run_hosts.__file__)


def start(folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-u", str(SCRIPT), *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, env={**os.environ, "TMPDIR": str(folder), **more})


def nothing_is_left(script: subprocess.Popen[str], folder: Path) -> bool:
    """Whether all namespaces, and with them their processes, and all files of a script are removed."""
    return f"w2v-{script.pid}-" not in run_hosts.command("ip", "netns", "list").stdout and not list(folder.iterdir())


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.slow
def test_lost_hosts_change_no_byte(folder: Path) -> None:
    """A worker is killed, then another host is cut off; clients without the right certificate are refused."""
    pytest.importorskip("distributed")
    pytest.importorskip("cryptography")
    script = start(folder, "kill", "unplug")
    printed, _ = script.communicate()
    if script.returncode == run_hosts.NO_HOSTS:
        pytest.skip(printed.strip())
    assert script.returncode == 0, printed
    for text in ("refused, with the configuration 'nothing'", "refused, with the configuration 'stranger'", "kill ",
                 "unplug ", "does not answer", "bytes as in one process"):
        assert text in printed
    assert nothing_is_left(script, folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
def test_interrupted_script_removes_everything(folder: Path, number: int) -> None:
    pytest.importorskip("distributed")
    pytest.importorskip("cryptography")
    script = start(folder)
    assert script.stdout is not None
    for line in script.stdout:
        if line.startswith("no hosts"):
            script.wait()
            pytest.skip(line.strip())
        if line.startswith("hosts are up"):
            script.send_signal(number)
            break
    rest = script.stdout.read()
    assert script.wait() == 130 and "Traceback" not in rest, rest
    assert nothing_is_left(script, folder)


def test_machine_without_the_tools_is_told_so(folder: Path) -> None:
    script = start(folder, PATH="/nonexistent")
    printed, _ = script.communicate()
    assert script.returncode == run_hosts.NO_HOSTS and printed.startswith("no hosts: ") and printed.count("\n") == 1


def test_unknown_event_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run_hosts.main(["explode"])
    assert stop.value.code == 2 and "explode is no event" in capsys.readouterr().err
