"""The loop with CBOW, hierarchical softmax, subwords, frozen and anchored rows, compared with a twin in Python."""

import heapq

import numpy as np
import pytest
from helpers import loop_twin, ngrams_twin
from helpers.loops import distinct_lines, huffman, keep_all, lines_of, make_loop

from w2v.formats import _fasttext
from w2v.training.loop import _isa, _ngrams, _rows, _tree
from w2v.training.loop.settings import shared_negatives
from w2v.training.matrices import allocate_rows, packed

LENGTHS = [[40, 1, 3, 700, 2, 256, 261, 5], [1] * 50 + [2] * 300]


def against_twin(lengths, *, n_words=150, window=5, negative=5, shared_windows=2, sample=True, isa="scalar", twin,
                 atol=2e-5, **options):
    """Train the loop and the twin on the same ids and compare them; return the loop and its matrices."""
    ids = distinct_lines(lengths, n_words)
    rng = np.random.default_rng(4)
    keep = rng.integers(2**30, 2**32 - 1, n_words).astype(np.uint32) if sample else keep_all(n_words)
    weights = rng.dirichlet(np.ones(n_words))
    loop, i, o = make_loop(ids, n_words, keep=keep, weights=weights, window=window, negative=negative, isa=isa,
                               shared_windows=shared_windows, **options)
    before, twin_i, twin_o = i.copy(), i.astype(np.float64), o.astype(np.float64)
    counts = loop.train(ids, 2, 1)
    trained, subsampled, pairs = loop_twin.train(
        twin_i, twin_o, ids, keep, weights, window=window, negative=negative, shared_windows=shared_windows,
        rate_at=loop.alpha_at, seed=3, epoch=2, shard=1, **twin)
    assert counts == (trained, subsampled) and trained + subsampled == (ids >= 0).sum() and len(pairs) > 100
    np.testing.assert_allclose(i, twin_i, atol=atol)
    np.testing.assert_allclose(o, twin_o, atol=atol)
    assert np.abs(i - before).max() > 0.005
    return loop, i, o


# ---- CBOW -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("window", [1, 5, 30])
@pytest.mark.parametrize("shared_windows", [1, 2])
@pytest.mark.parametrize("form", [{"mean": True}, {"mean": False}, {"mean": True, "undivided": True}])
@pytest.mark.slow
def test_cbow_equals_its_twin(lengths, window, shared_windows, form):
    against_twin(lengths, window=window, shared_windows=shared_windows, twin={"cbow": form}, cbow=True, alpha=0.02,
                 cbow_mean=form["mean"], cbow_undivided=form.get("undivided", False))


@pytest.mark.parametrize("isa", _isa.available_isas())
def test_cbow_of_every_instruction_set_equals_the_twin(isa):
    against_twin(LENGTHS[0], isa=isa, twin={"cbow": {}}, cbow=True)


@pytest.mark.parametrize("options", [{"harmonic_windows": True}, {"weight_decay": 3.0, "frozen": True}])
def test_cbow_with_harmonic_windows_and_weight_decay_equals_its_twin(options):
    frozen, twin = np.zeros(150, np.uint8), {"cbow": {}}
    frozen[::3] = 1
    if options.pop("frozen", False):
        options["frozen"], twin["frozen"], twin["weight_decay"] = frozen, np.flatnonzero(frozen), 3.0
    else:
        twin["harmonic"] = True
    against_twin(LENGTHS[0], twin=twin, cbow=True, **options)


def test_loss_of_cbow_is_counted_per_centre():
    ids = np.tile(np.array([0, 1, 2, 3, -1, 4, 5, 6, 7, -1], np.int32), 3000)
    loop, i, o = make_loop(ids, 8, negative=3, alpha=1e-9, min_alpha=1e-9, cbow=True)
    o[:] = 0
    loop.train(ids, 0, 0)
    total, pairs = loop.progress.loss
    assert pairs > 100 and total / pairs == pytest.approx((1 + shared_negatives(3)) * np.log(2), rel=1e-5)
    loop, *_ = make_loop(ids, 8, negative=3, alpha=0.3, cbow=True)
    loop.train(ids, 0, 0)
    total, pairs = loop.progress.loss
    assert total / pairs < 0.8 * 4 * np.log(2)


def test_cbow_ignores_words_alone_on_their_line():
    ids = lines_of([1] * 300, 10)
    loop, i, o = make_loop(ids, 10, cbow=True)
    before = i.copy(), o.copy()
    assert loop.train(ids, 0, 0) == (300, 0)
    assert np.array_equal(i, before[0]) and np.array_equal(o, before[1]) and loop.progress.loss == (0.0, 0)


