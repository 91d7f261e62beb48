"""The approximate index: answers, recall, files, refusals. Runs where usearch is installed."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from w2v.cli import main
from w2v.errors import FormatError, W2VError
from w2v.formats.rows import STORED, Rows
from w2v.keyedvectors import KeyedVectors
from w2v.vectors import approximate as ann
from w2v.vectors.search import METRICS

N, D = 4000, 24


def vectors(seed: int = 0) -> KeyedVectors:
    """Return words in clusters, so that there are neighbours to find."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(80, D))
    rows = (centres[rng.integers(0, 80, N)] + 0.4 * rng.normal(size=(N, D))).astype(np.float32)
    return KeyedVectors([f"w{i}" for i in range(N)], rows)


@pytest.fixture(scope="module")
def indexed() -> KeyedVectors:
    pytest.importorskip("usearch")
    kv = vectors()
    kv.index(sample=300)
    return kv


def test_approximate_answers_are_almost_the_exact_ones(indexed: KeyedVectors) -> None:
    index = indexed.ann
    assert index is not None and 0.9 < index.recall <= 1 and index.about.sample == 300
    assert f"{index.recall:.3f}" in repr(index) and f"{N:,} words" in repr(index)
    queries = [f"w{i}" for i in range(200)]
    exact, near = (indexed.most_similar_batch(queries, topn=10, approximate=flag) for flag in (False, True))
    hits = sum(len({w for w, _ in a} & {w for w, _ in b}) for a, b in zip(exact, near, strict=True))
    assert hits / 2000 > 0.9
    for query, answers in zip(queries, near, strict=True):
        words = [word for word, _ in answers]
        assert query not in words and len(set(words)) == 10
        assert [s for _, s in answers] == sorted((s for _, s in answers), reverse=True)
        assert answers[0][1] == pytest.approx(indexed.similarity(query, words[0]), abs=1e-5)
    combined = indexed.most_similar(["w1", "w2"], ["w3"], approximate=True)
    assert not {"w1", "w2", "w3"} & {word for word, _ in combined}
    assert indexed.most_similar("w1", topn=0, approximate=True) == []


def test_recall_is_measured() -> None:
    """An index that searches less has lower recall and reports it."""
    pytest.importorskip("usearch")
    rows = np.random.default_rng(1).normal(size=(N, D)).astype(np.float32)
    kv = KeyedVectors([f"w{i}" for i in range(N)], rows)
    lazy = kv.index(connectivity=2, expansion_add=1, expansion_search=1).recall
    assert lazy < kv.index(connectivity=32, expansion_add=200, expansion_search=200).recall


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", STORED)
def test_metrics_and_stored_types(metric: str, dtype: str) -> None:
    pytest.importorskip("usearch")
    plain = vectors()
    kv = KeyedVectors(plain.index_to_key, Rows.encode(plain.rows, dtype))
    assert kv.index(metric=metric, stored="f32", expansion_search=128, sample=100).recall > 0.8
    near = kv.most_similar("w5", metric=metric, approximate=True)
    exact = kv.most_similar("w5", metric=metric)
    assert len({w for w, _ in near} & {w for w, _ in exact}) >= 7
    other = "dot" if metric == "cosine" else "cosine"
    with pytest.raises(W2VError, match=f"index is for the metric {metric}, not {other}"):
        kv.most_similar("w5", metric=other, approximate=True)


