"""Runs in rounds: the same bytes however they are divided, and what else a run has."""

import json
import threading

import numpy as np
import pytest
from helpers import diverging, planted
from helpers.checkpoints import content
from helpers.rounds import OPTIONS, short_parts, train, trained
from helpers.stops import each_shard

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.errors import TrainingError
from w2v.training.loop import _progress
from w2v.training.loop._isa import available_isas, chosen_isa
from w2v.training.observers import intervals
from w2v.training.observers.intervals import Watch
from w2v.training.rounds import rounds as rounds_module
from w2v.training.rounds.engine import Threads
from w2v.training.rounds.rounds import Rounds, rounds_per_epoch
from w2v.training.rounds.shared import SharedCalls
from w2v.training.run import paced
from w2v.training.trainer import Training

LEAST_WORDS = rounds_module.LEAST_WORDS  # before the fixtures change it
LINES = list(planted.sentences(3_000))
CBOW = [{"sg": False}, {"sg": False, "cbow_mean": False, "alpha": 0.01}, {"sg": False, "cbow_undivided": True}]


@pytest.fixture(scope="module")
def whole(corpus):
    with short_parts():
        return trained(corpus)


def make_training(corpus, threads=1, **options):
    names = {name: value for name, value in {**OPTIONS, **options}.items() if name != "progress"}
    return Training(corpus, None, TrainConfig(**names), threads, chosen_isa(), None, Watch(), None)


# ---- the same bytes -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("threads", [2, 3, 7, 16])
def test_any_number_of_threads_gives_the_same_bytes(corpus, whole, threads):
    assert trained(corpus, threads=threads) == whole


@pytest.mark.parametrize("isa", available_isas())
def test_every_instruction_set_gives_the_same_bytes_each_time(corpus, isa, monkeypatch):
    monkeypatch.setenv("W2V_ISA", isa)
    first = train(corpus, threads=2)
    assert content(first) == trained(corpus) and first.wv.metadata["isa"] == isa


@pytest.mark.parametrize("options", [
    *CBOW, {"window": "line"}, {"window": "line", "line_contexts": 2}, {"window": (3, 1), "shrink_windows": False},
    {"shared_windows": 1}, {"negative": 1}, {"shards": 1}, {"shards": 2}, {"shards": 16, "rounds": 9}, {"rounds": 1},
    {"vector_size": 100, "rounds": 9}, {"sample": 0}, {"max_vocab": 50}, {"seed": 2**64 - 1}, {"held_out": 100},
    {"ns_exponent": -0.5}, {"split_lines_at": "sentences"}])
def test_each_option_gives_the_same_bytes_with_threads(corpus, whole, options):
    found = trained(corpus, **options)
    assert trained(corpus, threads=3, **options) == found != whole


@pytest.mark.parametrize("ids", ["memory", "disk", "none"])
@pytest.mark.parametrize("threads", [1, 3])
def test_place_of_the_ids_changes_no_byte(corpus, whole, ids, threads):
    model = train(corpus, ids=ids, threads=threads)
    assert content(model) == whole and model.report.ids == ids


def test_corpus_in_other_forms_gives_the_same_vectors(corpus, whole, tmp_path):
    lines = corpus.read_text().splitlines(keepends=True)
    (tmp_path / "a").write_text("".join(lines[:700]))
    (tmp_path / "b").write_text("".join(lines[700:]))
    for other in ([line.split() for line in lines], tmp_path):
        vectors = train(other, threads=2).wv.vectors.tobytes()
        assert vectors == whole[:len(vectors)]


def test_observers_change_no_byte(corpus, whole, tmp_path):
    with paced(after_shard=each_shard):
        found = trained(corpus, threads=2, probe=["male_1"], log_json=tmp_path / "log", log_every=1e-6,
                        checkpoint=tmp_path / "k", checkpoint_every=1e-6, on_epoch_end=lambda view, stats: None)
    assert found == whole


def test_own_text_of_each_epoch_gives_the_same_bytes(whole):
    """The texts have different lengths; the second is too short for all shards."""
    def fresh(epoch):
        return [LINES, LINES[:3], LINES[500:2000]][epoch]

    assert trained(None, fresh=fresh) == trained(None, fresh=fresh, threads=3) != whole


