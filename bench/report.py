"""Write the tables of bench/README.md, README.md and w2v/analysis/README.md, and the pictures bench/speed.svg and
bench/scores.svg, from the files in bench/results.

Every number there comes from this script. A case has one number: a speed that several scripts measure is printed from
one of them. A result with a spread above 40 % is not printed: its cell says "measure again", and this script lists it.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import common
from report_analysis import analysis_tables
from report_graphs import graph_tables
from report_pictures import scores_against_time, speeds
from report_rounds import cluster, in_rounds, many_machines
from tables import (
    LARGEST_SPREAD,
    Result,
    Summary,
    cell,
    faster,
    load,
    machine_of,
    markdown,
    millions,
    unsteady,
)

ROOT = common.BENCH.parent
BEGIN, END = "<!-- begin: written by bench/report.py, do not edit -->", "<!-- end: written by bench/report.py -->"
ANALYSIS = ROOT / "w2v" / "analysis" / "README.md"
GRAPHS = ROOT / "w2v/graphs/README.md"
PICTURE = common.BENCH / "speed.svg"
SCORE_PICTURE = common.BENCH / "scores.svg"
# Cases of train.json whose speed is that of a row in compare-d100.json or compare-d300.json.
BASE_CASE = "29k, d=100"
CASES_ELSEWHERE = {"29k, d=300", "29k, d=100, isa=avx2"}

# ------------------------------------------------------------------------------------------------- training


def speeds_of(result: Result) -> dict[str, Summary]:
    """Words a second of each trainer. GloVe has none: its iterations do not go over the text."""
    return {name: entry["words_per_second"] for name, entry in result["trainers"].items()
            if "words_per_second" in entry}


def comparison(result: Result) -> list[str]:
    trainers = speeds_of(result)
    rows = [[name, millions(speed), faster(trainers["w2v"], speed), common.percent(speed["spread"])]
            for name, speed in trainers.items()]
    return [
        f"### Training with d={result['vector_size']}, against other trainers",
        "",
        f"Skip-gram, {common.count(result['threads'], 'thread')}, the first 3 million words of a Wikipedia text, "
        f"median of {result['repeats']}.",
        "",
        *markdown(["trainer", "million words/s", "w2v is faster by", "spread"], rows),
    ]


def quality(result: Result) -> list[str]:
    rows = []
    for name, entry in result["trainers"].items():
        whole = statistics.median(entry["whole_command_seconds"])
        rows.append([name, *map(common.mean_and_deviation, zip(*entry["scores"], strict=True)), f"{whole:.0f}"])
    seeds = len(result["trainers"]["w2v"]["scores"])
    return [
        f"### Quality at the same settings, d={result['vector_size']}",
        "",
        f"Skip-gram, d={result['vector_size']}, 5 epochs over 17 million words, all cores, mean and standard deviation "
        f"of {seeds} seeds: per cent of the Google analogies among the 30,000 most frequent words, Spearman x 100 for "
        "the other sets. The last column is the median of the whole command.",
        "",
        *markdown(["trainer", "Google", "WS-353", "SimLex-999", "MEN", "seconds"], rows),
        *chains(result),
    ]


def against_time(result: Result) -> list[str]:
    """All trainers of one run, w2v also with its presets, and the picture of the same numbers."""
    return [
        "### Score against time",
        "",
        "As above, but all of these trainers in one run, and w2v also with the settings of its presets.",
        "",
        *quality(result)[4:],
        "",
        f"![Google analogies against the time of training, for each trainer]({SCORE_PICTURE.name})",
    ]


def presets(result: Result) -> list[str]:
    times = (load("quality-time") or {"times": {}})["times"]
    rows = [[name, *map(common.mean_and_deviation, zip(*found, strict=True)),
             cell(f"{times[name]['median']:.2f}", times[name]) if name in times else ""]
            for name, found in result["quality"].items()]
    return [
        "### Quality of the presets",
        "",
        f"The same scores, with the analogies of both kinds; {result['seeds']} seeds, {result['threads']} threads. "
        "The last column is the time of training as a multiple of that of the defaults, with one thread.",
        "",
        *markdown(["setting", "Google", "WS-353", "SimLex-999", "MEN", "semantic", "syntactic", "time"], rows),
    ]


def chains(result: Result) -> list[str]:
    """Lines about trainers that are several programs: the median time of each program, and the disk space of all."""
    lines: list[str] = []
    for name, entry in result["trainers"].items():
        if not (parts := entry.get("parts_seconds")):
            continue
        took = ", ".join(f"{program} {statistics.median(run[program] for run in parts):.0f}" for program in parts[0])
        lines.append(f"* {name}, seconds: {took}; its files take up to {max(entry['disk_bytes']) / 1e9:.1f} GB.")
    note = ("GloVe has the same dimensions, window, minimum count and threads, and x_max 10; its time is that of its "
            "four programs:")
    return ["", note, "", *lines] if lines else []


def objectives(result: Result) -> list[str]:
    rows = []
    for case, tools in result["objectives"].items():
        speeds = {name: entry["words_per_second"] for name, entry in tools.items()}
        ours = speeds.pop("w2v")
        rows += [[case, millions(ours), name, millions(peer), faster(ours, peer),
                  common.percent(max(ours["spread"], peer["spread"]))] for name, peer in speeds.items()]
    return [
        "### Other objectives, against a peer at the same settings",
        "",
        f"d=100, 1 thread, the first 3 million words of a Wikipedia text, median of {result['repeats']}; the spread is "
        "the larger one.",
        "",
        *markdown(["objective", "w2v, million words/s", "peer", "peer, million words/s", "w2v is faster by", "spread"],
                  rows),
    ]


def training(result: Result) -> list[str]:
    cases = {name: case for name, case in result["train"].items() if name not in CASES_ELSEWHERE}
    base = cases[BASE_CASE]
    rows = []
    for name, case in cases.items():
        speed = statistics.median(a / b for a, b in zip(case["values"], base["values"], strict=True))
        rows.append([name, cell(f"{speed:.2f}", case, base), cell(common.percent(case["share_of_peak"]), case),
                     common.percent(case["spread"])])
    return [
        "### Training by case",
        "",
        f"Speed relative to the first case, one epoch, one thread unless the case says otherwise, median of "
        f"{result['repeats']}. `29k`, `74k`: words in the vocabulary of the Wikipedia text. `of the peak`: "
        "multiply-adds done, as a share of what the cores can do.",
        "",
        *markdown(["case", "relative speed", "of the peak", "spread"], rows),
    ]


def sharing(result: Result) -> list[str]:
    rows = [[name, f"{case['writes'] / 1e6:.0f}", f"{case['lines'] / 1e6:.0f}", common.percent(case["busy"])]
            for name, case in result["calculated"].items()]
    return [
        "### Sharing a model between threads (calculated)",
        "",
        "Rows written in a second, cache lines that must move between cores, and the share of time that the most "
        f"contended row spends moving between cores ({result['transfer_ns']:.0f} ns per transfer).",
        "",
        *markdown(["threads, private rows", "million rows/s", "million lines/s", "most contended row"], rows),
    ]


# ------------------------------------------------------------------------------------------------- other tasks


def ingest(result: Result) -> list[str]:
    names = {"gensim": "gensim, counting only (`build_vocab`)"}
    rows = [[names.get(name, f"w2v, {name}"), cell(f"{entry['median'] / 1e6:.1f}", entry),
             common.percent(entry["spread"])] for name, entry in result["ingest"].items()]
    return ["### Reading, counting and encoding plain text", "", f"Median of {result['repeats']}.", "",
            *markdown(["", "million words/s", "spread"], rows)]


def inputs(result: Result) -> list[str]:
    """Table of the kinds of input. Each case has its own unit: words/s of reading, or runs/s."""
    rows = [[name, cell(f"{entry['ratio']:.2f}", entry["speed"], entry["other"]),
             common.percent(entry["speed"]["spread"]), common.percent(entry["other"]["spread"])]
            for name, entry in result["inputs"].items()]
    lines = ["### Other inputs", "",
             "Speed relative to reading the same text from a plain file, in words/s; of training without stored ids, "
             "to training with ids in memory; of a data set, to gensim. Median of the ratios of "
             f"{result['repeats']} turns.",
             "", *markdown(["input", "ratio", "spread", "spread of the other"], rows), ""]
    if found := result.get("quality"):
        overlap, scores = found["overlap"], found["scores"]
        lines += [f"Raw text with `--tokenize words --lowercase`: {common.percent(overlap['raw text'])} of its tokens "
                  "are in the vocabulary of the prepared text. Google analogies: "
                  f"{scores['raw text'][0]:.1f} %; prepared text: {scores['prepared text'][0]:.1f} %.", ""]
    return lines[:-1]


def phrases(result: Result) -> list[str]:
    found = {name: entry["seconds"] for name, entry in result["results"].items()}
    peer = found["gensim"]
    rows = [[name, cell(f"{took['median']:.2f}", took), cell(f"{peer['median'] / took['median']:.0f}", took, peer),
             common.percent(took["spread"])] for name, took in found.items()]
    return ["### Finding phrases", "",
            f"In 3 million words, with the same {result['phrases']:,} phrases found, median of {result['repeats']}.",
            "",
            *markdown(["", "seconds", "times as fast as gensim", "spread"], rows)]


def loading(result: Result) -> list[str]:
    entries = result["results"]
    rows = []
    for name, entry in entries.items():
        took = entry["seconds"]
        peer = entries["gensim, text" if "text" in name else "gensim, binary"]["seconds"]
        rows.append([name, cell(f"{1000 * took['median']:.0f}", took),
                     cell(f"{peer['median'] / took['median']:.1f}", took, peer), f"{entry['peak_bytes'] / 1e6:.0f}",
                     common.percent(took["spread"])])
    return [
        "### Loading vectors", "",
        f"{result['words']:,} x {result['vector_size']} vectors, each in a new process, median of {result['repeats']}. "
        "Text is compared with gensim's text, all else with gensim's binary.", "",
        *markdown(["file", "ms", "times as fast as gensim", "peak MB", "spread"], rows),
    ]


def queries(result: Result) -> list[str]:
    rows = [[f"{name}, {common.count(int(threads), 'thread')}", cell(f"{took['median']:.1f}", took),
             cell(f"{entry['faster_than_gensim'][name]['median']:.1f}", took, entry["seconds"]["gensim, a loop"]),
             common.percent(took["spread"])]
            for threads, entry in result["threads"].items() for name, took in entry["seconds"].items()]
    return [
        "### Similarity queries", "",
        f"{result['questions']:,} `most_similar` questions to {result['words']:,} x {result['vector_size']} vectors, "
        f"with the same answers, median of {result['repeats']}. The loops run over {result['loop']:,} questions.", "",
        *markdown(["", "seconds", "times as fast as gensim", "spread"], rows),
    ]


def evaluation(result: Result) -> list[str]:
    rows = [[name, cell(f"{took['median']:.2f}", took), common.percent(took["spread"])]
            for name, took in result["times"].items()]
    return [
        "### Evaluation", "",
        "All Google analogies with intervals, among 30,000 words and among all; the interval of MEN's correlation; and "
        f"whole commands. Median of {result['repeats']}.", "",
        *markdown(["", "seconds", "spread"], rows),
    ]


def start(result: Result) -> list[str]:
    rows = [[name, cell(f"{1000 * took['median']:.0f}", took), common.percent(took["spread"])]
            for name, took in result["seconds"].items() if "beyond" not in name]
    return [
        "### Importing and saving", "",
        f"{result['words']:,} x {result['dimension']} vectors, median of {result['repeats']}. Saving includes the sync "
        "to the disk.", "",
        *markdown(["", "ms", "spread"], rows),
    ]


# ------------------------------------------------------------------------------------------------- the documents


SECTIONS: list[tuple[str, Callable[[Result], list[str]]]] = [
    ("compare-d100", comparison),
    ("compare-d300", comparison),
    ("compare-d100-whole", quality),
    ("compare-d300-whole", quality),
    ("compare-d100-all", against_time),
    ("quality", presets),
    ("objectives", objectives),
    ("train", training),
    ("sharing", sharing),
    ("rounds", in_rounds),
    ("rounds-dask", cluster),
    ("rounds-model", many_machines),
    ("ingest", ingest),
    ("inputs", inputs),
    ("phrases", phrases),
    ("load", loading),
    ("queries", queries),
    ("evaluate", evaluation),
    ("start", start),
]


def all_tables() -> str:
    """Body of bench/README.md."""
    parts: list[str] = []
    machines: dict[str, list[str]] = {}
    for name, write in SECTIONS:
        if result := load(name):
            parts += [*write(result), ""]
            machines.setdefault(machine_of(result), []).append(name)
    if not machines:
        raise SystemExit("bench/results is empty; run the other scripts first")
    parts += ["### Machines", "", *(f"* {machine}: {', '.join(names)}" for machine, names in machines.items())]
    return "\n".join(parts)


def short_table() -> str:
    """Table of README.md: five rows of speed and quality."""
    names = ("compare-d100", "objectives", "load", "queries", "compare-d100-whole")
    skipgram, others, loads, asked, scored = (load(name) or {} for name in names)
    speeds = speeds_of(skipgram)
    cbow = {name: entry["words_per_second"] for name, entry in others["objectives"]["CBOW"].items()}
    text = {name: loads["results"][f"{name}, text"]["seconds"] for name in ("w2v", "gensim")}
    threads, answers = next(iter(asked["threads"].items()))
    took, loop = answers["seconds"]["w2v, one call"], answers["seconds"]["gensim, a loop"]
    google = {name: common.mean_and_deviation(column[0] for column in entry["scores"])
              for name, entry in scored["trainers"].items()}
    rows = [
        ["training, skip-gram: million words/s", millions(speeds["w2v"]), millions(speeds["gensim"]),
         faster(speeds["w2v"], speeds["gensim"])],
        ["training, CBOW: million words/s", millions(cbow["w2v"]), millions(cbow["gensim"]),
         faster(cbow["w2v"], cbow["gensim"])],
        [f"loading {loads['words']:,} vectors from text: ms",
         *(cell(f"{1000 * text[name]['median']:,.0f}", text[name]) for name in text),
         cell(f"{text['gensim']['median'] / text['w2v']['median']:.1f}", *text.values())],
        [f"{asked['questions']:,} similarity queries: seconds", cell(f"{took['median']:.1f}", took),
         cell(f"{loop['median']:.1f}", loop),
         cell(f"{answers['faster_than_gensim']['w2v, one call']['median']:.1f}", took, loop)],
        ["Google analogies after 5 epochs: per cent", google["w2v"], google["gensim"], ""],
    ]
    return "\n".join([
        *markdown(["d=100, same settings", "w2v", "gensim", "w2v is faster by"], rows),
        "",
        f"Training with 1 thread, queries with {common.count(int(threads), 'thread')}; medians of alternating runs on "
        f"a shared machine ({machine_of(skipgram)}).",
    ])


def with_block(path: Path, body: str) -> str:
    """Text of a file with the part between the markers replaced."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n{body}\n{END}{rest.split(END)[1]}"


def documents() -> dict[Path, str]:
    """Contents of the files that this script writes."""
    files = {
        common.BENCH / "README.md": with_block(common.BENCH / "README.md", all_tables()),
        ROOT / "README.md": with_block(ROOT / "README.md", short_table()),
        ANALYSIS: with_block(ANALYSIS, analysis_tables()),
        GRAPHS: with_block(GRAPHS, graph_tables()),
        PICTURE: speeds(speeds_of(load("compare-d100") or {})),
    }
    if result := load("compare-d100-all"):
        files[SCORE_PICTURE] = scores_against_time(result["trainers"])
    return files


def main() -> None:
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
        print(f"written: {path}")
    again = [place for name, _ in SECTIONS if (result := load(name)) for place in unsteady(result, name)]
    if again:
        print(f"not printed, because the spread is above {common.percent(LARGEST_SPREAD)}; measure again:",
              *again, sep="\n  ", file=sys.stderr)


if __name__ == "__main__":
    main()
