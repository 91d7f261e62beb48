"""Training on tables: checkpoints, and ids that are not stored."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import w2v
from w2v.errors import CorpusError
from w2v.training.run import Run, paced

OPTIONS = {"vector_size": 8, "min_count": 1, "threads": 1, "progress": False, "epochs": 3}


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Parquet file of 600 events of 60 sessions, not grouped, in four row groups."""
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rng = np.random.default_rng(1)
    text = [" ".join(f"W{i}," for i in line) for line in rng.integers(0, 20, (600, 6))]
    table = pa.table({"session": rng.integers(0, 60, 600), "time": rng.permutation(600),
                      "item": rng.integers(0, 30, 600), "text": text})
    parquet.write_table(table, tmp_path / "events.parquet", row_group_size=150)
    return tmp_path / "events.parquet"


def test_column_without_any_value_is_an_error_with_their_number(tmp_path: Path) -> None:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pa.table({"text": pa.array([None] * 7, pa.string())}), tmp_path / "empty.parquet")
    with pytest.raises(CorpusError, match="the column has no words, and 7 rows without a value"):
        w2v.train(tmp_path / "empty.parquet", column="text", **OPTIONS)


@pytest.mark.parametrize("reading", [
    {"column": "text"},
    {"column": "text", "tokenize": "words", "lowercase": True},
    {"column": "item", "group_by": "session", "order_by": "time"},
    {"column": "text", "sample_lines": 0.5, "max_words": 1000},
])
def test_resumed_runs_and_ids_that_are_not_stored_give_the_same_vectors(
    events: Path, tmp_path: Path, reading: dict[str, Any]
) -> None:
    def stop(run: Run) -> None:
        if run.checkpoints and run.pieces_taken > 6:
            raise KeyboardInterrupt

    with paced(shard_ids=200):
        expected = w2v.train(events, **reading, **OPTIONS).wv
        for ids in ("memory", "none"):
            again = w2v.train(events, ids=ids, **reading, **OPTIONS)
            assert np.array_equal(again.wv.vectors, expected.vectors) and again.report.ids == ids
            path = tmp_path / f"{ids}.w2v"
            with pytest.raises(KeyboardInterrupt), paced(after_shard=stop):
                w2v.train(events, ids=ids, checkpoint=path, checkpoint_every="5%", **reading, **OPTIONS)
            resumed = w2v.train(resume=path, progress=False)
            assert np.array_equal(resumed.wv.vectors, expected.vectors)
            assert resumed.wv.index_to_key == expected.index_to_key and resumed.report.ids == ids
