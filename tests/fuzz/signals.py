"""SIGINT and SIGTERM at random moments of every command, from its start to its end.

    python tests/fuzz/signals.py --count 300

Each shot starts a command in a process group of its own, waits for a random time, and sends the signal to that group.
The command must end with 130 or 143, one line on stderr at most, no traceback, no crash, and no file that is not
complete. Two moments are counted apart: before the command handles signals, while Python itself starts (any end but a
crash), and at its very end, when it ignores them (the command's own exit code). tests/cli/test_signals.py runs a few
shots. Needs /proc, from which it reads whether a process handles a signal.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import w2v

TIMEOUT = 60  # seconds for a command to end after the signal
FORBIDDEN = ("Traceback", "Exception ignored", "Fatal Python error", "core dumped")

COMMANDS = {
    "version": ["--version"],
    "help": ["train", "--help"],
    "info": ["info"],
    "info of a file": ["info", "{data}/v.bin"],
    "train": ["train", "{data}/c.txt", "-o", "{out}/v.bin", "-q", "--epochs", "20"],
    "train with files": ["train", "{data}/c.txt", "-o", "{out}/v.safetensors", "-q", "--epochs", "20", "--checkpoint",
                         "{out}/ck", "--log-json", "{out}/log", "--save-vocab", "{out}/vocab"],
    "plan": ["plan", "{data}/c.txt"],
    "phrases": ["phrases", "{data}/c.txt", "-o", "{out}/p.tsv", "--apply", "{out}/joined.txt", "-q"],
    "neighbors": ["neighbors", "{data}/v.bin", "w1", "w2"],
    "neighbors of lines": ["neighbors", "{data}/v.bin", "--json"],
    "analogy": ["analogy", "{data}/v.bin", "w1", "w2", "w3"],
    "convert": ["convert", "{data}/v.bin", "{out}/v.txt", "--json"],
    "evaluate": ["evaluate", "{data}/v.bin", "--similarity", "{data}/pairs.tsv", "--draws", "200"],
    "datasets": ["datasets", "list"],
    "demo": ["demo", "--json"],
    "reduce": ["reduce", "{data}/v.bin", "-o", "{out}/v.safetensors"],
    "align": ["align", "{data}/v.bin", "{data}/v2.bin", "-o", "{out}/v.bin"],
    "diff": ["diff", "{data}/v.bin", "{data}/v2.bin", "-o", "{out}/d.tsv"],
    "stability": ["stability", "{data}/v.bin", "{data}/v2.bin", "-o", "{out}/v.bin"],
    "cluster": ["cluster", "{data}/v.bin", "-k", "2-30", "-o", "{out}/classes.tsv"],
    "debias": ["debias", "{data}/v.bin", "-o", "{out}/v.bin", "--pairs", "{data}/words.txt"],
    "sentences": ["sentences", "{data}/v.bin", "{data}/c.txt", "-o", "{out}/s.npy", "--remove", "1"],
    "doctor": ["doctor", "{data}/v.bin", "--random"],
    "doctor of a corpus": ["doctor", "{data}/c.txt"],
    "several runs": ["train", "{data}/c.txt", "-o", "{out}/v.bin", "-q", "--runs", "3", "--bootstrap"],
}

@dataclass(frozen=True)
class Shot:
    """One command and one signal; `problem` is "" if the command ended as it should."""

    command: str
    number: signal.Signals
    delay: float
    moment: str
    code: int
    problem: str


class Range:
    """The files that the commands read, and how long each command takes."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        rng = np.random.default_rng(1)
        lines = [" ".join(f"w{k}" for k in rng.zipf(1.3, 12) % 2000) for _ in range(5000)]
        (self.data / "c.txt").write_text("\n".join(lines) + "\n")
        for name in ("v.bin", "v2.bin"):
            vectors = rng.normal(0, 1, (2000, 50)).astype(np.float32)
            w2v.KeyedVectors([f"w{k}" for k in range(2000)], vectors).save(self.data / name)
        (self.data / "words.txt").write_text("".join(f"w{2 * k} w{2 * k + 1}\n" for k in range(20)))
        (self.data / "pairs.tsv").write_text("".join(f"w{k}\tw{k + 1}\t{k % 10}\n" for k in range(300)))
        (self.data / "lines").write_text("".join(f"w{k}\n" for k in range(200)))
        self.folder = folder
        self.seconds: dict[str, float] = {}

    def start(self, command: str, out: Path) -> subprocess.Popen[str]:
        words = [word.format(data=self.data, out=out) for word in COMMANDS[command]]
        with open(self.data / "lines") as lines:
            return subprocess.Popen([sys.executable, "-m", "w2v", *words], stdin=lines, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE, text=True, cwd=self.folder, start_new_session=True)

    def shoot(self, command: str, number: signal.Signals, rng: random.Random) -> Shot:
        """Send one signal at a random moment, and judge the end of the command."""
        if command not in self.seconds:
            with tempfile.TemporaryDirectory(dir=self.folder) as out:
                start = time.monotonic()
                _, errors = self.start(command, Path(out)).communicate(timeout=10 * TIMEOUT)
                self.seconds[command] = time.monotonic() - start
        with tempfile.TemporaryDirectory(dir=self.folder) as out:
            process = self.start(command, Path(out))
            delay = rng.uniform(0, 1.05 * self.seconds[command])
            time.sleep(delay)
            moment = _moment(process.pid, number)
            if moment != "over":
                os.killpg(process.pid, number)
            try:
                _, errors = process.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return Shot(command, number, delay, moment, -9, f"still running {TIMEOUT} s after the signal")
            left = sorted(path.name for path in Path(out).iterdir())
        problem = judge(moment, number, process.returncode, errors, left)
        return Shot(command, number, delay, moment, process.returncode, problem)


