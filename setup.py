"""Build of the extensions; everything that is not about compiling C stands in pyproject.toml.

Each extension is plain C behind the limited API, so one wheel (cp311-abi3) serves every later Python. The kernels of
all instruction sets are files of one extension: each file asks for its own target by pragma, so no flag here may do
so. If an extension does not build, the installation fails: there is no slower fallback.

Environment: W2V_SANITIZE=address,undefined (or thread) builds with sanitizers; W2V_NATIVE=1 adds -march=native.
"""

import os
import sys
import sysconfig
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.sdist import sdist

LIMITED_API = not sysconfig.get_config_var("Py_GIL_DISABLED")
HEADERS = sorted(str(path) for path in [*Path("csrc").glob("*.h"), *Path("w2v").glob("*.px[di]")])
IN_SDIST = ("csrc/*", "w2v/*.py[xid]", "w2v/*.px[di]", "tests/*", "tests/data/*", "bench/*", "corpora/*")

SOURCES = {
    "_text": ["decimal.c", "grams.c", "phrases.c", "textfloat.c", "tokenizer.c", "wordlist.c", "wordtable.c"],
    "_sgns": [
        "alias.c", "cpu.c", "dispatch.c", "huffman.c", "private.c", "rng.c",
        "kernels_scalar.c", "kernels_avx2.c", "kernels_avx512.c", "kernels_neon.c",
    ],
    "_formats": ["textfloat.c"],
    "_search": ["topk.c"],
}


def compile_args() -> list[str]:
    if sys.platform == "win32":
        return ["/O2", "/std:c11"]
    args = ["-O3", "-std=c11", "-fvisibility=hidden", "-g0"]
    if os.environ.get("W2V_NATIVE") == "1":
        args.append("-march=native")
    if sanitizers := os.environ.get("W2V_SANITIZE"):
        args += [f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all", "-g", "-O1", "-fno-omit-frame-pointer"]
    return args


def link_args() -> list[str]:
    if sanitizers := os.environ.get("W2V_SANITIZE"):
        return [f"-fsanitize={sanitizers}"]
    return [] if sys.platform in ("win32", "darwin") else ["-Wl,-s"]


def extension(name: str, sources: list[str]) -> Extension:
    return Extension(
        f"w2v.{name}",
        [f"w2v/{name}.pyx", *(f"csrc/{source}" for source in sources)],
        include_dirs=["csrc"],
        depends=HEADERS,
        define_macros=[("Py_LIMITED_API", "0x030B0000")] if LIMITED_API else [],
        py_limited_api=LIMITED_API,
        extra_compile_args=compile_args(),
        extra_link_args=link_args(),
    )


class SourceDistribution(sdist):
    """All that is needed to build and to test, besides what setuptools finds by itself."""

    def make_distribution(self) -> None:
        for pattern in IN_SDIST:
            self.filelist.extend(str(path) for path in sorted(Path().glob(pattern)) if path.is_file())
        self.filelist.remove_duplicates()
        super().make_distribution()


setup(
    cmdclass={"sdist": SourceDistribution},
    ext_modules=cythonize(
        [extension(name, sources) for name, sources in SOURCES.items()],
        language_level=3,
        compiler_directives={"boundscheck": False, "wraparound": False, "cdivision": True, "initializedcheck": False,
                             "freethreading_compatible": True},
    ),
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED_API else {},
)
