"""The choice of how text becomes words: stored by training, files, checkpoints, and kept by everything after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.stops import Stop, stop_after

import w2v
from w2v.corpus_options import TextOptions
from w2v.evaluation.calls import evaluate
from w2v.training.checkpoint import Checkpoint
from w2v.training.observers.scores import EpochScores
from w2v.training.run import paced

TEXT = "The King's speech was long.\nA king spoke to the Queen, and the queen spoke.\n" * 30
OPTIONS: dict[str, Any] = {"vector_size": 6, "min_count": 1, "epochs": 2, "threads": 1, "progress": False, "sample": 0}
LOWER: dict[str, Any] = {"lowercase": True, "tokenize": "words"}


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "text.txt").write_text(TEXT)
    return tmp_path / "text.txt"


def stems(line: str) -> list[str]:
    return [word[:4] for word in line.split()]


@pytest.mark.parametrize("options", [LOWER, {"normalize": "nfkc"}, {"stop_words": ["the"]}, {"tokenizer": stems}])
def test_training_stores_its_options(options: dict[str, Any], text: Path, tmp_path: Path) -> None:
    wv, expected = w2v.train(text, **OPTIONS, **options).wv, TextOptions(**options)
    assert wv.text_options == expected and json.loads(wv.metadata["text_options"]) == expected.to_dict()
    wv.save(tmp_path / "v.safetensors")
    again = w2v.load(tmp_path / "v.safetensors")
    assert again.text_options == TextOptions.from_dict(expected.to_dict())
    assert again.metadata["text_options"] == wv.metadata["text_options"]
    again.save(tmp_path / "w.safetensors", metadata={})
    assert w2v.load(tmp_path / "w.safetensors").text_options == again.text_options


@pytest.mark.parametrize("corpus", ["file", [["a", "b"]] * 9, np.array([1, 2, 3, -1] * 9)])
def test_defaults_are_not_stored(corpus: Any, text: Path) -> None:
    wv = w2v.train(text if isinstance(corpus, str) else corpus, **OPTIONS, lowercase=False).wv
    assert wv.text_options is None and "text_options" not in wv.metadata


def test_words_of_a_query_are_those_of_the_training(text: Path) -> None:
    wv = w2v.train(text, **OPTIONS, **LOWER).wv
    words = [word for line in TEXT.splitlines() for word in wv.tokenize(line)]
    assert set(words) == set(wv.index_to_key) and len(words) == int(wv.counts.sum())  # type: ignore[union-attr]
    assert wv.get_vecattr("KING", "count") == 30


@pytest.mark.parametrize("more", [{}, {"hs": True}, {"minn": 3, "maxn": 4, "bucket": 100}])
def test_phrases_and_kinds_of_models_keep_the_options(more: dict[str, Any], text: Path) -> None:
    phrases = w2v.Phrases(text, min_count=5, threshold=0.5, **LOWER)
    assert "king's_speech" in phrases.find_phrases(w2v.tokenize(text, **LOWER))
    wv = w2v.train(text, **OPTIONS, **LOWER, **more, phrases=phrases).wv
    assert wv.text_options == TextOptions(**LOWER) and "king's_speech" in wv
    with pytest.raises(TypeError, match="Phrases has no parameter 'lower'"):
        w2v.Phrases(text, lower=True)  # type: ignore[call-arg]


def test_added_texts_of_phrases_have_the_same_options(text: Path) -> None:
    phrases = w2v.Phrases(text, min_count=5, threshold=0.5, **LOWER)
    phrases.add_vocab(["THE KING!"])
    assert phrases.vocab["king"] == 31 and "KING!" not in phrases.vocab


def test_a_tokenizer_may_give_words_with_blanks(text: Path, tmp_path: Path) -> None:
    def halves(line: str) -> list[str]:
        first, _, rest = line.partition(" ")
        return [first, rest]

    wv = w2v.train(text, **OPTIONS, tokenizer=halves, lowercase=True).wv
    assert "king's speech was long." in wv and wv.tokenize("The King's speech") == ["the", "king's speech"]


@pytest.mark.usefixtures("short_shards")
def test_checkpoints_have_the_options_and_a_tokenizer_is_passed_again(text: Path, tmp_path: Path) -> None:
    options = OPTIONS | {"epochs": 4, "tokenizer": stems, "lowercase": True}
    whole = w2v.train(text, **options)
    path = tmp_path / "run.w2v"
    with paced(after_shard=stop_after(2)), pytest.raises(Stop):
        w2v.train(text, checkpoint=path, checkpoint_every=1e-6, **options)
    assert Checkpoint.open(path).request.corpus_options == {"tokenizer": "stems", "lowercase": True}
    paused = w2v.load(path)
    assert paused.text_options is not None and paused.text_options.lowercase
    with pytest.raises(ValueError, match="made by the tokenizer stems"):
        paused.tokenize("The King")
    assert paused.tokenize("The Queens", tokenizer=stems) == ["the", "quee"]
    with pytest.raises(ValueError, match="tokenizer = stems, a function, which cannot be stored: pass it again"):
        w2v.train(resume=path, progress=False)
    with pytest.raises(ValueError, match="lowercase = False differs"):
        w2v.train(resume=path, tokenizer=stems, lowercase=False, progress=False)
    again = w2v.train(resume=path, tokenizer=stems, progress=False)
    assert again.wv.index_to_key == whole.wv.index_to_key and np.array_equal(again.wv.vectors, whole.wv.vectors)
    assert again.wv.text_options == whole.wv.text_options


def test_resuming_with_stored_options_needs_none(text: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.w2v"
    whole = w2v.train(text, checkpoint=path, **OPTIONS, **LOWER)
    with paced(after_shard=stop_after(1)), pytest.raises(Stop):
        w2v.train(text, checkpoint=path, checkpoint_every=1e-6, **OPTIONS, **LOWER)
    again = w2v.train(resume=path, progress=False)
    assert again.wv.text_options == TextOptions(**LOWER) and np.array_equal(again.wv.vectors, whole.wv.vectors)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_tokenizer_gives_the_vectors_of_its_tokens(threads: int, text: Path) -> None:
    options = OPTIONS | {"threads": 1}
    tokens = [stems(line) for line in TEXT.splitlines()]
    expected, found = w2v.train(tokens, **options), w2v.train(text, **options, tokenizer=stems)
    assert found.wv.index_to_key == expected.wv.index_to_key
    assert np.array_equal(found.wv.vectors, expected.wv.vectors)
    many = w2v.train(TEXT.splitlines(), **OPTIONS | {"threads": threads}, tokenizer=stems)
    assert many.wv.index_to_key == expected.wv.index_to_key and many.report.words_read == expected.report.words_read


@pytest.mark.slow
def test_plans_take_texts_of_files_through_a_tokenizer(text: Path) -> None:
    plan = w2v.plan(text, tokenizer=stems, min_count=1)
    assert plan.to_dict()["words"]["expected"] == len(TEXT.split())


def test_probes_and_evaluations_during_training_meet_the_words(text: Path, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("(King)\tQUEEN.\t5\nSpeech!\tLong\t3\nking's\tTHE\t1\n")
    scores, seen = EpochScores([tmp_path / "pairs.tsv"]), []
    options = OPTIONS | {"progress": True}
    model = w2v.train(text, **options, **LOWER, probe=["QUEEN", "king"], log_every="10%", on_epoch_end=scores,
                      on_interval=lambda view, stats: seen.append([probe.word for probe in stats.probes]))
    assert seen[-1] == ["queen", "king"]
    assert scores.history[-1]["scores"]["pairs"] == pytest.approx(
        evaluate(model.wv, similarity=tmp_path / "pairs.tsv").results[0].spearman)
    with pytest.raises(w2v.W2VError, match="probe words that are not among"):
        w2v.train(text, **options, **LOWER, probe=["the queen"])


# ---------------------------------------------------------------------------------------------- classes of gensim


GENSIM: dict[str, Any] = {"min_count": 1, "vector_size": 6, "workers": 1, "epochs": 1, "progress": False}


@pytest.mark.parametrize(("kind", "more"), [(w2v.Word2Vec, {}), (w2v.FastText, {"bucket": 100})])
@pytest.mark.parametrize("build", [
    lambda kind, text, more: kind(text, **LOWER, **GENSIM, **more),
    lambda kind, text, more: kind(corpus_file=text, **LOWER, **GENSIM, **more),
    lambda kind, text, more: kind(TEXT.splitlines(), **LOWER, **GENSIM, **more),
])
def test_models_of_gensim_take_and_keep_the_options(
    kind: Any, more: dict[str, Any], build: Callable[..., Any], text: Path, tmp_path: Path
) -> None:
    model = build(kind, text, more)
    assert model.wv.text_options == TextOptions(**LOWER) and model.wv.get_index("KING") == model.wv.get_index("king")
    model.build_vocab(["A brand-new KING!"], update=True)
    assert model.wv.get_vecattr("king", "count") == 31 and "KING!" not in model.wv.key_to_index
    model.save(tmp_path / "model")
    again = kind.load(tmp_path / "model")
    assert again.wv.text_options == TextOptions(**LOWER) == again.wv.subset(["KING"]).text_options
    assert again.train(["The KING spoke!"] * 5, epochs=1)[1] == 15
    again.build_vocab(text)
    assert again.wv.text_options == TextOptions(**LOWER) and "The" not in again.wv.key_to_index


def test_models_of_gensim_name_wrong_options() -> None:
    with pytest.raises(ValueError, match="tokenize = 'letters'"):
        w2v.Word2Vec(tokenize="letters")
    with pytest.raises(TypeError, match="lowercase must be True or False"):
        w2v.FastText(lowercase="yes")


def test_a_loaded_model_takes_tokens_where_its_tokenizer_is_not_known(text: Path, tmp_path: Path) -> None:
    model = w2v.Word2Vec(text, tokenizer=stems, lowercase=True, min_count=1, vector_size=6, workers=1, progress=False)
    model.save(tmp_path / "model")
    again = w2v.Word2Vec.load(tmp_path / "model")
    again.train([["The", "KING"]], epochs=1)
    assert again.report.words_read == 2 and again.report.words_unknown == 0
    with pytest.raises(w2v.CorpusError, match="made by the tokenizer stems"):
        again.train(text, epochs=1)


def test_counting_and_choosing_keep_the_options(text: Path) -> None:
    model = w2v.Word2Vec(min_count=1, vector_size=6, workers=1, progress=False, **LOWER)
    assert model.scan_vocab(corpus_file=text)[0] == 15 * 30
    model.prepare_vocab()
    assert model.wv.text_options == TextOptions(**LOWER) and "QUEEN" in model.wv