# ---- hierarchical softmax -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("counts", [[1], [3, 3], [9, 4, 4, 1], [2**k for k in range(60, -1, -1)], [0] * 5, [5] * 33,
                                    np.random.default_rng(1).zipf(1.2, 3000) % 10**12 + 1])
def test_code_is_prefix_free_and_optimal(counts):
    tree, n = huffman(counts), len(counts)
    paths = [tree.path(i) for i in range(n)]
    codes = ["".join(str(1 - label) for _, label in path) for path in paths]
    assert len(set(codes)) == n and sum(2.0 ** -len(code) for code in codes) == 1
    assert tree.longest == max(map(len, codes))
    node_of = {}
    for path, code in zip(paths, codes, strict=True):
        for depth, (node, _) in enumerate(path):
            assert node_of.setdefault(code[:depth], node) == node, "a node has one position"
    assert sorted(node_of.values()) == list(range(n - 1)) and (n == 1 or node_of[""] == 0)
    counts, heap, cost = [max(int(c), 1) for c in counts], [max(int(c), 1) for c in counts], 0
    heapq.heapify(heap)
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        cost += joined
        heapq.heappush(heap, joined)
    assert sum(c * len(code) for c, code in zip(counts, codes, strict=True)) == cost
    rates = np.zeros(n - 1)
    tree.add_rates(np.array(counts, float), rates)
    assert (np.diff(rates) <= 0).all() and (n == 1 or rates[0] == sum(counts)), "nodes are numbered by falling weight"


def test_codes_are_those_of_word2vec_c():
    """Ties go to nodes, and the second of a pair gets bit 1; worked out by hand for counts 4 3 2 1 1."""
    tree = huffman([4, 3, 2, 1, 1])
    # 1 + 1 = 2 (c); 2 (c) before the word of count 2: c + word = 4 (b); word 3 + ... : 3 + 4 (node b) = 7 (a)
    assert [["".join(str(1 - label) for _, label in tree.path(i))] for i in range(5)] == [
        ["0"], ["10"], ["111"], ["1101"], ["1100"]]


TREE = huffman(np.random.default_rng(8).integers(1, 10**6, 150))
PATHS = [TREE.path(i) for i in range(150)]


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("window", [1, 5, 30])
@pytest.mark.parametrize("negative", [0, 5])
@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.slow
def test_hierarchical_softmax_equals_its_twin(lengths, window, negative, cbow):
    against_twin(lengths, window=window, negative=negative, twin={"tree": PATHS, "cbow": {} if cbow else None},
                 tree=TREE, cbow=cbow, atol=3e-5)


