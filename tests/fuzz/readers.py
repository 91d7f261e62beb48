"""Fuzzer of the readers: changed files of every kind are read, or refused with one of the package's errors.

    python tests/fuzz/readers.py --seconds 60

Each file is read as a whole and, for vectors, queried and written again. What was read must fit together. Any error
other than `W2VError`, any crash, hang, or use of more than some GB of memory is a finding.
"""

from __future__ import annotations

import functools
import io
import json
import random
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from helpers import stops, vector_files  # noqa: E402

import w2v  # noqa: E402
from fuzz import driver  # noqa: E402
from fuzz.mutation import mutated  # noqa: E402
from w2v.analysis.bias.sets import read_sets  # noqa: E402
from w2v.analysis.bias.word_lists import read_pairs, read_words  # noqa: E402
from w2v.corpus.encode import encode  # noqa: E402
from w2v.errors import W2VError  # noqa: E402
from w2v.evaluation.kinds import KINDS  # noqa: E402
from w2v.evaluation.loading import guess_kind, load_set  # noqa: E402
from w2v.graphs import reading  # noqa: E402
from w2v.training.checkpoint import Checkpoint  # noqa: E402
from w2v.training.run import paced  # noqa: E402

Files = dict[str, bytes]
Reader = Callable[[random.Random, Path], None]

SENTENCES = [["new", "york", "is", "a", "city"], ["the", "city", "of", "new", "york"], ["größe", "日本語", "x_1"]] * 20


def read_vectors(rng: random.Random, path: Path) -> None:
    options = {name: value for name, value in {
        "limit": rng.choice((1, 3, 10**9)), "dtype": rng.choice(("float32", "float16", "bf16", "int8")),
        "mmap": rng.random() < 0.5, "strict": True, "only": ["größe1", "the", "no"]}.items() if rng.random() < 0.2}
    try:
        kv = w2v.load(path, **options)
    except ValueError as error:
        if type(error) is ValueError and options:
            return  # this option does not fit this format
        raise
    if len(kv.index_to_key) != len(kv) or len(kv.rows) != len(kv) or len(kv.key_to_index) != len(kv):
        raise driver.Finding(f"{len(kv.index_to_key)} words, {len(kv.rows)} rows, {len(kv.key_to_index)} keys")
    if not all(isinstance(word, str) for word in kv.index_to_key):
        raise driver.Finding("a word that is not text")
    if len(kv):
        np.asarray(kv.rows[np.arange(min(len(kv), 3))])
        kv.most_similar(kv.index_to_key[0], topn=3)
        repr(kv)
        kv.save(path.parent / "again.safetensors")


def read_text(rng: random.Random, path: Path) -> None:
    found = encode(path, min_count=1, line_weights=rng.random() < 0.2, threads=rng.choice((1, 2)),
                   block_size=rng.choice((1, 7, 64, 1 << 20)))
    report = found.report
    if found.n_words + report.words_unknown != report.words or found.vocabulary.total != found.n_words:
        raise driver.Finding(f"{found.n_words} words and {report.words_unknown} unknown ones of {report.words}")


def read_phrases(rng: random.Random, path: Path) -> None:
    w2v.Phrases.load(path)[SENTENCES[0]]


def read_checkpoint(rng: random.Random, path: Path) -> None:
    Checkpoint.open(path).release()


def read_bias(rng: random.Random, path: Path) -> None:
    if not (all(test.targets for test in read_sets(path)) if path.suffix in (".bias", ".jsonl") else
            read_pairs(path) if path.suffix == ".pairs" else read_words(path)):
        raise driver.Finding("a list without words")


