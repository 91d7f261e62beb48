"""Results in the metadata of a file of vectors."""

import json

from w2v.evaluation.output.record import readable, record


def test_foreign_metadata_is_shown_as_far_as_it_is_readable():
    found = {"a": 1, "b": {"x": 2, "y": {"value": "1"}, "z": {"value": 0.5, "interval": ["p", 1]}},
             "c": {"m": {"value": 1, "interval": [0, 1], "used": 2, "total": 3}}}
    assert list(readable(found)) == [("b", "z 0.5000, None of None"), ("c", "m 1.0000 (0.0000 to 1.0000), 2 of 3")]
    assert record([], None, "[1]") == record([], None, "{") == "{}"
    assert json.loads(record([], None, json.dumps(found))) == {name: found[name] for name in "bc"}
