"""Time of 10,000 `most_similar` questions over 74k x 100 vectors: w2v in one call and in a loop, gensim in a loop.

Each runs in a separate process, in turn (A B A B), with the same number of BLAS threads. The answers are compared,
too. The loops ask only the first --loop questions, because each question costs the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common

import w2v

QUESTIONS = 10_000

# Arguments of each program: vectors, number of questions in the call, and in the loop. It prints JSON: the seconds for
# one question by name, and the answers to the questions of the loop.
OURS = """
import json, sys, time, w2v
kv = w2v.load(sys.argv[1])
words = kv.index_to_key[::max(1, len(kv) // int(sys.argv[2]))][:int(sys.argv[2])]
some = words[:int(sys.argv[3])]
kv.most_similar(words[0])
start = time.perf_counter()
answers = kv.most_similar_batch(words)
call = (time.perf_counter() - start) / len(words)
start = time.perf_counter()
for word in some:
    kv.most_similar(word)
loop = (time.perf_counter() - start) / len(some)
print(json.dumps({"seconds": {"w2v, one call": call, "w2v, a loop": loop}, "answers": answers[:len(some)]}))
"""

GENSIM = """
import json, sys, time
from gensim.models import KeyedVectors
kv = KeyedVectors.load_word2vec_format(sys.argv[1], binary=True)
words = kv.index_to_key[::max(1, len(kv) // int(sys.argv[2]))][:int(sys.argv[2])]
some = words[:int(sys.argv[3])]
kv.most_similar(words[0])
start = time.perf_counter()
answers = [kv.most_similar(word) for word in some]
loop = (time.perf_counter() - start) / len(some)
print(json.dumps({"seconds": {"gensim, a loop": loop}, "answers": answers}))
"""


def program(python: Path | str, code: str, options: argparse.Namespace, path: Path, threads: int) -> dict[str, Any]:
    """Run one program with this many BLAS threads; return what it printed."""
    variables = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    printed: dict[str, Any] = common.printed_json([python, "-c", code, path, QUESTIONS, options.loop],
                                                  environment=dict.fromkeys(variables, str(threads)))
    return printed


def agreement(ours: list[Any], theirs: list[Any]) -> dict[str, float]:
    """Agreement of two lists of answers.

    `same` is the share of questions with the same ten words in the same order. `same_but_for_ties` allows words whose
    cosines are equal within 1e-5 to differ. `largest_difference` is that of two cosines at the same rank.
    """
    same = sum([word for word, _ in a] == [word for word, _ in b] for a, b in zip(ours, theirs, strict=True))
    difference = max(abs(x - y) for a, b in zip(ours, theirs, strict=True) for (_, x), (_, y) in zip(a, b, strict=True))
    near = sum(all(word in dict(b) or score - b[-1][1] < 1e-5 for word, score in a)
               for a, b in zip(ours, theirs, strict=True))
    return {"same": same / len(theirs), "same_but_for_ties": near / len(theirs), "largest_difference": difference}


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--vectors", type=Path, help="word2vec binary file (default: trained on the corpus)")
    parser.add_argument("--loop", type=int, default=1000, help="questions in the loops (default 1000)")
    parser.add_argument("--threads", type=int, nargs="+", default=[common.cores(), 1], help="BLAS threads")
    options = parser.parse_args()
    path, gensim = common.vectors_path(options.vectors), common.peer_python()
    kv = w2v.load(path)
    results: dict[str, Any] = {}
    rows = []
    for threads in options.threads:
        seconds: dict[str, list[float]] = {}
        answers: dict[str, Any] = {}

        def run(
            name: str, python: Path | str, code: str, threads: int = threads, seconds: dict[str, list[float]] = seconds,
            answers: dict[str, Any] = answers,
        ) -> Callable[[], float]:
            def once() -> float:
                printed = program(python, code, options, path, threads)
                answers[name] = printed["answers"]
                for what, value in printed["seconds"].items():
                    seconds.setdefault(what, []).append(value * QUESTIONS)
                return next(iter(printed["seconds"].values())) * QUESTIONS
            return once

        common.in_turn({"w2v": run("w2v", sys.executable, OURS),
                        "gensim": run("gensim", gensim, GENSIM)}, options.repeats)
        base = common.summary(seconds["gensim, a loop"])
        summaries = {name: common.summary(values) for name, values in seconds.items()}
        ratios = {name: common.summary([b / a for a, b in zip(values, base["values"], strict=True)])
                  for name, values in seconds.items()}
        results[str(threads)] = {"seconds": summaries, "faster_than_gensim": ratios,
                                 "answers": agreement(answers["w2v"], answers["gensim"])}
        rows += [[name, threads, f"{summary['median']:.2f}", f"{ratios[name]['median']:.1f}",
                  common.percent(summary["spread"])] for name, summary in summaries.items()]
    print(common.table(rows, [f"{QUESTIONS:,} questions", "threads", "seconds", "times gensim's speed", "spread"]))
    print("answers against gensim's:", next(iter(results.values()))["answers"])
    common.write("queries", options, {"questions": QUESTIONS, "loop": options.loop, "words": len(kv),
                                      "vector_size": kv.vector_size, "vectors": common.checksum(path),
                                      "threads": results})


if __name__ == "__main__":
    main()
