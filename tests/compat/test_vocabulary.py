"""The vocabulary of gensim's classes: rules for words, counting and choosing in two steps, known counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import w2v
from w2v.compat import utils
from w2v.errors import CorpusError

LINES = [["graph", "system", "trees"], ["graph", "system"], ["system", "eps"], ["graph", "minors", "user"]] * 2 + [
    ["once", "system"]]
COUNTS = {"system": 7, "graph": 6, "eps": 2, "minors": 2, "trees": 2, "user": 2, "once": 1}
OPTIONS: dict[str, Any] = {"vector_size": 6, "workers": 1, "epochs": 1}


def rule(word: str, count: int, min_count: int) -> int:
    """Discard "graph", keep "once", and leave the others to `min_count`."""
    assert count == COUNTS[word] and min_count == 2
    return {"graph": utils.RULE_DISCARD, "once": utils.RULE_KEEP}.get(word, utils.RULE_DEFAULT)


CHOSEN = ["system", "eps", "minors", "trees", "user", "once"]
BUILDERS: dict[str, Callable[[Any], Any]] = {
    "at once": lambda kind: kind(LINES, min_count=2, trim_rule=rule, **OPTIONS),
    "generator": lambda kind: kind(iter(LINES), min_count=2, trim_rule=rule, **OPTIONS),
    "build_vocab": lambda kind: built(kind, lambda model: model.build_vocab(LINES, trim_rule=rule)),
    "keep_raw_vocab": lambda kind: built(kind, lambda model: model.build_vocab(
        LINES, trim_rule=rule, keep_raw_vocab=True)),
    "counts": lambda kind: built(kind, lambda model: model.build_vocab_from_freq(COUNTS, trim_rule=rule)),
    "two steps": lambda kind: built(kind, lambda model: (
        model.scan_vocab(LINES), model.prepare_vocab(trim_rule=rule))),
}


def built(kind: Any, call: Callable[[Any], Any]) -> Any:
    model = kind(min_count=2, **OPTIONS)
    call(model)
    return model


@pytest.mark.parametrize("kind", [w2v.Word2Vec, w2v.FastText])
@pytest.mark.parametrize("name", BUILDERS)
def test_rules_decide_which_words_stay(kind: Any, name: str) -> None:
    model = BUILDERS[name](kind)
    assert model.wv.index_to_key == CHOSEN and model.wv.counts.tolist() == [COUNTS[word] for word in CHOSEN]
    model.train(LINES, epochs=1)
    assert model.report.words_unknown == COUNTS["graph"]


def test_constants_and_default_rule_are_those_of_gensim() -> None:
    gensim = pytest.importorskip("gensim.utils")
    for name in ("RULE_DEFAULT", "RULE_DISCARD", "RULE_KEEP"):
        assert getattr(utils, name) == getattr(gensim, name)
    for answer in (0, 1, 2, 3, None, True):
        for count in (1, 2, 3):
            expected = gensim.keep_vocab_item("a", count, 2, lambda *_, answer=answer: answer)
            assert utils.keep_vocab_item("a", count, 2, lambda *_, answer=answer: answer) == expected


def test_rules_apply_to_new_words_of_an_update_only() -> None:
    model = w2v.Word2Vec(LINES, min_count=2, **OPTIONS)
    discard = lambda word, count, least: utils.RULE_DISCARD if word in ("graph", "bad") else utils.RULE_KEEP  # noqa: E731
    model.build_vocab([["graph", "bad", "good"]], update=True, trim_rule=discard)
    assert "bad" not in model.wv and model.wv.get_vecattr("good", "count") == 1
    assert model.wv.get_vecattr("graph", "count") == COUNTS["graph"] + 1


def test_rules_that_leave_no_word_are_an_error() -> None:
    def none(*_: Any) -> int:
        return utils.RULE_DISCARD

    with pytest.raises(CorpusError, match="the rule for words leaves none of the 7"):
        w2v.Word2Vec(LINES, trim_rule=none, **OPTIONS)
    with pytest.raises(ValueError, match="none of the 7 words"):
        w2v.Word2Vec(**OPTIONS).build_vocab_from_freq(COUNTS, trim_rule=none)
    with pytest.warns(UserWarning, match="pass it to build_vocab"):
        w2v.Word2Vec(trim_rule=none)
    with pytest.raises(RuntimeError, match="none of the 7"):  # a CorpusError is one, as in gensim
        w2v.Word2Vec(LINES, min_count=99)


def test_scan_and_prepare_count_and_choose() -> None:
    model = w2v.Word2Vec(min_count=3, max_final_vocab=4, sample=0, **OPTIONS)
    with pytest.raises(RuntimeError, match="call scan_vocab first"):
        model.prepare_vocab()
    assert model.scan_vocab(LINES) == (22, 9) and model.raw_vocab == COUNTS
    dry = model.prepare_vocab(min_count=2, dry_run=True)
    assert dry == {"drop_unique": 3, "retain_total": 17, "downsample_unique": 0, "downsample_total": 17,
                   "num_retained_words": 4}
    assert model.min_count == 3 and len(model.wv) == 0
    assert model.prepare_vocab(keep_raw_vocab=True)["num_retained_words"] == 2 and model.effective_min_count == 3
    assert model.wv.index_to_key == ["system", "graph"] and model.raw_vocab == COUNTS
    report = model.prepare_vocab(min_count=1, sample=1e-3)
    assert report["num_retained_words"] == 4 and report["downsample_unique"] == 4 and report["downsample_total"] < 5
    assert model.effective_min_count == 2 and model.min_count == 1 and not model.raw_vocab


@pytest.mark.parametrize("update", [False, True])
def test_scan_prepare_and_freq_give_the_same_as_in_gensim(update: bool) -> None:
    gensim = pytest.importorskip("gensim.models")
    reports = []
    for kind in (w2v.Word2Vec, gensim.Word2Vec):
        model = kind([["system", "old"]] * 3 if update else None, min_count=2, sample=0.05, **OPTIONS)
        model.scan_vocab(LINES)
        reports.append(model.prepare_vocab(update=update))
        reports[-1]["words"] = {word: model.wv.get_vecattr(word, "count") for word in model.wv.key_to_index}
    ours, theirs = reports
    assert ours.pop("downsample_total") == pytest.approx(theirs.pop("downsample_total"), abs=1)
    assert ours == theirs


def test_null_word_is_added_and_never_trained() -> None:
    for model in (w2v.Word2Vec(LINES, min_count=1, null_word=1, **OPTIONS),
                  built(w2v.Word2Vec, lambda model: (setattr(model, "null_word", 1),
                                                     model.build_vocab_from_freq(COUNTS)))):
        assert model.wv.index_to_key[-1] == "\0" and model.wv.get_vecattr("\0", "count") == 0
        before = model.wv["\0"].copy()
        model.train(LINES, epochs=1)
        assert (model.wv["\0"] == before).all()


@pytest.mark.parametrize("kind", [w2v.Word2Vec, w2v.FastText])
@pytest.mark.parametrize("option", [
    {"hashfxn": len}, {"sorted_vocab": 0}, {"max_vocab_size": 2}, {"batch_words": 10}, {"compute_loss": True},
    {"comment": "x"}])
def test_parameters_without_effect_give_the_same_vectors(kind: Any, option: dict[str, Any]) -> None:
    options = {**OPTIONS, "min_count": 1, "sample": 0}
    assert (kind(LINES, **options, **option).wv.vectors == kind(LINES, **options).wv.vectors).all()


def test_small_corpora_are_trained_by_one_thread_and_repeat() -> None:
    options = {**OPTIONS, "workers": 4, "epochs": 50, "min_count": 1}
    one, other = w2v.Word2Vec(LINES, **options), w2v.Word2Vec(LINES, **options)
    assert one.report.threads == 1 and (one.wv.vectors == other.wv.vectors).all()
    assert w2v.Word2Vec(LINES, **options, batch_words=4).report.threads == 4


def test_integer_counts_are_keys() -> None:
    model = w2v.Word2Vec(min_count=1, **OPTIONS)
    model.build_vocab_from_freq({7: 5, 3: 2})
    assert model.wv.integer_keys and model.wv[7].shape == (6,) and model.wv.index_to_key == ["7", "3"]
    model.build_vocab([[3, 9]], update=True)
    assert model.wv.integer_keys and model.wv.get_vecattr(3, "count") == 3 and 9 in model.wv
