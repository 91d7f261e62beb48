"""Phrase models of gensim: pickles are read without being executed, whatever version wrote them."""

from __future__ import annotations

import pickle
import sys
import types
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from helpers import phrases_twin as twin
from helpers.vector_files import text_packers

from w2v.errors import FormatError, W2VError
from w2v.phrases import FrozenPhrases, Phrases

SENTENCE = ["graph", "minors", "survey", "of", "the", "human", "interface"]
COUNTS = {"graph": 3, "minors": 2, "survey": 2, "human": 2, "interface": 2, "graph_minors": 2, "minors_survey": 1,
          "survey_of_the_human": 1, "human_interface": 2}
STATE = {"min_count": 1, "threshold": 0.5, "delimiter": "_", "connector_words": frozenset({"of", "the"})}


def made(path: Path, monkeypatch: pytest.MonkeyPatch, name: str, state: dict[str, Any], protocol: int = 4) -> Path:
    """Write a pickle of an object of gensim's class with this name."""
    module = types.ModuleType("gensim.models.phrases")
    made_class = type(name, (), {"__module__": module.__name__})
    setattr(module, name, made_class)

    def original_scorer() -> None: ...

    original_scorer.__module__, original_scorer.__qualname__ = module.__name__, "original_scorer"
    module.original_scorer = original_scorer  # type: ignore[attr-defined]
    for key in ("gensim", "gensim.models"):
        monkeypatch.setitem(sys.modules, key, types.ModuleType(key))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    item = made_class()
    item.__dict__.update({key: original_scorer if value == "the scorer" else value for key, value in state.items()})
    path.write_bytes(pickle.dumps(item, protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("loader", [Phrases, FrozenPhrases])
def test_counts_of_gensim_are_scored(tmp_path, monkeypatch, protocol, old, loader):
    counts = {word.encode() if old else word: n for word, n in COUNTS.items()}
    state = STATE | {"vocab": defaultdict(int, counts), "scoring": "the scorer", "corpus_word_count": 20}
    if old:  # gensim 3 has bytes, and another name for the connector words
        state |= {"delimiter": b"_", "common_terms": frozenset({b"of", b"the"})}
        del state["connector_words"]
    model = loader.load(made(tmp_path / "p.model", monkeypatch, "Phrases", state, protocol))
    assert type(model) is loader and model.connector_words == {"of", "the"} and model.scoring == "default"
    assert model[SENTENCE] == ["graph_minors", "survey", "of", "the", "human_interface"]
    assert model.passes == [{("human", "interface"): (9 / 4, 2), ("graph", "minors"): (9 / 6, 2)}]


@pytest.mark.parametrize(("grams", "score"), [
    ({"graph_minors": 2.5, "survey_of_the_human": 3.0}, 3.0),                                          # gensim 4
    ({(b"graph", b"minors"): (2, 2.5), (b"survey", b"of", b"the", b"human"): (1, 3.0)}, 3.0),            # gensim 1 to 3
    ({("graph", "minors"): 2.5, ("survey", "of", "the", "human"): 3.0}, 3.0)])
def test_scores_of_gensim_are_read(tmp_path, monkeypatch, grams, score):
    path = made(tmp_path / "p.model", monkeypatch, "FrozenPhrases", STATE | {"phrasegrams": grams})
    model = FrozenPhrases.load(path)
    assert model[SENTENCE] == ["graph_minors", "survey_of_the_human", "interface"]
    assert model.find_phrases([SENTENCE]) == {"graph_minors": 2.5, "survey_of_the_human": score}
    model.save(tmp_path / "own.tsv")
    again = FrozenPhrases.load(tmp_path / "own.tsv")
    assert again.passes == model.passes and again.min_count == 1 and again[SENTENCE] == model[SENTENCE]


@pytest.mark.parametrize("pack", text_packers().values(), ids=text_packers())
def test_compressed_files_of_gensim_are_read(tmp_path, monkeypatch, pack):
    path = made(tmp_path / "p.model", monkeypatch, "Phrases", STATE | {"vocab": COUNTS})
    path.write_bytes(pack(path.read_bytes()))
    assert Phrases.load(path)[["human", "interface"]] == ["human_interface"]


@pytest.mark.parametrize(("state", "message"), [
    ({}, "never executed; it holds no phrases"),
    (STATE | {"vocab": 3}, "no phrases"),
    (STATE | {"vocab": COUNTS, "scoring": print}, r"scored by a function.*freeze"),
    (STATE | {"vocab": COUNTS, "threshold": None}, "not a number"),
    (STATE | {"vocab": COUNTS, "threshold": float("nan")}, "not a number"),
    (STATE | {"vocab": COUNTS, "delimiter": ""}, "no delimiter"),
    (STATE | {"vocab": COUNTS, "delimiter": 5}, "not text"),
    (STATE | {"vocab": {"a": "b"}}, "not a number"),
    (STATE | {"vocab": {3: 1}}, "not text"),
    (STATE | {"vocab": {"a": 1 << 70, "a_a": 1 << 70}}, "too large"),
    (STATE | {"vocab": {"a" + "_" * 20_000: 1}}, "20001 parts"),
    (STATE | {"vocab": COUNTS, "connector_words": 3}, "not a phrase model"),
    (STATE | {"phrasegrams": {"a_b": "c"}}, "not a number"),
    (STATE | {"phrasegrams": {(("a", "b"), "c"): 1.0}}, "not text"),
    (STATE | {"phrasegrams": {"a_b": (1, 2, 3)}}, "not a number")])
def test_pickles_without_a_usable_model_are_format_errors(tmp_path, monkeypatch, state, message):
    path = made(tmp_path / "p.model", monkeypatch, "Phrases", state)
    with pytest.raises(FormatError, match=message) as caught:
        Phrases.load(path)
    assert str(path) in str(caught.value)


class Evil:
    """A pickle of it would write a file when it is executed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.write_text, (self.path, "executed")


def test_pickles_are_never_executed(tmp_path, monkeypatch):
    path = made(tmp_path / "p.model", monkeypatch, "Phrases", STATE | {"vocab": {"a": 1, "b": Evil(tmp_path / "x")}})
    with pytest.raises(W2VError):
        Phrases.load(path)
    assert not (tmp_path / "x").exists()


def test_damaged_pickles_are_format_errors(tmp_path, monkeypatch):
    path = made(tmp_path / "p.model", monkeypatch, "Phrases", STATE | {"vocab": COUNTS})
    data = path.read_bytes()
    for size in range(2, len(data)):
        path.write_bytes(data[:size])
        with pytest.raises(FormatError):
            Phrases.load(path)


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
@pytest.mark.parametrize("connectors", [frozenset(), twin.CONNECTORS])
@pytest.mark.parametrize(("scoring", "threshold"), [("default", 0.5), ("npmi", 0.2)])
def test_models_that_gensim_saves_join_the_same_phrases(tmp_path, suffix, connectors, scoring, threshold):
    gensim = pytest.importorskip("gensim.models.phrases")
    sentences = twin.made_sentences(800, joined=True)
    theirs = gensim.Phrases(sentences, min_count=3, threshold=threshold, scoring=scoring, connector_words=connectors)
    path = str(tmp_path / f"p.pkl{suffix}")
    for model in (theirs, theirs.freeze()):
        model.save(path)
        ours = FrozenPhrases.load(path)
        assert list(ours[sentences]) == list(model[sentences])
        found = ours.find_phrases(sentences)
        assert len(found) > 3 and found == model.find_phrases(sentences)
