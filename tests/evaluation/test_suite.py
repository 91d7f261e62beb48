"""Several sets at once: broken lines do not stop their set, broken sets do not stop the others."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from helpers.evaluation import write

import w2v
from w2v.errors import FormatError, W2VError
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.suite import read_suite, sources_of

WORDS = list("abcdefgh")
PARTLY = {  # a file or folder of each kind, and the line that is broken
    "analogies": ("q.txt", ": s\na b c d\na b c\na b e f\n", 3),
    "similarity": ("p.tsv", "a\tb\t1\nc\td\t3much\na\tc\t2\ne\tf\t3\n", 2),
    "degrees": ("d/1a.txt", "a:b, c:d\ne:f 1\na:c\nb:d 3\n", 3),
    "choices": ("s.jsonl", '{"stem": ["a", "b"], "choice": [["c", "d"], ["e", "f"]], "answer": 0}\n[1]\n', 2),
    "categories": ("c.txt", "a x\nb\nc y\nd y\n", 2),
    "sentences": ("t.tsv", "1\ta b\tc d\n3much\te f\tg a\n2\ta b\tc b\n3\ta\th g\n", 2),
    "sessions": ("n.txt", "a b\nc\nd c b\n", 2),
    "links": ("l.txt", "a b 1\nc d 2\na c 0\ne f 1\ng h 0\n", 2),
    "labels": ("k.txt", "a x\nb\nc y\nd y\ne x\nf y\n", 2),
    "outliers": ("o.csv", "category,words,outliers\nx,\"['a', 'b']\",\"['c']\"\ny,[],[]\n", 3),
}
WITHOUT_PACKAGES = [kind for kind in PARTLY if KINDS[kind].check is None]


@pytest.fixture
def kv():
    return w2v.KeyedVectors(WORDS, np.random.default_rng(1).normal(size=(8, 5)))


def test_every_kind_has_a_partly_broken_set():
    assert set(PARTLY) == set(KINDS)


@pytest.mark.parametrize("kind", WITHOUT_PACKAGES)
def test_broken_lines_are_failures_and_the_rest_is_scored(kv, tmp_path, kind):
    name, text, line = PARTLY[kind]
    path = write(tmp_path / name, text)
    source = path.parent if "/" in name else path
    found = w2v.evaluate(kv, draws=0, **{kind: source})
    result, (failure,) = found.results[0], found.failures
    assert failure.scored and failure.name == result.name and f"{path}, line {line}: " in failure.message
    assert next(result.measures()).used > 0
    good = "\n".join(text.split("\n")[:line - 1] + text.split("\n")[line:])
    write(path, good)
    clean = w2v.evaluate(kv, draws=0, **{kind: source})
    assert clean.results == found.results and not clean.failures
    assert clean.to_dict()[kind] == found.to_dict()[kind]


@pytest.mark.parametrize("kind", WITHOUT_PACKAGES)
def test_sets_of_broken_lines_only_are_failures_that_name_the_first(kv, tmp_path, kind):
    name, text, line = PARTLY[kind]
    lines = text.split("\n")
    broken = lines[line - 1]
    head = [one for one in lines[:line - 1] if one.startswith((":", "category", "a:b, "))]
    path = write(tmp_path / name, "\n".join([*head, broken, broken]) + "\n")
    found = w2v.evaluate(kv, draws=0, **{kind: path.parent if "/" in name else path})
    (failure,) = found.failures
    assert not found.results and not failure.scored and f"{path}, line {len(head) + 1}: " in failure.message


def test_broken_lines_of_kinds_that_need_packages(kv, tmp_path):
    pytest.importorskip("sklearn")
    assert set(PARTLY) - set(WITHOUT_PACKAGES) == {"labels"}
    test_broken_lines_are_failures_and_the_rest_is_scored(kv, tmp_path, "labels")
    test_sets_of_broken_lines_only_are_failures_that_name_the_first(kv, tmp_path, "labels")


def test_a_single_set_warns_of_broken_lines(kv, tmp_path):
    name, text, _ = PARTLY["similarity"]
    path = str(write(tmp_path / name, text))
    for call in (lambda: kv.evaluate(path, draws=0), lambda: w2v.evaluate.similarity(kv, path, draws=0)):
        with pytest.warns(UserWarning, match="line 2: the score '3much' is not a number") as caught:
            assert call().pairs == 3
        assert caught[0].filename == __file__
    name, text, _ = PARTLY["analogies"]
    path = str(write(tmp_path / name, text))
    for call in (lambda: kv.evaluate(path, draws=0), lambda: w2v.evaluate.analogies(kv, path, draws=0)):
        with pytest.warns(UserWarning, match="line 3: an analogy has four words") as caught:
            assert call().questions == 2
        assert caught[0].filename == __file__
    with pytest.raises(W2VError, match="line 1"):
        kv.evaluate(str(write(tmp_path / "x.txt", "a b\n" * 3)), draws=0, **{})
    with pytest.raises(FormatError, match="line 1"):
        w2v.evaluate.similarity(kv, tmp_path / "x.txt")


def test_several_sets_do_not_warn(kv, tmp_path):
    path = write(tmp_path / "p.tsv", PARTLY["similarity"][1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(kv.evaluate([str(path)], draws=0).failures) == 1
        assert len(kv.evaluate(similarity=path, draws=0).failures) == 1


def test_sets_are_named_by_suite_and_by_kind():
    assert sources_of(None, {}) == ["standard"] == sources_of("standard", {})
    assert sources_of(None, {"analogies": "q.txt", "similarity": ["a", "b"]}) == [
        ("q.txt", "analogies"), ("a", "similarity"), ("b", "similarity")]
    assert sources_of(("a", "choices"), {"degrees": ()}) == [("a", "choices")]
    assert sources_of(["men", "x.tsv"], {"outliers": "o"}) == ["men", "x.tsv", ("o", "outliers")]
    assert sources_of([], {}) == []


def test_delimiter_is_for_sets_with_fields(kv, tmp_path):
    pairs = write(tmp_path / "p.txt", "a|b|1\nc|d|2\na|c|3\n")
    questions = write(tmp_path / "q.txt", ": s\na b c d\n")
    assert w2v.evaluate(kv, similarity=pairs, delimiter="|", draws=0)["p"].pairs == 3
    assert w2v.evaluate(kv, [pairs, questions], delimiter="|", draws=0)["p"].pairs == 3
    assert w2v.evaluate.similarity(kv, pairs, delimiter="|", draws=0).pairs == 3
    with pytest.raises(ValueError, match="similarity and categories and sentences and links and labels"):
        w2v.evaluate(kv, analogies=questions, delimiter="|")
    with pytest.raises(ValueError, match="not empty"):
        read_suite([str(pairs)], delimiter="")
