"""Files of every format, written and read on two machines whose byte orders differ.

    formats_twice.py make FOLDER      files of other programs, made by hand (on a little-endian machine)
    formats_twice.py write FOLDER     every format and export that w2v writes; models, checkpoints and graphs of
                                      similarities in FOLDER/runs
    formats_twice.py read FOLDER      print what is read from every file of FOLDER, or the error, as JSON
    formats_twice.py compare A B      models of A/runs and B/runs, and those of the checkpoints of B/runs, resumed here

Both machines must write the same bytes, and read the same content. Models and similarities differ by the rounding of
the C library and of BLAS.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from helpers import vector_files
from helpers.stops import Stop, stop_after

import w2v
from w2v import formats
from w2v.errors import W2VError
from w2v.export import TARGETS, check_export, export_vectors
from w2v.formats.rows import Rows
from w2v.formats.subwords import Subwords
from w2v.training.run import paced


def digest(data: object, dtype: str) -> str:
    return hashlib.sha256(np.ascontiguousarray(data, dtype=dtype).tobytes()).hexdigest()[:16]


def make(folder: Path) -> None:
    words, rows = vector_files.sample(40, 6)
    scratch = folder / "scratch"
    scratch.mkdir()
    for name, maker in vector_files.makers(scratch).items():
        (folder / name).mkdir()
        vector_files.put(folder / name, maker(words, rows))
    for path in scratch.iterdir():
        path.unlink()
    scratch.rmdir()


def write_vectors(folder: Path) -> None:
    (folder / "runs").mkdir()
    words, rows = vector_files.sample(40, 6)
    ngrams = np.linspace(-1, 1, 50 * 6, dtype=np.float32)
    everything = {"counts": np.arange(40, 0, -1), "output_vectors": rows * 2, "node_vectors": rows[1:] * 3,
                  "subwords": Subwords(ngrams.view(np.uint8), 6, 3, 6), "metadata": {"made": "by hand"}}
    for name, format in formats.FORMATS.items():
        if format.write is not None:
            kept = {key: value for key, value in everything.items() if key in format.keeps}
            if name == formats.registry.FASTTEXT.name:
                kept.pop("node_vectors", None)
            for dtype in format.dtypes:
                suffix = format.suffixes[0] if format.suffixes else ".bin"
                path = folder / f"{name}.{dtype}{suffix}"
                formats.write_vectors(path, words, rows, format=name, dtype=dtype, **kept)
    for name, target in TARGETS.items():
        for dtype in target.dtypes:
            place = folder / "runs" if target.most else folder
            path = place / f"export-{name}.{dtype}{target.suffixes[0] if target.suffixes else ''}"
            try:
                check_export(name, path, dtype)
            except W2VError as error:
                print(f"not written: {error}", file=sys.stderr)
                continue
            export_vectors(name, path, words, Rows.of(rows), everything["counts"], dtype)


def write_runs(folder: Path) -> None:
    """Phrases of a text, and models and checkpoints of runs on it."""
    draw = np.random.default_rng(5)
    names = [f"wört{i}" if i % 3 else f"w{i}_long_word_of_many_letters" for i in range(60)]
    lines = [[names[i] for i in np.minimum(draw.geometric(0.06, 12) - 1, 59)] for _ in range(300)]
    corpus = folder / "corpus.txt"
    corpus.write_text("".join(" ".join(line) + "\n" for line in lines), encoding="utf-8")
    w2v.Phrases(str(corpus), min_count=2, threshold=0.5).save(str(folder / "phrases.tsv"))
    runs = folder / "runs"
    common = {"vector_size": 16, "min_count": 1, "epochs": 4, "threads": 1, "seed": 3, "progress": False}
    for name, options in {"sgns": {}, "cbow": {"sg": False}, "hs": {"hs": True, "negative": 0},
                          "ngrams": {"minn": 3, "maxn": 4, "bucket": 500}}.items():
        w2v.train(str(corpus), **common, **options).save(str(runs / f"{name}.safetensors"))
        with paced(after_shard=stop_after(2), poll_seconds=0.001), contextlib.suppress(Stop):
            w2v.train(str(corpus), checkpoint=str(runs / f"{name}.run"), checkpoint_every=1e-6, **common, **options)


def resumed(path: Path) -> w2v.KeyedVectors:
    """The model of a run that is continued to its end; the checkpoint stays as it is."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copy(path, scratch)
        return w2v.train(resume=copy, progress=False).wv


def read(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            kv = w2v.load(path)
            vectors = kv.vectors
            found[str(path.relative_to(folder))] = {
                "words": hashlib.sha256("\n".join(map(str, kv.index_to_key)).encode()).hexdigest()[:16],
                "rows": digest(vectors, "<f4"),
                "counts": None if kv.counts is None else digest(kv.counts, "<i8"),
            }
            if "runs" not in path.parts:  # trained words have neighbours that are almost equally near
                nearest = kv.most_similar(kv.index_to_key[0], topn=5)
                found[str(path.relative_to(folder))]["nearest"] = [word for word, _ in nearest]
        except (W2VError, ValueError) as error:
            found[str(path.relative_to(folder))] = str(error).replace(str(folder), "")
    return found


def differ(name: str, a: w2v.KeyedVectors, b: w2v.KeyedVectors) -> None:
    """Check that two models differ by no more than rounding."""
    assert a.index_to_key == b.index_to_key and np.array_equal(a.counts, b.counts), name
    worst = float(np.abs(a.vectors - b.vectors).max())
    print(f"{name}: largest difference {worst:.1e} of {float(np.abs(a.vectors).max()):.2f}")
    assert worst < 1e-4, name


def compare(ours: Path, theirs: Path) -> None:
    for name in ("sgns", "cbow", "hs", "ngrams"):
        model = w2v.load(ours / f"runs/{name}.safetensors")
        differ(f"{name}, the other machine", model, w2v.load(theirs / f"runs/{name}.safetensors"))
        differ(f"{name}, resumed here", model, resumed(theirs / f"runs/{name}.run"))


def main(what: str, folder: Path, *other: str) -> None:
    if what == "compare":
        compare(folder, Path(other[0]))
        return
    if what == "read":
        print(json.dumps(read(folder), indent=1, ensure_ascii=False))
        return
    folder.mkdir()
    if what == "make":
        make(folder)
    else:
        write_vectors(folder)
        write_runs(folder)


main(sys.argv[1], Path(sys.argv[2]).resolve(), *sys.argv[3:])