def test_index_is_saved_and_loaded(indexed: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "v.bin.ann"
    kv = vectors()
    made = kv.index(path, sample=200)
    again = vectors()
    loaded = again.index(path)
    assert loaded.about == made.about and loaded.recall == made.recall > 0.9
    queries = [f"w{i}" for i in range(50)]
    assert again.most_similar_batch(queries, approximate=True) == kv.most_similar_batch(queries, approximate=True)
    with pytest.raises(W2VError, match="for the metric cosine; choose another path for dot"):
        again.index(path, metric="dot")


def test_index_of_other_vectors_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("usearch")
    path = tmp_path / "v.ann"
    kv = vectors()
    kv.index(path, sample=10)
    other = vectors()
    other.vectors[17, 3] += np.float32(0.001)
    with pytest.raises(FormatError, match="other vectors of the same shape"):
        other.index(path)
    with pytest.raises(FormatError, match="4,000 words x 24 float32, these are 10 x 24 float32"):
        kv.subset([f"w{i}" for i in range(10)]).index(path)
    with pytest.raises(FormatError, match="float16"):
        KeyedVectors(kv.index_to_key, Rows.encode(kv.rows, "float16")).index(path)
    kv["new"] = np.ones(D, np.float32)
    with pytest.raises(W2VError, match="have changed since"):
        kv.most_similar("w1", approximate=True)


def test_broken_files_are_named(tmp_path: Path) -> None:
    pytest.importorskip("usearch")
    path = tmp_path / "v.ann"
    kv = vectors()
    kv.index(path, sample=10)
    content = path.read_bytes()
    head = 16 + int.from_bytes(content[8:16], "little")
    for broken in (b"", b"w2v", content[:12], content[:head - 5], content[:head], content[:-1], content + b"x",
                   b"x" + content[1:], content[:8] + b"\xff" * 8 + content[16:], content[:16] + b"?" + content[17:],
                   content[:head + 200] + bytes([content[head + 200] ^ 1]) + content[head + 201:],
                   content.replace(b'"metric"', b'"mitrec"')):
        path.write_bytes(broken)
        with pytest.raises(FormatError, match=r"v\.ann"):
            ann.load(path, kv.rows)
    with pytest.raises(W2VError, match="cannot read"):
        ann.load(tmp_path / "none", kv.rows)


def resealed(content: bytes, change: Callable[[bytearray], object], **header: object) -> bytes:
    """Return a changed index whose checksum is right."""
    size = struct.unpack("<Q", content[8:16])[0]
    blob = bytearray(content[16 + size:])
    change(blob)
    about = json.loads(content[16:16 + size])
    text = json.dumps({**about, "bytes": len(blob), "sha256": hashlib.sha256(blob).hexdigest(), **header}).encode()
    return ann.MAGIC + struct.pack("<Q", len(text)) + text + bytes(blob)


@pytest.fixture(scope="module")
def small() -> tuple[KeyedVectors, bytes]:
    """Return 200 words, and the bytes of their index."""
    pytest.importorskip("usearch")
    kv = KeyedVectors([f"w{i}" for i in range(200)], np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32))
    kv.index(sample=20)
    assert kv.ann is not None
    blob = bytes(kv.ann.graph.save())
    about = {**asdict(kv.ann.about), "bytes": len(blob), "sha256": hashlib.sha256(blob).hexdigest()}
    text = json.dumps(about).encode()
    return kv, ann.MAGIC + struct.pack("<Q", len(text)) + text + blob


def test_graphs_made_to_crash_are_refused(small: tuple[KeyedVectors, bytes], tmp_path: Path) -> None:
    """Each has a right checksum. Whatever is accepted has only rows that exist."""
    kv, content = small
    rng = np.random.default_rng(1)
    matrix = 8 + 200 * 8 * 2
    path = tmp_path / "v.ann"
    refused = 0
    for trial in range(200):
        def change(blob: bytearray, trial: int = trial) -> None:
            if trial % 5 == 0:
                del blob[int(rng.integers(len(blob))):]
                return
            for at in rng.integers(matrix, matrix + 104 if trial % 2 else len(blob), int(rng.choice([1, 3, 20]))):
                blob[at] = int(rng.integers(256))

        path.write_bytes(resealed(content, change))
        try:
            found = ann.load(path, kv.rows).candidates(kv.rows[:], 5)
        except FormatError as error:
            refused += "build it again" in str(error)
            continue
        assert -1 <= found.min() and found.max() < 200
    assert refused > 100


@pytest.mark.parametrize(("name", "value"), [
    ("expansion_search", 0), ("expansion_search", 1 << 40), ("expansion_search", "64"), ("expansion_search", None),
    ("metric", "haversine"), ("metric", ["cosine"]), ("words", 200.0), ("recall", "0.9"), ("sample", -1),
    ("connectivity", True), ("bytes", None), ("sha256", {}), ("checksum", 7),
])
def test_headers_with_other_types_are_refused(
    small: tuple[KeyedVectors, bytes], tmp_path: Path, name: str, value: object
) -> None:
    kv, content = small
    (tmp_path / "v.ann").write_bytes(resealed(content, lambda blob: None, **{name: value}))
    with pytest.raises(FormatError, match="build it again"):
        ann.load(tmp_path / "v.ann", kv.rows)


def test_nested_header_is_refused(small: tuple[KeyedVectors, bytes], tmp_path: Path) -> None:
    text = b"[" * 100_000
    (tmp_path / "v.ann").write_bytes(ann.MAGIC + struct.pack("<Q", len(text)) + text)
    with pytest.raises(FormatError, match="header of this index is damaged"):
        ann.load(tmp_path / "v.ann", small[0].rows)


