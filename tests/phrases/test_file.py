"""Files of phrase models: complete round trips, and every error with its line."""

from __future__ import annotations

import pytest
from helpers import phrases_twin as twin
from helpers.phrases_twin import CONNECTORS, HEAD

from w2v.errors import FormatError, W2VError
from w2v.phrases import Phrases


def test_saved_model_is_loaded_unchanged(tmp_path):
    sentences = twin.made_sentences(400, joined=True) + [["a b", "c\td"], ["\\s", "\udc80"], ["a\nb", "\r"]] * 9
    phrases = Phrases(sentences, min_count=2, threshold=0.5, passes=2, connector_words=CONNECTORS | {"\udcc0"})
    assert ("a b", "c\td") in phrases.passes[0] and ("\\s", "\udc80") in phrases.passes[0]
    phrases.save(tmp_path / "p.tsv")
    loaded = Phrases.load(tmp_path / "p.tsv")
    assert loaded.passes == phrases.passes and loaded.connector_words == phrases.connector_words
    assert [list(one) for one in loaded.passes] == [list(one) for one in phrases.passes]
    for name in ("min_count", "threshold", "scoring", "delimiter"):
        assert getattr(loaded, name) == getattr(phrases, name)
    assert list(loaded[sentences]) == list(phrases[sentences])
    loaded.save(tmp_path / "again.tsv")
    assert (tmp_path / "again.tsv").read_bytes().split(b"\n")[2:] == (tmp_path / "p.tsv").read_bytes().split(b"\n")[2:]


@pytest.mark.parametrize(("content", "line", "problem"), [
    ("", 1, "not a phrase model"),
    ("new york\n", 1, "not a phrase model"),
    (HEAD.replace("phrases 1", "phrases 2"), 1, "format '2'"),
    ("# w2v phrases 1\n", 2, "no options"),
    ("# w2v phrases 1\n# {\n", 2, "not JSON"),
    ("# w2v phrases 1\n# [1]\n", 2, "no options"),
    ("# w2v phrases 1\n# " + "[" * 100_000 + "\n", 2, "too many brackets"),
    ('# w2v phrases 1\n# {"a":' * 1 + '{"a":' * 50_000 + "\n", 2, "too many brackets"),
    ("# w2v phrases 1\n# " + "9" * 5000 + "\n", 2, "not JSON"),
    (HEAD.replace('"threshold": 10', '"threshold": 1' + "0" * 400), 2, "too large"),
    (HEAD.replace('"threshold": 10', '"threshold": NaN'), 2, "threshold"),
    (HEAD.replace('"min_count": 5', '"min_count": true'), 2, "'min_count'"),
    (HEAD.replace('"min_count": 5', '"min_count": 1e400'), 2, "min_count"),
    (HEAD.replace('"scoring": "default"', '"scoring": "other"'), 2, "scoring"),
    (HEAD.replace('["of"]', '{"of": 1}'), 2, "connector_words"),
    (HEAD.replace('["of"]', '[""]'), 2, "connector_words"),
    (HEAD.replace('"min_count": 5', '"min_count": "5"'), 2, "'min_count'"),
    (HEAD.replace('["of"]', '[1]'), 2, "connector_words"),
    (HEAD.replace("score\tcount", "score"), 3, "columns"),
    (HEAD + "1\tnew york\t1.5\t3", 4, "no line end"),
    (HEAD + "1\tnew york\t1.5\t3\n1\tnew york\t1.5\n", 5, "3 fields"),
    (HEAD + "x\tnew york\t1.5\t3\n", 4, "pass"),
    (HEAD + "2\tnew york\t1.5\t3\n", 4, "pass 2 after pass 0"),
    (HEAD + "1\tnew york\thigh\t3\n", 4, "score 'high'"),
    (HEAD + "1\tnew york\tnan\t3\n", 4, "not finite"),
    (HEAD + "1\tnew york\t1.5\t3.5\n", 4, "count '3.5'"),
    (HEAD + "1\tnew york\t1.5\t0\n", 4, "below 1"),
    (HEAD + "1\tnew york\t1.5\t" + "9" * 5000 + "\n", 4, "count"),
    (HEAD + "1\tnew york\t1e999\t3\n", 4, "not finite"),
    (HEAD + "9" * 5000 + "\tnew york\t1.5\t3\n", 4, "pass"),
    (HEAD + "1\tnew\t1.5\t3\n", 4, "two or more words"),
    (HEAD + "1\tnew  york\t1.5\t3\n", 4, "two or more words"),
    (HEAD + "1\tof york\t1.5\t3\n", 4, "connector"),
    (HEAD + "1\tnew york city\t1.5\t3\n", 4, "'york'.*passes"),
    (HEAD + "1\tnew y\\ork\t1.5\t3\n", 4, "backslash"),
    (HEAD + "1\tnew york\t1.5\t3\n1\tnew york\t2.5\t3\n", 5, "twice"),
])
def test_broken_file_is_an_error_that_names_the_line(tmp_path, content, line, problem):
    path = tmp_path / "p.tsv"
    path.write_text(content)
    with pytest.raises(FormatError, match=problem) as error:
        Phrases.load(path)
    assert error.value.line == line and str(path) in str(error.value)


def test_options_out_of_range_and_missing_files_are_errors(tmp_path):
    with pytest.raises(W2VError, match="cannot read"):
        Phrases.load(tmp_path / "none.tsv")
    with pytest.raises(W2VError, match="cannot read"):
        Phrases.load(tmp_path)
    (tmp_path / "p.tsv").write_text(HEAD.replace('"min_count": 5', '"min_count": 0'))
    with pytest.raises(FormatError, match="min_count") as error:
        Phrases.load(tmp_path / "p.tsv")
    assert error.value.line == 2
