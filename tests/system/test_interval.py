"""Intervals: their text, their bounds, and when they have passed."""

import pytest

from w2v.system.interval import Interval


@pytest.mark.parametrize(("value", "seconds", "share"), [
    ("90s", 90.0, None), ("10m", 600.0, None), ("1.5h", 5400.0, None), (" 2h ", 7200.0, None), (0.25, 0.25, None),
    (90, 90.0, None), (1e-6, 1e-6, None), ("5%", None, 0.05), ("100%", None, 1.0), ("0.5%", None, 0.005),
])
def test_intervals_are_times_or_shares(value: str | float, seconds: float | None, share: float | None) -> None:
    interval = Interval.of(value, "every")
    assert (interval.seconds, interval.share) == (seconds, pytest.approx(share))
    assert Interval.of(interval.text, "every") == interval


@pytest.mark.parametrize("value", ["", "soon", "10", "m", "-5s", "5 m", "1d", True, None, float("nan")])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="every = .* is not an interval; expected 90s, 10m, 2h, or 5% of the words"):
        Interval.of(value, "every")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["0s", 0, "0%", "101%", 1e15])
def test_values_out_of_range_are_refused(value: str | float) -> None:
    with pytest.raises(ValueError, match="every = .* is out of range: expected above 0 and at most 100%"):
        Interval.of(value, "every")


def test_time_has_passed_after_its_seconds() -> None:
    interval = Interval.of("90s", "every")
    assert not interval.passed(89.9, 0.0, 1.0) and interval.passed(90.0, 0.0, 0.0)


def test_share_has_passed_at_its_multiples() -> None:
    interval = Interval.of("25%", "every")
    assert not interval.passed(1e9, 0.26, 0.49)
    assert interval.passed(0.0, 0.24, 0.26) and interval.passed(0.0, 0.0, 1.0)
