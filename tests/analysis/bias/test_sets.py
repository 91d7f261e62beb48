"""Files of bias tests, their errors, and names of the registry."""

import json

import pytest
from helpers import biased

from w2v.analysis.bias.sets import BiasSet, read_file, read_sets
from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets import registry
from w2v.evaluation.suite import read_suite

TEXT = """\ufeff# a comment

: science, arts
targets science: physics, chemistry; nasa
targets arts:\tpoetry
Targets arts: drama
attributes male: he him
attribute female: she her
: jobs
target jobs: nurse
attributes male: he
attributes female: she
"""


def test_text_has_several_tests_and_lines_that_add_words(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text(TEXT.replace("physics, chemistry; nasa", "physics, chemistry, nasa"), encoding="utf-8")
    one, two = read_file(path)
    assert one == BiasSet("science, arts", {"science": ["physics", "chemistry", "nasa"], "arts": ["poetry", "drama"]},
                          {"male": ["he", "him"], "female": ["she", "her"]})
    assert two == BiasSet("jobs", {"jobs": ["nurse"]}, {"male": ["he"], "female": ["she"]})


@pytest.mark.parametrize("targets", [("x", "y"), ("x",)])
def test_text_and_json_say_the_same(tmp_path, targets):
    asked = biased.asked(targets=targets)
    [text] = read_file(biased.write_text(tmp_path / "planted.txt", asked))
    [from_json] = read_file(biased.write_json(tmp_path / "planted.jsonl", asked))
    assert text == from_json == asked


def test_file_without_a_name_line_has_the_name_of_the_file(tmp_path):
    path = biased.write_text(tmp_path / "own.txt", biased.asked())
    path.write_text(path.read_text().split("\n", 1)[1])
    assert [one.name for one in read_file(path)] == ["own"]


@pytest.mark.parametrize(("text", "line", "message"), [
    ("", 1, "there are no tests"), ("# only\n", 1, "there are no tests"),
    (": a\n: b\ntargets x: a\n", 1, "'a' has no words"),
    ("targets x: a\nattributes y: b\n", 1, "1 sets of attributes; a test has two"),
    ("attributes y: b\nattributes z: c\n", 1, "0 sets of targets"),
    (": t\ntargets x: a\ntargets y: b\ntargets z: c\nattributes y: b\nattributes z: c\n", 1, "3 sets of targets"),
    (": t\ntargets x: a\nphysics chemistry\n", 3, "expected ': name'"),
    ("targets x\n", 1, "expected"), ("targets : a\n", 1, "expected"),
    ("targets x:\nattributes y: b\nattributes z: c\n", 1, "the set 'x' of"),
    ("targets x: a q\ntargets y: b q\nattributes y: b\nattributes z: c\n", 1, "'q' is in 'x' and in 'y'"),
    ("targets x: a\nattributes y: q\nattributes z: c q\n", 1, "'q' is in 'y' and in 'z'"),
    ('{"targ1": {"examples": ["a"]},\n "attr1": }', 2, "begins like JSON and is not"),
    ('{"targ1": ["a"]}', 1, "targ1 must be an object"), ('{"targ1": {"examples": [1]}}', 1, "targ1 must be an object"),
    ('{"targ1": {"examples": ["a"]}}', 1, "0 sets of attributes"), ("{}", 1, "0 sets of targets"),
    (json.dumps({"targ1": {"category": "q", "examples": ["a"]}, "targ2": {"category": "q", "examples": ["b"]}}), 1,
     "two sets have the category 'q'"),
    ('{"a": ' * 100_000, 1, "cannot be read"), ('{"a": ' + "1" * 5000 + "}", 1, "cannot be read"),
    ("[1]", 1, "expected ': name'"), ('{"targ1": null}', 1, "targ1 must be"),
])
def test_broken_file_is_refused_with_its_line(tmp_path, text, line, message):
    path = tmp_path / "t.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match=message) as found:
        read_file(path)
    assert found.value.line == line


def test_names_are_found_and_weat_stands_for_all(tmp_path, monkeypatch):
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("W2V_DATASETS", raising=False)
    with pytest.raises(W2VError, match="none of the sets weat1 ... weat10 was found.*fetch weat1"):
        read_sets("weat")
    with pytest.raises(W2VError, match="weat6 was not found: `w2v datasets fetch weat6`"):
        read_sets(["weat6"])
    for name in ("weat6", "weat10"):
        biased.write_json(tmp_path / f"{name}.jsonl", biased.asked())
    assert [one.name for one in read_sets("weat", tmp_path)] == ["weat6", "weat10"]
    own = biased.write_text(tmp_path / "own.txt", biased.asked(name="own"))
    assert [one.name for one in read_sets(["WEAT6", own, biased.asked()], tmp_path)] == ["weat6", "own", "planted"]
    for wrong in (["gender-pairs"], ["men"]):
        with pytest.raises(W2VError, match="one of bias is needed"):
            read_sets(wrong, tmp_path)
    with pytest.raises(W2VError, match="no test sets"):
        read_sets([])
    with pytest.raises(W2VError, match="cannot read"):
        read_sets([tmp_path / "nothing.txt"])


def test_they_are_no_benchmarks(tmp_path):
    biased.write_json(tmp_path / "weat6.jsonl", biased.asked())
    assert not {info.kind for info in map(registry.SETS.get, registry.STANDARD)} & set(registry.OTHER_KINDS)
    [failure] = read_suite(["weat6"], tmp_path).failures
    assert failure.message == "weat6 is not a benchmark: it is for w2v bias --sets"
    assert not read_suite(["standard"], tmp_path).sets
