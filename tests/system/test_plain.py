"""Conversion of values for JSON and terminals."""

import json

from w2v.system.plain import plain, printable


def test_bytes_that_are_not_utf8_become_replacement_characters() -> None:
    assert printable("caf\udce9 \ud800 é") == "caf\ufffd \ufffd é"


def test_values_become_json() -> None:
    value = {"a\udcff": [float("nan"), float("inf"), 1.5, None, True], "b": ("x", {"c": float("-inf")})}
    converted = plain(value)
    assert converted == {"a\ufffd": [None, None, 1.5, None, True], "b": ["x", {"c": None}]}
    assert json.loads(json.dumps(converted, allow_nan=False)) == converted
