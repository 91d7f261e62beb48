"""The stubs of the extensions describe what is compiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import w2v

PACKAGE = Path(w2v.__file__).parent

# Made by Cython, imported from another module, or used within an extension only.
NOT_IN_STUBS = r"""
.*\.__(test|pyx_capi)__
w2v\.corpus\._preparer\.(TEXT_CLASSES|TOKEN_CLASSES|TOKEN_END_BYTE)
w2v\.training\.loop\._slots\.(BlendRows|WindowRows)
"""


def test_each_extension_has_a_stub() -> None:
    built = {path.name.split(".")[0] for suffix in ("so", "pyd") for path in PACKAGE.rglob(f"_*.{suffix}")}
    assert built - {"_cyutility"} == {path.stem for path in PACKAGE.rglob("_*.pyi")} != set()


@pytest.mark.slow
def test_stubs_are_those_of_the_extensions(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "allowed").write_text(NOT_IN_STUBS)
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nignore_missing_imports = True\ncache_dir = {tmp_path / 'cache'}\n"
                                       "disable_error_code = import-untyped\n")
    stubs = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in PACKAGE.rglob("_*.pyi")]
    # Installed packages are found; `pip install -e` leaves that to a hook, which mypy does not run.
    places = {} if PACKAGE.parent.name == "site-packages" else {"MYPYPATH": str(PACKAGE.parent)}
    # No class can have two of these as bases, and no stub has to say so: the decorator is not in typing before 3.15.
    done = subprocess.run([sys.executable, "-m", "mypy.stubtest", "--concise", "--ignore-disjoint-bases",
                           "--allowlist", "allowed", "--mypy-config-file", "mypy.ini", *stubs],
                          capture_output=True, text=True, cwd=tmp_path,
                          env={**os.environ, **places})
    assert done.returncode == 0, done.stdout + done.stderr
