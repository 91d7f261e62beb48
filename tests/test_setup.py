"""The choice of the compiler in setup.py, with a compiler that only records how it is called."""

import re
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(not (ROOT / "setup.py").exists(), reason="the sources of the package are not here")


@pytest.fixture
def setup_file(monkeypatch):
    """Names of setup.py, which builds nothing."""
    if not find_spec("Cython") or not find_spec("setuptools"):
        pytest.skip("Cython and setuptools are not installed: the package was built elsewhere")
    import setuptools
    from Cython import Build as build

    monkeypatch.setattr(setuptools, "setup", lambda **options: None)
    monkeypatch.setattr(build, "cythonize", lambda extensions, **options: [])
    monkeypatch.chdir(ROOT)
    return runpy.run_path("setup.py")


class Recorder:
    """Compiler of Visual Studio, as setuptools makes it."""

    compiler_type, initialized = "msvc", False
    cc = r"C:\VS\VC\Tools\MSVC\14.4\bin\Hostx64\x64\cl.exe"

    def __init__(self):
        self.compile_options, self.calls = ["/nologo", "/O2", "/W3", "/GL", "/MD"], []

    def initialize(self, plat_name):
        self.initialized, self.plat_name = True, plat_name

    def compile(self, sources, extra_postargs=None, **options):
        self.calls.append(extra_postargs)
        return sources


def build(setup_file, monkeypatch, plat_name="win-amd64"):
    command = SimpleNamespace(compiler=Recorder(), plat_name=plat_name)
    setup_file["BuildExtensions"].use_clang_cl(command)
    command.compiler.compile(["a.c"], extra_postargs=setup_file["compile_args"]())
    return command.compiler


@pytest.mark.parametrize("plat_name, target", [("win-amd64", "x86_64-pc-windows-msvc"),
                                               ("win-arm64", "aarch64-pc-windows-msvc")])
def test_visual_studio_compiles_with_clang_cl(setup_file, monkeypatch, plat_name, target):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None if path else "C:/LLVM/bin/clang-cl.exe")
    compiler = build(setup_file, monkeypatch, plat_name)
    assert compiler.cc == "C:/LLVM/bin/clang-cl.exe" and compiler.plat_name == plat_name
    assert "/GL" not in compiler.compile_options
    (arguments,) = compiler.calls
    assert f"--target={target}" in arguments and "/clang:-O3" in arguments and "/clang:-ffp-contract=off" in arguments
    assert "/clang:-std=c11" in arguments and all(one.startswith(("/clang:", "--target=")) for one in arguments)


def test_clang_cl_of_visual_studio_is_found_beside_cl(setup_file, monkeypatch, tmp_path):
    monkeypatch.delenv("CC", raising=False)
    tools = tmp_path / "VC" / "Tools"
    program = tools / "Llvm" / "x64" / "bin" / ("clang-cl.exe" if sys.platform == "win32" else "clang-cl")
    program.parent.mkdir(parents=True)
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = setup_file["find_clang_cl"](str(tools / "MSVC" / "14.4" / "bin" / "Hostx64" / "x64" / "cl.exe"))
    assert Path(found) == program


@pytest.mark.parametrize("named", [None, "cl", "cl.exe", "gcc"])
def test_cl_alone_is_refused_with_one_line(setup_file, monkeypatch, named):
    monkeypatch.delenv("CC", raising=False)
    if named:
        monkeypatch.setenv("CC", named)
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None if "clang" in name else name)
    with pytest.raises(SystemExit, match="cannot be compiled by cl.*install clang-cl") as refused:
        build(setup_file, monkeypatch)
    assert "\n" not in str(refused.value)


# What the C files take from the headers of Visual Studio, which exist only there.
HEADERS = {
    "stdlib.h": "#include <stddef.h>\nvoid *malloc(size_t), *calloc(size_t, size_t), *realloc(void *, size_t), "
                "free(void *);\nint abs(int);\n"
                "void qsort(void *, size_t, size_t, int (*)(const void *, const void *));",
    "string.h": "#include <stddef.h>\nvoid *memcpy(void *, const void *, size_t), *memmove(void *, const void *, "
                "size_t),\n*memset(void *, int, size_t), *memchr(const void *, int, size_t);\n"
                "int memcmp(const void *, const void *, size_t);\nsize_t strlen(const char *);",
    "malloc.h": "#include <stddef.h>\nvoid *_aligned_malloc(size_t, size_t), _aligned_free(void *);",
    "math.h": "#define INFINITY __builtin_inff()\n#define NAN __builtin_nanf(\"\")\n"
              "#define isfinite(x) __builtin_isfinite(x)\n#define isnan(x) __builtin_isnan(x)\n"
              "double sqrt(double), fabs(double), log(double), exp(double), pow(double, double);\n"
              "float sqrtf(float), fabsf(float), fmaf(float, float, float), nearbyintf(float), rintf(float);",
    "windows.h": "int SwitchToThread(void);",
}


@pytest.mark.slow
@pytest.mark.parametrize("target", ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"])
def test_all_c_compiles_with_clang_cl(tmp_path, target):
    if (clang := shutil.which("clang")) is None:
        pytest.skip("clang is not installed")
    for name, content in HEADERS.items():
        (tmp_path / name).write_text(content + "\n")
    for source in sorted((ROOT / "csrc").rglob("*.c")):
        done = subprocess.run([clang, "--driver-mode=cl", f"--target={target}", "/std:c11", "/Zs", "/I.", "-imsvc",
                               tmp_path, source.relative_to(ROOT / "csrc")], capture_output=True, text=True,
                              cwd=ROOT / "csrc")
        assert done.returncode == 0, done.stderr
        assert not re.search("implicit declaration of function '_mm", done.stderr)
