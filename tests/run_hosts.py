"""Train on three hosts and compare bytes: `python tests/run_hosts.py [EVENT ...]`.

Makes three hosts as network namespaces of this machine, with a bridge between them in a fourth one, limited bandwidth,
and no route to the outside. Starts a scheduler of Dask on the first and a worker on each, which accept only their own
certificates; checks that clients without one are refused; then trains with `w2v train --engine dask`. The events happen
during training, one after another:

    kill     a worker gets SIGKILL
    join     a worker is started on that host
    stop     a worker gets SIGSTOP, and SIGCONT when the log names it
    unplug   the line of a host is cut

The file must have the bytes of `w2v train --reproducible` in one process. Needs Linux, root, and `ip` and `tc` of the
package iproute2; and the extra `test-interop`. The exit code is 1 if something differs from what it should be, and 77
with one line that says why if there can be no hosts here. All that was made is removed, also after Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NoReturn

NO_HOSTS = 77  # exit code: there can be no hosts on this machine
HOSTS = 3
PORT = 8786
WAIT_SECONDS = 120.0  # at most for anything; much longer than it takes
TRAIN = ["--vector-size", "100", "--epochs", "4", "--shards", "6", "--rounds", "24", "--threads", "2"]
DEAD_SECONDS = 11  # after which Dask takes a connection without an answer for dead; its least value


class Failure(Exception):
    """Something is not as it should be."""


# ---- hosts ----------------------------------------------------------------------------------------------------------

def command(*words: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=folder)


def made(*words: object, folder: Path | None = None) -> None:
    """Run a command that has to succeed, in a folder."""
    done = command(*words, folder=folder)
    if done.returncode:
        raise Failure(f"{' '.join(map(str, words))}: {done.stderr.strip()}")


def why_no_hosts() -> str | None:
    """Return why there can be no hosts here, or None."""
    if platform.system() != "Linux":
        return "network namespaces need Linux"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if missing := [name for name in ("ip", "tc") if shutil.which(name) is None]:
        return f"{missing[0]} is missing: install iproute2"
    trial = f"w2v-{os.getpid()}-trial"
    with removed([trial]):
        for words in (("ip", "netns", "add", trial), ("ip", "-n", trial, "link", "add", "bridge", "type", "bridge"),
                      ("ip", "-n", trial, "link", "add", "port0", "type", "veth", "peer", "name", "eth0")):
            done = command(*words)
            if done.returncode:
                return f"network namespaces cannot be made here: {done.stderr.strip().splitlines()[-1]}"
    return None


@contextmanager
def removed(namespaces: Sequence[str]) -> Iterator[None]:
    """Remove these namespaces after the block, with the processes in them, although signals arrive."""
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        there = command("ip", "netns", "list").stdout.split() if namespaces else []
        for name in (one for one in namespaces if one in there):
            for process in command("ip", "netns", "pids", name).stdout.split():
                with suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
            command("ip", "netns", "delete", name)
        listen_to_signals()


def listen_to_signals() -> None:
    """Let SIGTERM end this program as Ctrl-C does, with all blocks left in order."""
    def end(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


class Hosts:
    """Namespaces that are joined by a bridge.

    Parameters
    ----------
    rate : of what each host sends, as `tc` writes it.
    delay : of each packet.

    Attributes
    ----------
    names : of the namespaces.
    """

    def __init__(self, rate: str, delay: str) -> None:
        self.rate, self.delay = rate, delay
        prefix = f"w2v-{os.getpid()}-{secrets.token_hex(3)}"
        self.bridge = f"{prefix}-bridge"
        self.names = [f"{prefix}-{number}" for number in range(1, HOSTS + 1)]

    @contextmanager
    def up(self) -> Iterator[None]:
        with removed([*self.names, self.bridge]):
            made("ip", "netns", "add", self.bridge)
            made("ip", "-n", self.bridge, "link", "add", "bridge", "type", "bridge")
            made("ip", "-n", self.bridge, "link", "set", "bridge", "up")
            for number, name in enumerate(self.names):
                self._add(number, name)
            yield

    def _add(self, number: int, name: str) -> None:
        made("ip", "netns", "add", name)
        made("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", f"port{number}",
             "netns", self.bridge)
        made("ip", "-n", self.bridge, "link", "set", f"port{number}", "master", "bridge", "up")
        made("ip", "-n", name, "address", "add", f"{address_of(number)}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            made("ip", "-n", name, "link", "set", device, "up")
        for what, words in (("bandwidth", ["root", "handle", "1:", "tbf", "rate", self.rate, "burst", "256kb",
                                           "latency", "100ms"]),
                            ("delay", ["parent", "1:1", "handle", "2:", "netem", "delay", self.delay])):
            done = command("tc", "-n", name, "qdisc", "add", "dev", "eth0", *words)
            if done.returncode and number == 0:
                print(f"no limit of {what}: {done.stderr.strip()}")

    def start(self, number: int, words: Sequence[object], log: Path, environment: dict[str, str],
              ) -> subprocess.Popen[bytes]:
        """Start a program on a host; what it prints goes into a file."""
        with log.open("ab") as file:
            return subprocess.Popen(["ip", "netns", "exec", self.names[number], *map(str, words)], stdout=file,
                                    stderr=file, stdin=subprocess.DEVNULL, cwd=log.parent, env=environment)

    def unplug(self, number: int) -> None:
        made("ip", "-n", self.bridge, "link", "set", f"port{number}", "down")


def address_of(number: int) -> str:
    return f"10.77.0.{number + 1}"


# ---- the cluster ----------------------------------------------------------------------------------------------------

def write_certificates(folder: Path) -> None:
    """Write configurations of Dask: `ours.yaml`, `stranger.yaml` (a client with a certificate that nobody knows), and
    `nothing.yaml` (without certificates)."""
    from distributed.security import Security

    for name in ("ours", "stranger"):
        new = Security.temporary()
        (folder / f"{name}.crt").write_text(new.tls_ca_file)
        (folder / f"{name}.key").touch(mode=0o600)
        (folder / f"{name}.key").write_text(new.tls_client_key)
        own = {"cert": f"{folder}/{name}.crt", "key": f"{folder}/{name}.key"}
        comm = {"require-encryption": True, "timeouts": {"connect": "5s", "tcp": f"{DEAD_SECONDS}s"},
                "tls": {"ca-file": f"{folder}/ours.crt", "scheduler": own, "worker": own, "client": own}}
        (folder / f"{name}.yaml").write_text(json.dumps({"distributed": {"comm": comm}}))
    (folder / "nothing.yaml").write_text("{}")


class Cluster:
    """A scheduler on the first host, and a worker with one thread on each.

    Attributes
    ----------
    workers : the process on each host.
    """

    def __init__(self, hosts: Hosts, folder: Path) -> None:
        self.hosts, self.folder = hosts, folder
        self.address = f"tls://{address_of(0)}:{PORT}"
        self.workers: list[subprocess.Popen[bytes]] = []

    def environment(self, configuration: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
        return {**kept, "DASK_CONFIG": str(self.folder / f"{configuration}.yaml"),
                "DASK_TEMPORARY_DIRECTORY": str(self.folder / "scratch")}

    def start(self) -> None:
        self.hosts.start(0, [sys.executable, "-m", "dask", "scheduler", "--host", address_of(0), "--port", PORT,
                             "--no-dashboard"], self.folder / "scheduler.log", self.environment("ours"))
        self.workers = [self._worker(number) for number in range(HOSTS)]
        for number in range(HOSTS):
            self.wait_for_worker(number, 1)

    def join(self, number: int) -> None:
        """Start a worker on a host again."""
        self.workers[number] = self._worker(number)
        self.wait_for_worker(number, 2)

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        return self.hosts.start(number, [sys.executable, "-m", "dask", "worker", self.address, "--host",
                                         address_of(number), "--no-nanny", "--no-dashboard", "--nthreads", "1",
                                         "--memory-limit", "0"], self._log(number), self.environment("ours"))

    def wait_for_worker(self, number: int, times: int) -> None:
        log = self._log(number)
        wait_for(lambda: log.read_text().count("Registered to:") >= times, f"a worker on host {number + 1}",
                 self.workers[number])

    def _log(self, number: int) -> Path:
        return self.folder / f"worker{number + 1}.log"

    def train(self, corpus: Path, output: Path, configuration: str = "ours") -> subprocess.Popen[bytes]:
        """Start a training run on the first host."""
        words = [*train_command(corpus, output), "--engine", "dask", "--reproducible", "--scheduler", self.address,
                 "--log-json", output.with_suffix(".jsonl"), "--log-every", "1%"]
        return self.hosts.start(0, words, output.with_suffix(".log"), self.environment(configuration))


def train_command(corpus: Path, output: Path) -> list[object]:
    return [sys.executable, "-m", "w2v", "train", corpus, "-o", output, *TRAIN]


def wait_for(look: Callable[[], bool], what: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until `look` returns True.

    Raises
    ------
    Failure : it took too long, or the process has ended.
    """
    end = time.monotonic() + WAIT_SECONDS
    while not look():
        if process.poll() is not None:
            raise Failure(f"waiting for {what}: the program has ended with {process.returncode}")
        if time.monotonic() > end:
            raise Failure(f"waited in vain for {what}")
        time.sleep(0.02)


