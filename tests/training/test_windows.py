"""Asymmetric windows, whole lines as windows, line weights: compared with the twin, and by what is learned."""

import json
import struct
import threading
import time

import numpy as np
import pytest
from helpers import loop_twin
from helpers.loops import distinct_lines, keep_all, lines_of, make_loop
from helpers.stops import Stop, stop_after

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.training.checkpoint import Checkpoint
from w2v.training.loop import _isa, _rows
from w2v.training.run import paced

WINDOWS = [(5, 2), (2, 5), (0, 3), (4, 0), (1, 30), (40, 3), "line"]


def entry(weight):
    """Entry of a weight in the ids: the bits of the float32 with the sign bit set."""
    return struct.unpack("<i", struct.pack("<f", -abs(weight)))[0]


def weighted(ids, weights):
    """The same lines, with the weights before them in turn."""
    lines = np.split(ids, np.flatnonzero(ids < 0) + 1)[:-1]
    assert all(len(line) and line[-1] == -1 for line in lines)
    return np.concatenate([np.append(np.int32(entry(weights[k % len(weights)])), line)
                           for k, line in enumerate(lines)]).astype(np.int32)


# ---- against the twin -----------------------------------------------------------------------------------------------

def check_against_twin(ids, n_words, *, window, shared_windows=2, shrink=True, isa="scalar", sample=True,
                       line_contexts=0, begin=0, end=None, harmonic=False, weight_decay=0.0):
    rng = np.random.default_rng(4)
    keep = rng.integers(2**30, 2**32 - 1, n_words).astype(np.uint32) if sample else keep_all(n_words)
    noise = rng.dirichlet(np.ones(n_words))
    loop, i, o = make_loop(ids, n_words, keep=keep, weights=noise, window=window, shared_windows=shared_windows,
                           shrink_windows=shrink, isa=isa, line_contexts=line_contexts, harmonic_windows=harmonic,
                           weight_decay=weight_decay)
    twin_i, twin_o, before = i.astype(np.float64), o.astype(np.float64), i.copy()
    end = len(ids) if end is None else end
    counts = loop.train(ids[begin:end], 2, 1)
    trained, subsampled, pairs = loop_twin.train(
        twin_i, twin_o, ids[begin:end], keep, noise, window=window, negative=5, shared_windows=shared_windows,
        rate_at=loop.alpha_at, seed=3, epoch=2, shard=1, shrink=shrink,
        harmonic=harmonic, weight_decay=weight_decay, line_contexts=line_contexts)
    assert counts == (trained, subsampled) and trained + subsampled == (ids[begin:end] >= 0).sum()
    assert len(pairs) > 100
    np.testing.assert_allclose(i, twin_i, atol=2e-5)
    np.testing.assert_allclose(o, twin_o, atol=2e-5)
    assert np.abs(i - before).max() > 0.02
    return pairs


@pytest.mark.parametrize("lengths", [[40, 1, 3, 300, 2, 256, 261, 5], [1] * 50 + [2] * 300 + [7] * 60])
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("shared_windows", [1, 2])
@pytest.mark.slow
def test_windows_equal_the_twin(lengths, window, shared_windows):
    pairs = check_against_twin(distinct_lines(lengths, 400), 400, window=window, shared_windows=shared_windows)
    assert {kept for pair in pairs for kept in pair} <= set(range(400))


@pytest.mark.parametrize("isa", _isa.available_isas())
@pytest.mark.parametrize("window", WINDOWS)
def test_windows_equal_the_twin_for_each_isa_without_shrinking(isa, window):
    check_against_twin(distinct_lines([30, 120, 12, 100], 300), 300, window=window, shrink=False, isa=isa, sample=False)


@pytest.mark.parametrize("isa", _isa.available_isas())
@pytest.mark.parametrize("window", [10, (7, 2), (0, 3)])
@pytest.mark.parametrize("weight_decay", [0.0, 2.0])
def test_harmonic_windows_and_weight_decay_equal_the_twin(isa, window, weight_decay):
    check_against_twin(distinct_lines([30, 120, 1, 100], 300), 300, window=window, harmonic=True, isa=isa,
                       weight_decay=weight_decay)


def test_a_word_at_distance_d_is_a_context_in_one_of_d_harmonic_windows():
    ids = distinct_lines([20_000], 20_000)
    order = {word: place for place, word in enumerate(ids[:-1].tolist())}
    pairs = check_against_twin(ids, 20_000, window=9, harmonic=True, sample=False, shared_windows=1)
    counts = np.bincount([abs(order[a] - order[b]) for a, b in pairs], minlength=10) / 40_000
    np.testing.assert_allclose(counts[1:], 1 / np.arange(1, 10), atol=0.02)  # a deviation is 0.003
    assert counts[0] == 0 and len(counts) == 10


