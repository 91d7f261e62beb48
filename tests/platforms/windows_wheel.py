"""Build a wheel for 64-bit Windows on another system: setup.py with the compiler of PyPI's `ziglang`.

Place in the data flow: `check_windows.sh` runs it in a copy of the sources.

    python windows_wheel.py SOURCE PYTHON3_DLL WORK OUTPUT

SOURCE has setup.py, PYTHON3_DLL is from a Windows Python, the wheel is written to the folder OUTPUT. Needs setuptools,
Cython and ziglang.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

# What CPython's PC/pyconfig.h tells an extension of the limited API; that of this system has other sizes.
PYCONFIG = """
#define MS_WINDOWS
#define MS_WIN64
#define NT_THREADS
#define HAVE_DECLSPEC_DLL
#define Py_ENABLE_SHARED
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_WCHAR_T 2
#define SIZEOF_FLOAT 4
#define SIZEOF_DOUBLE 8
#define HAVE_SSIZE_T 1
#define HAVE_STDINT_H 1
#define HAVE_INTTYPES_H 1
#define HAVE_STDDEF_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_WCHAR_H 1
"""

# Drops what the Python of this system adds: its header folder, and options that Windows does not have.
COMPILER = """#!/bin/sh
for argument; do
    shift
    case $argument in
        -I{include}|-I*/include|-fPIC|-pthread|-L*) ;;
        *) set -- "$@" "$argument" ;;
    esac
done
exec {python} -m ziglang cc -target x86_64-windows-gnu -I{headers} "$@"
"""

# setup.py with the file names of Windows.
SETUP = """
import runpy, setuptools.command.build_ext as build_ext
build_ext.get_abi3_suffix = lambda: ".pyd"
runpy.run_path("setup.py", run_name="__main__")
"""


def main(source: Path, python3: Path, work: Path, output: Path) -> None:
    include = sysconfig.get_path("include")
    headers = work / "include"
    shutil.copytree(include, headers, dirs_exist_ok=True)
    (headers / "pyconfig.h").write_text(PYCONFIG)
    compiler = work / "cc"
    compiler.write_text(COMPILER.format(python=sys.executable, include=include, headers=headers))
    compiler.chmod(0o755)
    environment = os.environ | {
        "CC": str(compiler), "LDSHARED": f"{compiler} -shared", "CFLAGS": "", "LDFLAGS": str(python3),
        "_PYTHON_HOST_PLATFORM": "win-amd64", "ZIG_GLOBAL_CACHE_DIR": str(work / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(work / "zig"),
    }
    subprocess.run([sys.executable, "-c", SETUP, "bdist_wheel", "--dist-dir", str(output)], cwd=source,
                   env=environment, check=True)


if __name__ == "__main__":
    main(*(Path(argument).absolute() for argument in sys.argv[1:]))
