"""SIGINT and SIGTERM at random moments of commands; tests/fuzz/signals.py shoots as often as it is told."""

import os
import signal

import pytest
from fuzz import signals

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="no /proc")


@pytest.mark.slow
def test_signals_at_random_moments_end_every_command_cleanly(tmp_path):
    shots = signals.run(tmp_path, len(signals.COMMANDS) - 1, 1, [name for name in signals.COMMANDS if name != "demo"])
    assert not [shot for shot in shots if shot.problem]
    assert {shot.code for shot in shots if shot.moment == "working"} >= {128 + signal.SIGINT, 128 + signal.SIGTERM}


@pytest.mark.parametrize("moment, number, code, errors, left, problem", [
    ("working", 2, 130, "w2v: interrupted\n", [], ""), ("working", 15, 143, "w2v: terminated\n", [], ""),
    ("working", 2, 0, "", ["v.bin"], ""), ("ending", 15, 0, "", [], ""), ("starting", 2, -2, "Traceback", [], ""),
    ("starting", 2, 1, "Traceback", [], ""), ("starting", 2, -11, "", [], "died of signal 11"),
    ("working", 15, -15, "", [], "died of signal 15"), ("working", 2, 1, "", [], "exit code 1"),
    ("working", 2, 130, "Traceback (most", [], "'Traceback' on stderr"),
    ("ending", 2, 0, "Exception ignored in", [], "'Exception ignored' on stderr"),
    ("working", 2, 130, "w2v: a\nw2v: b\n", [], "2 lines on stderr"),
    ("working", 2, 130, "w2v: a\n", [".w2v-1.tmp"], "left behind: .w2v-1.tmp")])
def test_every_bad_end_is_found(moment, number, code, errors, left, problem):
    found = signals.judge(moment, number, code, errors, left)
    assert found.startswith(problem) and bool(found) == bool(problem)