# ---- what is checked ------------------------------------------------------------------------------------------------

def write_text(path: Path) -> None:
    """Write a text whose words have Zipf's distribution."""
    import numpy as np

    words = np.random.default_rng(1).zipf(1.3, 400_000)
    words = words[words < 20_000].reshape(-1)
    with path.open("w") as file:
        for first in range(0, len(words), 20):
            file.write(" ".join(f"w{word}" for word in words[first:first + 20]) + "\n")


def check_strangers(cluster: Cluster, corpus: Path) -> None:
    """Clients without a certificate, and with one that is not known here, are refused."""
    for configuration in ("nothing", "stranger"):
        output = cluster.folder / f"{configuration}.safetensors"
        code = cluster.train(corpus, output, configuration).wait(WAIT_SECONDS)
        errors = output.with_suffix(".log").read_text()
        if code != 1 or "no scheduler of Dask could be reached" not in errors or "Traceback" in errors:
            raise Failure(f"a client with the configuration {configuration!r} ended with {code}: {errors}")
        print(f"refused, with the configuration {configuration!r}: {errors.strip()}")


def words_done(log: Path) -> int:
    """Return the words of the last interval in a log."""
    lines = log.read_text().splitlines() if log.exists() else []
    done = 0
    for line in lines:
        with suppress(json.JSONDecodeError):  # of the last line, while it is written
            done = json.loads(line).get("words_done", done)
    return done