def test_weighted_lines_give_the_same_bytes(tmp_path, whole):
    path = tmp_path / "weighted.txt"
    path.write_text("".join(f"{k % 4 / 2} {' '.join(line)}\n" for k, line in enumerate(LINES)))
    assert trained(path, line_weights=True) == trained(path, line_weights=True, threads=3) != whole


def test_phrases_give_the_same_bytes(corpus, tmp_path, whole):
    assert cli.main(["phrases", str(corpus), "-o", str(tmp_path / "p.tsv"), "--threshold", "1", "-q"]) == 0
    found = trained(corpus, phrases=tmp_path / "p.tsv")
    assert found == trained(corpus, phrases=tmp_path / "p.tsv", threads=3) != whole


@pytest.mark.parametrize("freeze", [None, "old"])
def test_initial_vectors_give_the_same_bytes(corpus, tmp_path, freeze):
    old = train(corpus, seed=9)
    old.save(tmp_path / "old.safetensors", output_vectors=True)
    options = {"init": tmp_path / "old.safetensors", **({"freeze": freeze} if freeze else {})}
    model = train([*LINES[:500], ["new", "words", "male_1"] * 30], **options)
    again = train([*LINES[:500], ["new", "words", "male_1"] * 30], threads=3, **options)
    assert content(model) == content(again)
    same = all(np.array_equal(model.wv[word], old.wv[word]) for word in old.wv.index_to_key if word in model.wv)
    assert same == (freeze == "old") and np.abs(model.wv["new"]).max() > 0


@pytest.mark.parametrize("lines", [[["a", "b"]], [["a", "b", "c"] * 2000], [["a", "b"]] * 3,
                                   [["a"], ["b"], ["a", "b"]]])
@pytest.mark.parametrize("options", [{}, {"shards": 1024, "rounds": 1}, {"shards": 16, "rounds": 30}])
def test_tiny_text_is_trained(lines, options):
    """Fewer words than shards, one line, more rounds than pieces."""
    options = {"sample": 0, "negative": 1, "alpha": 0.02, **options}
    model = train(lines, **options)
    assert content(model) == trained(lines, threads=3, **options) and np.isfinite(model.wv.vectors).all()
    assert planted.adds_up(model.report) and model.report.words_trained == 3 * sum(map(len, lines))
    assert model.output_vectors.any()


@pytest.mark.parametrize("lines", [[["a", "b"]], [["a", "b", "c", "d"]] * 30])
def test_lines_of_a_small_text_are_not_cut_into_single_words(lines, monkeypatch):
    monkeypatch.setattr(rounds_module, "LEAST_WORDS", LEAST_WORDS)
    one, many = (train(lines, sample=0, shards=shards, rounds=3, epochs=3) for shards in (1, 1024))
    assert one.output_vectors.any() and np.array_equal(one.wv.vectors, many.wv.vectors)


@pytest.mark.parametrize("command", [["--threads", "1"], ["--threads", "3"], ["--threads", "2", "--ids", "none"]])
def test_files_of_the_command_are_equal(corpus, tmp_path, command):
    for name, more in (("a", ["--threads", "2"]), ("b", command)):
        assert cli.main(["train", str(corpus), "-o", str(tmp_path / f"{name}.safetensors"), "-q", "--vector-size", "20",
                         "--reproducible", "--shards", "6", "--rounds", "10", *more]) == 0
    first, second = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "ab")
    assert first == second and b"reproducible" in first


def test_card_has_the_options_and_not_the_number_of_threads(corpus):
    card = json.loads(train(corpus, threads=2).wv.metadata["training"])
    assert (card["reproducible"], card["shards"], card["rounds"]) == (True, 5, 6) and "threads" not in card
    assert "threads" in json.loads(w2v.train(corpus, epochs=1, threads=2, progress=False).wv.metadata["training"])