def read_graph(rng: random.Random, path: Path) -> None:
    """The walks are those of the edges, whatever the blocks are that threads read."""
    options = {name: value for name, value in {
        "directed": rng.random() < 0.5, "unweighted": True, "drop_isolated": True, "p": 0.5, "q": 3.0}.items()
        if rng.random() < 0.3}
    found = []
    for threads in (1, 2):
        with mock.patch.object(reading, "BLOCK_SIZE", rng.choice((1, 7, 64, 1 << 19))):
            found.append(w2v.walk(path, walks=2, walk_length=4, threads=threads, **options))
    one, other = found
    if one.graph != other.graph or one.names != other.names or not np.array_equal(one.array, other.array):
        raise driver.Finding(f"blocks of another size give another graph: {one.graph}, {other.graph}")
    if one.array.shape != (2 * one.graph.nodes, 4) or one.names is not None and one.array.max() >= len(one.names):
        raise driver.Finding(f"{one.array.shape} walks of {one.graph.nodes} nodes")


def read_set(rng: random.Random, path: Path) -> None:
    kind = rng.choice((None, *KINDS))
    loaded = load_set(path, kind or guess_kind(path))
    if not loaded.words:
        raise driver.Finding("a set without words")
    w2v.evaluate(_vectors(), [(path, loaded.kind)], draws=0).to_dict()


@functools.cache
def _vectors() -> w2v.KeyedVectors:
    words, rows = vector_files.sample(50, 8)
    return w2v.KeyedVectors([*words, "king", "queen", "man", "woman"], np.concatenate([rows, rows[:4] + 1]))


def _vector_seeds(folder: Path) -> list[Files]:
    words, rows = vector_files.sample(12, 5)
    seeds = [make(words, rows) for make in vector_files.makers(folder).values()]
    seeds += [vector_files.packed(seeds[k], suffix) for k, suffix in ((2, ".bz2"), (0, ".xz"))]
    stored = Path(__file__).parent.parent / "formats" / "data"
    seeds += [{path.name: path.read_bytes()} for path in sorted(stored.iterdir())]
    plain = vector_files.text(words, rows)
    for name, data in (("v.zip", _zip(plain)), ("v.tar.gz", _tar(plain))):
        seeds.append({name: data})
    seeds.append({"v.tsv": "\n".join("\t".join(map(str, row)) for row in rows.tolist()).encode(),
                  "metadata.tsv": "\n".join(words).encode()})
    tokens = {"model": {"type": "WordPiece", "vocab": {word: k for k, word in enumerate(words)}}}
    seeds.append({"model.safetensors": vector_files.safetensors({"embeddings": ("F32", rows)}),
                  "tokenizer.json": json.dumps(tokens).encode()})
    return seeds


def _zip(data: bytes) -> bytes:
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("v.txt", data)
        return out.getvalue()


def _tar(data: bytes) -> bytes:
    with io.BytesIO() as out:
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            entry = tarfile.TarInfo("v.txt")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        return out.getvalue()


def _text_seeds() -> list[Files]:
    text = "\n".join(" ".join(sentence) for sentence in SENTENCES).encode()
    weighted = b"\n".join(b"%d.5 " % (k % 3) + line for k, line in enumerate(text.split(b"\n")))
    numbers = np.array([3, 1, 2, -1, 4, 4, 5, -1] * 10)
    found = [{"c.txt": text}, {"c.txt": text.replace(b"\n", b"\r\n")}, {"c.txt": weighted},
             {"c.npy": vector_files.npy(numbers)}, {"c.npy": vector_files.npy(numbers.astype(np.uint16))}]
    return found + [{f"c.txt{suffix}": pack(text)} for suffix, pack in vector_files.packers().items()]


def _graph_seeds() -> list[Files]:
    names = [f"größe{k % 7} n{k % 5}" for k in range(40)]
    numbers = np.random.default_rng(1).integers(0, 20, (50, 2))
    weighted = [f"{a}\t{b}\t{0.5 + a}" for a, b in numbers.tolist()]
    commas = [line.replace("\t", ",") for line in weighted]
    texts = {"g.txt": names, "g.tsv": weighted, "g.csv": ["source,target,weight", *commas],
             "g.edgelist": ["# comment", *(f"{a} {b} {{}}" for a, b in numbers.tolist())],
             "g.mtx": ["%%MatrixMarket matrix coordinate pattern general", "20 20 50",
                       *(f"{a + 1} {b + 1}" for a, b in numbers.tolist())]}
    found = [{name: "\n".join(lines).encode()} for name, lines in texts.items()]
    arrays = numbers, np.column_stack((numbers, numbers[:, 0] + 0.5))
    return [*found, *({"g.npy": vector_files.npy(array)} for array in arrays),
            {"g.tsv.gz": vector_files.packers()[".gz"]("\n".join(weighted).encode())}]


