#!/usr/bin/env python3
"""Audit wheels and a source distribution before they are published: `python .ci/audit.py dist/*`.

Needs the extra `release`. A wheel is checked for its size, its files, its metadata (twine), the use of the stable ABI
only (abi3audit), and, for Linux, the symbols and libraries that its tag allows (auditwheel). A source distribution has
no generated file. Every finding is one line on stderr; the exit code is 1 if there are any.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

# Bytes. Wheels of clang are larger than those of GCC, and those of Windows and macOS were never measured.
LARGEST = {"linux": 1_950_000, "macosx": 2_200_000, "win": 2_200_000, "sdist": 2_000_000}
SOURCES = (".c", ".h", ".pyx", ".pxd", ".pxi", ".md", ".o", ".pyc")
ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path) -> tuple[int, str]:
    """Run a tool of this Python; return its exit code and its output."""
    done = subprocess.run([sys.executable, "-m", *map(str, command)], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.strip()


def extensions() -> set[str]:
    """Names of the extensions that each wheel has: one for each .pyx, and the code that they share."""
    return {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "w2v").rglob("*.pyx")} | {
        "w2v/_cyutility"}


def wheel_files(path: Path) -> Iterator[str]:
    """What is wrong with the files of a wheel."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    package = [name for name in names if ".dist-info/" not in name]
    if strange := [name for name in package if not name.startswith("w2v/") or name.endswith(SOURCES)]:
        yield f"{len(strange)} files do not belong into a wheel, such as {strange[0]}"
    native = [name for name in package if name.endswith((".so", ".pyd"))]
    if (found := {name.split(".")[0] for name in native}) != extensions():
        yield f"extensions are missing or unknown: {sorted(found ^ extensions())}"
    if "-abi3-" in path.name and (own := [name for name in native if ".cpython-" in name or ".cp3" in name]):
        yield f"{own[0]} is for one version of Python, the wheel for all"
    for name in ("w2v/py.typed", "METADATA", "RECORD", "licenses/LICENSE"):
        if not any(one.endswith(name) for one in names):
            yield f"{name} is missing"


def stable_abi(path: Path) -> Iterator[str]:
    """Symbols that are not in the stable ABI of the version that the tag names."""
    code, text = run("abi3audit", "--strict", "--report", path)
    if code:
        yield f"abi3audit: {text}"
    else:
        found = json.loads(text[text.index("{"):])["specs"]
        if not any(part["result"]["is_abi3"] for spec in found.values() for part in spec["wheel"]):
            yield "abi3audit found no extension"


def linux_tag(path: Path) -> Iterator[str]:
    """Libraries and versions of symbols that the tag does not allow."""
    code, text = run("auditwheel", "show", path)
    consistent = re.search(r'consistent\s+with\s+the\s+following\s+platform\s+tag:\s+"(\w+)"', text)
    if code or consistent is None:
        yield f"auditwheel: {text}"
    elif "linux_" in path.name and not re.search(r"(many|musl)linux", path.name):
        yield f"not published with the tag linux; `auditwheel repair` would make it {consistent[1]}"
    elif consistent[1] not in path.name:
        yield f"auditwheel: the wheel has the tag {consistent[1]}"


def source_files(path: Path) -> Iterator[str]:
    """Generated files, and files that a build or the tests need but do not find."""
    with tarfile.open(path) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    generated = {f"{name}.c" for name in extensions()} | {"csrc/text/unicode_data.c"}
    if found := sorted(names & generated):
        yield f"{len(found)} generated files, such as {found[0]}"
    if compiled := [name for name in names if name.endswith((".so", ".pyd", ".o", ".pyc"))]:
        yield f"{len(compiled)} compiled files, such as {compiled[0]}"
    for name in ("pyproject.toml", "setup.py", "csrc/base.h", "w2v/README.md", "tests/conftest.py", "LICENSE"):
        if name not in names:
            yield f"{name} is missing"


def audit(path: Path) -> Iterator[str]:
    """All findings for one file."""
    is_wheel = path.suffix == ".whl"
    kind = re.search(r"linux|macosx|win", path.stem.split("-")[-1]) if is_wheel else None
    size, largest = path.stat().st_size, LARGEST[kind[0] if kind else "sdist"]
    if size > largest:
        yield f"{size:,} bytes; the limit is {largest:,}"
    yield from wheel_files(path) if is_wheel else source_files(path)
    code, text = run("twine", "check", "--strict", path)
    if code:
        yield f"twine: {text}"
    if is_wheel and "-abi3-" in path.name:
        yield from stable_abi(path)
    if is_wheel and "linux" in path.name:
        yield from linux_tag(path)


def main() -> int:
    paths = [Path(name) for name in sys.argv[1:]]
    if not paths:
        sys.exit(__doc__)
    findings = 0
    for path in paths:
        found = list(audit(path))
        findings += len(found)
        print(f"{path.name}: {path.stat().st_size:,} bytes, {'ok' if not found else f'{len(found)} findings'}")
        for line in found:
            print(f"{path.name}: {line}", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
