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
CSRC = Path("csrc")
HEADERS = sorted(str(path) for folder, pattern in ((CSRC, "**/*.h"), (Path("w2v"), "**/*.px[di]"))
                 for path in folder.glob(pattern))
IN_SDIST = ("csrc/**/*", "w2v/**/*.py[xid]", "w2v/**/*.px[di]", "tests/**/*", "bench/**/*", "corpora/*")

# Sources of each extension below csrc/, by folder.
WORDS = ["text/wordlist.c", "text/wordtable.c", "vectors/textfloat.c"]
EXTENSIONS = {
    "corpus._tokenizer": ["text/decimal.c", "text/tokenizer.c", *WORDS],
    "formats._formats": ["vectors/textfloat.c"],
    "phrases._grams": ["text/grams.c", "text/pages.c", "text/phrases.c", *WORDS],
    "training.loop._isa": [
        "kernels/cpu.c", "kernels/dispatch.c", "kernels/kernels_scalar.c", "kernels/kernels_avx2.c",
        "kernels/kernels_avx512.c", "kernels/kernels_neon.c", "loop/alias.c",
    ],
    "training.loop._loop": ["loop/private.c"],
    "training.loop._ngrams": ["loop/rng.c"],
    "training.loop._progress": [],
    "training.loop._rows": ["loop/rng.c"],
    "training.loop._sampler": ["loop/alias.c"],
    "training.loop._slots": ["loop/private.c"],
    "training.loop._tree": ["loop/huffman.c"],
    "vectors._topk": ["vectors/topk.c"],
}


SHARED_UTILITIES = "w2v._cyutility"


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
        [f"w2v/{name.replace('.', '/')}.pyx", *(str(CSRC / source) for source in sources)],
        include_dirs=[str(CSRC)],
        depends=HEADERS,
        define_macros=[("Py_LIMITED_API", "0x030B0000")] if LIMITED_API else [],
        py_limited_api=LIMITED_API,
        extra_compile_args=compile_args(),
        extra_link_args=link_args(),
    )


def shared_utilities() -> Extension:
    built = extension(SHARED_UTILITIES.removeprefix("w2v."), [])
    built.sources = [f"{SHARED_UTILITIES.replace('.', '/')}.c"]
    return built


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
        [*(extension(name, sources) for name, sources in EXTENSIONS.items()), shared_utilities()],
        language_level=3,
        shared_utility_qualified_name=SHARED_UTILITIES,
        compiler_directives={"boundscheck": False, "wraparound": False, "cdivision": True, "initializedcheck": False,
                             "freethreading_compatible": True},
    ),
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED_API else {},
)
