"""JSON logs: one line for each event, continued files, and disks that are full."""

import json
import os
from pathlib import Path

import pytest

from w2v.errors import W2VError
from w2v.system.jsonlog import JsonLog


def test_each_event_is_a_line_that_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with JsonLog(path) as log:
        log.write("start", words=["é", "bad\udcff"], loss=float("nan"))
        first = json.loads(path.read_text(encoding="utf-8"))
        assert first.pop("time") > 1.6e9
        assert first == {"event": "start", "words": ["é", "bad\ufffd"], "loss": None}
        log.write("end")
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["start", "end"]
    assert log.problem is None


def test_existing_file_is_continued_on_a_new_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("half a li")
    for event in ("one", "two"):
        with JsonLog(path) as log:
            log.write(event)
    lines = path.read_text().splitlines()
    assert lines[0] == "half a li" and [json.loads(line)["event"] for line in lines[1:]] == ["one", "two"]


def test_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match=r"cannot write the log .*none.log: No such file"):
        JsonLog(tmp_path / "none" / "log")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_full_disk_is_a_problem_of_the_log_and_not_an_error() -> None:
    with JsonLog("/dev/full") as log:
        log.write("one")
        log.write("two")
    assert log.problem == "the log /dev/full ends early: No space left on device"
