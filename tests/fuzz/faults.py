"""Injected failures: every command, with one call of the C library failing each time.

    python tests/fuzz/faults.py --seconds 60                     # random calls
    python tests/fuzz/faults.py --every write --command train    # the 1st, 2nd, 3rd ... call, up to the last

Needs Linux and a C compiler. After the failure of a call a command ends with 0 and a complete result, or with 1 and one
line. A file that it was to replace is the old one or the complete new one, and nothing else is left in the folder.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import w2v

SHIM = Path(__file__).with_suffix(".c")
ERRORS = {"open": (errno.EMFILE, errno.EACCES, errno.ENOSPC), "read": (errno.EIO, 0),
          "fsync": (errno.EIO, errno.ENOSPC), "write": (errno.ENOSPC, errno.EIO, 0),
          "rename": (errno.EACCES, errno.EIO), "link": (errno.EPERM, errno.EIO),
          "ftruncate": (errno.ENOSPC, errno.EFBIG), "mmap": (errno.ENOMEM, errno.EAGAIN), "malloc": (errno.ENOMEM,),
          "thread": (errno.EAGAIN,)}
"""Errors that each call can have; 0: it reads or writes half."""

COMMANDS: dict[str, tuple[list[str], list[str]]] = {
    "train": (["train", "c.txt", "-o", "out.bin", "--min-count", "1", "--vector-size", "16", "--threads", "2"],
              ["out.bin"]),
    "train, checkpoint": (
        ["train", "c.txt", "-o", "out.safetensors", "--min-count", "1", "--epochs", "2", "--checkpoint", "run.w2v",
         "--checkpoint-every", "10%", "--log-json", "log.jsonl", "--save-vocab", "vocab.txt"],
        ["out.safetensors", "run.w2v", "log.jsonl", "vocab.txt"]),
    "train, n-grams": (["train", "c.txt.gz", "-o", "out.bin", "--format", "fasttext", "--min-count", "1", "--minn", "2",
                        "--maxn", "3", "--bucket", "500"], ["out.bin"]),
    "plan": (["plan", "c.txt", "-o", "out.bin"], []),
    "phrases": (["phrases", "c.txt", "-o", "out.tsv", "--apply", "joined.txt", "--min-count", "1"],
                ["out.tsv", "joined.txt"]),
    "convert": (["convert", "v.bin", "out.txt"], ["out.txt"]),
    "convert, safetensors": (["convert", "v.bin", "out.safetensors", "--dtype", "int8"], ["out.safetensors"]),
    "neighbors": (["neighbors", "v.bin", "w1"], []),
    "evaluate": (["evaluate", "v.bin", "--similarity", "s.tsv", "--json"], []),
    "info": (["info", "v.bin"], []),
    "reduce": (["reduce", "v.bin", "-o", "out.safetensors", "--dim", "10", "--pairs", "100", "--sample", "50"],
               ["out.safetensors"]),
    "align": (["align", "v.bin", "v2.bin", "-o", "out.bin"], ["out.bin"]),
    "diff": (["diff", "v.bin", "v2.bin", "-o", "out.tsv"], ["out.tsv"]),
    "stability": (["stability", "v.bin", "v2.bin", "-o", "out.bin"], ["out.bin"]),
    "cluster": (["cluster", "v.bin", "-k", "5", "-o", "out.tsv"], ["out.tsv"]),
    "debias": (["debias", "v.bin", "-o", "out.bin", "--pairs", "pairs.txt", "--draws", "50"], ["out.bin"]),
    "sentences": (["sentences", "v.bin", "c.txt", "-o", "out.npy", "--remove", "1"], ["out.npy"]),
    "bias": (["bias", "v.bin", "--sets", "sets.txt", "--draws", "50"], []),
    "axis": (["axis", "v.bin", "w9", "--from", "w1,w2", "--to", "w3,w4", "--draws", "50"], []),
    "why": (["why", "m.safetensors", "w1", "w2", "--pairs", "20"], []),
    "doctor": (["doctor", "v.bin", "--random"], []),
    "doctor, corpus": (["doctor", "c.txt"], []),
}
"""Arguments of each command, and the files that it may write."""


@dataclass(frozen=True)
class Fault:
    """One call that fails."""

    command: str
    call: str
    at: int
    error: int

    def __str__(self) -> str:
        what = "half" if not self.error else errno.errorcode[self.error]
        return f"{self.command}: {self.call} number {self.at} -> {what}"


def build(folder: Path) -> Path | None:
    """Compile the shim; None without a compiler."""
    compiler = os.environ.get("CC", "cc")
    if shutil.which(compiler) is None or sys.platform != "linux":
        return None
    library = folder / "faults.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, SHIM, "-ldl", "-lpthread"], check=True)
    return library


def make_inputs(folder: Path) -> None:
    import gzip

    rng = random.Random(1)
    text = "".join(" ".join(f"w{min(int(rng.expovariate(0.1)), 60)}" for _ in range(12)) + "\n" for _ in range(2000))
    (folder / "c.txt").write_text(text)
    (folder / "c.txt.gz").write_bytes(gzip.compress(text.encode(), 1))
    for seed, name in ((1, "v.bin"), (2, "v2.bin")):
        rows = np.random.default_rng(seed).normal(size=(500, 50)).astype("<f4")
        (folder / name).write_bytes(b"500 50\n" + b"".join(b"w%d " % k + row.tobytes() + b"\n" for k, row in
                                                          enumerate(rows)))
    w2v.KeyedVectors([f"w{k}" for k in range(500)], rows).save(folder / "m.safetensors", output_vectors=rows)
    (folder / "pairs.txt").write_text("".join(f"w{2 * k} w{2 * k + 1}\n" for k in range(5)))
    (folder / "sets.txt").write_text(": t\ntargets A: w1 w2\ntargets B: w3 w4\nattributes C: w5 w6\n"
                                     "attributes D: w7 w8\n")
    (folder / "s.tsv").write_text("".join(f"w{k}\tw{k + 1}\t{k % 10}\n" for k in range(40)))


class Faults:
    """Runs commands in a copy of a folder of inputs, with the shim."""

    def __init__(self, folder: Path) -> None:
        library = build(folder)
        if library is None:
            raise OSError("needs Linux and a C compiler")
        self.library, self.inputs, self.place = library, folder / "inputs", folder / "run"
        self.mark = folder / "mark"
        self.inputs.mkdir()
        make_inputs(self.inputs)

    def finding(self, fault: Fault) -> tuple[bool, str | None]:
        """Run a command with a fault. Return whether the call was reached, and what was wrong."""
        arguments, outputs = COMMANDS[fault.command]
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.inputs, self.place)
        for name in outputs:
            (self.place / name).write_bytes(b"old")
        if "run.w2v" in outputs:
            (self.place / "run.w2v").unlink()  # a file that is not a checkpoint is never replaced
        self.mark.unlink(missing_ok=True)
        environment = os.environ | {
            "LD_PRELOAD": str(self.library), "W2V_FAULT_CALL": fault.call, "W2V_FAULT_AT": str(fault.at),
            "W2V_FAULT_ERROR": str(fault.error), "W2V_FAULT_FOLDER": str(self.place), "W2V_FAULT_MARK": str(self.mark)}
        try:
            done = subprocess.run([sys.executable, "-m", "w2v", *self._placed(arguments)], env=environment, timeout=60,
                                  capture_output=True, text=True, errors="replace", cwd=self.place.parent)
        except subprocess.TimeoutExpired:
            return True, "hangs"
        return self.mark.exists(), self._problem(done, outputs)

    def _placed(self, arguments: list[str]) -> list[str]:
        """Give file names their folder, by which the shim recognises them."""
        known = {path.name for path in self.inputs.iterdir()} | {name for _, out in COMMANDS.values() for name in out}
        return [str(self.place / one) if one in known else one for one in arguments]

    def _problem(self, done: subprocess.CompletedProcess[str], outputs: list[str]) -> str | None:
        if done.returncode not in (0, 1):
            return f"exit code {done.returncode}: {done.stderr[-600:]}"
        if "Traceback" in done.stderr or "Error:" in done.stderr:
            return f"a traceback: {done.stderr[-1500:]}"
        # OpenBLAS itself ends the process if it gets no memory.
        if done.returncode == 1 and not done.stderr.startswith(("w2v: ", "OpenBLAS: malloc failed")) and (
                "\nw2v: " not in done.stderr):
            return f"no message: {done.stderr!r}"
        left = {path.name for path in self.place.rglob("*")} - {path.name for path in self.inputs.rglob("*")}
        if more := left - set(outputs):
            return f"left behind: {sorted(more)}; {done.stderr[-300:]}"
        for name in outputs:
            if (wrong := self._broken(name, done.returncode == 0)) is not None:
                return f"{name}: {wrong}; exit code {done.returncode}: {done.stderr[-300:]}"
        return None

    def _broken(self, name: str, succeeded: bool) -> str | None:
        """Return what is wrong with an output."""
        path = self.place / name
        if not path.exists():
            return None if name == "run.w2v" else "the old file is gone"
        if path.read_bytes() == b"old":
            return "success, but the old file is there" if succeeded else None
        if name.endswith((".bin", ".safetensors", "out.txt", ".w2v")):
            try:
                w2v.load(path)
            except w2v.W2VError as error:
                return f"broken: {error}"
        return None


def random_faults(rng: random.Random) -> Iterator[Fault]:
    while True:
        call = rng.choice(list(ERRORS))
        yield Fault(rng.choice(list(COMMANDS)), call, min(int(rng.expovariate(0.1)) + 1, 300), rng.choice(ERRORS[call]))


def every(command: str, call: str) -> Iterator[Fault]:
    for at in range(1, 10_000):
        for error in ERRORS[call]:
            yield Fault(command, call, at, error)


def main() -> int:
    """Run the program; return 1 if there are findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="how long to run (60)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random faults (0)")
    parser.add_argument("--every", choices=ERRORS, help="fail each call of this name in turn")
    parser.add_argument("--command", choices=COMMANDS, help="with --every: the command (all)")
    options = parser.parse_args()
    end, count, hit, total = time.monotonic() + options.seconds, 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="w2v-faults-") as name:
        faults = Faults(Path(name))
        if options.every:
            lists = [every(command, options.every) for command in ([options.command] if options.command else COMMANDS)]
        else:
            lists = [random_faults(random.Random(options.seed))]
        for some in lists:
            for fault in some:
                reached, finding = faults.finding(fault)
                total, hit = total + 1, hit + reached
                if finding is not None:
                    count += 1
                    print(f"--- {fault}\n{finding}", file=sys.stderr, flush=True)
                if time.monotonic() >= end or (options.every and not reached):
                    break
    print(f"{total} runs, {hit} with a failure, {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
