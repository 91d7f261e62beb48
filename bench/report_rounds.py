"""Tables of `report.py` about training in rounds."""

from __future__ import annotations

import statistics

import common
from tables import Result, cell, markdown


def in_rounds(result: Result) -> list[str]:
    """Table of scores and speed against ordinary runs."""
    rows = []
    ordinary = [run["words_per_second"] for run in result["results"]["ordinary"]]
    for name, runs in result["results"].items():
        scores = [common.mean_and_deviation(run["scores"][k] for run in runs) for k in range(4)]
        speeds = [run["words_per_second"] for run in runs]
        rows.append([name, *scores, f"{common.times_faster(speeds, ordinary):.2f}"])
    return [
        "### Reproducible training, in rounds", "",
        f"Scores after 5 epochs with {common.count(result['threads'], 'thread')}, means and deviations of "
        f"{common.count(result['repeats'], 'seed')}, and the speed against the ordinary run next to it.", "",
        *markdown(["", "Google", "WS-353", "SimLex-999", "MEN", "speed"], rows),
    ]


def cluster(result: Result) -> list[str]:
    """Table of where the processor time of several processes goes: the median of the runs, by what is done."""
    runs = result["runs"]
    rows = []
    for name in runs[0]["seconds"]:
        took = [run["seconds"][name] for run in runs]
        share = statistics.median(t / sum(run["seconds"].values()) for t, run in zip(took, runs, strict=True))
        rows.append([name, f"{statistics.median(took):.1f}", common.percent(share)])
    sent = statistics.median(run["bytes_received"] / run["rounds"] for run in runs)
    return [
        "### Several machines: where the time goes", "",
        f"{result['workers']} processes of this machine, which train {result['words'] / 1e6:.1f} million words in "
        f"{result['shards']} shards, {common.count(result['epochs'], 'epoch')} in {runs[0]['rounds']} rounds; "
        f"{result['vocabulary']:,} words x {result['vector_size']}. Processor time of all processes, median of "
        f"{result['repeats']}. In a round the workers receive {sent / 1e6:.0f} MB from each other. Not spent training: "
        f"{cell(common.percent(result['not_training']['median']), result['not_training'])}.", "",
        *markdown(["", "seconds", "share"], rows),
    ]


def many_machines(result: Result) -> list[str]:
    """Table of calculated runs on many machines."""
    a = result["assumptions"]
    rows = [[f"10^{len(str(round(case['words']))) - 1}", str(case["machines"]), minutes(case["alone"]),
             minutes(total := sum(case["seconds"].values())), f"{case['alone'] / total:.1f}",
             *(common.percent(seconds / total) for seconds in case["seconds"].values())] for case in result["cases"]]
    return [
        "### Several machines (calculated)", "",
        f"Machines of {a['cores']} cores that train {a['words_per_second'] / 1e6:.0f} million words/s, at "
        f"{a['line'] / 1e9:.0f} Gb/s in each direction, of which {common.percent(a['share'])} are used; "
        f"{a['vocabulary']:,} words x {a['vector_size']}, {a['epochs']} epochs in {a['rounds']} rounds, one shard for "
        f"each machine, nothing overlaps. Measured: {1e9 * a['seconds_a_float']:.1f} ns to pack and merge a number, "
        f"{1000 * a['seconds_a_call']:.1f} ms of the scheduler for each call. How good vectors of more than 32 shards "
        "are was not measured.", "",
        *markdown(["words", "machines", "one machine, minutes", "these, minutes", "times as fast",
                   *result["cases"][0]["seconds"]], rows),
    ]


def minutes(seconds: float) -> str:
    return f"{seconds / 60:,.1f}" if seconds < 600 else f"{seconds / 60:,.0f}"