def train_through(cluster: Cluster, corpus: Path, output: Path, events: Sequence[str]) -> None:
    """Train while the events happen, each in a later round than the one before."""
    log = output.with_suffix(".jsonl")
    process = cluster.train(corpus, output)
    for event in events:
        before = words_done(log)
        wait_for(lambda before=before: words_done(log) > before, "a round", process)  # type: ignore[misc]
        happen(event, cluster, output.with_suffix(".log"), process)
        if process.poll() is not None:
            raise Failure(f"the run had ended before {event!r}: make the text longer")
        print(f"{event} after {words_done(log):,} words")
    code = process.wait(WAIT_SECONDS)
    messages = output.with_suffix(".log").read_text().strip()
    print(messages or "no messages")
    if code:
        raise Failure(f"training ended with {code}")
    end = json.loads(log.read_text().splitlines()[-1])
    print(f"trained in {end['seconds_training']:.1f} s: {end['engine']}")


def happen(event: str, cluster: Cluster, messages: Path, training: subprocess.Popen[bytes]) -> None:
    """Let an event happen; different events are on different hosts, except that a killed worker can be replaced."""
    if event == "kill":
        cluster.workers[1].kill()
        cluster.workers[1].wait()
    elif event == "join":
        cluster.join(1)
    elif event == "stop":
        worker = cluster.workers[0]
        worker.send_signal(signal.SIGSTOP)
        try:
            wait_for(lambda: address_of(0) in messages.read_text(), "the name of the stopped worker", training)
        finally:
            worker.send_signal(signal.SIGCONT)
    else:
        cluster.hosts.unplug(2)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Make the hosts and the cluster, train, and compare.

    Raises
    ------
    Failure : something is not as it should be.
    """
    corpus, alone, output = folder / "text.txt", folder / "alone.safetensors", folder / "hosts.safetensors"
    write_text(corpus)
    write_certificates(folder)
    hosts = Hosts(options.rate, options.delay)
    with hosts.up():
        print(f"hosts are up: {' '.join(hosts.names)}", flush=True)
        cluster = Cluster(hosts, folder)
        cluster.start()
        check_strangers(cluster, corpus)
        train_through(cluster, corpus, output, options.events)
    made(*train_command(corpus, alone), "--reproducible", folder=folder)  # not that of the sources
    if alone.read_bytes() != output.read_bytes():
        raise Failure("the bytes differ from those of one process")
    print(f"the same {output.stat().st_size:,} bytes as in one process")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", nargs="*", metavar="EVENT", default=["kill"],
                        help="kill (default), join, stop or unplug; they happen in this order")
    parser.add_argument("--rate", default="200mbit", help="what each host can send, as for tc; %(default)s by default")
    parser.add_argument("--delay", default="1ms", help="of each packet; %(default)s by default")
    parser.add_argument("--tail", type=int, default=1500, help="characters of each log to print after a failure")
    options = parser.parse_args(arguments)
    if wrong := [event for event in options.events if event not in ("kill", "join", "stop", "unplug")]:
        parser.error(f"{wrong[0]} is no event: kill, join, stop or unplug")
    listen_to_signals()
    if why := why_no_hosts():
        print(f"no hosts: {why}")
        return NO_HOSTS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="w2v-hosts-", ignore_cleanup_errors=True)))
        try:
            run(options, folder)
        except Failure as failure:
            for log in sorted(folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-options.tail:]}")
            print(f"failed: {failure}")
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
