"""Phrase models: scores, counts and joins equal those of the plain Python reference, and of gensim where installed."""

from __future__ import annotations

import inspect
import pickle
from typing import get_type_hints

import pytest
from helpers import phrases_twin as twin
from helpers.phrases_twin import CONNECTORS, found, same
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import w2v.phrases
from w2v.errors import CorpusError
from w2v.phrases import ENGLISH_CONNECTOR_WORDS, PhraseReport, Phrases, learn
from w2v.phrases.model import PhraseOptions


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS])
@pytest.mark.parametrize(("scoring", "threshold"), [("default", 0.5), ("word2phrase", 5.0), ("npmi", 0.1),
                                                    ("npmi", -1.0)])
def test_scores_and_counts_equal_the_reference(joined, connectors, scoring, threshold):
    sentences = twin.made_sentences(400, joined=joined)
    options = {"min_count": 3, "threshold": threshold, "scoring": scoring}
    expected = twin.learn(sentences, connectors=connectors, **options)
    assert len(expected) > 3
    assert same(found(Phrases(sentences, connector_words=connectors, **options)), expected)


@pytest.mark.parametrize("separator", ["_", "__", "", "-x-", "␣"])
def test_later_passes_use_the_words_that_earlier_ones_joined(separator):
    sentences = twin.made_sentences(600, seed=3, joined=True)
    phrases = Phrases(sentences, min_count=2, threshold=1.0, passes=3, connector_words=CONNECTORS, delimiter=separator)
    assert len(phrases.passes) >= 2
    for number in range(3):
        expected = twin.learn(sentences, min_count=2, threshold=1.0, connectors=CONNECTORS, separator=separator)
        assert same(found(phrases, number), expected)
        sentences = [twin.join(sentence, expected, CONNECTORS, separator) for sentence in sentences]
    made = {separator.join(parts) for parts in found(phrases)}
    assert any(part in made for parts in found(phrases, 1) for part in parts)
    assert [phrases[sentence] for sentence in twin.made_sentences(600, seed=3, joined=True)] == sentences


WORDS = st.sampled_from(["a", "b", "c", "a_b", "b_c", "_", "a_", "__", "of", "the", "of_the", "é", "\udc80"])
CONNECTOR_SETS = st.frozensets(st.sampled_from(["of", "the", "of_the", "_", "c"]), max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=12), CONNECTOR_SETS,
       st.sampled_from(["_", "__", ""]), st.integers(1, 3), st.sampled_from([0.001, 0.5, 2.0]))
def test_random_texts_agree_with_the_reference(sentences, connectors, separator, min_count, threshold):
    assume(any(sentences))
    phrases = Phrases(sentences, min_count=min_count, threshold=threshold, connector_words=connectors,
                      delimiter=separator, passes=2)
    for number in range(2):
        expected = twin.learn(sentences, min_count=min_count, threshold=threshold, connectors=connectors,
                              separator=separator)
        assert same(found(phrases, number), expected)
        sentences = [twin.join(sentence, expected, connectors, separator) for sentence in sentences]
        if not expected:
            break


def test_npmi_of_a_text_of_one_pair():
    assert found(Phrases([["a", "b"]], min_count=1, threshold=-1.0, scoring="npmi")) == {("a", "b"): (1.0, 1)}


@pytest.mark.parametrize("scoring", ["default", "npmi"])
@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS])
def test_phrases_equal_those_of_gensim(scoring, joined, connectors):
    gensim = pytest.importorskip("gensim.models.phrases")
    sentences = twin.made_sentences(800, seed=7, joined=joined)
    options = {"min_count": 4, "threshold": 0.5 if scoring == "default" else 0.2, "scoring": scoring}
    theirs = gensim.Phrases(sentences, connector_words=connectors, **options)
    ours = Phrases(sentences, connector_words=connectors, **options)
    expected = {}
    for gram in {gram for sentence in sentences for gram in twin.grams_of(sentence, connectors)}:
        phrase, score = theirs.score_candidate(gram[0], gram[-1], list(gram[1:-1]))
        if phrase is not None:
            expected[gram] = (score, theirs.vocab[phrase])
    assert len(expected) > 3 and found(ours) == expected
    if not joined:  # gensim splits such words at the separator when it exports
        assert ours.export_phrases() == theirs.export_phrases()
    assert list(ours[sentences]) == list(theirs[sentences])
    assert ours.find_phrases(sentences) == theirs.find_phrases(sentences)
    again = [theirs[sentence] for sentence in sentences]
    second = gensim.Phrases(again, connector_words=connectors, **options)
    two = Phrases(sentences, connector_words=connectors, passes=2, **options)
    assert list(two[sentences]) == [second[sentence] for sentence in again]


