"""Kinds: vectors of every odd sort on every kind of set give results that can be shown and saved, or a failure."""

import json

import numpy as np
import pytest

from w2v import evaluate
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.output.record import record
from w2v.keyedvectors import KeyedVectors

LETTERS, EYE = list("abcdef"), np.eye(6, dtype=np.float32)
ODD = {
    "empty": ((), EYE[:0]), "one": (["a"], EYE[:1]), "none known": (["zz"], EYE[:1]), "zeros": (LETTERS, EYE * 0),
    "a NaN": (LETTERS, np.where(EYE[:, 2:3], np.float32(np.nan), EYE)), "the same": (LETTERS, EYE * 0 + 1),
    "infinite": (LETTERS, np.where(EYE[:, 1:2], np.float32(np.inf), EYE)), "huge": (LETTERS, EYE * np.float32(1e30)),
    "one number": (LETTERS, EYE[:, :1]), "columns first": (LETTERS, np.asfortranarray(EYE)),
    "backwards": (LETTERS, EYE[::-1]),
    "halves": (LETTERS, EYE.astype(np.float16)), "blanks": (["a b", "c\td", " ", "é", "", "x"], EYE)}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ODD)
def test_odd_vectors_are_evaluated_on_every_kind_of_set(tmp_path, name):
    for file, text in {
        "g.txt": ": s\na b c d\na b e f\nc d e f\n: t\na c b d\n", "p.tsv": "a\tb\t1\nc\td\t2\na\tc\t2\n",
        "c.txt": "a x\nb x\nc y\nd y\n", "o/1.txt": "a\nb\nc\n\nd\ne\n",
        "d/1a.txt": "a:b, c:d\ne:f 1\na:c 2\nb:d 3\n",
        "s.jsonl": '{"stem": ["a", "b"], "choice": [["c", "d"], ["e", "f"]], "answer": 0}\n',
        "t.tsv": "1\ta b\tc d\n2\te f\ta\n3\tb b\tb c\n", "n.txt": "a b\nc d e f\n",
        "l.txt": "a b 1\nc d 1\ne f 1\na c 0\nb d 0\na d 0\n",
    }.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    words, rows = ODD[name]
    kv = KeyedVectors(words, rows)
    sources = [(str(tmp_path / file), kind) for file, kind in zip(
        ("g.txt", "p.tsv", "c.txt", "o", "d", "s.jsonl", "t.tsv", "n.txt", "l.txt"),
        ("analogies", "similarity", "categories", "outliers", "degrees", "choices", "sentences", "sessions", "links"),
        strict=True)]
    assert {kind for _, kind in sources} == set(KINDS) - {"labels"}  # its own test: it needs scikit-learn
    found = evaluate.run(kv, sources, methods=evaluate.METHODS, draws=100)
    assert len(found.results) == 17 and len(evaluate.format_table(found.results)) > 100
    unknown = {"empty": 9, "none known": 9, "blanks": 9, "one": 8}
    most = 3 if name == "huge" else 1  # sentences and links leave out rows that are broken
    assert len(found.failures) >= unknown.get(name, 0) and (name in unknown or len(found.failures) <= most)
    kept = json.loads(record(found.measures(), None), parse_constant=pytest.fail)  # no NaN
    assert len(kept) == len({one.set for one in found.measures() if one.value is not None})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ODD)
def test_odd_vectors_are_classified(tmp_path, name):
    pytest.importorskip("sklearn")
    (tmp_path / "k.txt").write_text("a x\nb x y\nc y\nd y\ne x\nf y\n")
    words, rows = ODD[name]
    found = evaluate.run(KeyedVectors(words, rows), labels=tmp_path / "k.txt", draws=100)
    [result] = found.results
    assert (len(found.failures) == 1) == (result.micro is None) == (name in ("empty", "none known", "blanks", "one",
                                                                             "huge"))
    assert json.loads(record(found.measures(), None), parse_constant=pytest.fail) or found.failures


def test_names_of_kinds_are_the_same_everywhere():
    assert all(name == kind.name == kind.result.kind for name, kind in KINDS.items())


def test_result_of_every_kind_is_a_public_type():
    assert all(getattr(evaluate, kind.result.__name__) is kind.result for kind in KINDS.values())