@pytest.mark.parametrize("window", [(700, 2), (3, 500)])
@pytest.mark.slow
def test_long_line_in_many_blocks_equals_the_twin(window):
    check_against_twin(distinct_lines([1500, 20], 1600), 1600, window=window)


def test_pairs_are_exactly_those_within_the_window():
    """Without subsampling and shrinking: all pairs and no others."""
    ids = distinct_lines([20, 5, 1, 300], 400)
    lines = [line[line >= 0].tolist() for line in np.split(ids, np.flatnonzero(ids < 0) + 1)]
    for window, near in [((5, 2), lambda d: -5 <= d <= 2), ((0, 3), lambda d: 0 <= d <= 3), ("line", lambda d: True)]:
        expected = sorted((line[a], line[b]) for line in lines for a in range(len(line)) for b in range(len(line))
                          if a != b and near(b - a))
        assert sorted(check_against_twin(ids, 400, window=window, shrink=False, sample=False)) == expected


@pytest.mark.parametrize("isa", _isa.available_isas())
@pytest.mark.parametrize("contexts", [1, 4, 39])
@pytest.mark.parametrize("sample", [False, True])
def test_sampled_contexts_equal_the_twin(isa, contexts, sample):
    """Short lines, long ones, a long one at either end; with 39, subsampling leaves a line fewer words than that."""
    ids = distinct_lines([50, 1, 3, 40, 41, 420, 2, 7, 300, 60], 500)
    check_against_twin(ids, 500, window="line", line_contexts=contexts, isa=isa, sample=sample)


def test_sampled_contexts_with_line_weights_equal_the_twin():
    ids = weighted(distinct_lines([40, 1, 3, 280, 2, 7, 9, 11, 260], 400), [2.0, 0.0, 0.125, 1.0, 3.5])
    check_against_twin(ids, 400, window="line", line_contexts=6)