@pytest.mark.parametrize("isa", _isa.available_isas())
def test_hierarchical_softmax_of_every_instruction_set_equals_the_twin(isa):
    """With private rows of one thread, which only change the rounding."""
    steep = huffman([2**k // 7 + 1 for k in range(150 - 1, -1, -1) if k < 60] + [1] * 90)  # paths of more than a block
    for tree in (TREE, steep):
        against_twin(LENGTHS[0], isa=isa, negative=0, tree=tree, twin={"tree": [tree.path(i) for i in range(150)]},
                     private_rows=20, atol=1e-4)
    assert steep.longest > 50


def test_loss_of_hierarchical_softmax_starts_at_log_two_per_node():
    ids = np.tile(np.array([0, 1, 2, 3, -1, 4, 5, 6, 7, -1], np.int32), 3000)
    for negative in (0, 2):
        loop, i, o = make_loop(ids, 8, negative=negative, alpha=1e-9, min_alpha=1e-9, tree=huffman([1] * 8))
        o[:] = 0
        loop.train(ids, 0, 0)
        total, pairs = loop.progress.loss
        assert pairs > 100 and total / pairs == pytest.approx((3 + (negative and 3)) * np.log(2), rel=1e-5)


def test_tree_of_one_word_changes_nothing():
    ids = lines_of([9] * 3, 1)
    loop, i, o = make_loop(ids, 1, negative=0, tree=huffman([27]))
    before = i.copy()
    assert loop.train(ids, 0, 0) == (27, 0) and np.array_equal(i, before)


def test_wrong_trees_are_rejected():
    with pytest.raises(ValueError, match="different vocabularies"):
        make_loop(lines_of([9], 4), 4, tree=huffman([1] * 5))
    with pytest.raises(ValueError, match="order"):
        _tree.HuffmanTree(np.ones(3, np.int64), np.zeros(2, np.int32))


# ---- subwords -------------------------------------------------------------------------------------------------------

def ngrams_of(words, minn=3, maxn=6, buckets=400):
    encoded = [word.encode("utf-8", "surrogateescape") for word in words]
    offsets = np.cumsum([0, *map(len, encoded)]).astype(np.int64)
    return _ngrams.Ngrams(np.frombuffer(b"".join(encoded), np.uint8), offsets, minn, maxn, buckets)


WORDS = ["the", "größe", "日本語", "a", "b\udcffd", "</s>", "anananan", "\U0001f600x"]


@pytest.mark.parametrize("minn, maxn", [(1, 1), (1, 3), (3, 6), (5, 9)])
def test_ngrams_are_those_of_slices_of_letters(minn, maxn):
    ngrams = ngrams_of(WORDS, minn, maxn)
    most = 0
    for i, word in enumerate(WORDS):
        parts = [] if word == "</s>" else ngrams_twin.ngrams(word, minn, maxn)
        expected = [ngrams_twin.fnv(part.encode("utf-8", "surrogateescape")) % 400 for part in parts]
        if "\udcff" not in word:  # a byte that is not a letter
            assert ngrams.of(i) == expected, word
        most = max(most, len(ngrams.of(i)) + 1)
    assert ngrams.max_rows == most > 1


def test_composed_vectors_equal_those_read_from_fasttext_files():
    ngrams, rng = ngrams_of(WORDS), np.random.default_rng(3)
    rows = allocate_rows(len(WORDS) + 400, 20)
    rows[:, :20] = rng.normal(0, 1, (len(rows), 20))
    for isa in _isa.available_isas():
        out = allocate_rows(3, 20)
        ngrams.compose(rows, np.array([2, 0, 5]), out, isa)
        expected = rows[[2, 0, 5], :20].copy()
        names = [WORDS[i].encode("utf-8", "surrogateescape") for i in (2, 0, 5)]
        table = np.ascontiguousarray(rows[len(WORDS):, :20])
        _fasttext.add_subwords(names, 3, 6, table.reshape(-1).view(np.uint8), 400, expected, 1)
        np.testing.assert_allclose(out[:, :20], expected, atol=1e-6)
        assert not out[:, 20:].any()
    assert np.array_equal(packed(rows[len(WORDS):], 20).view(np.float32).reshape(400, 20), table)


def test_only_ngrams_of_known_words_get_initial_vectors():
    ngrams, rows = ngrams_of(["river"], buckets=1000), allocate_rows(1000, 20)
    ngrams.init_vectors(rows, 20, 1)
    assert set(np.flatnonzero(rows.any(1))) == set(ngrams.of(0)) and np.abs(rows).max() <= 0.5 / 20
    other = allocate_rows(1000, 20)
    ngrams_of(["river", "rivers"], buckets=1000).init_vectors(other, 20, 1)
    assert all(np.array_equal(rows[k], other[k]) for k in ngrams.of(0))


def test_initial_vectors_of_ngrams_do_not_depend_on_the_byte_order():
    ngrams, rows = ngrams_of(["river"], buckets=100_000), allocate_rows(100_000, 20)
    ngrams.init_vectors(rows, 20, 7)
    keys = b"".join(bucket.to_bytes(4, "little") for bucket in ngrams.of(0))
    expected = allocate_rows(len(ngrams.of(0)), 20)
    offsets = np.arange(0, len(keys) + 1, 4, dtype=np.int64)
    _rows.init_vectors(expected, 20, loop_twin.Random(7, 1, 0).state, np.frombuffer(keys, np.uint8), offsets)
    assert np.array_equal(rows[ngrams.of(0)], expected)


NGRAMS = ngrams_of([f"{a}{b}{c}" for a in ("anti", "un", "", "pre", "über") for b in ("go", "see", "makes")
                    for c in ("ing", "er", "", "s", "able", "s", "ed", "ness", "less", "ful")])


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("window", [1, 5, 30])
@pytest.mark.parametrize("options", [{}, {"cbow": True}, {"cbow": True, "cbow_undivided": True},
                                     {"cbow": True, "cbow_mean": False}, {"tree": TREE, "negative": 0}])
@pytest.mark.slow
def test_subwords_equal_their_twin(lengths, window, options):
    cbow = {"mean": options.get("cbow_mean", True), "undivided": options.get("cbow_undivided", False)}
    alpha = 0.004 if cbow["mean"] else 0.0008
    against_twin(lengths, window=window, ngrams=NGRAMS, alpha=alpha, atol=1e-4, **options, twin={
        "ngrams": [[150 + k for k in NGRAMS.of(i)] for i in range(150)], "tree": PATHS if "tree" in options else None,
        "cbow": cbow if "cbow" in options else None})


@pytest.mark.parametrize("isa", _isa.available_isas())
def test_subwords_of_every_instruction_set_equal_the_twin(isa):
    against_twin(LENGTHS[0], isa=isa, ngrams=NGRAMS, private_rows=20, alpha=0.004, atol=5e-5,
                 twin={"ngrams": [[150 + k for k in NGRAMS.of(i)] for i in range(150)]})


def test_wrong_ngrams_are_rejected():
    for options in ((0, 3, 5), (4, 3, 5), (1, 2, 0)):
        with pytest.raises(ValueError, match="n-grams"):
            ngrams_of(["a"], *options)
    with pytest.raises(ValueError, match="different vocabularies"):
        make_loop(lines_of([9], 4), 4, ngrams=ngrams_of(["a", "b"]))


# ---- frozen and anchored rows ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("isa", _isa.available_isas())
@pytest.mark.parametrize("options", [{}, {"cbow": True, "alpha": 0.1}, {"tree": TREE, "negative": 0}])
@pytest.mark.parametrize("private_rows", [0, 60])
@pytest.mark.slow
def test_frozen_rows_stay_and_others_learn_from_them(isa, options, private_rows):
    frozen = np.zeros(150, np.uint8)
    frozen[::3] = 1
    _, i, _ = make_loop([], 150)
    _, j, o = against_twin(LENGTHS[0], isa=isa, frozen=frozen, private_rows=private_rows, atol=1e-4, **options, twin={
        "frozen": range(0, 150, 3), "tree": PATHS if "tree" in options else None,
        "cbow": {} if "cbow" in options else None})
    changed = (i != j).any(1)
    assert not changed[::3].any() and changed.sum() > 90


@pytest.mark.parametrize("private_rows", [0, 60])
def test_anchored_rows_are_pulled_back(private_rows):
    old, mask = allocate_rows(150, 16), np.zeros(150, np.uint8)
    old[:] = np.random.default_rng(5).normal(0, 0.2, old.shape)
    mask[::2] = 1
    against_twin(LENGTHS[0], anchors=(old, mask), anchor=3.0, private_rows=private_rows, atol=1e-4, twin={
        "anchors": {word: old[word].astype(np.float64) for word in range(0, 150, 2)}, "anchor": 3.0})
    distances = []
    for anchor in (0.0, 1.0, 20.0):
        ids = lines_of([50] * 400, 150)
        loop, i, _ = make_loop(ids, 150, anchors=(old, mask), anchor=anchor)
        loop.train(ids, 0, 0)
        distances.append(np.linalg.norm(i[::2] - old[::2]))
    assert distances[0] > 1.2 * distances[1] > 1.5 * distances[2]


def test_wrong_frozen_and_anchors_are_rejected():
    rows, mask = allocate_rows(150, 16), np.zeros(150, np.uint8)
    for options in ({"frozen": mask[:3]}, {"anchors": (rows[:9], mask)}, {"anchors": (rows, mask), "anchor": -1.0},
                    {"anchors": (rows, mask), "anchor": 1e9}, {"frozen": mask, "ngrams": NGRAMS}):
        with pytest.raises(ValueError, match="frozen|anchor"):
            make_loop(lines_of([9], 150), 150, **options)


# ---- sampled contexts -----------------------------------------------------------------------------------------------

MASK = np.arange(150) % 3 == 0


@pytest.mark.parametrize("contexts", [1, 9])
@pytest.mark.parametrize("twin, options", [
    ({"cbow": {}}, {"cbow": True}), ({"cbow": {"mean": False}}, {"cbow": True, "cbow_mean": False, "alpha": 0.01}),
    ({"cbow": {"undivided": True}}, {"cbow": True, "cbow_undivided": True, "alpha": 0.02}),
    ({"tree": True}, {"negative": 0}), ({"tree": True, "cbow": {}}, {"negative": 5, "cbow": True}),
    ({"frozen": np.flatnonzero(MASK)}, {"frozen": MASK.astype(np.uint8)}),
    ({"ngrams": True}, {"alpha": 0.004, "atol": 1e-4}), ({}, {"private_rows": 20})])
def test_every_objective_takes_sampled_contexts(contexts, twin, options):
    twin, options = {**twin, "line_contexts": contexts}, dict(options)
    if "tree" in twin:
        twin["tree"], options["tree"] = PATHS, TREE
    if "ngrams" in twin:
        twin["ngrams"], options["ngrams"] = [[150 + k for k in NGRAMS.of(i)] for i in range(150)], NGRAMS
    against_twin([60, 3, 120, 7, 10, 11], window="line", line_contexts=contexts, twin=twin, **options)


def test_anchored_rows_are_pulled_back_once_for_each_sampled_centre():
    old, mask = allocate_rows(150, 16), np.ones(150, np.uint8)
    old[:] = np.random.default_rng(5).normal(0, 0.2, old.shape)
    against_twin([60, 3, 120, 7], window="line", line_contexts=5, anchors=(old, mask), anchor=3.0, atol=1e-4, twin={
        "line_contexts": 5, "anchors": {word: old[word].astype(np.float64) for word in range(150)}, "anchor": 3.0})