def test_english_connector_words_equal_those_of_gensim():
    gensim = pytest.importorskip("gensim.models.phrases")
    assert ENGLISH_CONNECTOR_WORDS == gensim.ENGLISH_CONNECTOR_WORDS


def test_program_written_for_gensim_runs():
    sentences = twin.made_sentences(500)
    phrases = Phrases(sentences, min_count=1, threshold=1, connector_words=CONNECTORS)
    frozen = phrases.freeze()
    sentence = "in new york the bank of america".split()
    assert frozen[sentence] == ["in", "new_york", "the", "bank_of_america"] == phrases.apply(sentence)
    scores = dict(phrases.analyze_sentence(sentence))
    assert scores["new_york"] == phrases.export_phrases()["new_york"] == phrases.phrasegrams["new_york"] > 1
    assert scores["in"] is None and phrases[[]] == []
    assert list(frozen[iter([sentence, []])]) == [frozen[sentence], []]
    assert learn(sentences, min_count=1, threshold=1, connector_words=CONNECTORS).passes == phrases.passes
    assert len(Phrases()) == 0 and Phrases()[sentence] == sentence


@pytest.mark.parametrize("options", [
    {"min_count": 0}, {"min_count": 2.5}, {"threshold": 0}, {"threshold": -1.0}, {"threshold": float("nan")},
    {"threshold": float("inf")}, {"scoring": "npmi", "threshold": 1.5}, {"scoring": "other"}, {"passes": 0},
    {"passes": True}, {"delimiter": 1}, {"max_vocab_size": 0}, {"max_vocab_size": True},
    {"scoring": len}, {"scoring": lambda worda_count: 1}, {"delimiter": " ", "output_text": "t.txt"},
    {"connector_words": "of"}, {"connector_words": [""]}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="|".join([*options, "separator"])):
        Phrases([["a", "b"]], **options)


def test_wrong_kinds_of_input_are_refused():
    with pytest.raises(TypeError, match="split"):
        Phrases()["a b"]
    with pytest.raises(CorpusError, match="empty"):
        Phrases([[]])


def test_text_without_phrases_gives_an_empty_model(tmp_path):
    phrases = Phrases([["a", "b", "c"]], passes=3, output_text=tmp_path / "t.txt")
    assert phrases.passes == [] and phrases.report.distinct_grams == [2]
    assert (tmp_path / "t.txt").read_text() == "a b c\n"
    phrases.save(tmp_path / "p.tsv")
    assert Phrases.load(tmp_path / "p.tsv")[["a", "b"]] == ["a", "b"]


def test_classes_are_pickled_by_the_path_of_the_package():
    assert Phrases.__module__ == PhraseReport.__module__ == "w2v.phrases"
    phrases = Phrases(twin.made_sentences(100), min_count=1, threshold=1)
    data = pickle.dumps(phrases)
    assert b"w2v.phrases.model" not in data
    loaded = pickle.loads(data)
    assert type(loaded) is w2v.phrases.Phrases
    assert loaded.passes == phrases.passes and loaded.report == phrases.report


def test_pickles_of_version_0_1_0_are_loaded():
    phrases = Phrases(twin.made_sentences(100), min_count=1, threshold=1)
    data = pickle.dumps(phrases, protocol=2)
    assert (old := data.replace(b"w2v.phrases.file\nPhraseScore", b"w2v.phrases.file\nFound")) != data
    assert pickle.loads(old).passes == phrases.passes


def test_options_of_learn_are_those_of_the_class():
    parameters = inspect.signature(Phrases).parameters
    assert list(get_type_hints(PhraseOptions)) == [name for name in parameters if name != "sentences"]