def test_rows_that_do_not_exist_are_no_candidates(small: tuple[KeyedVectors, bytes]) -> None:
    class Graph:
        def __len__(self) -> int:
            return 9

        def search(self, vectors: Any, count: int) -> Any:
            return SimpleNamespace(keys=np.array([[3, 200, 1 << 63, 199]] * len(vectors), dtype=np.uint64))

    kv = small[0]
    assert kv.ann is not None
    found = ann.Index(Graph(), kv.ann.about, kv.rows).candidates(kv.rows[:1], 4)
    assert found.tolist() == [[3, -1, -1, 199]]


def test_broken_rows_are_not_in_the_index() -> None:
    pytest.importorskip("usearch")
    kv = vectors()
    kv.vectors[5] = np.nan
    kv.index(sample=50)
    assert "w5" not in {word for word, _ in kv.most_similar("w6", topn=N, approximate=True)}
    assert kv.most_similar("w5", approximate=True) == []


@pytest.mark.parametrize("search", [
    lambda kv: kv.most_similar("w1", topn=None, approximate=True),
    lambda kv: kv.most_similar(["w1", "w2"], ["w3"], topn=None, approximate=True),
    lambda kv: kv.similar_by_key("w1", None, approximate=True),
    lambda kv: kv.similar_by_vector(kv["w1"], None, approximate=True),
    lambda kv: kv.nearest(["w1"], None, approximate=True)])
def test_all_scores_are_not_asked_of_an_index(search: Callable[[KeyedVectors], object]) -> None:
    with pytest.raises(ValueError, match="topn=None gives all scores"):
        search(vectors())


def test_options_that_an_index_cannot_answer_are_refused(indexed: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="searches all words"):
        indexed.most_similar("w1", among=["w2"], approximate=True)
    with pytest.raises(ValueError, match="searches all words"):
        indexed.most_similar("w1", restrict_vocab=10, approximate=True)
    with pytest.raises(ValueError, match="3cosmul"):
        indexed.most_similar_cosmul("w1", approximate=True)
    with pytest.raises(ValueError, match="topn=None"):
        indexed.most_similar("w1", topn=None, approximate=True)
    with pytest.raises(ValueError, match="1 or more"):
        vectors().index(connectivity=0)


def test_command_line_builds_and_uses_an_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("usearch")
    path = tmp_path / "v.bin"
    kv = vectors()
    kv.save(path)

    def run(*arguments: object) -> tuple[int, Any, str]:
        code = main([*map(str, arguments), "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    code, about, _ = run("index", path, "--sample", "100", "--expansion-search", "100")
    assert code == 0 and about["index"] == f"{path}.ann" and about["words"] == N and 0.9 < about["recall"] <= 1
    kept = ann.load(about["index"], kv.rows)
    assert kept.recall == about["recall"] and kept.about.sample == 100
    _, exact, _ = run("neighbors", path, "w1", "w2", "-n", "5")
    made = (tmp_path / "v.bin.ann").stat().st_mtime_ns
    code, near, err = run("neighbors", path, "w1", "w2", "-n", "5", "--approximate")
    assert code == 0 and err == "" and (tmp_path / "v.bin.ann").stat().st_mtime_ns == made
    both = [[{one["word"] for one in found["neighbors"][word]} for word in ("w1", "w2")] for found in (exact, near)]
    assert sum(len(a & b) for a, b in zip(*both, strict=True)) >= 8
    asked: list[object] = []
    monkeypatch.setattr(ann.Index, "candidates", lambda self, rows, n: asked.append(n) or np.zeros((len(rows), n), int))
    code, near, err = run("analogy", path, "w1", "w2", "w3", "--approximate", "--metric", "dot")
    assert code == 0 and f"built {path}.dot.ann" in err and "recall@10" in err and len(asked) == 2  # recall, question
    assert {one["word"] for one in near["answers"]} == {"w0"}  # it was asked, and nothing else
    (tmp_path / "some").write_text("w1\n")
    for wrong in (["neighbors", path, "w1", "--among", tmp_path / "some"],
                  ["analogy", path, "w1", "w2", "w3", "--method", "3cosmul"]):
        code, _, err = run(*wrong, "--approximate")
        assert code == 2 and "cannot be combined with" in err
    kv.vectors[3, 1] += np.float32(1)
    kv.save(path)
    code, _, err = run("neighbors", path, "w1", "--approximate")
    assert code == 1 and "build it again" in err
    assert main(["index", str(path), "--metric", "euclidean", "-o", str(tmp_path / "e")]) == 0
    assert "euclidean: recall@10" in capsys.readouterr().out and ann.load(tmp_path / "e", kv.rows).about.words == N


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "usearch", None)
    with pytest.raises(W2VError, match=r"w2v\[ann\]"):
        vectors().index()