# ---- what is learned ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options", [{}, {"sg": False}])
@pytest.mark.slow
def test_planted_structure_is_learned_with_16_shards(tmp_path, options):
    path = tmp_path / "corpus.txt"
    planted.write_corpus(path, 40_000)
    model = w2v.train(path, vector_size=32, epochs=10, sample=0, threads=2, reproducible=True, rounds=50,
                      progress=False, **options)
    assert planted.neighbors_found(model.wv) > 0.9


def test_single_shard_is_the_ordinary_run_up_to_rounding(corpus):
    """One worker starts from the snapshot and its change is kept, to 8 bits; besides only the cuts of the text differ.
    """
    one = train(corpus, shards=1, rounds=3, epochs=3, sample=0)
    with paced(shard_ids=1 << 20):
        plain = w2v.train(corpus, vector_size=24, epochs=3, min_count=1, sample=0, threads=1, progress=False)
    np.testing.assert_allclose(one.wv.vectors, plain.wv.vectors, atol=1e-2)
    assert np.abs(plain.wv.vectors).max() > 0.3


# ---- rounds of a run ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("rounds, epochs, expected", [(50, 5, 10), (50, 3, 17), (1, 5, 1), (7, 5, 1), (8, 5, 2),
                                                      (9, 1, 9)])
def test_rounds_of_the_run_are_shared_by_its_epochs(rounds, epochs, expected):
    assert rounds_per_epoch(TrainConfig(reproducible=True, rounds=rounds, epochs=epochs)) == expected


@pytest.mark.parametrize("shards, rounds, words", [(5, 6, 0), (16, 60, 0), (16, 60, 2000), (1024, 3, 5000),
                                                   (3, 3, 10**9)])
def test_rate_of_a_small_text_follows_the_workers_that_have_words(shards, rounds, words, monkeypatch):
    """Parts of fewer words than the least are joined; then some workers have none, and the others are counted."""
    monkeypatch.setattr(rounds_module, "LEAST_WORDS", words or 20)
    monkeypatch.setattr(rounds_module, "FIRST_WORDS", 0)
    training = make_training(encode(LINES, min_count=1), shards=shards, rounds=rounds)
    pieces, tasks = training.run.pieces, []
    train_worker = SharedCalls._train
    monkeypatch.setattr(SharedCalls, "_train", lambda self, copies, task, text: (
        text is None and tasks.append(task), train_worker(self, copies, task, text))[1])
    for piece in range(len(pieces)):
        del tasks[:]
        pieces.train(0, piece)
        parts = [shard for shard in range(len(pieces.shards)) if shard % len(pieces) == piece]
        trained = [shard for task in tasks for shard in task.shards]
        assert trained == parts or (not parts and trained == [piece])
        assert {task.workers for task in tasks} == {max(len(parts), 1)}
    assert training.run.status().words_done == training.corpus.n_words


def test_one_worker_begins_a_new_model_alone(monkeypatch):
    """With the beginnings of all parts of the first round; not once more when the model has output rows."""
    monkeypatch.setattr(rounds_module, "FIRST_WORDS", 60)
    training = make_training(encode(LINES, min_count=1))
    pieces, texts, done, train_worker = training.run.pieces, [], [], SharedCalls._train
    monkeypatch.setattr(SharedCalls, "_train", lambda self, copies, task, text: (
        texts.append((text, task.workers, self.matrices[1].any())), train_worker(self, copies, task, text),
        done.append(self.loop.progress.words_done))[1])
    pieces.train(0, 0)
    (ids, weight), workers, begun = texts[0]
    assert done[0] == 0 < done[1], "these words are not counted"
    parts = [pieces.shards.ids_of(0, worker * len(pieces))[0] for worker in range(5)]
    assert np.array_equal(ids, np.concatenate([np.append(part[:12], -1) for part in parts]))
    assert (weight, workers, begun) == (1.0, 1, False)
    assert [(text, workers, begun) for text, workers, begun in texts[1:]] == [(None, 5, True)] * 5
    assert training.run.status().words_done == sum(np.count_nonzero(part >= 0) for part in parts)
    del texts[:]
    pieces.train(0, 0)
    assert [text for text, *_ in texts] == [None] * 5


