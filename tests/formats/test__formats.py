"""Decimal text of float32 numbers: shortest digits, exact reading."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.vector_files import bit_patterns

from w2v.formats._formats import float_to_text, text_to_float


@pytest.mark.parametrize(("value", "text"), [
    (0.0, b"0"), (-0.0, b"-0"), (1.0, b"1"), (0.1, b"0.1"), (-0.5, b"-0.5"), (123456.7, b"123456.7"),
    (1e-5, b"0.00001"), (1e-6, b"1e-06"), (1e9, b"1e+09"), (999999.0, b"999999"), (100.0, b"100"),
    (1.401298464324817e-45, b"1e-45"), (3.4028234663852886e38, b"3.4028235e+38"), (1.17549435e-38, b"1.1754944e-38"),
    (float("inf"), b"inf"), (float("-inf"), b"-inf"), (float("nan"), b"nan"), (16777216.0, b"16777216"),
])
def test_float_to_text_writes_shortest_digits(value: float, text: bytes) -> None:
    assert float_to_text(value) == text


def test_float_text_round_trip_keeps_every_bit() -> None:
    values = bit_patterns()
    texts = [float_to_text(value) for value in values]
    ours = np.array([text_to_float(text) for text in texts], dtype=np.float32)
    python = np.array([float(text) for text in texts]).astype(np.float32)
    assert np.array_equal(ours.view(np.uint32), values.view(np.uint32))
    assert np.array_equal(python.view(np.uint32), values.view(np.uint32))
    assert max(map(len, texts)) <= 20


def test_float_text_is_as_short_as_numpys_for_common_values() -> None:
    values = np.random.default_rng(6).normal(0, 0.3, 20_000).astype(np.float32)

    def digits(text: str) -> int:
        return len(text.lstrip("-").split("e")[0].replace(".", "").strip("0"))

    longer = sum(digits(float_to_text(value).decode()) > digits(np.format_float_positional(value)) for value in values)
    assert longer <= 2


@pytest.mark.parametrize("text", [
    b"1", b"+1.5", b"-.5", b"5.", b"1e5", b"1E-5", b"0.1234567890123456789", b"0.12345678901234567", b"1e-45", b"7e-46",
    b"123456789012345678901234567890", b"1e400", b"-1e-400", b"1e22", b"1e23", b"16777217", b"1.00000005960464477539",
    b"1.000000059604644775390625", b"0." + b"0" * 400 + b"1e400", b"9" * 500, b"inf", b"-Infinity", b"3.4028236e38",
])
def test_text_to_float_agrees_with_python(text: bytes) -> None:
    with np.errstate(over="ignore"):
        expected = np.float64(float(text)).astype(np.float32)
    assert np.float32(text_to_float(text)).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "text", [b"", b"-", b".", b"e5", b"1e", b"1e+", b"1.2.3", b"1,5", b"0x10", b"1 ", b"--1", b"in", b"nano"])
def test_text_to_float_refuses_text_that_is_not_a_number(text: bytes) -> None:
    with pytest.raises(ValueError, match="not a number"):
        text_to_float(text)
