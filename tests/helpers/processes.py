"""Programs in other processes: waiting for a training run, and the memory that a program takes."""

import os
import subprocess
import sys
import sysconfig
import tempfile
import time

import pytest

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
# Bounds of Python's own memory are multiplied by this: without the GIL objects are larger, and lists grow by copies.
OBJECTS = 1.5 if FREE_THREADED else 1.0


def wait_until_training(process, log):
    """Wait until the log of `w2v train --log-json` has its first interval; fail if the process ends before."""
    while not log.exists() or b'"interval"' not in log.read_bytes():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def with_peak(code: str, before: str = "import w2v.corpus.encode") -> tuple[str, int]:
    """Run a program in a process of its own.

    Parameters
    ----------
    before : a statement whose memory does not count.

    Returns
    -------
    What it printed, and the growth of its largest resident memory, in bytes.
    """
    if not os.path.exists("/proc/self/status"):
        pytest.skip("this system does not tell the largest memory of a process")
    peak = "int(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    program = f"{before}\nfirst = {peak}\n{code}\nprint({peak} - first)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tempfile.gettempdir())
    assert done.returncode == 0, done.stderr
    printed, _, kilobytes = done.stdout.rstrip().rpartition("\n")
    return printed, int(kilobytes) << 10
