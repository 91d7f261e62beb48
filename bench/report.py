"""Rewrites the table in the README from the JSON files in bench/results. No number stands in the README that it did not
write."""

from __future__ import annotations

import json
import statistics
from typing import Any

import common

README = common.BENCH.parent / "README.md"
BEGIN, END = "<!-- bench: written by bench/report.py, do not edit -->", "<!-- end of bench -->"


def load(name: str) -> dict[str, Any] | None:
    path = common.RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def markdown(head: list[str], rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in [head, ["---"] + ["---:"] * (len(head) - 1), *rows]]


def comparison(result: dict[str, Any]) -> list[str]:
    threads = result["threads"]
    lines = [
        f"Training, d={result['vector_size']}, {threads} thread{'s' if threads > 1 else ''}, the first 3 million words "
        f"of a Wikipedia text, each trainer in turn, medians of {result['repeats']}, of the ratios too:",
        "",
    ]
    first = result["trainers"]["w2v"]["words_per_second"]["values"]
    scored = any(entry["scores"] for entry in result["trainers"].values())
    head = ["trainer", "million words/s", "w2v is faster by", "spread"]
    if scored:
        head += ["Google", "WS-353", "SimLex-999", "MEN"]
    rows = []
    for name, entry in result["trainers"].items():
        speed = entry["words_per_second"]
        row = [name, f"{speed['median'] / 1e6:.2f}", f"{common.times_faster(first, speed['values']):.1f}",
               f"{100 * speed['spread']:.0f} %"]
        if scored:
            row += [
                f"{statistics.mean(c):.1f} ± {statistics.stdev(c) if len(c) > 1 else 0:.1f}"
                for c in zip(*entry["scores"], strict=True)
            ] or ["-"] * 4
        rows.append(row)
    lines += markdown(head, rows)
    if scored:
        runs = max(len(entry["scores"]) for entry in result["trainers"].values())
        lines += [
            "",
            f"The scores are of 5 epochs over 17 million words, all cores, mean and deviation of {runs} seeds: "
            "per cent of the Google analogies among the 30,000 most frequent words, Spearman x 100 for the others. "
            f"The whole command with all cores, median of {runs}: {whole_commands(result['trainers'])}.",
        ]
    return lines


def whole_commands(trainers: dict[str, Any]) -> str:
    medians = {name: statistics.median(entry["whole_command_seconds"]) for name, entry in trainers.items()}
    return ", ".join(f"{name} {seconds:.0f} s ({seconds / medians['w2v']:.1f})" for name, seconds in medians.items())


def phrases(result: dict[str, Any]) -> list[str]:
    ours, peer = (result["results"][name]["seconds"]["median"] for name in ("w2v, 2 threads", "gensim"))
    return [
        f"Phrases of 3 million words, the same {result['phrases']:,} as gensim's: {ours:.2f} s with 2 threads, gensim "
        f"{peer:.1f} s, {peer / ours:.0f} times."
    ]


def objectives(result: dict[str, Any]) -> list[str]:
    rows = []
    for case, tools in result["objectives"].items():
        speeds = {name: entry["words_per_second"] for name, entry in tools.items()}
        ours = speeds.pop("w2v")
        for name, peer in speeds.items():
            times = common.times_faster(ours["values"], peer["values"])
            rows.append([case, f"{ours['median'] / 1e6:.2f}", name, f"{peer['median'] / 1e6:.2f}", f"{times:.1f}",
                         f"{100 * ours['spread']:.0f} %"])
    return [
        "The other objectives against a peer at the same settings, d=100, 1 thread, the first 3 million words of a "
        f"Wikipedia text, in turn, medians of {result['repeats']}, of the ratios too:",
        "",
        *markdown(["objective", "w2v, million words/s", "peer", "its", "w2v is faster by", "spread"], rows),
    ]


def training(result: dict[str, Any]) -> list[str]:
    rows = [
        [
            name,
            f"{entry['median'] / 1e6:.2f}",
            f"{100 * entry['spread']:.0f} %",
            f"{100 * entry['share_of_peak']:.0f} %",
        ]
        for name, entry in result["train"].items()
    ]
    return [
        "Training by case, one epoch, one thread where nothing else is said (`of the peak`: multiply-adds really done "
        f"against what the cores can do), median of {result['repeats']}:",
        "",
        *markdown(["case", "million words/s", "spread", "of the peak"], rows),
    ]


