"""GloVe as a trainer of `compare.py --glove FOLDER`: the chain of its four programs, with the settings of its demo.sh.

vocab_count counts the words, cooccur writes the co-occurrences of all pairs to a file, shuffle writes them again in
random order, and glove trains on that file. Dimensions, window, minimum count and threads are those of the comparison,
and the vectors are sums of word and context vectors (`-model 2`, its default). All four programs are timed. Their files
lie in a temporary folder, whose largest size is measured.

The programs are built by hand: `make` in a copy of github.com/stanfordnlp/GloVe leaves them in its folder `build`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("vocab_count", "cooccur", "shuffle", "glove")
ITERATIONS = (15, 25)  # of demo.sh; the default of the program
X_MAX = 10  # of demo.sh, for as many words as here; the default of 100 is that of the paper, for billions of words
MEMORY = 4.0  # GB; of demo.sh. Less memory means more temporary files
LOOK = 0.05  # seconds between two looks at the folder


@dataclass
class Glove:
    """GloVe with one number of iterations.

    Attributes
    ----------
    parts : of the last run, seconds of each program.
    disk_bytes : of the last run, the largest size of its files, temporary ones and vectors included.
    """

    folder: Path
    iterations: int

    def __post_init__(self) -> None:
        self.name = f"GloVe, {self.iterations} iterations"
        self.parts: dict[str, float] = {}
        self.disk_bytes = 0

    def run(self, path: Path, output: Path, size: int, epochs: int, threads: int, seed: int = 1) -> dict[str, float]:
        """Run the chain; return the seconds of it all. `epochs` is not used: iterations take their place."""
        self.parts, self.disk_bytes = {}, 0
        with tempfile.TemporaryDirectory() as name:
            files = Path(name)
            start = time.perf_counter()
            for program, (switches, source, target) in self.chain(path, size, threads, seed).items():
                began = time.perf_counter()
                self._run_one(program, switches, files, files / source, files / target)
                self.parts[program] = time.perf_counter() - began
            whole = time.perf_counter() - start
            shutil.move(files / "vectors.txt", output)
        return {"whole": whole}

    def chain(self, path: Path, size: int, threads: int, seed: int) -> dict[str, tuple[str, Path | str, str]]:
        """Switches, standard input and standard output of each program."""
        text = path.resolve()
        return {
            "vocab_count": ("-min-count 5 -verbose 0", text, "vocab.txt"),
            "cooccur": (f"-memory {MEMORY} -vocab-file vocab.txt -window-size 5 -verbose 0", text, "pairs.bin"),
            "shuffle": (f"-memory {MEMORY} -seed {seed} -verbose 0", "pairs.bin", "shuffled.bin"),
            "glove": (f"-input-file shuffled.bin -vocab-file vocab.txt -save-file vectors -vector-size {size} -threads "
                      f"{threads} -iter {self.iterations} -x-max {X_MAX} -binary 0 -model 2 -seed {seed} -verbose 0",
                      os.devnull, os.devnull),
        }

    def _run_one(self, program: str, switches: str, files: Path, source: Path, target: Path) -> None:
        """Run one program in the folder of its files, and watch the size of the folder."""
        errors = files / "errors.txt"
        with open(source, "rb") as given, open(target, "wb") as printed, open(errors, "wb") as complaints:
            process = subprocess.Popen([self.folder.resolve() / program, *switches.split()], cwd=files, stdin=given,
                                       stdout=printed, stderr=complaints)
            while process.poll() is None:
                time.sleep(LOOK)
                self.disk_bytes = max(self.disk_bytes, bytes_in(files))
        self.disk_bytes = max(self.disk_bytes, bytes_in(files))
        made = files / "vectors.txt" if program == "glove" else target
        if process.returncode or not made.exists() or not made.stat().st_size:
            reason = errors.read_text(errors="replace").strip().splitlines()[-1:]
            sys.exit(f"{self.name}: {program} failed: {reason[0] if reason else f'exit code {process.returncode}'}")


def bytes_in(folder: Path) -> int:
    """Bytes of all files in a folder; a file that is removed meanwhile does not count."""
    total = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def programs(text: str) -> Path:
    """Value of --glove: a folder with the four programs."""
    folder = Path(text)
    if missing := [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]:
        raise argparse.ArgumentTypeError(f"{text!r} has no program {' or '.join(missing)}: build GloVe with make, and "
                                         "give its folder build")
    return folder
