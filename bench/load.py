"""Time and memory of loading vectors: w2v and gensim, in turn (A B A B), each in a separate process.

Both load word2vec text and binary; w2v also loads its own files, mapped and into memory, GloVe text, gzip and int8. The
seconds are those of loading alone, without the start of Python and the imports; the file is in the page cache. Memory
is the peak of the process minus what it had before. It is printed next to the least possible: the matrix, the words,
and the dictionary from words to rows.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import common
import numpy as np

import w2v
from w2v import formats

MEASURE = "import json, os, resource, sys, time" + common.MEMORY + """
def measured(load):
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass
    before = memory("VmRSS")
    start = time.perf_counter()
    kv = load()
    seconds = time.perf_counter() - start
    places = kv.key_to_index
    peak = memory("VmHWM") - before
    words = kv.index_to_key
    least = sum(map(sys.getsizeof, words)) + sys.getsizeof(words) + sys.getsizeof(places) + 32 * len(words)
    print(json.dumps({"seconds": seconds, "peak": peak, "vocabulary": least, "words": len(words)}))
"""
OURS = MEASURE + """
from w2v import load  # imports the readers, as the import of gensim does
path, options = sys.argv[1], json.loads(sys.argv[2])
measured(lambda: load(path, **options))
"""
GENSIM = MEASURE + """
from gensim.models import KeyedVectors
path, options = sys.argv[1], json.loads(sys.argv[2])
measured(lambda: KeyedVectors.load_word2vec_format(path, **options))
"""


def run(python: str | Path, code: str, path: Path, **options: Any) -> dict[str, float]:
    found: dict[str, float] = common.printed_json([python, "-c", code, path, json.dumps(options)])
    return found


def made_files(folder: Path, source: Path | None) -> tuple[dict[str, Path], tuple[int, int]]:
    """Write the same vectors in every format: those of `source`, or 74,078 x 100 random ones."""
    if source is not None:
        file = formats.read_vectors(source)
        words, rows = file.words, file.vectors
    else:
        rng = np.random.default_rng(1)
        letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
        lengths = rng.integers(2, 12, 74_078)
        words = [f"{''.join(rng.choice(letters, n))}{i}" for i, n in enumerate(lengths)]
        rows = rng.normal(0, 0.3, (len(words), 100)).astype(np.float32)
    names = ("v.txt", "v.bin", "v.safetensors", "int8.safetensors", "glove.txt", "v.gz")
    paths = {name: folder / name for name in names}
    for name in ("v.txt", "v.bin", "v.safetensors"):
        formats.write_vectors(paths[name], words, rows)
    formats.write_vectors(paths["int8.safetensors"], words, rows, dtype="int8")
    text = paths["v.txt"].read_bytes()
    paths["glove.txt"].write_bytes(text.split(b"\n", 1)[1])
    paths["v.gz"].write_bytes(gzip.compress(text, 1))
    return paths, rows.shape


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--vectors", type=Path, help="any file of vectors (default: 74,078 x 100 random numbers)")
    parser.add_argument("--peers", type=Path, help="a Python with gensim (default: made on first use)")
    options = parser.parse_args()
    gensim = common.peer_python(options.peers)
    with tempfile.TemporaryDirectory() as folder:
        paths, shape = made_files(Path(folder), options.vectors)
        checksum = common.checksum(paths["v.bin"])
        cases = {
            "gensim, text": (gensim, GENSIM, "v.txt", {"binary": False}),
            "w2v, text": (sys.executable, OURS, "v.txt", {}),
            "gensim, binary": (gensim, GENSIM, "v.bin", {"binary": True}),
            "w2v, binary": (sys.executable, OURS, "v.bin", {}),
            "w2v, own file, mapped": (sys.executable, OURS, "v.safetensors", {"mmap": True}),
            "w2v, own file, in memory": (sys.executable, OURS, "v.safetensors", {"mmap": False}),
            "w2v, own file, int8, mapped": (sys.executable, OURS, "int8.safetensors", {"mmap": True}),
            "w2v, GloVe text": (sys.executable, OURS, "glove.txt", {}),
            "w2v, text in gzip": (sys.executable, OURS, "v.gz", {}),
            "w2v, binary as float16": (sys.executable, OURS, "v.bin", {"dtype": "float16"}),
        }
        all_runs: dict[str, list[dict[str, float]]] = {name: [] for name in cases}

        def once(name: str) -> float:
            python, code, file, given = cases[name]
            all_runs[name].append(run(python, code, paths[file], **given))
            return all_runs[name][-1]["seconds"]

        seconds = common.in_turn({name: (lambda name=name: once(name)) for name in cases}, options.repeats)
    results = {}
    for name, values in seconds.items():
        numbers = {"float16": 2, "int8": 1}.get(next((key for key in ("float16", "int8") if key in name), ""), 4)
        matrix = 0 if "mapped" in name else shape[0] * shape[1] * numbers
        least = matrix + all_runs[name][0]["vocabulary"]
        peak = max(found["peak"] for found in all_runs[name])
        results[name] = {"seconds": common.summary(values), "peak_bytes": peak, "least_bytes": least}
    text, binary = (results[f"gensim, {kind}"]["seconds"]["median"] for kind in ("text", "binary"))
    rows = []
    for name, found in results.items():
        median = found["seconds"]["median"]
        peer = text if "text" in name.lower() else binary
        spread = common.percent(found["seconds"]["spread"])
        sizes = [f"{found[key] / 1e6:,.0f}" for key in ("peak_bytes", "least_bytes")]
        rows.append((name, f"{1000 * median:,.1f}", spread, f"{peer / median:,.1f}", *sizes))
    print(common.table(rows, ("load", "ms", "spread", "x gensim", "peak MB", "least MB")))
    common.write("load", options, {"words": shape[0], "vector_size": shape[1], "checksum": checksum,
                                   "w2v": w2v.__version__, "results": results})


if __name__ == "__main__":
    main()