def test_contexts_are_drawn_one_from_each_part_of_the_line():
    """Of 1,001 words each centre has 10 contexts, one of any 100 neighbours that begin at the right place."""
    pairs = check_against_twin(distinct_lines([1001], 1001), 1001, window="line", line_contexts=10, sample=False)
    order = {word: at for at, word in enumerate(distinct_lines([1001], 1001)[:-1].tolist())}
    parts = {}
    for centre, context in pairs:
        at = order[context] - (order[context] > order[centre])
        parts.setdefault(centre, []).append(at)
    assert len(parts) == 1001 and all(len(found) == len(set(found)) == 10 for found in parts.values())
    for found in parts.values():  # some start, modulo 100, divides the circle so that each part has one
        assert any(sorted((at - start) % 1000 // 100 for at in found) == list(range(10)) for start in range(100))


@pytest.mark.parametrize("contexts", [1, 3, 7])
def test_every_other_word_is_drawn_equally_often(contexts):
    """The line of 9 words in 600 shards: each of the 72 pairs is drawn contexts / 8 of the time."""
    line = distinct_lines([9], 9)
    loop, _, _ = make_loop(line, 9, window="line", line_contexts=contexts)
    counts = np.zeros((9, 9))
    for shard in range(600):
        _, _, pairs = loop_twin.train(np.zeros((9, 1)), np.zeros((9, 1)), line, keep_all(9), np.full(9, 1 / 9),
                                      window="line", negative=1, shared_windows=1, rate_at=loop.alpha_at, seed=3,
                                      epoch=0, shard=shard, line_contexts=contexts)
        for pair in pairs:
            counts[pair] += 1
    share = counts[~np.eye(9, dtype=bool)] / 600
    assert np.diag(counts).sum() == 0 and np.abs(share - contexts / 8).max() < 5 * (0.25 / 600) ** 0.5


@pytest.mark.parametrize("options", [{}, {"isa": None}, {"shared_windows": 1}])
def test_lines_that_are_not_longer_are_trained_as_without_sampling(options):
    ids = lines_of([30, 21, 2, 7, 1, 31] * 40, 100)
    whole, i, o = make_loop(ids, 100, window="line", **options)
    sampled, j, p = make_loop(ids, 100, window="line", line_contexts=30, **options)
    assert whole.train(ids, 0, 0) == sampled.train(ids, 0, 0)
    assert np.array_equal(i, j) and np.array_equal(o, p)


@pytest.mark.parametrize("window", ["line", (400, 300)])
def test_slices_of_a_block_change_nothing(window):
    """Blocks are trained in slices of 7 steps, after which progress is shared."""
    ids = lines_of([500, 20, 300], 300)
    small, i, o = make_loop(ids, 300, window=window)
    large, j, p = make_loop(ids, 300, window=window)
    small.slice_steps = 7
    counts = small.train(ids, 0, 0)
    assert large.slice_steps > 256 and large.train(ids, 0, 0) == counts
    assert small.progress.words_done == large.progress.words_done == 820
    assert np.array_equal(i, j) and np.array_equal(o, p)


@pytest.mark.parametrize("line_contexts", [0, 500])
def test_stop_is_obeyed_inside_a_line(line_contexts):
    """The line would take minutes; its first slices are trained when the stop comes."""
    ids = lines_of([30_000], 300)
    loop, _, _ = make_loop(ids, 300, width=1024, window="line", line_contexts=line_contexts)
    seen = []

    def stop():
        while not loop.progress.words_done:
            time.sleep(0.001)
        seen.append(loop.progress.words_done)
        loop.progress.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    trained, _ = loop.train(ids, 0, 0)
    stopper.join()
    assert 0 < seen[0] <= trained < 20_000


@pytest.mark.parametrize("isa", _isa.available_isas())
@pytest.mark.parametrize("window", [5, (0, 3), "line"])
@pytest.mark.parametrize("shared_windows", [1, 2])
@pytest.mark.slow
def test_weights_equal_the_twin(isa, window, shared_windows):
    ids = weighted(distinct_lines([40, 1, 3, 280, 2, 7, 9, 11, 260], 400), [2.0, 0.0, 0.125, 1.0, 3.5])
    check_against_twin(ids, 400, window=window, shared_windows=shared_windows, isa=isa)


@pytest.mark.parametrize("weight", [0.5, 2.0, 0.0])
def test_shard_that_begins_inside_a_line_has_its_weight(weight):
    """The rest of a line of weight w is trained like the same words at w times the learning rate."""
    plain = distinct_lines([900], 1000)
    ids = weighted(plain, [weight])
    loop, i, o = make_loop(ids, 1000, alpha=0.04, min_alpha=0.04)
    other, j, p = make_loop(plain, 1000, alpha=0.04 * weight or 0.04, min_alpha=0.04 * weight or 0.04)
    before = i.copy()
    assert loop.train(ids[401:], 0, 0, weight) == ((500, 0) if weight else (0, 500))
    if weight == 0:
        assert np.array_equal(i, before)
        return
    other.train(plain[400:], 0, 0)
    assert np.array_equal(i, j) and np.array_equal(o, p) and not np.array_equal(i, before)


def test_line_of_weight_zero_is_ignored():
    lines = distinct_lines([30] * 50, 200)
    without, i, o = make_loop(lines, 200, alpha=0.05, min_alpha=0.05)
    ids = np.concatenate([weighted(lines[: 31 * 25], [1.0]), weighted(lines_of([700, 5], 200), [0.0]),
                          weighted(lines[31 * 25 :], [1.0])])
    loop, j, p = make_loop(ids, 200, alpha=0.05, min_alpha=0.05)
    assert without.train(lines, 0, 0) == (1500, 0)
    assert loop.train(ids, 0, 0) == (1500, 705)
    assert loop.progress.words_done == 2205
    assert np.array_equal(i, j) and np.array_equal(o, p)


def test_weight_of_one_changes_nothing():
    lines = lines_of([30, 400, 2] * 20, 100)
    loop, i, o = make_loop(lines, 100, isa=None)
    other, j, p = make_loop(weighted(lines, [1.0]), 100, isa=None)
    loop.train(lines, 0, 0)
    other.train(other_ids := weighted(lines, [1.0]), 0, 0)
    assert len(other_ids) == len(lines) + 60 and np.array_equal(i, j) and np.array_equal(o, p)


def test_symmetric_pair_equals_a_number():
    assert TrainConfig(window=(5, 5)) == TrainConfig() and TrainConfig(window=[5, 2]).window == (5, 2)


# ---- learning ------------------------------------------------------------------------------------------------

def successors(n_words=40, n_lines=3000, seed=3):
    """Lines of walks i, i + 1, i + 2, ... modulo `n_words`, from random starts."""
    rng = np.random.default_rng(seed)
    return [[f"w{(start + k) % n_words}" for k in range(8)] for start in rng.integers(0, n_words, n_lines)]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("window, step", [((0, 1), 1), ((1, 0), -1)])
def test_one_sided_windows_learn_the_order(window, step, threads):
    """The only context of a word is its successor, so the successor's input row has the highest score."""
    model = w2v.train(successors(), window=window, min_count=1, sample=0, vector_size=24, epochs=8, alpha=0.05,
                      threads=threads, progress=False)
    numbers = np.array([int(word[1:]) for word in model.wv.index_to_key])
    scores = model.output_vectors @ model.wv.vectors.T  # (centre, context)
    best = numbers[scores.argmax(1)]
    assert (best == (numbers + step) % 40).mean() > 0.9


@pytest.mark.parametrize("threads", [1, 3])
def test_whole_lines_learn_baskets(threads):
    """Baskets of 30 items from one of 8 shops, in random order: all items of a basket are contexts."""
    rng = np.random.default_rng(5)
    baskets = [[f"shop{shop}item{k}" for k in rng.permutation(60)[:30]] for shop in rng.integers(0, 8, 1500)]
    wv = w2v.train(baskets, window="line", min_count=1, sample=0, vector_size=16, epochs=2, threads=threads,
                   progress=False).wv
    right = [word.split("item")[0] == near.split("item")[0] for word in wv.index_to_key[::7]
             for near, _ in wv.most_similar(word, topn=20)]
    assert np.mean(right) > 0.95


def test_whole_lines_are_never_split_between_shards(tmp_path):
    """40 lines of 3,000 words in 16 shards: each shard begins with a line."""
    lines = [[f"w{k % 50}" for k in range(3000)] for _ in range(40)]
    corpus = w2v.corpus.encode.encode(lines, min_count=1)
    cuts = [begin for begin, _ in corpus.shards(16, whole_lines=True)]
    assert len(cuts) == 16 and all(corpus.ids[begin - 1] == -1 for begin in cuts[1:])
    assert any(corpus.ids[begin - 1] != -1 for begin, _ in corpus.shards(16)[1:])


# ---- bad options ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("window", [0, -1, 10_001, (0, 0), (-1, 5), (5, 10_001)])
def test_window_out_of_range_is_rejected(window):
    with pytest.raises(ValueError, match="window.*out of range"):
        TrainConfig(window=window)


@pytest.mark.parametrize("window", ["5", "lines", (5,) * 3, (), 2.5, (1, 2.5), None, True, (True, 2), (1, "2")])
def test_window_of_wrong_type_is_rejected(window):
    with pytest.raises(TypeError, match="window"):
        TrainConfig(window=window)


def test_line_too_long_for_a_window_is_rejected_with_its_length():
    words = ["a", "b", "c"] * 10_001
    with pytest.raises(w2v.CorpusError, match="30,003 known words"):
        w2v.train([["a", "b"], words, ["c"]], window="line", min_count=1, progress=False)
    with pytest.raises(ValueError, match="longest window"):
        make_loop(lines_of([30_001], 10), 10, window="line")


def test_longest_line_is_determined_once(monkeypatch):
    """Unknown words do not count: a line that is too long only because of them is accepted."""
    looked = []
    monkeypatch.setattr(_rows, "longest_line", lambda ids, find=_rows.longest_line: (looked.append(1), find(ids))[1])
    lines = [["a", "b"] * 50, ["a", "c", *(f"rare{k}" for k in range(30_001))]]
    w2v.train(lines[:1], window="line", min_count=2, epochs=1, vector_size=8, progress=False)
    assert len(looked) == 1
    model = w2v.train(lines, window="line", min_count=2, epochs=1, vector_size=8, progress=False)
    assert len(looked) == 2 and model.report.corpus.longest_line == 30_003


@pytest.mark.parametrize("options", [{}, {"sg": False}, {"hs": True, "negative": 0}])
def test_corpus_with_a_long_line_trains_with_sampled_contexts(options):
    """Two halves of a line of 40,002 words have other words: each learns its own."""
    line = [f"a{k % 20}" for k in range(20_001)] + [f"b{k % 20}" for k in range(20_001)]
    lines = [line[:20_001], line[20_001:], ["a1", "b1"]]
    with pytest.raises(w2v.CorpusError, match="line_contexts=10"):
        w2v.train([line], window="line", min_count=1, progress=False)
    model = w2v.train(lines, window="line", line_contexts=5, min_count=1, sample=0, vector_size=8, epochs=2, alpha=0.05,
                      threads=2, progress=False, **options)
    assert model.report.words_trained == 2 * 40_004
    near = [word[0] for word, _ in model.wv.most_similar("a5", topn=15)]
    assert near.count("a") >= 14


def test_line_contexts_are_part_of_the_model_card_and_of_a_resumed_run(tmp_path):
    lines = [[f"w{(k * j) % 60}" for k in range(200)] for j in range(40)]
    options = {"window": "line", "line_contexts": 7, "min_count": 1, "vector_size": 8, "epochs": 4, "threads": 1,
               "progress": False}
    whole = w2v.train(lines, **options)
    assert json.loads(whole.wv.metadata["training"])["line_contexts"] == 7
    with paced(shard_ids=1 << 10, after_shard=stop_after(20)), pytest.raises(Stop):
        w2v.train(lines, checkpoint=tmp_path / "k", checkpoint_every=1e-6, **options)
    assert Checkpoint.open(tmp_path / "k").config.line_contexts == 7
    with paced(shard_ids=1 << 10):
        unbroken = w2v.train(lines, **options)
    resumed = w2v.train(lines, resume=tmp_path / "k", progress=False)
    assert np.array_equal(resumed.wv.vectors, unbroken.wv.vectors)
    with pytest.raises(ValueError, match="line_contexts = 8 contradicts line_contexts = 7"):
        w2v.train(lines, resume=tmp_path / "k", line_contexts=8)


@pytest.mark.parametrize("window", [5, (5, 2), 10_000])
def test_line_contexts_need_whole_lines(window, corpus, capsys):
    with pytest.raises(ValueError, match="line_contexts = 5 has no effect with window = .*needs window=line"):
        w2v.train("no-such-text", window=window, line_contexts=5)
    assert cli.main(["train", str(corpus), "-o", str(corpus.with_name("v.bin")), "--line-contexts", "5"]) == 2
    assert "--line-contexts 5 has no effect with --window 5" in capsys.readouterr().err
    assert cli.main(["train", str(corpus), "-o", str(corpus.with_name("v.bin")), "--line-contexts", "5", "--window",
                     "line", "-q"]) == 0


@pytest.mark.parametrize("contexts", [0, -1, 10_001, 2.5, "5"])
def test_wrong_line_contexts_are_rejected(contexts):
    with pytest.raises((ValueError, TypeError), match="line_contexts"):
        TrainConfig(window="line", line_contexts=contexts)


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(" ".join(line) for line in successors(n_lines=200)) + "\n")
    return path


@pytest.mark.parametrize("given, kept", [("5,2", [5, 2]), ("0,3", [0, 3]), ("7", 7), ("4,4", 4), ("line", "line")])
def test_command_line_accepts_every_form_and_the_model_card_records_it(corpus, given, kept):
    out = corpus.with_name("v.safetensors")
    assert cli.main(["train", str(corpus), "-o", str(out), "--window", given, "--epochs", "1", "-q"]) == 0
    card = json.loads(w2v.load(out).metadata["training"])
    assert card["window"] == kept
    known = TrainConfig.__dataclass_fields__
    assert TrainConfig(**{name: value for name, value in card.items() if name in known}).window == (
        tuple(kept) if isinstance(kept, list) else kept)


@pytest.mark.parametrize("given", ["5,", ",5", "1,2,3", "lines", "2.5", "0", "0,0", "-1", "-1,3", "5,10001", ""])
def test_command_line_rejects_other_windows(corpus, capsys, given):
    assert cli.main(["train", str(corpus), "-o", str(corpus.with_name("v.bin")), f"--window={given}"]) == 2
    assert "window" in capsys.readouterr().err and not corpus.with_name("v.bin").exists()


def test_shrinking_can_be_turned_off(corpus):
    """Shrinking changes all windows except those of 1."""
    rows = {}
    for window in ("1", "1,0", "4", "0,4"):
        for shrink in ("--shrink-windows", "--no-shrink-windows"):
            out = corpus.with_name("v.bin")
            assert cli.main(["train", str(corpus), "-o", str(out), "--window", window, shrink, "--epochs", "1", "-q",
                             "--threads", "1"]) == 0
            rows[window, shrink] = out.read_bytes()
    for window, equal in (("1", True), ("1,0", True), ("4", False), ("0,4", False)):
        assert (rows[window, "--shrink-windows"] == rows[window, "--no-shrink-windows"]) == equal, window
    assert len(set(rows.values())) == 6
