"""Small files of vectors in every format, made by hand, for tests to read and to break."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import pickle
import struct
import sys
import tarfile
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from w2v import formats

WORDS = ["the", "größe", "x_1"]
ROWS = np.array([[0.5, -1.0], [0.1, 3.0], [-0.25, 1e-7]], dtype=np.float32)
"""Vectors of `WORDS`."""

Files = dict[str, bytes]
"""Files that belong together, by name; the first one is to be loaded."""

_SCRIPTS = ["the", "größe", "日本語", "x_1"]


def sample(n: int, d: int) -> tuple[list[str], np.ndarray]:
    """Return n words in several scripts and n distinct rows (n, d)."""
    words = [f"{_SCRIPTS[i % 4]}{i}" for i in range(n)]
    return words, np.random.default_rng(n).normal(0, 0.3, (n, d)).astype(np.float32)


def file_bytes(array: np.ndarray) -> bytes:
    """Return the numbers in little-endian byte order, as files have them."""
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def binary(words: list[str], rows: np.ndarray, newline: bytes = b"\n") -> bytes:
    return b"%d %d\n" % rows.shape + b"".join(
        word.encode() + b" " + file_bytes(row) + newline for word, row in zip(words, rows, strict=True))


def text(words: list[str], rows: np.ndarray, header: bool = True) -> bytes:
    lines = [" ".join([word, *map(repr, map(float, row))]) for word, row in zip(words, rows, strict=True)]
    return "".join(line + "\n" for line in [*([f"{len(words)} {rows.shape[1]}"] if header else []), *lines]).encode()


def fasttext(
    words: list[str], rows: np.ndarray, ngrams: np.ndarray, minn: int = 3, maxn: int = 6, *, version: int = 12,
    labels: tuple[str, ...] = (), quantized: int = 0, model: int = 2,
) -> bytes:
    """Return a fastText model; `rows` (n, d) are the words' own rows, `ngrams` (b, d) those of the buckets."""
    out = io.BytesIO()
    out.write(struct.pack("<ii", 793712314, version))
    out.write(struct.pack("<12id", rows.shape[1], 5, 5, 5, 5, 1, 2, model, len(ngrams), minn, maxn, 100, 1e-4))
    out.write(struct.pack("<iiiqq", len(words) + len(labels), len(words), len(labels), 1000, -1))
    for i, word in enumerate([*words, *labels]):
        out.write(word.encode("utf-8", "surrogateescape") + b"\0" + struct.pack("<qb", 1000 - i, i >= len(words)))
    table = np.concatenate([rows, ngrams]).astype("<f4")
    out.write(struct.pack("<bqq", quantized, *table.shape) + file_bytes(table))
    out.write(struct.pack("<bqq", 0, *rows.shape) + file_bytes(rows))
    return out.getvalue()


def fasttext_of_2016(words: list[str], rows: np.ndarray, ngrams: np.ndarray, minn: int = 3, maxn: int = 6) -> bytes:
    """Return a model without magic number, version and marks."""
    new = fasttext(words, rows, ngrams, minn, maxn)
    sizes = struct.pack("<bqq", 0, len(rows) + len(ngrams), rows.shape[1])
    dictionary, rest = new[92:].split(sizes, 1)
    cut = 4 * (len(rows) + len(ngrams)) * rows.shape[1]
    return new[8:84] + dictionary + sizes[1:] + rest[:cut] + rest[cut + 1:]


def table(rows: np.ndarray) -> bytes:
    """Return text with tabs between the numbers."""
    return "".join("\t".join(map(repr, map(float, row))) + "\n" for row in rows).encode()


def model2vec(words: list[str], rows: np.ndarray) -> Files:
    """Return a model whose matrix has the rows in opposite order, halved: `mapping` and `weights` restore them."""
    n = len(words)
    tensors = {"embeddings": ("F32", rows[::-1] / 2), "mapping": ("I64", np.arange(n)[::-1].copy()),
               "weights": ("F64", np.full(n, 2.0))}
    vocabulary = {word: i for i, word in enumerate(words)}
    return {"model.safetensors": safetensors({name: (code, np.ascontiguousarray(array))
                                              for name, (code, array) in tensors.items()}),
            "tokenizer.json": json.dumps({"model": {"vocab": vocabulary}}).encode()}


