"""The file of a search: whole lines, unfinished ones, and other files."""

from __future__ import annotations

import json

import pytest

from w2v.errors import FormatError, W2VError
from w2v.tuning.state import State, is_state, read, result_of
from w2v.tuning.trial import Trial, Value

HEADER = {"corpus": "x", "shares": (0.5, 1.0)}
TRIAL = Trial(3, "random", {"window": (2, 5), "alpha": 0.1}, 1 / 3, 0.5, (Value("a", 0.5, None, 3, 4),),
              (Value("a", 0.4, (0.1, 0.6), 3, 4),), 1.5, 1e6, 2.5)


@pytest.fixture
def path(tmp_path):
    path = str(tmp_path / "t.jsonl")
    with State(path) as state:
        state.begin(HEADER)
        state.add(TRIAL)
    return path


def test_trials_are_read_as_they_were_written(path):
    header, trials, _ = read(path)
    assert header == {"corpus": "x", "shares": [0.5, 1.0]} and trials == [TRIAL]
    with State(path, resume=True) as state:
        state.begin(HEADER)
        assert state.done == {(3, 1 / 3): TRIAL}
        state.end({"best": {"window": 3}})
    assert result_of(path) == {"best": {"window": 3}} and is_state(open(path, "rb").readline())


def test_an_unfinished_line_is_dropped(path):
    with open(path, "ab") as file:
        file.write(b'{"event": "trial", "numb')
    with State(path, resume=True) as state:
        state.begin(HEADER)
        state.add(TRIAL)
    lines = [json.loads(line) for line in open(path, "rb")]
    assert [one["event"] for one in lines] == ["tune", "trial", "trial"]


def test_files_are_not_overwritten(path):
    with pytest.raises(W2VError, match="already exists; continue its search with resume"):
        State(path)
    with pytest.raises(W2VError, match="cannot read"):
        State(path + "x", resume=True)


def test_a_search_that_did_not_begin_leaves_no_file(tmp_path):
    with pytest.raises(KeyError), State(tmp_path / "x.jsonl"):
        raise KeyError
    assert not (tmp_path / "x.jsonl").exists()


def test_another_search_is_refused(path):
    with State(path, resume=True) as state, pytest.raises(ValueError, match="has another shares"):
        state.begin({**HEADER, "shares": (1.0,)})


@pytest.mark.parametrize("text, message", [
    ("", "has no line"), ('{"event": "start"}\n', "line 1"), ("[]\n", "line 1"), ("nothing\n", "line 1"),
    ('{"event": "tune"}\n{"event": "trial", "number": 1}\n', "line 2"),
    ('{"event": "tune"}\n{"event": "other"}\n', "line 2")])
def test_other_files_are_refused(tmp_path, text, message):
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        State(str(path), resume=True)
    assert path.read_text() == text


def test_a_search_that_has_not_ended_has_no_result(path):
    with pytest.raises(FormatError, match="has not ended \\(1 trials so far\\); continue it with w2v tune --resume"):
        result_of(path)
