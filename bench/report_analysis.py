"""Tables of `report.py` about the analysis of vector spaces: the body of w2v/analysis/README.md."""

from __future__ import annotations

import common
from tables import Result, cell, load, machine_of, markdown


def analysis_tables() -> str:
    """Body of w2v/analysis/README.md."""
    result = load("analysis")
    if result is None:
        return ""
    shape = f"{result['words']:,} x {result['vector_size']}"
    rows = [[name, cell(f"{took['median']:.{1 if took['median'] >= 0.1 else 3}f}", took),
             common.percent(took["spread"])] for name, took in result["seconds"].items()]
    lines = [f"Seconds for {shape}, with vectors already loaded; median of {result['repeats']}.", "",
             *markdown(["command", "seconds", "spread"], rows), "", *_maps()]
    big = result["large"]
    rows = [[name, f"{one['seconds']:.0f}", *(f"{one[kind] / one['matrix']:.2f}" for kind in ("anonymous", "peak"))]
            for name, one in big["results"].items()]
    lines += [f"{big['words']:,} x {big['vector_size']} in mapped files, one run each. Memory is the peak of the "
              "process, with the words and the interpreter, relative to one matrix: without and with the pages of the "
              "files that it read, which the system can drop.", "",
              *markdown(["command", "seconds", "memory / matrix", "with mapped pages"], rows), "",
              *_prefixes(), *_runs(result)]
    return "\n".join([*lines, "", f"Measured on: {machine_of(result)}."])


def _maps() -> list[str]:
    result = load("maps")
    if result is None:
        return []
    rows = [[f"map, {name}", cell(f"{took['median']:.1f}", took), f"{result['bytes'][name] / 1e6:.1f}",
             common.percent(took["spread"])] for name, took in result["seconds"].items()]
    return [f"Whole commands, with reading {result['words']:,} x {result['vector_size']} vectors and writing the map; "
            f"median of {result['repeats']} ({machine_of(result)}).", "",
            *markdown(["command", "seconds", "file, MB", "spread"], rows), ""]


def _prefixes() -> list[str]:
    result = load("prefixes")
    if result is None:
        return []
    rows = []
    for dim in result["prefixes"]:
        for size in [dim, *(one for one in result["rotated"] if one > dim)]:
            name = f"{dim} of {size}"
            cells = map(common.mean_and_deviation, zip(*result["scores"][name], strict=True))
            near = result["neighbours"].get(name)
            rows.append([name if size > dim else f"{dim}, trained so", *cells,
                         "" if near is None else common.percent(near)])
    sizes = " and ".join(map(str, result["rotated"]))
    return [f"The first k numbers of vectors of {sizes} dimensions after `w2v reduce`, against models trained with k "
            f"dimensions: means and deviations of {common.count(result['seeds'], 'seed')}. The last column compares "
            "with all dimensions.", "",
            *markdown(["dimensions", "Google", "WS-353", "SimLex-999", "MEN", "same 10 neighbours"], rows), ""]


def _runs(result: Result) -> list[str]:
    runs = result["runs"]
    stability, n = runs["stability"], len(runs["single"])
    rows = [["two runs", _share(stability["overlap"])], [f"all {n} runs", _share(stability["in_all"])],
            ["the average of two runs and the third", _share(runs["unseen"])]]
    single = [common.mean_and_deviation(scores[i] for scores in runs["single"]) for i in range(4)]
    average = [f"{score:.1f}" for score in runs["average"]]
    return [f"{n} runs with different seeds: share of the 10 nearest neighbours of a word that are the same, with its "
            "95 % interval.", "", *markdown(["in", "same neighbours"], rows), "",
            "Scores of single runs and of their average (`w2v stability -o`).", "",
            *markdown(["", "Google", "WS-353", "SimLex-999", "MEN"],
                      [["single", *single], ["average", *average]])]


def _share(estimate: Result) -> str:
    low, high = estimate["interval"]
    return f"{100 * estimate['value']:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
