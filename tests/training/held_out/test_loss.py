"""Held-out loss and the choice of held-out lines, for lines of the corpus."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest
from helpers import planted

import w2v
from w2v.corpus.encode import encode
from w2v.training.held_out import lines as held_out_lines
from w2v.training.held_out import loss as held_out_loss
from w2v.training.loop.settings import shared_negatives
from w2v.training.objectives.negative_sampling import NEGATIVE_SAMPLING
from w2v.training.objectives.record import Objective
from w2v.training.objectives.skip_gram import SKIP_GRAM
from w2v.training.objectives.table import OBJECTIVES

OPTIONS = planted.OPTIONS


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    planted.write_corpus(path, 12_000)
    return path


def split(corpus, n):
    """Encode a corpus; return it, its ids, the ids that train, and the held-out lines."""
    encoded = encode(corpus, min_count=1)
    before = encoded.ids.copy()
    kept, held = held_out_lines.without_lines(encoded, n)
    assert kept.n_words + len(held.words) == encoded.n_words and len(held.lengths) == n
    ids = kept.read(0, kept.n_ids)
    assert np.array_equal(encoded.ids, before)  # as it was
    return encoded, before, ids, held


def test_held_out_lines_are_whole_and_do_not_train(corpus):
    encoded, before, ids, held = split(corpus, 500)
    gone = before != ids
    assert np.array_equal(before[gone], held.words) and (ids[gone] == -1).all()
    lines = np.split(before[gone], np.cumsum(held.lengths)[:-1])
    assert np.flatnonzero(before == -1).size == 12_000 and all(len(line) == 5 for line in lines)
    places = np.flatnonzero(gone)[::5] // 6  # a line has 5 words and its end
    assert len(set(places.tolist())) == 500
    assert np.abs(np.histogram(places, 10, (0, 12_000))[0] - 50).max() < 6 * np.sqrt(50)  # from everywhere
    assert np.array_equal(split(corpus, 500)[3].words, held.words)
    assert set(np.flatnonzero(before != split(corpus, 700)[2])) > set(np.flatnonzero(gone))  # the same and more


def test_choice_of_lines_does_not_depend_on_the_chunk_size(corpus, monkeypatch):
    words = split(corpus, 40)[3].words
    monkeypatch.setattr("w2v.corpus.encoded.SCANNED_IDS", 1001)
    assert np.array_equal(split(corpus, 40)[3].words, words)


@pytest.mark.parametrize("threads", [1, 3])
def test_held_out_words_are_counted_and_word_counts_add_up(corpus, threads):
    options = OPTIONS | {"threads": threads, "min_count": 300, "sample": 1e-2}
    report = w2v.train(corpus, epochs=3, held_out=2000, **options).report
    assert report.words_read == 3 * report.corpus.words == 3 * 60_000 and planted.adds_up(report)
    assert min(getattr(report, name) for name in planted.WORD_COUNTS) > 1000 and report.words_held_out % 3 == 0
    assert "held out" in str(report)
    plain = w2v.train(corpus, epochs=3, **options).report
    assert plain.words_held_out == 0 and plain.loss_held_out is None
    trained = report.words_trained + report.words_subsampled + report.words_held_out
    assert plain.words_trained + plain.words_subsampled == trained


def test_too_many_held_out_lines_are_refused(corpus):
    with pytest.raises(w2v.CorpusError, match="6001 lines of 12000.*at most half"):
        w2v.train(corpus, held_out=6001, **OPTIONS)
    with pytest.raises(w2v.CorpusError, match="1 lines of 1 .*at most half"):
        w2v.train([["a", "b"] * 100], held_out=1, **OPTIONS)
    with pytest.raises(ValueError, match="held_out = -1"):
        w2v.train(corpus, held_out=-1, **OPTIONS)


def slow_loss(model, loss):
    """Compute the loss by its definition, pair by pair."""
    total = pairs = 0
    for k in range(loss.windows):
        outputs = model.output_vectors[loss._output_rows[loss._outputs[k]]]
        inputs = model.wv.vectors[loss._input_rows[loss._contexts[loss._begin[k]:loss._begin[k + 1]]]]
        for row in inputs if model.config.sg else [inputs.mean(axis=0)]:
            x = outputs @ row
            total += np.log1p(np.exp(-x[0])) + np.log1p(np.exp(x[1:]))[loss._counts[k, 1:] > 0].sum()
            pairs += 1
    return total / pairs


@pytest.mark.parametrize("options", [{}, {"shrink_windows": False}, {"sample": 3e-3}, {"negative": 100},
                                     {"sg": False}, {"window": (0, 3)}, {"window": "line"}])
@pytest.mark.slow
def test_held_out_loss_follows_its_definition(corpus, options, monkeypatch):
    made = []
    monkeypatch.setattr(held_out_loss.HeldOutLoss, "__init__", lambda self, *a, init=held_out_loss.HeldOutLoss.__init__:
                        (made.append(self), init(self, *a))[0])
    model = w2v.train(corpus, epochs=2, held_out=300, **OPTIONS | options)
    [loss] = made
    assert model.report.loss_held_out == pytest.approx(slow_loss(model, loss), rel=1e-5)
    negative = shared_negatives(options.get("negative", 5))
    words = loss._output_rows[loss._outputs]
    ranked = np.sort(np.where(loss._counts > 0, words, -1 - np.arange(negative + 1)), axis=1)
    assert (np.diff(ranked) > 0).all() and loss._counts[:, 0].all()  # a window's outputs are distinct
    assert loss._counts.mean() > 0.99 and loss.pairs <= held_out_loss.PAIRS
    assert loss.windows * (1 + negative) <= held_out_loss.OUTPUTS
    if not options.get("shrink_windows", True):
        assert loss.pairs == 300 * 5 * 4  # every word of a line is in reach of every other


def test_held_out_loss_equals_training_loss_for_text_of_the_same_kind(corpus):
    """The planted text repeats itself, so nothing can be memorised: the two losses of a model that no longer changes
    differ only by the noise of their samples. An untrained model has the loss of chance."""
    fixed = {"alpha": 1e-9, "min_alpha": 0, "held_out": 3000, **OPTIONS}
    report = w2v.train(corpus, epochs=2, **fixed).report
    assert report.loss_held_out == pytest.approx(7 * np.log(2), abs=1e-3)
    whole = w2v.train(corpus, epochs=20, held_out=3000, **OPTIONS)
    again = w2v.train(corpus, epochs=1, init=whole, **fixed).report  # its loss is that of the finished model
    assert again.loss_held_out == pytest.approx(whole.report.loss_held_out, rel=1e-5)
    assert whole.report.loss_held_out < 3 and whole.report.loss_held_out == pytest.approx(again.loss, rel=0.1)


def test_held_out_loss_depends_on_seed_and_threads_only_through_the_model(corpus):
    losses = [w2v.train(corpus, epochs=5, held_out=1000, **OPTIONS | more).report.loss_held_out
              for more in ({}, {"seed": 2}, {"seed": 3}, {"threads": 3})]
    *seeds, threads = losses
    assert np.ptp(seeds) < 0.01 * np.mean(seeds) and len(set(losses)) == 4
    # threads that wait for a core finish their shards late, at an old learning rate: up to 9 % on a busy machine
    assert abs(threads / seeds[0] - 1) < 0.2
    assert w2v.train(corpus, epochs=5, held_out=1000, **OPTIONS).report.loss_held_out == losses[0]


def test_held_out_lines_of_one_word_have_no_loss(tmp_path):
    (tmp_path / "held_out.txt").write_text("a\nb\n" * 10)
    report = w2v.train([["a", "b"]] * 50, held_out=tmp_path / "held_out.txt", **OPTIONS).report
    assert np.isnan(report.loss_held_out) and not np.isnan(report.loss) and planted.adds_up(report)


def test_held_out_loss_of_unsupported_objectives_is_refused(corpus, monkeypatch):
    with pytest.raises(ValueError, match="held_out.*not supported with hs=True"):
        w2v.train("no such file", held_out=5, hs=True, **OPTIONS)  # before any work
    without = dataclasses.replace(NEGATIVE_SAMPLING, held_out=False)
    monkeypatch.setitem(OBJECTIVES, "skip-gram with negative sampling", Objective(SKIP_GRAM, (without,)))
    with pytest.raises(ValueError, match="held_out.*skip-gram with negative sampling, only for CBOW"):
        w2v.train("no such file", held_out=5, **OPTIONS)
    w2v.train(corpus, epochs=1, **OPTIONS)


@dataclass(frozen=True)
class Later(w2v.TrainConfig):
    """Configuration with a hyper-parameter that the held-out loss does not support."""

    sums: bool = False


def test_unsupported_hyper_parameters_are_refused_with_held_out():
    held_out_loss.check(Later(held_out=5))
    held_out_loss.check(Later(sums=True))
    with pytest.raises(ValueError, match="held_out = 5.*not supported with sums=True"):
        w2v.train("no such file", config=Later(held_out=5, sums=True))
