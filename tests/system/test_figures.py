"""Parts that all figures share."""

import pytest

from w2v.system.figures import differing_names


@pytest.mark.parametrize("paths, names", [
    (["runs/a.jsonl"], ["a.jsonl"]),
    (["runs/a/log.jsonl", "runs/b/log.jsonl"], ["a", "b"]),
    (["x/run.seed1.jsonl", "x/run.seed2.jsonl"], ["seed1", "seed2"]),
    (["x/run-1-small.json", "y/run-2-small.json"], ["x/run-1", "y/run-2"]),
    (["run.jsonl", "run.new.jsonl"], ["run.jsonl", "run.new.jsonl"]),
    (["a/run.jsonl", "a/b/run.jsonl"], ["a/run.jsonl", "a/b/run.jsonl"]),
    (["a.jsonl", "a.jsonl"], ["a.jsonl", "a.jsonl"]),
    (["a", "b", "c.d"], ["a", "b", "c.d"]),
])
def test_names_are_shortened_to_what_differs(paths, names):
    assert differing_names(paths) == names
