"""Types: `pyright --verifytypes` knows those of all public names of an installed package, and mypy accepts the package
for other systems than Linux."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import numpy as np
import pytest

import w2v

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The programs of an environment with NumPy and w2v only."""
    venv.create(tmp_path / "env", with_pip=False)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(tmp_path / "env")}))
    for package in (w2v, np):
        (packages / package.__name__).symlink_to(Path(package.__file__).parent, target_is_directory=True)
    return Path(sysconfig.get_path("scripts", "venv", {"base": str(tmp_path / "env")}))


@pytest.mark.slow
def test_types_of_all_public_names_are_known(tmp_path: Path, programs: Path) -> None:
    """Types from packages without annotations are not counted."""
    pytest.importorskip("pyright")
    done = subprocess.run([sys.executable, "-m", "pyright", "--verifytypes", "w2v", "--ignoreexternal"],
                          capture_output=True, text=True, cwd=tmp_path,
                          env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"})
    assert "Type completeness score: 100%" in done.stdout and done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_mypy_accepts_the_package_for_other_systems(tmp_path: Path, programs: Path, system: str) -> None:
    pytest.importorskip("mypy")
    done = subprocess.run([sys.executable, "-m", "mypy", "--platform", system, "--cache-dir", tmp_path / "cache",
                           "--python-executable", programs / "python"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
