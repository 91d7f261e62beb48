"""Phrases: counts, scores and joins against the slow twin (and gensim where it is installed), files, command line."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from helpers import phrases_twin as twin

from w2v.corpus.encode import encode
from w2v.errors import CorpusError, W2VError
from w2v.phrases import ENGLISH_CONNECTOR_WORDS, Phrases, learn
from w2v.phrases.file import PhraseScore
from w2v.phrases.grams import count_grams
from w2v.phrases.text import PhrasedText

CONNECTORS = frozenset({"of", "the"})


def found(phrases: Phrases, number: int = 0) -> dict[tuple[str, ...], tuple[float, int]]:
    return dict(phrases.passes[number]) if number < len(phrases.passes) else {}


def same(got: dict, expected: dict) -> bool:
    return got.keys() == expected.keys() and all(
        got[key][0] == pytest.approx(expected[key][0], rel=1e-12) and got[key][1] == expected[key][1] for key in got)


# --------------------------------------------------------------------------------------------- against the slow twin


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS])
@pytest.mark.parametrize(("scoring", "threshold"), [("default", 0.5), ("word2phrase", 5.0), ("npmi", 0.1),
                                                    ("npmi", -1.0)])
def test_phrases_scores_and_counts_are_those_of_the_twin(joined, connectors, scoring, threshold):
    sentences = twin.made_sentences(400, joined=joined)
    options = {"min_count": 3, "threshold": threshold, "scoring": scoring}
    expected = twin.learn(sentences, connectors=connectors, **options)
    assert len(expected) > 3
    assert same(found(Phrases(sentences, connector_words=connectors, **options)), expected)


@pytest.mark.parametrize("separator", ["_", "__", "", "-x-", "␣"])
def test_several_passes_stand_on_the_words_that_were_joined(separator):
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


def test_random_texts_agree_with_the_twin():
    hypothesis = pytest.importorskip("hypothesis")
    st = hypothesis.strategies
    words = st.sampled_from(["a", "b", "c", "a_b", "b_c", "_", "a_", "__", "of", "the", "of_the", "é", "\udc80"])
    connector_sets = st.frozensets(st.sampled_from(["of", "the", "of_the", "_", "c"]), max_size=3)

    @hypothesis.settings(max_examples=150, deadline=None)
    @hypothesis.given(st.lists(st.lists(words, max_size=12), min_size=1, max_size=12), connector_sets,
                      st.sampled_from(["_", "__", ""]), st.integers(1, 3), st.sampled_from([0.001, 0.5, 2.0]))
    def check(sentences, connectors, separator, min_count, threshold):
        hypothesis.assume(any(sentences))
        phrases = Phrases(sentences, min_count=min_count, threshold=threshold, connector_words=connectors,
                          delimiter=separator, passes=2)
        for number in range(2):
            expected = twin.learn(sentences, min_count=min_count, threshold=threshold, connectors=connectors,
                                  separator=separator)
            assert same(found(phrases, number), expected)
            sentences = [twin.join(sentence, expected, connectors, separator) for sentence in sentences]
            if not expected:
                break

    check()


def test_npmi_of_a_text_of_one_pair():
    assert found(Phrases([["a", "b"]], min_count=1, threshold=-1.0, scoring="npmi")) == {("a", "b"): (1.0, 1)}


@pytest.mark.parametrize("scoring", ["default", "npmi"])
@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS])
def test_the_phrases_are_those_of_gensim(scoring, joined, connectors):
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
    if not joined:  # gensim takes such words apart at the separator when it exports
        assert ours.export_phrases() == theirs.export_phrases()
    assert list(ours[sentences]) == list(theirs[sentences])
    assert ours.find_phrases(sentences) == theirs.find_phrases(sentences)
    again = [theirs[sentence] for sentence in sentences]
    second = gensim.Phrases(again, connector_words=connectors, **options)
    two = Phrases(sentences, connector_words=connectors, passes=2, **options)
    assert list(two[sentences]) == [second[sentence] for sentence in again]


def test_english_connector_words_are_those_of_gensim():
    gensim = pytest.importorskip("gensim.models.phrases")
    assert ENGLISH_CONNECTOR_WORDS == gensim.ENGLISH_CONNECTOR_WORDS


# --------------------------------------------------------------------------------------------- threads and memory


@pytest.mark.parametrize("joined", [False, True])
def test_neither_threads_nor_memory_change_what_is_counted(monkeypatch, joined):
    monkeypatch.setattr("w2v.phrases.grams.SMALL_TEXT", 0)
    sentences = twin.made_sentences(3000, words="abcdefghijklmnopqrstuvwxyzäöüß", joined=joined)
    text = PhrasedText(encode(sentences, min_count=1), 1)
    connectors = [text.find("of"), text.find("the")]
    results = []
    for threads, log2_slots in ((1, 20), (3, 20), (1, 8), (4, 8)):
        grams = count_grams(text.ids, text.words, connectors, b"_", least=2, threads=threads,
                            max_log2_slots=log2_slots)
        counted = dict(zip(grams.words_of(np.arange(len(grams.counts))), grams.counts.tolist(), strict=True))
        assert len(counted) == len(grams.counts) > 300
        results.append((counted, grams.n_distinct, grams.n_vocabulary, grams.word_counts.tolist()))
    assert all(result == results[0] for result in results)
    assert results[0][1] > 4 * 2**8 * 5 // 8, "so that the small tables had to be cut"
    spelled = twin.count(sentences, CONNECTORS, "_")
    assert results[0][2] == len(spelled)
    assert results[0][0] == {
        tuple(text.find(word) for word in gram): spelled["_".join(gram)]
        for gram in {gram for sentence in sentences for gram in twin.grams_of(sentence, CONNECTORS)}
        if spelled["_".join(gram)] >= 2}


def test_a_share_that_cannot_be_cut_any_more_is_an_error(monkeypatch):
    monkeypatch.setattr("w2v.phrases.grams.HASHES", 1)
    text = PhrasedText(encode([["a", "b"]], min_count=1), 1)
    assert count_grams(text.ids, text.words, [], b"_", least=1, threads=1, max_log2_slots=8).n_distinct in (0, 1)

    class Full:
        full = True

        def __init__(self, *unused):
            pass

        def finish(self, least):
            return None

    monkeypatch.setattr("w2v.phrases.grams.GramCounter", Full)
    with pytest.raises(W2VError, match="memory"):
        count_grams(text.ids, text.words, [], b"_", least=1, threads=1, max_log2_slots=8)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_joining_in_pieces_is_joining_from_the_left(monkeypatch, threads):
    monkeypatch.setattr("w2v.phrases.text.PIECE_IDS", 3)
    rng = random.Random(5)
    sentences = twin.made_sentences(300) + [["x"] * 50, [rng.choice(["x", "y", "of"]) for _ in range(500)], ["of"] * 20]
    phrases = Phrases()
    phrases.connector_words = CONNECTORS
    pairs = ["x x", "x of x", "x y", "new york", "eye of the storm"]
    phrases.passes = [{tuple(pair.split()): PhraseScore(1.0, 1) for pair in pairs}, {("x_x", "x_y"): PhraseScore(1.0, 1)}]
    expected = sentences
    for one in phrases.passes:
        expected = [twin.join(sentence, one, CONNECTORS) for sentence in expected]
    text = PhrasedText(encode(sentences, min_count=1), threads)
    joins = phrases.join(text)
    words = [text.words.spelled(i).decode() for i in range(len(text.words))]
    lines, line = [], []
    for i in text.ids.tolist():
        if i < 0:
            lines.append(line)
            line = []
        else:
            line.append(words[i])
    assert lines == [sentence for sentence in expected if sentence] == [s for s in phrases[sentences] if s]
    counts = Counter(word for sentence in expected for word in sentence)
    assert {word: n for word, n in zip(words, text.words.counts.tolist(), strict=True) if n} == counts
    assert sum(counts.values()) == text.n_words == sum(map(len, sentences)) - text.n_joined
    assert min(joins) > 0 and counts["x_x_x_y"] == joins[1]


# --------------------------------------------------------------------------------------------- Python


def test_a_program_for_gensim_runs():
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
    {"passes": True}, {"delimiter": " "}, {"connector_words": "of"}, {"connector_words": [""]}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="|".join([*options, "separator"])):
        Phrases([["a", "b"]], **options)


def test_wrong_kinds_of_input_are_refused():
    with pytest.raises(TypeError, match="split"):
        Phrases()["a b"]
    with pytest.raises(CorpusError, match="empty"):
        Phrases([[]])


def test_a_text_without_phrases_gives_an_empty_model(tmp_path):
    phrases = Phrases([["a", "b", "c"]], passes=3, output_text=tmp_path / "t.txt")
    assert phrases.passes == [] and phrases.report.distinct_grams == [2]
    assert (tmp_path / "t.txt").read_text() == "a b c\n"
    phrases.save(tmp_path / "p.tsv")
    assert Phrases.load(tmp_path / "p.tsv")[["a", "b"]] == ["a", "b"]