def _moment(pid: int, number: int) -> str:
    """Whether a process handles a signal ("working"), does not do so yet ("starting") or ignores it ("ending")."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return "over"
    status = dict(line.split(":", 1) for line in lines)
    if "Z" in status["State"]:
        return "over"
    # Python always handles SIGINT; SIGTERM tells whether w2v has begun.
    caught, ignored = (int(status[name], 16) >> signal.SIGTERM - 1 & 1 for name in ("SigCgt", "SigIgn"))
    return "working" if caught else "ending" if ignored else "starting"


def judge(moment: str, number: int, code: int, errors: str, left: list[str]) -> str:
    """Return what is wrong with the end of a command, "" if nothing is.

    Parameters
    ----------
    moment : when the signal came.
    number : the signal.
    code : the exit code, negative if a signal ended the process.
    errors : what was written to stderr.
    left : names of the files in the output folder.
    """
    stopped = code == 128 + number
    if code < 0 and (moment != "starting" or code != -number):
        return f"died of signal {-code}: {errors[-500:]}"
    if moment == "starting":
        return ""
    if found := [word for word in FORBIDDEN if word in errors]:
        return f"{found[0]!r} on stderr: {errors[-2000:]}"
    if code not in (0, 128 + number):  # 0: it was done before the signal came
        return f"exit code {code}: {errors[-500:]}"
    lines = [line for line in errors.splitlines() if line.startswith("w2v: ")]
    if stopped and len(lines) > 1:
        return f"{len(lines)} lines on stderr: {errors}"
    if unfinished := [name for name in left if name.startswith(".")]:  # outputs get their names when they are complete
        return f"left behind: {', '.join(unfinished)}"
    return ""


def run(folder: Path, count: int, seed: int, commands: list[str]) -> list[Shot]:
    """Shoot `count` times with each signal at commands taken in turn."""
    rng, range_ = random.Random(seed), Range(folder)
    return [range_.shoot(commands[k % len(commands)], number, rng)
            for number in (signal.SIGINT, signal.SIGTERM) for k in range(count)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="shots for each signal (default 300)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", action="append", choices=COMMANDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shots = run(Path(folder), options.count, options.seed, options.command or list(COMMANDS))
    for (number, moment, code), times in sorted(Counter((s.number.name, s.moment, s.code) for s in shots).items()):
        print(f"{number:<8} {moment:<9} code {code:>4}  {times:>5}")
    bad = [shot for shot in shots if shot.problem]
    for shot in bad:
        print(f"{shot.command}, {shot.number.name} after {shot.delay:.3f} s ({shot.moment}): {shot.problem}")
    print(f"{len(bad)} of {len(shots)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
