"""Tables of `report.py` about graphs: the body of w2v/graphs/README.md."""

from __future__ import annotations

import statistics

import common
from tables import cell, load, machine_of, markdown


def graph_tables() -> str:
    """Body of w2v/graphs/README.md."""
    result = load("graphs")
    if result is None:
        return ""
    rows = []
    for name, speeds in result["walks"].items():
        ours = speeds["w2v"]
        for case, speed in speeds.items():
            times = f"{common.times_faster(ours['values'], speed['values']):.0f}"
            rows.append([f"{name}: {case}", cell(f"{speed['median']:,.0f}", speed),
                         "" if case == "w2v" else cell(times, ours, speed), common.percent(speed["spread"])])
    lines = [f"Walks of 80 nodes over a graph of {result['nodes']:,} nodes and {result['edges']:,} edges, "
             f"{common.count(result['threads'], 'thread')}; median of {common.count(result['repeats'], 'turn')}.", "",
             *markdown(["walks a second", "median", "w2v is faster by", "spread"], rows), ""]
    run = result["run"]
    ours, theirs = run["seconds"]["w2v"], run["seconds"]["PecanPy and gensim"]
    ratio = statistics.median(b / a for a, b in zip(ours["values"], theirs["values"], strict=True))
    rows = [["w2v", cell(f"{ours['median']:.1f}", ours), "", common.percent(ours["spread"])],
            ["PecanPy and gensim", cell(f"{theirs['median']:.0f}", theirs),
             cell(f"{ratio:.1f}", ours, theirs), common.percent(theirs["spread"])]]
    used = run["settings"]
    above = (run["peak"] - run["rows"] - run["matrices"]) / 1e6
    lines += [f"From the file to vectors of the same graph: {used['walks']} walks from each node, "
              f"d={used['vector_size']}, window {used['window']}, 5 negatives, one epoch, "
              f"{common.count(result['threads'], 'thread')}. The peak of w2v's memory is {above:.0f} MB above the "
              f"graph ({run['rows'] / 1e6:.0f} MB) and the two matrices ({run['matrices'] / 1e6:.0f} MB).", "",
              *markdown(["whole run", "seconds", "w2v is faster by", "spread"], rows), ""]
    rows = []
    for name, one in result["quality"].items():
        for who, label in (("w2v", "w2v"), ("peer", "PecanPy and gensim")):
            scores = one["scores"][who]
            cells = (common.mean_and_deviation(100 * value for value in scores[task]) for task in ("labels", "links"))
            rows.append([f"{name}, {one['edges']:,} edges: {label}", *cells])
    lines += [f"Node vectors of graphs with planted blocks, d=64, at the same settings: means and deviations of "
              f"{common.count(result['seeds'], 'seed')}. F1 (micro) of the block of a node by logistic regression from "
              "half of the nodes; ROC AUC of removed edges, by the cosine. Per cent.", "",
              *markdown(["graph", "block, F1", "removed edges, AUC"], rows), "",
              f"Measured on: {machine_of(result)}."]
    return "\n".join(lines)
