"""Phrases that are applied: sentences and texts of every kind, and sentences that are no lists of words."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import phrases_twin as twin
from helpers.phrases_twin import CONNECTORS

import w2v
from w2v.phrases import FrozenPhrases, Phraser, Phrases

SENTENCES = [["in", "new", "york"], [], ["the", "bank", "of", "america"]]
JOINED = [["in", "new_york"], [], ["the", "bank_of_america"]]


@pytest.fixture(scope="module")
def phrases():
    return Phrases(twin.made_sentences(500), min_count=1, threshold=1, connector_words=CONNECTORS)


def test_frozen_phrases_join_like_the_model(phrases, tmp_path):
    frozen = phrases.freeze()
    assert type(frozen) is FrozenPhrases is Phraser and type(FrozenPhrases(phrases)) is FrozenPhrases
    assert frozen.passes == phrases.passes and frozen.phrasegrams == phrases.export_phrases()
    assert [frozen[sentence] for sentence in SENTENCES] == JOINED
    frozen.save(tmp_path / "p.tsv")
    assert FrozenPhrases.load(tmp_path / "p.tsv")[SENTENCES[0]] == JOINED[0]
    assert type(Phrases.load(tmp_path / "p.tsv")) is Phrases
    with pytest.raises(TypeError, match="w2v.Phrases"):
        FrozenPhrases(twin.made_sentences(3))


@pytest.mark.parametrize("make", [list, tuple, lambda s: np.array(s, dtype=object)])
def test_joined_sentences_can_be_iterated_over_again(phrases, make):
    joined = phrases[make(SENTENCES)]
    assert list(joined) == list(joined) == JOINED


@pytest.mark.parametrize("make", [iter, lambda s: (iter(words) for words in s)])
def test_iterators_of_sentences_are_joined_once(phrases, make):
    assert list(phrases[make(SENTENCES)]) == JOINED


def test_empty_inputs_give_what_gensim_gives(phrases):
    assert phrases[[]] == [] == list(phrases[iter(())])
    assert list(phrases[[[], []]]) == [[], []] == list(phrases[(iter(()) for _ in range(2))])


@pytest.mark.parametrize("sentence", [
    "new york", b"new york", {"new": 1, "york": 2}, 3, None, [3, 4], [None, "a"], [["new", "york"], "new york"],
    [["a"], {"new": 1}], [["a"], b"x"]])
def test_what_is_no_sentence_is_refused(phrases, sentence):
    with pytest.raises(TypeError):
        list(phrases[sentence])


@pytest.mark.parametrize("sentences", [["new", "york"], [["a"], "new"], [{"a": 1}], ["new york"]])
def test_find_phrases_refuses_what_is_no_sentence(phrases, sentences):
    with pytest.raises(TypeError, match="sentence"):
        phrases.find_phrases(sentences)
    with pytest.raises(TypeError, match="sentence"):
        phrases.analyze_sentence(sentences[-1])


def test_white_space_joins_words_in_lists_but_not_in_texts(tmp_path):
    model = Phrases(twin.made_sentences(500), min_count=1, threshold=1, delimiter=" ", connector_words=CONNECTORS)
    assert list(model[SENTENCES]) == [["in", "new york"], [], ["the", "bank of america"]]
    model.save(tmp_path / "p.tsv")
    assert list(Phrases.load(tmp_path / "p.tsv")[SENTENCES]) == list(model[SENTENCES])
    with pytest.raises(ValueError, match="without white space"):
        model.apply_to(twin.made_sentences(5), tmp_path / "t.txt")
    assert not (tmp_path / "t.txt").exists()


def test_training_takes_frozen_phrases(phrases):
    sentences = twin.made_sentences(500)
    options = {"min_count": 1, "vector_size": 4, "epochs": 1, "threads": 1, "progress": False}
    found = [w2v.train(sentences, phrases=one, **options).wv for one in (phrases, phrases.freeze())]
    assert "new_york" in found[1] and np.array_equal(found[0].vectors, found[1].vectors)


def test_a_model_without_phrases_is_true():
    assert Phrases() and not len(Phrases())
