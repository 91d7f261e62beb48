"""The types of all public names are known to type checkers, as `pyright --verifytypes` sees an installed package."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import numpy as np
import pytest

import w2v


@pytest.mark.slow
def test_types_of_all_public_names_are_known(tmp_path: Path) -> None:
    """Types from packages without annotations are not counted."""
    pytest.importorskip("pyright")
    venv.create(tmp_path / "env", with_pip=False)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(tmp_path / "env")}))
    for package in (w2v, np):
        (packages / package.__name__).symlink_to(Path(package.__file__).parent, target_is_directory=True)
    programs = sysconfig.get_path("scripts", "venv", {"base": str(tmp_path / "env")})
    done = subprocess.run([sys.executable, "-m", "pyright", "--verifytypes", "w2v", "--ignoreexternal"],
                          capture_output=True, text=True, cwd=tmp_path,
                          env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"})
    assert "Type completeness score: 100%" in done.stdout and done.returncode == 0, done.stdout + done.stderr
