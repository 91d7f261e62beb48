"""Time to find phrases: w2v and gensim's Phrases on the same text, in turn (A B A B), each in a separate process.

Both read the file and must find the same phrases. gensim counts (Phrases over LineSentence) and scores
(export_phrases). The seconds do not include the start of Python and the imports; the file is in the page cache. The
second measurement is joining: w2v writes the whole text with its phrases joined; gensim joins the first --sentences
sentences, and its time is scaled to the whole text.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import common

OURS = """
import json, sys, time
from w2v.phrases import Phrases
path, found, text, options = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
start = time.perf_counter()
phrases = Phrases(path, **options)
seconds = time.perf_counter() - start
report = phrases.report
exported = sorted(phrases.export_phrases())
joining = None
if text:
    start = time.perf_counter()
    phrases.apply_to(path, text, threads=options["threads"])
    joining = time.perf_counter() - start
open(found, "w").write("\\n".join(exported))
print(json.dumps({"seconds": seconds, "joining": joining, "reading": report.seconds_reading,
                  "counting": report.seconds_counting, "phrases": len(exported)}))
"""
GENSIM = """
import itertools, json, sys, time
from gensim.models.phrases import Phrases
from gensim.models.word2vec import LineSentence
path, found, text, options = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
sentences, share = options.pop("sentences"), options.pop("share")
start = time.perf_counter()
phrases = Phrases(LineSentence(path), **options)
counted = time.perf_counter() - start
exported = phrases.export_phrases()
seconds = time.perf_counter() - start
joining = None
if text:
    frozen = phrases.freeze()
    start = time.perf_counter()
    with open(text, "w") as file:
        for sentence in itertools.islice(LineSentence(path), sentences):
            file.write(" ".join(frozen[sentence]) + "\\n")
    joining = (time.perf_counter() - start) / share
open(found, "w").write("\\n".join(sorted(exported)))
print(json.dumps({"seconds": seconds, "joining": joining, "counting": counted, "phrases": len(exported)}))
"""


def run(python: str | Path, code: str, path: Path, found: Path, text: Path | None, **options: Any) -> dict[str, Any]:
    result: dict[str, Any] = common.printed_json([python, "-c", code, path, found, text or "", json.dumps(options)])
    return result


def share_of(path: Path, sentences: int) -> float:
    """Share of the words that are in the first `sentences` sentences."""
    total = first = 0
    with open(path, "rb") as file:
        for number, line in enumerate(file):
            words = len(line.split())
            total += words
            first += words if number < sentences else 0
    return first / total


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--corpus", type=Path, help="plain text (default: the development corpus)")
    parser.add_argument("--words", type=int, help="words of the development corpus to use (default: all)")
    parser.add_argument("--peers", type=Path, help="a Python with gensim (default: made on first use)")
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--threshold", type=float, default=10.0)
    parser.add_argument("--sentences", type=int, default=20_000, help="sentences that gensim joins (default 20,000)")
    options = parser.parse_args()
    path = options.corpus or common.corpus_path(options.words)
    peers, cores = common.peer_python(options.peers), common.cores()
    given = {"min_count": options.min_count, "threshold": options.threshold}
    share = share_of(path, options.sentences) if options.sentences else 1.0
    cases: dict[str, tuple[Any, str, dict[str, Any]]] = {
        f"w2v, {common.count(n, 'thread')}": (sys.executable, OURS, {"threads": n}) for n in sorted({1, cores})}
    cases["gensim"] = (peers, GENSIM, {"sentences": options.sentences, "share": share})
    all_runs: dict[str, list[dict[str, Any]]] = {name: [] for name in cases}
    with tempfile.TemporaryDirectory() as folder:

        def once(name: str) -> float:
            python, code, more = cases[name]
            text = Path(folder) / "text.txt" if options.sentences else None
            all_runs[name].append(run(python, code, path, Path(folder) / name, text, **given, **more))
            return float(all_runs[name][-1]["seconds"])

        common.in_turn({name: (lambda name=name: once(name)) for name in cases}, options.repeats)
        phrases = {name: (Path(folder) / name).read_text().split("\n") for name in cases}
    if any(found != phrases["gensim"] for found in phrases.values()):
        sys.exit("the phrases differ")
    results = {name: {part: common.summary([one[part] for one in runs]) for part in ("seconds", "counting", "joining")
                      if runs[0][part] is not None} for name, runs in all_runs.items()}
    rows = []
    for name, found in results.items():
        ratio = [f"{results['gensim'][part]['median'] / found[part]['median']:.1f}" if part in found else "-"
                 for part in ("seconds", "joining")]
        median = [f"{found[part]['median']:.2f}" if part in found else "-" for part in ("seconds", "joining")]
        spread = common.percent(found["seconds"]["spread"])
        rows.append((name, median[0], spread, ratio[0], median[1], ratio[1]))
    print(common.table(rows, ("phrases", "s to find", "spread", "x gensim", "s to join", "x gensim")))
    common.write("phrases", options, {
        "corpus": {"sha256": common.checksum(path), "bytes": path.stat().st_size}, **given,
        "phrases": len(phrases["gensim"]), "same_phrases": True, "results": results})


if __name__ == "__main__":
    main()