def ingest(result: dict[str, Any]) -> list[str]:
    speeds = {name: entry["median"] for name, entry in result["ingest"].items()}
    plain = {name: speed for name, speed in speeds.items() if name[:1].isdigit()}
    parts = [f"{speed / 1e6:.0f} million words/s with {name}" for name, speed in plain.items()]
    text = f"Reading, counting and encoding plain text: {', '.join(parts)}"
    if "gensim" in speeds:
        text += f"; counting alone by gensim's `build_vocab(corpus_file=...)`: {speeds['gensim'] / 1e6:.1f}"
    return [text + "."]


def quality(result: dict[str, Any]) -> list[str]:
    found = list(zip(*result["quality"]["default"], strict=True))
    names = ["Google analogies", "WS-353", "SimLex-999", "MEN"]
    pairs = zip(names, found, strict=True)
    parts = [f"{name} {statistics.mean(c):.1f} ± {statistics.stdev(c):.1f}" for name, c in pairs]
    return [
        f"Quality of the defaults on 17 million words of Wikipedia, 5 epochs, {result['threads']} threads, mean and "
        f"deviation of {result['seeds']} seeds: {', '.join(parts)} (per cent of the questions among the 30,000 most "
        "frequent words; Spearman x 100)."
    ]


def loading(result: dict[str, Any]) -> list[str]:
    entries = result["results"]
    rows = []
    for name, entry in entries.items():
        seconds = entry["seconds"]
        peer = "gensim, text" if "text" in name else "gensim, binary"
        faster = entries[peer]["seconds"]["median"] / seconds["median"]
        rows.append([name, f"{1000 * seconds['median']:.0f}", f"{faster:.1f}", f"{100 * seconds['spread']:.0f} %",
                     f"{entry['peak_bytes'] / 1e6:.0f}"])
    return [
        f"Loading {result['words']:,} x {result['vector_size']} vectors, a process each, in turn, median of "
        f"{result['repeats']} (text against gensim's text, all others against its binary):",
        "",
        *markdown(["file", "ms", "faster by", "spread", "peak MB"], rows),
    ]


def queries(result: dict[str, Any]) -> list[str]:
    parts = [
        f"{entry['faster_than_gensim']['w2v, one call']['median']:.1f} times as fast with {threads} "
        f"thread{'s' if threads != '1' else ''}"
        for threads, entry in result["threads"].items()
    ]
    return [
        f"{result['questions']:,} `most_similar` questions in one call to {result['words']:,} x "
        f"{result['vector_size']} vectors, against gensim in a loop: {', '.join(parts)}, with the same answers."
    ]


def evaluation(result: dict[str, Any]) -> list[str]:
    times = {name: entry["median"] for name, entry in result["times"].items()}
    return [
        f"All of Google's analogies among 30,000 words with intervals: {times['w2v, 30,000']:.2f} s, gensim "
        f"{times['gensim, 30,000']:.1f} s; among all words {times['w2v, all words']:.1f} s; 10,000 draws of MEN's "
        f"correlation {times['10,000 draws of MEN']:.2f} s."
    ]


def sharing(result: dict[str, Any]) -> list[str]:
    rows = [
        [name, f"{case['writes'] / 1e6:.0f}", f"{case['lines'] / 1e6:.0f}", f"{100 * case['busy']:.0f} %"]
        for name, case in result["paper"].items()
    ]
    return [
        "Sharing a model on paper: rows written a second, cache lines that must travel between cores, and the part of "
        f"the time in which the hottest row is on its way, at {result['transfer_ns']:.0f} ns a journey:",
        "",
        *markdown(["threads", "M rows/s", "M lines/s", "hottest row"], rows),
    ]


def machine_line(machines: dict[str, list[str]]) -> list[str]:
    lines = [f"{machine}: {', '.join(names)}" for machine, names in machines.items()]
    return ["Machines, shared with others, so that only ratios of runs made in turn mean something: "
            + "; ".join(lines) + "."]


def main() -> None:
    parts: list[str] = []
    machines: dict[str, list[str]] = {}
    for name, write in (
        ("compare-d100", comparison),
        ("compare-d100-whole", comparison),
        ("compare-d300", comparison),
        ("objectives", objectives),
        ("train", training),
        ("sharing", sharing),
        ("quality", quality),
        ("ingest", ingest),
        ("load", loading),
        ("queries", queries),
        ("evaluate", evaluation),
        ("phrases", phrases),
    ):
        if result := load(name):
            parts += [*([""] if parts else []), *write(result)]
            m = result["machine"]
            described = f"{m['cpu']}, {m['cores']} cores, {m['isa']}, {m['compiler']}, {m['date']}"
            machines.setdefault(described, []).append(name)
    if not machines:
        raise SystemExit("there is nothing in bench/results; run the other scripts first")
    parts += ["", *machine_line(machines)]
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n" + "\n".join(parts) + f"\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(f"{README} is written")


if __name__ == "__main__":
    main()
