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
from w2v.corpus_options import CORPUS_OPTIONS
from w2v.errors import CorpusError, W2VError
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
    own = [name for name in parameters if name not in ("sentences", "options")]
    assert list(get_type_hints(PhraseOptions)) == [*CORPUS_OPTIONS, *own]


# ------------------------------------------------------------------------------------------------- further text, counts

OPTIONS = [{}, {"connector_words": CONNECTORS}, {"scoring": "npmi", "threshold": 0.2},
           {"connector_words": CONNECTORS, "passes": 2}]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("size", [5, 37, 400])
def test_added_texts_are_counted_like_one_text(options, size):
    sentences = twin.made_sentences(400, joined=True)
    options = {"min_count": 2, "threshold": 0.5} | options
    model = Phrases(**options)
    for begin in range(0, len(sentences), size):
        model.add_vocab(iter(sentences[begin : begin + size]))
        model.add_vocab([[]])
    whole = Phrases(sentences, **options)
    assert model.passes == whole.passes and len(model) > 3
    for name in ("words", "distinct_words", "lines", "distinct_grams", "phrases"):
        assert getattr(model.report, name) == getattr(whole.report, name)


def test_text_can_be_added_after_phrases_were_used(tmp_path):
    sentences = twin.made_sentences(400)
    path = tmp_path / "t.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences[100:200]))
    model = Phrases(sentences[:100], min_count=1, threshold=1)
    before = model.passes
    model.add_vocab(path)
    model.add_vocab(str(path))
    model.add_vocab(sentences[200:])
    both = sentences[:100] + sentences[100:200] * 2 + sentences[200:]
    assert model.passes == Phrases(both, min_count=1, threshold=1).passes != before
    assert model.corpus_word_count == sum(map(len, both))
    with pytest.raises(TypeError, match="no such file"):
        model.add_vocab("new york city")


@pytest.mark.parametrize("separator", ["_", " ", ""])
@pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS])
def test_vocab_has_the_counts_of_words_and_pairs(separator, connectors):
    sentences = twin.made_sentences(300, joined=True)
    model = Phrases(sentences, delimiter=separator, connector_words=connectors)
    expected = twin.count(sentences, connectors, separator)
    assert model.vocab == expected and list(model.vocab.values()) == sorted(expected.values(), reverse=True)
    model.add_vocab(sentences[:50])
    assert model.vocab == expected + twin.count(sentences[:50], connectors, separator)
    assert Phrases().vocab == {}


def test_max_vocab_size_limits_vocab_only():
    sentences = twin.made_sentences(300)
    model = Phrases(sentences, min_count=1, threshold=1, max_vocab_size=5)
    everything = Phrases(sentences, min_count=1, threshold=1)
    assert len(model.vocab) == 5 and model.passes == everything.passes
    assert min(model.vocab.values()) >= max(n for word, n in everything.vocab.items() if word not in model.vocab)


@pytest.mark.parametrize("make", [
    lambda path: Phrases.load(path), lambda path: Phrases(twin.made_sentences(99), min_count=1, threshold=1, passes=2),
    lambda path: pickle.loads(pickle.dumps(Phrases(twin.made_sentences(99), min_count=1, threshold=1)))])
def test_models_without_their_text_refuse_what_needs_it(tmp_path, make):
    Phrases(twin.made_sentences(99), min_count=1, threshold=1).save(tmp_path / "p.tsv")
    model = make(tmp_path / "p.tsv")
    for use in (lambda: model.add_vocab([["a", "b"]]), lambda: model.vocab):
        with pytest.raises(ValueError, match="needs the text"):
            use()
    assert model[["new", "york"]] == ["new_york"]


def lift(worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count):
    return bigram_count * corpus_word_count / (worda_count * wordb_count) - min_count + len_vocab * 0


@pytest.mark.parametrize("scorer", [lift, lambda **counts: lift(**counts), lambda *, bigram_count, **rest: lift(
    bigram_count=bigram_count, **rest)])
@pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS])
def test_a_function_scores_each_pair(scorer, connectors, tmp_path):
    sentences = twin.made_sentences(300)
    model = Phrases(sentences, min_count=1, threshold=2.5, scoring=scorer, connector_words=connectors)
    counts = twin.count(sentences, connectors, "_")
    total = sum(map(len, sentences))
    expected = {gram: lift(counts[gram[0]], counts[gram[-1]], counts["_".join(gram)], len(counts), 1, total)
                for sentence in sentences for gram in twin.grams_of(sentence, connectors)}
    assert {gram: score for gram, (score, _) in model.passes[0].items()} == {
        gram: score for gram, score in expected.items() if score > 2.5}
    model.save(tmp_path / "p.tsv")
    loaded = Phrases.load(tmp_path / "p.tsv")
    assert loaded.passes == model.passes and loaded.scoring == "custom"
    assert loaded.freeze()[sentences[0]] == model[sentences[0]]


def test_scores_that_are_no_numbers():
    nan = Phrases([["a", "b"]] * 9, threshold=-5, scoring=lambda **counts: float("nan"))
    assert nan.passes == []
    with pytest.raises(TypeError, match="must return a number, not 'x'"):
        Phrases([["a", "b"]], scoring=lambda **counts: "x")


def test_parameters_have_the_order_of_gensim():
    model = Phrases(twin.made_sentences(300), 2, 0.2, 100, "-", 10, "npmi", frozenset({"of"}))
    assert (model.min_count, model.threshold, model.delimiter, model.scoring) == (2, 0.2, "-", "npmi")
    assert model.max_vocab_size == 100 and model.connector_words == {"of"}


def test_parameters_have_the_names_of_gensim():
    gensim = pytest.importorskip("gensim.models.phrases")
    theirs = list(inspect.signature(gensim.Phrases).parameters)
    assert list(inspect.signature(Phrases).parameters)[:len(theirs)] == theirs


def test_both_outputs_are_written_or_none(tmp_path, monkeypatch):
    text, model = tmp_path / "t.txt", tmp_path / "p.tsv"
    for path in (text, model):
        path.write_text("old")

    def fail(*unused: object) -> None:
        raise W2VError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr("w2v.phrases.frozen.write_model", fail)
        with pytest.raises(W2VError, match="disk full"):
            Phrases(twin.made_sentences(99), output=model, output_text=text)
    with monkeypatch.context() as patched:
        patched.setattr("w2v.phrases.text.PhrasedText.write", fail)
        with pytest.raises(W2VError, match="disk full"):
            Phrases(twin.made_sentences(99), output=model, output_text=text)
    assert text.read_text() == model.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [model, text]
    made = Phrases(twin.made_sentences(99), min_count=1, threshold=1, output=model, output_text=text)
    assert Phrases.load(model).passes == made.passes and "new_york" in text.read_text()


@pytest.mark.parametrize("passes", [1, 2])
def test_counting_that_was_interrupted_is_repeated(monkeypatch, passes):
    sentences = twin.made_sentences(200)
    model = Phrases(min_count=1, threshold=1, passes=passes)
    model.add_vocab(sentences[:100])
    model.add_vocab(sentences[100:])

    def interrupted(*unused: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("w2v.phrases.model.count_grams", interrupted)
        with pytest.raises(KeyboardInterrupt):
            len(model)
    if passes == 1:
        assert model.passes == Phrases(sentences, min_count=1, threshold=1).passes
    else:
        with pytest.raises(ValueError, match="interrupted"):
            model[sentences[0]]