def zipped(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: Files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def npy(rows: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, rows, allow_pickle=False)
    return out.getvalue()


def safetensors(tensors: dict[str, tuple[str, np.ndarray]], metadata: dict[str, str] | None = None) -> bytes:
    """Return a file as other programs write it, without padding of the header; types are given by name."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    at = 0
    for name, (dtype, array) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + b"".join(file_bytes(array) for _, array in tensors.values())


def gensim(words: list[str], rows: np.ndarray | None, protocol: int = 4, *, name: str = "KeyedVectors", **more: Any
           ) -> bytes:
    """Return a pickle like that of gensim's save(); `rows` None means that they are in a separate file. Attributes of
    `more` that are None are left out."""
    module = types.ModuleType("gensim.models.keyedvectors")
    made = type(name, (), {"__module__": module.__name__})
    setattr(module, name, made)
    state = {"vector_size": 0, "index_to_key": words, "next_index": len(words),
             "key_to_index": {word: i for i, word in enumerate(words)}, "norms": None, "mapfile_path": None,
             "expandos": {"count": np.arange(len(words), 0, -1)}, "__numpys": [], "__scipys": [], **more}
    if rows is None:
        state["__numpys"] = ["vectors"]
    else:
        state["vectors"] = rows
    thing = made()
    thing.__dict__.update({key: value for key, value in state.items() if key not in more or value is not None})
    names = ["gensim", "gensim.models", module.__name__]
    kept = {key: sys.modules.get(key) for key in names}
    sys.modules.update({"gensim": types.ModuleType("gensim"), "gensim.models": types.ModuleType("gensim.models"),
                        module.__name__: module})
    try:
        return pickle.dumps(thing, protocol)
    finally:
        for key, old in kept.items():
            if old is None:
                del sys.modules[key]
            else:
                sys.modules[key] = old


def own(folder: Path, words: list[str], rows: np.ndarray, dtype: str | None = None) -> bytes:
    path = folder / "made.safetensors"
    formats.write_vectors(path, words, rows, np.arange(len(words), 0, -1), dtype=dtype, metadata={"a": "b"})
    data = path.read_bytes()
    path.unlink()
    return data


def makers(folder: Path) -> dict[str, Callable[[list[str], np.ndarray], Files]]:
    """Return for each format the function that makes its files from words and rows."""
    def listed(words: list[str]) -> bytes:
        return "".join(f"{word}\n" for word in words).encode()

    return {
        "word2vec binary": lambda w, r: {"v.bin": binary(w, r)},
        "word2vec binary without newlines": lambda w, r: {"v.bin": binary(w, r, b"")},
        "word2vec text": lambda w, r: {"v.txt": text(w, r)},
        "GloVe text": lambda w, r: {"v.txt": text(w, r, header=False)},
        "fastText binary": lambda w, r: {"v.bin": fasttext(w, r, r[:7])},
        "fastText binary of 2016": lambda w, r: {"v.bin": fasttext_of_2016(w, r, r[:7])},
        "own safetensors": lambda w, r: {"v.safetensors": own(folder, w, r)},
        "own safetensors, int8": lambda w, r: {"v.safetensors": own(folder, w, r, "int8")},
        "foreign safetensors": lambda w, r: {"v.safetensors": safetensors({"weight": ("F32", r)}),
                                               "v.txt": listed(w)},
        "model2vec, weights and mapping": lambda w, r: model2vec(w, r),
        "projector": lambda w, r: {"v.tsv": table(r), "v.metadata.tsv": listed(w)},
        "GloVe text in zip": lambda w, r: {"v.zip": zipped({"readme": b"", "v.txt": text(w, r, header=False)})},
        "word2vec binary in tar": lambda w, r: {"v.tar": tarred({"v.bin": binary(w, r)})},
        "npy": lambda w, r: {"v.npy": npy(r), "v.words": listed(w)},
        "gensim": lambda w, r: {"v.kv": gensim(w, r)},
        "gensim, separate npy": lambda w, r: {"v.kv": gensim(w, None), "v.kv.vectors.npy": npy(r)},
        "word2vec text in gzip": lambda w, r: {"v.txt.gz": gzip.compress(text(w, r), 1)},
        "word2vec binary in gzip": lambda w, r: {"v.bin.gz": gzip.compress(binary(w, r), 1)},
        "own safetensors in gzip": lambda w, r: {"v.safetensors.gz": gzip.compress(own(folder, w, r), 1)},
    }


def packers() -> dict[str, Callable[[bytes], bytes]]:
    """Return the compressors by suffix; zstd only if this Python has it."""
    found: dict[str, Callable[[bytes], bytes]] = {
        ".gz": lambda data: gzip.compress(data, 1, mtime=0), ".bz2": lambda data: bz2.compress(data, 1),
        ".xz": lambda data: lzma.compress(data, preset=0)}
    with contextlib.suppress(ImportError):
        try:
            from compression import zstd
        except ImportError:
            from backports import zstd
        found[".zst"] = lambda data: zstd.compress(data, 1)
    return found


def text_packers() -> dict[str, Callable[[bytes], bytes]]:
    """Return the compressors by suffix, all with checksums, as the commands gzip, bzip2, xz and zstd write them."""
    found = packers()
    with contextlib.suppress(ImportError):
        try:
            from compression import zstd
        except ImportError:
            from backports import zstd
        found[".zst"] = lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})
    return found


def packed(files: Files, suffix: str) -> Files:
    """Compress the first of the files, and keep the others."""
    first, *others = files.items()
    return {first[0] + suffix: packers()[suffix](first[1]), **dict(others)}


def put(folder: Path, files: Files) -> Path:
    """Write the files, and return the path of the first."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder / next(iter(files))


def bit_patterns() -> np.ndarray:
    """Return finite float32: random bits, powers of 2 and 10 with their neighbours, denormals, usual values."""
    rng = np.random.default_rng(5)
    powers = (2.0 ** np.arange(-149, 128)).astype(np.float32)
    tens = (10.0 ** np.arange(-45, 39)).astype(np.float32)
    edges = np.concatenate([np.nextafter(side, to) for side in (powers, tens) for to in np.float32([0, np.inf])])
    values = np.concatenate([
        rng.integers(0, 2**32, 40_000, dtype=np.uint32).view(np.float32), powers, tens, edges,
        rng.integers(1, 2**23, 5_000, dtype=np.uint32).view(np.float32),
        rng.normal(0, 0.3, 20_000).astype(np.float32)])
    return values[np.isfinite(values)]
