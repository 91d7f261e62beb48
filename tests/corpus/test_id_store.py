"""Storage of ids: memory in slabs, a temporary file, and the rewriting to final ids."""

import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers.corpora import check_encoded, random_text

from w2v.corpus import id_store
from w2v.corpus.encode import encode
from w2v.errors import W2VError
from w2v.system import resources


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_groups_of_ids_are_rewritten_in_order(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    """In place and into other memory, with line ends and unknown words at the edges of groups."""
    monkeypatch.setattr(id_store, "GROUP_IDS", 8)
    rng = np.random.default_rng(10)
    for _ in range(60):
        ids = rng.integers(-1, 4, rng.integers(1, 200)).astype(np.int32)
        final = np.array([-1, *rng.permutation([0, 1, -2, -2])], np.int32)
        expected = np.empty(len(ids) + 1, np.int32)
        kept, _ = id_store.remap(ids, final, expected, -1)
        separate = np.empty(kept + 1, np.int32)
        cuts = np.sort(rng.integers(0, len(ids), 3))
        assert id_store.rewrite(iter(np.split(ids, cuts)), final, separate, threads) == kept
        assert separate[:kept].tolist() == expected[:kept].tolist()
        assert id_store.rewrite(iter([ids]), final, ids, threads) == kept
        assert ids[:kept].tolist() == expected[:kept].tolist()


@pytest.mark.parametrize(("slab_bytes", "limit"), [(4, 1 << 30), (64, 1 << 30), (4096, 1 << 30), (64, 0), (64, 300),
                                                   (1 << 26, 0)])
def test_slabs_and_spooled_file_give_the_same_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slab_bytes: int, limit: int
) -> None:
    monkeypatch.setattr(id_store, "SLAB_BYTES", slab_bytes)
    monkeypatch.setattr(id_store, "available_memory", lambda: limit)
    text = random_text(random.Random(7), 2000)
    (tmp_path / "text").write_bytes(text)
    spool = tmp_path / "spool"
    spool.mkdir()
    encoded = encode(tmp_path / "text", min_count=3, memory_share=1.0, spool_dir=spool, block_size=512)
    check_encoded(encoded, text, 3)
    encoded.ids[0] = 7  # writable in both cases
    assert os.name == "nt" or list(spool.iterdir()) == []  # Windows keeps the name as long as the mapping


def test_memory_share_zero_uses_the_folder(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="missing"):
        encode([["a"]], min_count=1, memory_share=0, spool_dir=tmp_path / "missing")
    assert encode([["a"]], min_count=1, memory_share=0, spool_dir=tmp_path).ids.tolist() == [0, -1]


def test_ids_that_must_be_in_memory_are_refused_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = [["a", "b"]] * 100
    assert encode(lines, min_count=1, memory_share=1.0, spool=False).place == "memory"
    assert encode(lines, min_count=1, memory_share=0.0, spool_dir=tmp_path).place == "disk"
    monkeypatch.setattr(id_store, "available_memory", lambda: 1_000_000)
    with pytest.raises(id_store.IdsDoNotFit, match="do not fit into the 0.0 GB of free memory; use .*--ids disk"):
        encode(lines, min_count=1, memory_share=1.0, spool=False, spool_dir=tmp_path / "missing")


def test_full_disk_is_predicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(resources.shutil, "disk_usage", lambda folder: usage._replace(free=10**6))
    with pytest.raises(W2VError, match=r"need about 0.1 GB more on disk, but only 0.0 GB are free here; set spool_dir"):
        encode([["a"] * 100], memory_share=0, spool_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []
