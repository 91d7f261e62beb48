"""A short run of every fuzzer, with fixed cases; and the driver, which must notice what goes wrong."""

import faulthandler
import os
import random
import sys
import time
import warnings
from pathlib import Path

import pytest

from fuzz import driver, faults, mutation, readers, trainer

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the fuzzers need fork and /proc"),
    pytest.mark.filterwarnings("ignore"),
]


def wrong(rng: random.Random, folder: Path) -> None:
    """Each kind of wrong result, among correct ones, by the size of a random number."""
    number = rng.random()
    if number < 0.1:
        raise driver.Finding("a wrong result")
    if number < 0.2:
        raise ZeroDivisionError("not an error of the package")
    if number < 0.3:
        faulthandler.disable()  # pytest's would print a traceback
        os.abort()
    if number < 0.4:
        time.sleep(60)


@pytest.mark.slow
def test_driver_notices_wrong_results_errors_crashes_and_hangs(monkeypatch):
    monkeypatch.setattr(driver, "CASE_SECONDS", 3.0)
    numbers = range(45)
    expected = {}
    for number in numbers:
        drawn = random.Random(number).random()
        if drawn < 0.4:
            expected[number] = ("a wrong result", "ZeroDivisionError", "crash", "hangs")[int(drawn * 10)]
    found = dict(driver.findings(wrong, 0, 60, len(numbers)))
    assert set(expected.values()) == {"a wrong result", "ZeroDivisionError", "crash", "hangs"}
    assert found.keys() == expected.keys() and all(text in found[number] for number, text in expected.items())


def test_changes_depend_on_the_number_of_the_case_alone():
    data = b"3 2\nthe 1 2\nof 3 4\nand 5 6\n" * 10
    changed = [mutation.mutated(random.Random(number), data, b"other") for number in range(200)]
    assert changed == [mutation.mutated(random.Random(number), data, b"other") for number in range(200)]
    assert len({*changed, data}) > 150


@pytest.mark.slow
def test_changed_files_are_read_or_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        readers.seeds()
        assert not dict(driver.findings(readers.case, 0, 120, 1000))


@pytest.mark.slow
def test_random_runs_add_up_and_repeat():
    assert not dict(driver.findings(trainer.case, 0, 120, 60))


@pytest.mark.slow
@pytest.mark.parametrize("fault", [
    faults.Fault("train", "write", 1, faults.errno.ENOSPC), faults.Fault("train, checkpoint", "thread", 1, 11),
    faults.Fault("train, n-grams", "read", 1, faults.errno.EIO), faults.Fault("convert", "write", 1, 0),
    faults.Fault("phrases", "write", 2, faults.errno.ENOSPC), faults.Fault("plan", "thread", 1, 11)], ids=str)
def test_failed_calls_end_with_a_complete_result_or_one_line(fault, tmp_path):
    try:
        reached, finding = faults.Faults(tmp_path).finding(fault)
    except OSError as reason:
        pytest.skip(str(reason))
    assert reached and finding is None
