"""The NEON kernels, cross-compiled and run in an emulator; skipped if the cross-compiler or the emulator is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "platforms/check_aarch64.sh"
TOOLS = ["aarch64-linux-gnu-gcc", "qemu-aarch64"]


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {' and '.join(TOOLS)}")
@pytest.mark.slow
def test_neon_kernels_under_emulation():
    done = subprocess.run([CHECK, "--kernels"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "neon: " in done.stdout and "0 failures" in done.stdout