def _phrase_seeds(folder: Path) -> list[Files]:
    w2v.Phrases(SENTENCES, min_count=1, threshold=0.1).save(folder / "p.tsv")
    return [{"p.tsv": (folder / "p.tsv").read_bytes()}]


def _checkpoint_seeds(folder: Path) -> list[Files]:
    seeds = []
    for more in ({}, {"hs": True}, {"minn": 2, "maxn": 3, "bucket": 50}):
        with paced(shard_ids=100, after_shard=stops.each_shard):
            w2v.train(SENTENCES, vector_size=4, min_count=1, threads=1, progress=False, checkpoint=folder / "c.w2v",
                      checkpoint_every="10%", **more)
        seeds.append({"c.w2v": (folder / "c.w2v").read_bytes()})
    return seeds


def _with_checksum(data: bytes) -> bytes:
    """Give a changed checkpoint a correct checksum, so that what is behind the check is reached too."""
    import hashlib

    return data[:-32] + hashlib.sha256(data[:-32]).digest() if len(data) > 40 else data


def _set_seeds() -> list[Files]:
    analogies = b": family\nking queen man woman\nman woman king queen\n: capital\nthe of x_1 the\n"
    choices = {"question": ["king", "queen"], "choices": [["man", "woman"], ["the", "of"]], "answer": 0}
    return [{"q.txt": analogies}, {"s.tsv": b"king\tqueen\t8.5\nman\twoman\t9\nthe\tking\t0.5\n"},
            {"s.csv": b"word1,word2,score\nking,queen,8.5\nman,woman,9\n"}, {"c.tsv": b"king person\nthe function\n"},
            {"d.jsonl": json.dumps(choices).encode() + b"\n"}]


def _bias_seeds() -> list[Files]:
    test = {key: {"category": key, "examples": [key + "1", key + "2"]} for key in ("targ1", "targ2", "attr1", "attr2")}
    return [{"b.bias": b": jobs\ntargets x: king queen\nattributes a: man\nattributes b: woman\n# end\n"},
            {"b.jsonl": json.dumps(test, indent=1).encode()}, {"p.pairs": b"he she\nking, queen\n"},
            {"p.pairs": b'[["he", "she"]]'}, {"w.words": b"he\nshe\n"}, {"w.words": b'["he", "she"]'}]


@functools.cache
def seeds() -> dict[str, tuple[Reader, list[Files]]]:
    """Return the readers by name, with correct files for each."""
    folder = Path(tempfile.mkdtemp(prefix="w2v-fuzz-seeds-"))
    return {"vectors": (read_vectors, _vector_seeds(folder)), "text": (read_text, _text_seeds()),
            "phrases": (read_phrases, _phrase_seeds(folder)),
            "checkpoint": (read_checkpoint, _checkpoint_seeds(folder)), "set": (read_set, _set_seeds()),
            "bias": (read_bias, _bias_seeds()), "graph": (read_graph, _graph_seeds())}


def case(rng: random.Random, folder: Path) -> None:
    """Change one of the files of a kind and read it."""
    name = rng.choice(("vectors",) * 5 + ("text",) * 2 + ("phrases", "checkpoint", "set", "bias", "graph"))
    read, known = seeds()[name]
    files = dict(rng.choice(known))
    changed = rng.choice(list(files))
    files[changed] = mutated(rng, files[changed], rng.choice(list(rng.choice(known).values())))
    if name == "checkpoint" and rng.random() < 0.9:
        files[changed] = _with_checksum(files[changed])
    path = vector_files.put(folder, files)
    try:
        read(rng, path)
    except W2VError as error:
        text = str(error)
        if len(text) > 1500 or "\n" in text:
            raise driver.Finding(f"a message of {len(text)} characters or several lines: {text:.3000}") from None


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    seeds()
    sys.exit(driver.main(case, __doc__))
