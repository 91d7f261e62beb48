"""Speed of reading, counting and encoding text, by threads, in turn with gensim.

gensim's build_vocab(corpus_file=...) only counts. --kinds also measures the same text compressed and in many small
files.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import common

from w2v.corpus.encode import encode
from w2v.corpus.paths import Corpus

SMALL_FILE = 10_000  # bytes
GENSIM = """
import json, sys, time
from gensim.models import Word2Vec
model = Word2Vec(min_count=5, workers=int(sys.argv[2]))
start = time.perf_counter()
model.build_vocab(corpus_file=sys.argv[1])
print(json.dumps(time.perf_counter() - start))
"""


def ours(corpus: Corpus, threads: int, words: int) -> Callable[[], float]:
    return lambda: words / common.seconds(lambda: encode(corpus, threads=threads))


def gensim(python: Path, path: Path, threads: int, words: int) -> Callable[[], float]:
    return lambda: words / float(common.printed_json([python, "-c", GENSIM, path, threads]))


def small_files(path: Path, folder: Path) -> Path:
    """The text in many small files, cut at line ends."""
    folder.mkdir()
    with open(path, "rb") as file:
        number = 0
        while lines := file.readlines(SMALL_FILE):
            (folder / f"{number:06d}").write_bytes(b"".join(lines))
            number += 1
    return folder


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--corpus", type=Path, help="plain text (default: the development corpus)")
    parser.add_argument("--without-gensim", action="store_true")
    parser.add_argument("--peers", type=Path, help="a Python with gensim (default: made on first use)")
    parser.add_argument("--kinds", action="store_true", help="also compressed and in small files")
    options = parser.parse_args()
    path = options.corpus or common.corpus_path()
    words = encode(path).report.words
    cores = common.cores()
    threads = sorted({1, cores})
    names = {n: common.count(n, "thread") for n in threads}
    runs = {names[n]: ours(path, n, words) for n in threads}
    if not options.without_gensim:
        runs["gensim"] = gensim(common.peer_python(options.peers), path, cores, words)
    with tempfile.TemporaryDirectory() as folder:
        if options.kinds:
            for suffix, command in ((".gz", "gzip -1 -c"), (".xz", "xz -1 -c")):
                packed = Path(folder) / f"text{suffix}"
                with open(packed, "wb") as file:
                    subprocess.run([*command.split(), str(path)], stdout=file, check=True)
                runs[f"{suffix}, {names[cores]}"] = ours(packed, cores, words)
            several = small_files(path, Path(folder) / "files")
            runs |= {f"files of 10 kB, {names[n]}": ours(several, n, words) for n in threads}
        results = common.in_turn(runs, options.repeats)
    result = {name: common.summary(values) for name, values in results.items()}
    megabytes = path.stat().st_size / 1e6
    first = result[names[1]]["median"]
    rows = [
        [
            name,
            f"{s['median'] / 1e6:.2f}",
            f"{s['median'] * megabytes / words:.0f}",
            f"{s['median'] / first:.2f}",
            common.percent(s["spread"]),
        ]
        for name, s in result.items()
    ]
    print(common.table(rows, ["ingest", "M words/s", "MB/s", "against 1 thread", "spread"]))
    if "gensim" in result:
        for n in threads:
            ratio = result[names[n]]["median"] / result["gensim"]["median"]
            print(f"{names[n]} against gensim's build_vocab: {ratio:.1f}", file=sys.stderr)
    common.write("ingest", options, {"corpus": {"sha256": common.checksum(path), "words": words}, "ingest": result})


if __name__ == "__main__":
    main()
