"""What training in rounds costs on several machines: measured on a cluster of processes of this machine, and calculated
for larger ones. `bench/rounds.py --engine dask` and `bench/rounds.py --model` run it; this file alone does nothing.

The processes share the cores of this machine, and so do other programs. So work is counted in processor time: what a
call takes in its thread, and all that a process takes. The share of the time that is not spent training is that of the
processor time of all processes of the run: workers, their scheduler, and the process that was started.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from typing import Any

import common

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.training.loop import _isa
from w2v.training.rounds import dask_engine, remote
from w2v.training.trainer import train_encoded

CALLS = 2000  # empty ones, whose time is measured
SPENT: dict[str, float] = {}  # in a worker: processor time by kind of work
WORDS = (1e9, 1e10, 1e11)
MACHINES = (8, 64, 512)


# ------------------------------------------------------------------------------------------------- in a worker


def count_work() -> None:
    """Let a worker count the processor time of the calls of a round and of their parts; runs in the worker."""
    import threading
    import types

    lock = threading.Lock()

    def counted(name: str, function: Any) -> Any:
        def call(*arguments: Any) -> Any:
            start = time.thread_time()
            try:
                return function(*arguments)
            finally:
                with lock:
                    SPENT[name] = SPENT.get(name, 0.0) + time.thread_time() - start

        return call

    remote._merge = types.SimpleNamespace(**vars(remote._merge))
    remote._merge.packed_changes = counted("packing", remote._merge.packed_changes)
    for name, of in (("train", "train"), ("merge", "merging"), ("stored", "unpacking"), ("moment_of", "moments"),
                     ("bases_of", "bases")):
        setattr(remote, name, counted(of, getattr(remote, name)))


def work() -> dict[str, float]:
    """Processor time of the calls so far, and of this process."""
    return {**SPENT, "all": time.process_time()}


def received(dask_worker: Any) -> int:
    """Bytes that a worker has received from others."""
    return sum(one["total"] for one in dask_worker.transfer_incoming_log)


def nothing(value: object) -> object:
    return value


# ------------------------------------------------------------------------------------------------- measured


def one_run(corpus: EncodedCorpus, config: TrainConfig, workers: int) -> dict[str, Any]:
    """Train on a new cluster of this machine; return processor times, bytes and counts."""
    isa = _isa.chosen_isa()
    with dask_engine.opened("dask", None, workers, isa) as engine:
        client = engine._client
        client.run(count_work)
        before, own, start = client.run(work), time.process_time(), time.perf_counter()
        model = train_encoded(corpus, config, threads=1, isa=isa, progress=False, engine=engine)
        wall, own = time.perf_counter() - start, time.process_time() - own
        total: dict[str, float] = {}
        for worker, found in client.run(work).items():
            for name, value in found.items():
                total[name] = total.get(name, 0.0) + value - before[worker].get(name, 0.0)
        sent = sum(client.run(received).values())
        start = time.process_time()
        client.gather(client.map(nothing, range(CALLS), pure=False))
        call = (time.process_time() - start) / CALLS
    report = model.report.engine
    assert report is not None, "the run had an engine"
    inner = sum(total[name] for name in ("packing", "unpacking", "moments"))
    training, everything = total["train"] - inner, total["all"] + own
    rest = total["all"] - total["train"] - total["merging"] - total["bases"]
    seconds = {"training": training, "packing": total["packing"], "unpacking": total["unpacking"],
               "merging": total["merging"] + total["bases"] + total["moments"], "sending": rest,
               "process of the run": own}
    return {"rounds": report.rounds, "wall": wall, "seconds": seconds, "not_training": 1 - training / everything,
            "bytes_received": sent, "bytes_given": report.megabytes_sent * 1e6, "seconds_a_call": call}


def measure(corpus_words: int | None, shards: int, rounds: int, workers: int, epochs: int, repeats: int,
            vector_size: int) -> dict[str, Any]:
    corpus = encode(common.corpus_path(corpus_words), threads=common.cores())
    config = TrainConfig(vector_size=vector_size, shards=shards, rounds=rounds, epochs=epochs, reproducible=True)
    runs = []
    for _ in range(repeats):
        runs.append(one_run(corpus, config, workers))
        print(f"  {runs[-1]}", flush=True)
    return {"words": corpus.n_words, "vocabulary": len(corpus.vocabulary), "vector_size": vector_size, "epochs": epochs,
            "shards": shards, "workers": workers, "runs": runs,
            "not_training": common.summary([run["not_training"] for run in runs])}


# ------------------------------------------------------------------------------------------------- calculated


@dataclass(frozen=True)
class Assumptions:
    """What the model of several machines assumes.

    Attributes
    ----------
    line, share : bits a second of a machine's network in each direction, and the share of them that is used.
    words_per_second, cores : of a machine that trains alone.
    vocabulary, vector_size : of the model; a round moves all rows of both matrices, as it is long enough to touch them.
    rounds, epochs : of a run.
    seconds_a_float : processor time to pack and to merge one number of a change; measured.
    seconds_a_call : processor time of the scheduler and of the process of the run; measured.
    """

    line: float = 10e9
    share: float = 0.8
    words_per_second: float = 10e6
    cores: int = 16
    vocabulary: int = 1_000_000
    vector_size: int = 300
    rounds: int = 40
    epochs: int = 5
    seconds_a_float: float = 0.0
    seconds_a_call: float = 0.0


def assumptions(measured: dict[str, Any]) -> Assumptions:
    """Assumptions with what was measured: the medians of the runs."""
    runs = measured["runs"]
    rows = 2 * measured["vocabulary"] * measured["shards"]  # at most: rare words are not touched in each round
    each = [(run["seconds"]["packing"] + run["seconds"]["merging"]) / run["rounds"] for run in runs]
    return Assumptions(seconds_a_float=common.summary(each)["median"] / rows / measured["vector_size"],
                       seconds_a_call=common.summary([run["seconds_a_call"] for run in runs])["median"])


def seconds_of(a: Assumptions, words: float, machines: int) -> dict[str, float]:
    """Seconds of a run on so many machines, each with one shard; nothing of it overlaps."""
    model, line = 8.0 * a.vocabulary * a.vector_size, a.line * a.share / 8
    changes = model / 2  # they are sent in bfloat16
    parts = max(min(machines * a.cores, remote.PARTS), -(-model // remote.PART_BYTES))
    others, mergers = (machines - 1) / machines, min(parts, machines)
    return {
        "training": words * a.epochs / machines / a.words_per_second,
        "snapshots": a.rounds * model * others / line,  # received by each machine
        "changes": a.rounds * changes * others * machines / mergers / line,  # received by each machine that merges
        "merging": a.rounds * 2 * a.vocabulary * a.vector_size * machines / mergers * a.seconds_a_float
        / min(a.cores, max(1, parts / mergers)),
        "calls": a.rounds * machines * (parts + 2) * a.seconds_a_call,
    }


def model(measured: dict[str, Any]) -> dict[str, Any]:
    """Times of runs on one machine and on several."""
    a = assumptions(measured)
    cases = []
    for words in WORDS:
        alone = words * a.epochs / a.words_per_second
        for machines in MACHINES:
            cases.append({"words": words, "machines": machines, "alone": alone,
                          "seconds": seconds_of(a, words, machines)})
    return {"assumptions": asdict(a), "cases": cases}


if __name__ == "__main__":
    raise SystemExit(f"use rounds.py --engine dask or rounds.py --model instead of {os.path.basename(__file__)}")
