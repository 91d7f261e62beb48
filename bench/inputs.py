"""Speed of reading each kind of input, in turn with the same text as a plain file of separate words.

Cases: raw text with --tokenize words --lowercase; a text column and a column of integers of Parquet files; a Hugging
Face dataset against gensim's usual way (datasets, simple_preprocess, build_vocab); and whole runs that store no ids.
pyarrow must be installed for tables. --quality trains on raw text and on the prepared text, and compares vocabularies
and scores.
"""

from __future__ import annotations

import importlib
import lzma
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common
import numpy as np

import w2v
from w2v.corpus.encode import encode
from w2v.corpus.paths import CorpusInput

RAW_BYTES = 100_000_000
SMALL_BYTES = 20_000_000  # for whole runs and gensim
PREPARED = {"tokenize": "words", "lowercase": True}
INTEGERS = 50_000_000
DISTINCT = 100_000
GENSIM = """
import json, sys, time
from datasets import Dataset
from gensim.models import Word2Vec
from gensim.utils import simple_preprocess
dataset = Dataset.from_parquet(sys.argv[1], keep_in_memory=False)
start = time.perf_counter()
Word2Vec(min_count=5).build_vocab(simple_preprocess(row["text"]) for row in dataset)
print(json.dumps(time.perf_counter() - start))
"""
OURS = """
import json, sys, time
from datasets import Dataset
from w2v.corpus.encode import encode
from w2v.corpus.paths import CorpusInput
dataset = Dataset.from_parquet(sys.argv[1], keep_in_memory=False)
start = time.perf_counter()
encode(CorpusInput.of(dataset, {"column": "text", "tokenize": "words", "lowercase": True}), threads=int(sys.argv[2]))
print(json.dumps(time.perf_counter() - start))
"""


def raw_text(folder: Path, size: int) -> Path:
    """The first bytes of the raw text, up to a line end."""
    path = folder / f"raw-{size}.txt"
    with lzma.open(common.DATA / "raw.txt.xz", "rb") as source:
        data = source.read(size)
    path.write_bytes(data[: data.rfind(b"\n") + 1])
    return path


def speed(corpus: Any, threads: int, **options: Any) -> Callable[[], float]:
    """Words a second of reading and encoding."""

    def run() -> float:
        found: list[int] = []
        source = CorpusInput.of(corpus, options)
        taken = common.seconds(lambda: found.append(encode(source, threads=threads).report.words))
        return found[0] / taken

    return run


def run_speed(path: Path, ids: str) -> Callable[[], float]:
    """Words a second of a whole run with one thread."""

    def run() -> float:
        return 1 / common.seconds(lambda: w2v.train(path, ids=ids, threads=1, epochs=3, progress=False))

    return run


def arrow() -> tuple[Any, Any]:
    """pyarrow and its module for Parquet."""
    return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")


def text_table(text: Path) -> Path:
    """Parquet file with the lines of a text in a column, with the default compression of pyarrow (Snappy)."""
    pa, parquet = arrow()
    path = text.with_suffix(".parquet")
    parquet.write_table(pa.table({"text": text.read_text(encoding="utf-8").splitlines()}), path, row_group_size=20_000)
    return path


def item_table(folder: Path) -> Path:
    """Parquet file with a column of lists of int32, as frequent as the words of a text."""
    pa, parquet = arrow()
    rng = np.random.default_rng(1)
    values = np.minimum(rng.zipf(1.2, INTEGERS), DISTINCT).astype(np.int32)
    offsets = np.arange(0, INTEGERS + 1, 20, dtype=np.int32)
    column = pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))
    parquet.write_table(pa.table({"items": column}), folder / "items.parquet", row_group_size=200_000)
    return folder / "items.parquet"


def quality(options: Any) -> dict[str, Any]:
    """Share of the tokens of the prepared text whose words raw text has too, and scores of both."""
    plain, raw = common.corpus_path(), Path(tempfile.gettempdir()) / "w2v-bench-raw.txt"
    if not raw.exists():
        with lzma.open(common.DATA / "raw.txt.xz", "rb") as source:
            raw.write_bytes(source.read())
    models = {"raw text": w2v.train(raw, progress=False, seed=1, **PREPARED),
              "prepared text": w2v.train(plain, progress=False, seed=1)}
    counts = {name: Counter({word: int(model.wv.get_vecattr(word, "count")) for word in model.wv.index_to_key})
              for name, model in models.items()}
    ours, theirs = counts.values()
    overlap = {"raw text": sum(n for word, n in ours.items() if word in theirs) / sum(ours.values()),
               "prepared text": sum(n for word, n in theirs.items() if word in ours) / sum(theirs.values())}
    return {"overlap": overlap, "scores": {name: common.scores(model.wv) for name, model in models.items()}}


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--peers", type=Path, help="a Python with gensim, datasets and w2v, for the last case")
    parser.add_argument("--quality", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw, small, cores = raw_text(folder, RAW_BYTES), raw_text(folder, SMALL_BYTES), common.cores()
        text, small_text, items = text_table(raw), text_table(small), item_table(folder)
        in_memory = arrow()[1].read_table(items)
        pairs: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
            "raw text, words in lower case, 1 thread": (speed(raw, 1, **PREPARED), speed(raw, 1)),
            "Parquet, text column": (speed(text, cores, column="text"), speed(raw, cores)),
            "Parquet, column of int32": (speed(items, cores, column="items"), speed(raw, cores)),
            "Arrow in memory, column of int32": (speed(in_memory, cores, column="items"), speed(raw, cores)),
            "no stored ids, 3 epochs, 1 thread": (run_speed(small, "none"), run_speed(small, "memory")),
        }
        if options.peers:
            environment = [str(options.peers), "-c"]
            pairs["Hugging Face dataset, against gensim"] = (
                lambda: 1 / float(common.printed_json([*environment, OURS, small_text, cores])),
                lambda: 1 / float(common.printed_json([*environment, GENSIM, small_text])))
        result = {}
        for case, (ours, other) in pairs.items():
            ours(), other()  # the first runs use memory that the machine has to provide anew
            found = common.in_turn({case: ours, "other": other}, options.repeats)
            result[case] = {"speed": common.summary(found[case]), "other": common.summary(found["other"]),
                            "ratio": common.times_faster(found[case], found["other"])}
        checksum = common.checksum(raw)
    rows = [[case, f"{entry['speed']['median']:,.3g}", f"{entry['other']['median']:,.3g}", f"{entry['ratio']:.2f}"]
            for case, entry in result.items()]
    print(common.table(rows, ["input", "words or runs/s", "other", "ratio"]))
    about: dict[str, Any] = {"corpus": {"sha256": checksum, "bytes": RAW_BYTES}, "inputs": result}
    if options.quality:
        about["quality"] = quality(options)
        print(about["quality"], file=sys.stderr)
    common.write("inputs", options, about)


if __name__ == "__main__":
    os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
    main()