@pytest.mark.parametrize("workers, longer", [(1, 1), (2, 1.41), (4, 2), (8, 2), (16, 2), (32, 2.83), (64, 4), (999, 4)])
def test_output_rows_become_longer_with_more_workers(workers, longer):
    assert rounds_module.outputs_longer(workers) == pytest.approx(longer, abs=0.005)


@pytest.mark.parametrize("initial", [False, True])
def test_output_rows_become_longer_and_products_stay(monkeypatch, initial):
    """Initial vectors keep their length."""
    found = []
    for longer in (1.0, 2.0):
        monkeypatch.setattr(rounds_module, "outputs_longer", lambda workers, longer=longer: longer)
        training = make_training(encode(LINES, min_count=1))
        if initial:
            training.inputs *= 3
        engine = Threads(1)
        assert training.run.pieces._train_first(engine)
        engine.close()
        found.append((training.inputs.copy(), training.outputs.copy()))
    assert found[0][1].any() and training.run.status().words_done == 0
    factor = 1.0 if initial else 2.0
    assert np.array_equal(found[1][0] * factor, found[0][0]) and np.array_equal(found[1][1], found[0][1] * factor)


def test_parts_of_one_worker_begin_with_the_weights_of_their_lines():
    texts = [(np.array(ids, np.int32), weight) for ids, weight in (([3, 4, -1, 5], 0.5), ([], 1.0), ([6], 2.0))]
    assert rounds_module._joined(texts, False).tolist() == [3, 4, -1, 5, -1, -1, 6, -1]
    joined = rounds_module._joined(texts, True)
    assert joined[[1, 2, 3, 4, 5, 7, 9, 10]].tolist() == [3, 4, -1, 5, -1, -1, 6, -1]
    assert joined[[0, 6, 8]].view(np.float32).tolist() == [-0.5, -1.0, -2.0]


def test_short_first_parts_of_many_workers_do_not_overshoot(tmp_path):
    """Without the worker that begins alone the loss is 5.1, above that of an untrained model."""
    rng = np.random.default_rng(1)
    weights = 1 / np.arange(1, 301)
    lines = [[f"w{k}" for k in rng.choice(300, 20, p=weights / weights.sum())] for _ in range(3000)]
    options = {"vector_size": 24, "epochs": 2, "min_count": 1, "sample": 0, "progress": False, "seed": 1}
    ordinary = w2v.train(lines, threads=1, **options).report.loss
    rounds = w2v.train(lines, reproducible=True, shards=32, rounds=4, threads=2, **options).report.loss
    assert rounds == pytest.approx(ordinary, rel=0.05)


def test_every_word_is_trained_in_every_epoch():
    corpus = encode(LINES, min_count=1)
    training = make_training(corpus, 3)
    assert isinstance(training.run.pieces, Rounds) and len(training.run.pieces) == 2
    training.run.wait([], progress=False)
    run = training.run
    assert run.trained + run.subsampled == 3 * corpus.n_words == run.status().words_done and run.pieces_taken == 6


@pytest.mark.parametrize("threads", [1, 3])
def test_ends_of_epochs_are_told_exactly(corpus, threads, monkeypatch):
    """The model of a run with fewer epochs is not seen before the last round is merged, however long merging takes."""
    merge = SharedCalls._merge

    def slow(self, *arguments):
        threading.Event().wait(0.001)
        return merge(self, *arguments)

    monkeypatch.setattr(SharedCalls, "_merge", slow)
    seen = []

    def look(view, stats):
        seen.append((stats.epoch, view.rows(np.arange(len(view.words))).tobytes(), view.state().wv.vectors.tobytes()))

    with paced(poll_seconds=0.0005):
        model = train(corpus, threads=threads, on_epoch_end=look)
    assert [epoch for epoch, *_ in seen] == [1, 2, 3]
    assert all(rows == state for _, rows, state in seen) and seen[2][1] == model.wv.vectors.tobytes()
    monkeypatch.undo()
    with paced(after_shard=each_shard):
        exact = []
        train(corpus, on_epoch_end=lambda view, stats: exact.append(view.rows(np.arange(len(view.words))).tobytes()))
    assert [rows for _, rows, _ in seen] == exact


