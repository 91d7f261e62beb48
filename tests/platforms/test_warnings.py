"""No warning of the compilers that are here for the C code; check_compile.sh does the same with the newest ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("csrc/*/*.c"))


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_c_code_compiles_without_a_warning(compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    assert len(SOURCES) > 15
    for source in SOURCES:
        done = subprocess.run(
            [compiler, "-std=c11", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-I", ROOT / "csrc",
             "-fsyntax-only", source], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