def test_stop_training_ends_after_a_whole_round(corpus):
    def stop(view, stats):
        if stats.epoch == 2:
            raise w2v.StopTraining("enough")

    model = train(corpus, threads=2, on_epoch_end=stop)
    assert model.report.stopped_early == "enough" and planted.adds_up(model.report)
    assert content(model) == content(train(corpus, on_epoch_end=stop))
    assert json.loads(model.wv.metadata["report"])["stopped_early"] == "enough"


def test_held_out_loss_and_log_are_those_of_any_number_of_threads(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(intervals, "SHARE", 1e9)  # a report is not left out because the one before took long
    losses = []
    for threads in (1, 3):
        log = tmp_path / f"log{threads}"
        with paced(after_shard=each_shard):
            model = train(corpus, threads=threads, held_out=200, log_json=log, log_every="10%")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        reports = [line for line in lines if line["event"] == "interval"]
        losses.append([(line["words_done"], line["loss_held_out"]) for line in reports])
        assert len(reports) >= 5 and model.report.loss_held_out is not None and lines[-1]["event"] == "end"
        assert lines[0]["config"]["reproducible"] is True
    assert losses[0] == losses[1] and losses[0][-1][1] < losses[0][0][1]


# ---- divergence -----------------------------------------------------------------------------------------------------

def test_run_that_explodes_is_one_error(corpus):
    with pytest.raises(TrainingError, match="diverged.*smaller alpha"):
        train(corpus, alpha=10, min_alpha=10, epochs=20, rounds=20)


@pytest.mark.parametrize("how", [diverging.nan_everywhere, diverging.inf_in_a_rare_row, diverging.huge])
@pytest.mark.parametrize("threads", [1, 3])
def test_diverged_run_is_set_back_once(corpus, tmp_path, monkeypatch, how, threads):
    """Rows that are huge are seen in the loss of the next round: a checkpoint before it would keep them."""
    every = "45%" if how is diverging.huge else 1e-6

    def run(number):
        diverging.explode(monkeypatch, 0.5, how)
        with paced(after_shard=each_shard):
            return train(corpus, threads=number, checkpoint=tmp_path / f"k{number}", checkpoint_every=every)

    model = run(threads)
    assert model.report.rollbacks == 1 and np.isfinite(model.wv.vectors).all()
    monkeypatch.undo()
    assert model.wv.vectors.tobytes() == run(2).wv.vectors.tobytes()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_rows_of_the_first_worker_that_are_not_finite_stop_the_run(bad):
    """Its moments would have no eigenvalues."""
    training = make_training(encode(LINES, min_count=1))
    training.outputs[0, 0] = bad
    assert training.run.pieces.train(0, 0) is not None
    assert training.loop.progress.stopped == _progress.STOP_NOT_FINITE
    with pytest.raises(TrainingError, match="no longer finite"):
        training.work(progress=False, on_epoch_end=None)


# ---- giving up a round ----------------------------------------------------------------------------------------------

def test_round_is_given_up_before_it_is_merged(monkeypatch):
    training = make_training(encode(LINES, min_count=1), 2)
    pieces, before = training.run.pieces, (training.inputs.copy(), training.outputs.copy())
    train_worker = SharedCalls._train

    def give_up(self, *arguments):
        assert pieces.give_up()
        return train_worker(self, *arguments)

    monkeypatch.setattr(SharedCalls, "_train", give_up)
    assert pieces.train(0, 0) is None
    assert training.loop.progress.stopped == 0 and training.loop.progress.words_done == 0
    assert training.loop.progress.loss == (0.0, 0)
    assert np.array_equal(training.inputs, before[0]) and np.array_equal(training.outputs, before[1])
    monkeypatch.undo()
    assert pieces.train(0, 0)[0] > 0 and not np.array_equal(training.inputs, before[0])


def test_round_that_is_being_merged_is_not_given_up(monkeypatch):
    """It would be trained twice."""
    merge, training = SharedCalls._merge, make_training(encode(LINES, min_count=1), 2)
    asked = []

    def give_up(self, number, sums, bases, trained, last):
        if last:
            asked.append(training.run.pieces.give_up())
        return merge(self, number, sums, bases, trained, last)

    monkeypatch.setattr(SharedCalls, "_merge", give_up)
    training.run.wait([], progress=False)
    assert asked and all(asked) and training.run.status().words_done == 3 * training.corpus.n_words
    assert training.run.pieces.give_up() and training.loop.progress.stopped == 0, "no round is in progress"
    monkeypatch.undo()
    other = make_training(encode(LINES, min_count=1))
    other.run.wait([], progress=False)
    assert np.array_equal(training.inputs, other.inputs)


def test_halt_ends_a_run_whose_round_is_given_up(monkeypatch):
    training = make_training(encode(LINES, min_count=1))
    train_worker = SharedCalls._train

    def both(self, *arguments):
        training.run.pieces.give_up()
        training.run.stop()
        return train_worker(self, *arguments)

    monkeypatch.setattr(SharedCalls, "_train", both)
    training.run.wait([], progress=False)
    assert training.run.pieces_taken == 0


def test_error_of_a_worker_reaches_the_caller(corpus, monkeypatch):
    def fail(self, *arguments):
        raise ZeroDivisionError("broken")

    monkeypatch.setattr(SharedCalls, "_train", fail)
    before = set(threading.enumerate())
    with pytest.raises(ZeroDivisionError, match="broken"):
        train(corpus, threads=3)
    assert set(threading.enumerate()) <= before


# ---- the engine -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("threads", [1, 2, 5])
def test_calls_get_the_results_of_earlier_calls(threads):
    engine = Threads(threads)
    ones = [engine.submit(int, k) for k in range(20)]
    total = engine.submit(sum, ones)
    for _ in range(50):
        total = engine.submit(max, total, engine.scatter(7))
    assert engine.at_once == threads and engine.gather([total, ones[3]]) == [190, 3]
    with pytest.raises(ZeroDivisionError):
        engine.gather([engine.submit(sum, [engine.submit(divmod, 1, 0)])])
    engine.close()


# ---- refusals -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options, typed, problem", [
    ({"hs": True}, ["--hs"], "needs negative sampling of whole words"),
    ({"hs": True, "negative": 0}, ["--hs", "--negative", "0"], "needs negative sampling of whole words"),
    ({"minn": 3, "maxn": 6}, ["--minn", "3", "--maxn", "6"], "n-grams"),
    ({"private_rows": 5}, ["--private-rows", "5"], "has no effect in rounds"),
    ({"init": "v.bin", "anchor": 0.5}, ["--init", "v.bin", "--anchor", "0.5"], "the pull of all shards"),
    ({"shards": 0}, ["--shards", "0"], "shards = 0 is out of range"),
    ({"shards": 1025}, ["--shards", "1025"], "out of range"),
    ({"rounds": 0}, ["--rounds", "0"], "rounds = 0 is out of range"),
])
def test_options_that_rounds_do_not_have_are_refused(options, typed, problem, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=problem):
        w2v.train("no-such-text", reproducible=True, **options)
    assert cli.main(["train", "no-such-text", "-o", "v.safetensors", "--reproducible", *typed]) == 2
    error = capsys.readouterr().err
    assert any(part in error for part in (problem, problem.replace(" = ", " "))), error
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["shards", "rounds"])
def test_options_of_rounds_need_them(option, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"{option} = 3 needs reproducible=True"):
        w2v.train("no-such-text", **{option: 3})
    assert cli.main(["train", "no-such-text", "-o", "v.safetensors", f"--{option}", "3"]) == 2
    assert f"--{option} 3 needs --reproducible" in capsys.readouterr().err
    with pytest.raises(ValueError, match=f"{option} = 3 needs"):
        w2v.plan("no-such-text", **{option: 3})


# ---- several runs ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("bootstrap", [False, True])
def test_several_runs_have_the_same_bytes(corpus, bootstrap):
    options = {name: value for name, value in OPTIONS.items() if name != "progress"}
    first, again = ([model.wv.vectors.tobytes() for model in w2v.train_runs(
        corpus, runs=2, threads=threads, bootstrap=bootstrap, progress=False, **options)] for threads in (1, 3))
    assert first == again and first[0] != first[1]
    assert bootstrap or first[0] == train(corpus).wv.vectors.tobytes()
