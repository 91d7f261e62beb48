"""Programs written for gensim's KeyedVectors: the same program, with one import changed, gives the same answers.

Runs where gensim is installed; the bias metrics of WEFE where WEFE is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import w2v
from w2v.errors import W2VError

N, D = 800, 24

PROGRAM = '''
from gensim.models import KeyedVectors

import numpy as np

kv = KeyedVectors.load_word2vec_format(path, binary=True)
v = kv["w3"] * 2
answers = {
    "vectors": kv.vectors,
    "key_to_index": [kv.key_to_index[w] for w in ("w0", "w7")],
    "index_to_key": kv.index_to_key,
    "vector_size": kv.vector_size,
    "getitem": [kv["w3"], kv[["w3", "w4"]], kv[5]],
    "contains": ["w3" in kv, "nothing" in kv, kv.has_index_for("w3"), kv.has_index_for("nothing")],
    "len": len(kv),
    "get_index": [kv.get_index("w3"), kv.get_index("nothing", default=9), kv.get_index(4)],
    "get_vector": [kv.get_vector("w3"), kv.get_vector("w3", norm=True)],
    "similarity": [kv.similarity("w1", "w2"), kv.similarity(w1="w5", w2="w6")],
    "distance": [kv.distance("w1", "w2"), kv.distance(w1="w5", w2="w6")],
    "distances": [kv.distances("w1"), kv.distances("w1", ["w2", "w9"]), kv.distances(v), kv.distances(v, ("w4",)),
                  kv.distances(word_or_vector="w1", other_words=["w3"])],
    "most_similar": [
        kv.most_similar("w1"), kv.most_similar(["w1", "w2"]), kv.most_similar(positive="w1", negative="w2"),
        kv.most_similar(positive=["w1", "w2"], negative=["w3"], topn=25), kv.most_similar([v]), kv.most_similar(v),
        kv.most_similar(positive=["w1", v, 8], negative=["w3", kv["w4"]]),
        kv.most_similar([("w1", 2.0), ("w2", 0.5)]),
        kv.most_similar(positive=[("w1", 0.3), v], negative=[("w9", -0.4)]), kv.most_similar(negative=["w5"]),
        kv.most_similar("w1", topn=3, restrict_vocab=50), kv.most_similar("w1", topn=None),
        kv.most_similar("w1", topn=0),
        kv.most_similar("w1", clip_start=100, clip_end=300), kv.most_similar(["w1"], None, 5, 10, 90),
        kv.most_similar(kv.vectors[3:6]), kv.most_similar(5), kv.most_similar("w1", topn=10_000)],
    "similar_by": [kv.similar_by_word("w1", topn=4), kv.similar_by_word("w1", 4, 60), kv.similar_by_key("w2"),
                   kv.similar_by_vector(v, topn=7, restrict_vocab=100), kv.similar_by_word("w1", topn=None)],
    "most_similar_cosmul": [
        kv.most_similar_cosmul("w1"), kv.most_similar_cosmul(positive=["w1", "w2"], negative=["w3"], topn=12),
        kv.most_similar_cosmul(positive=["w1", "w2"], negative=["w3", "w4"], topn=None)],
    "doesnt_match": [kv.doesnt_match(["w1", "w2", "w3", "nothing"]), kv.doesnt_match("w4 w5 w6 w7".split())],
    "rank_by_centrality": [kv.rank_by_centrality(["w1", "w2", "w3"]),
                           kv.rank_by_centrality(["w1", "w2"], use_norm=False)],
    "rank": [kv.rank("w1", "w2"), kv.rank("w9", "w3")],
    "closer_than": [kv.closer_than("w1", "w2"), kv.closer_than(key1="w9", key2="w3")],
    "most_similar_to_given": kv.most_similar_to_given("w1", ["w5", "w9", "w20"]),
    "n_similarity": [kv.n_similarity(["w1", "w2"], ["w3", "w4"]), kv.n_similarity(ws1=["w1", "nothing"], ws2=["w5"])],
    "get_mean_vector": [
        kv.get_mean_vector(["w1", "w2"]), kv.get_mean_vector(["w1", v]), kv.get_mean_vector(["w1", "w2"], [2, -1]),
        kv.get_mean_vector(["w1", "nothing", 5], pre_normalize=False),
        kv.get_mean_vector(["w1", "w2"], weights=[1, 3], post_normalize=True)],
    "normed": kv.get_normed_vectors(),
    "cosine_similarities": KeyedVectors.cosine_similarities(v, kv.vectors[:9]),
    "subset": [kv.vectors_for_all(["w5", "nothing", "w5", "w2"]).index_to_key, kv.vectors_for_all(["w5", "w2"])["w2"]],
    "analogies": kv.evaluate_word_analogies(analogies),
    "pairs": [kv.evaluate_word_pairs(pairs)[0][0], kv.evaluate_word_pairs(pairs, delimiter="\\t")[1][0],
              kv.evaluate_word_pairs(pairs)[2]],
}
kv.set_vecattr("w3", "tag", "noun")
kv.set_vecattr("w3", "level", 7)
answers["vecattr"] = [kv.get_vecattr("w3", "tag"), kv.get_vecattr("w3", "level"), kv.get_vecattr("w4", "level")]
kv.add_vectors(["new", "w3"], np.ones((2, kv.vector_size), dtype=np.float32))
kv.add_vector("newer", np.arange(kv.vector_size, dtype=np.float32))
kv["w4"] = np.linspace(-1, 2, kv.vector_size, dtype=np.float32)
kv.fill_norms(force=True)
answers["added"] = [kv["new"], kv["newer"], kv["w3"], kv["w4"], kv.index_to_key[-2:], kv.most_similar("newer"), len(kv)]
kv.save_word2vec_format(path + ".again", binary=False)
answers["saved"] = KeyedVectors.load_word2vec_format(path + ".again", binary=False, limit=7).vectors
empty = KeyedVectors(vector_size=3)
empty.add_vectors(["x", "y"], np.eye(3, dtype=np.float32)[:2])
answers["made"] = [empty.vectors, empty.index_to_key, empty.vector_size]
errors = []
for wrong in (lambda: kv["nothing"], lambda: kv.most_similar("nothing"), lambda: kv.most_similar(["w1", "nothing"]),
              lambda: kv.similarity("w1", "nothing"), lambda: kv.get_index("nothing"), lambda: kv.rank("w1", "nothing"),
              lambda: kv.distances("w1", ["nothing"]), lambda: kv.get_mean_vector(["nothing"], ignore_missing=False)):
    try:
        wrong()
        errors.append("none")
    except KeyError:
        errors.append("KeyError")
for wrong in (lambda: kv.doesnt_match(["nothing"]), lambda: kv.most_similar([]), lambda: kv.get_mean_vector([])):
    try:
        wrong()
        errors.append("none")
    except ValueError:
        errors.append("ValueError")
answers["errors"] = errors
'''


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Vectors, analogies, and rated pairs."""
    folder = tmp_path_factory.mktemp("programs")
    rng = np.random.default_rng(8)
    kv = w2v.KeyedVectors([f"w{i}" for i in range(N)], (rng.normal(size=(N, D)) * 3).astype(np.float32))
    kv.save_word2vec_format(folder / "v.bin", binary=True)
    ids = rng.integers(0, N, (60, 4))
    (folder / "a.txt").write_text(
        ": one\n" + "".join(f"w{a} w{b} w{c} w{d}\n" for a, b, c, d in ids) + ": two\nw1 w2 w3 w4\n")
    (folder / "p.tsv").write_text("".join(f"w{a}\tw{b}\t{c % 10}\n" for a, b, c, _ in ids) + "w1\tnothing\t3\n")
    return {"path": str(folder / "v.bin"), "analogies": str(folder / "a.txt"), "pairs": str(folder / "p.tsv")}


def same(got: Any, expected: Any) -> bool:
    if isinstance(expected, (bool, str, type(None))):
        return bool(got == expected)
    if isinstance(expected, np.ndarray):
        return got.shape == expected.shape and np.allclose(got, expected, rtol=2e-5, atol=2e-6)
    if isinstance(expected, (list, tuple)):
        return len(got) == len(expected) and all(same(a, b) for a, b in zip(got, expected, strict=True))
    if isinstance(expected, dict):
        return set(got) == set(expected) and all(same(got[key], expected[key]) for key in expected)
    return bool(np.isclose(got, expected, rtol=2e-5, atol=2e-6))


@pytest.mark.filterwarnings("ignore")  # gensim's, of its own slowness and files
def test_program_with_every_method_gives_the_same_answers(files: dict[str, str]) -> None:
    pytest.importorskip("gensim")
    theirs, ours = dict(files), dict(files)
    exec(PROGRAM, theirs)
    exec(PROGRAM.replace("from gensim.models import KeyedVectors", "from w2v import KeyedVectors"), ours)
    assert set(ours["answers"]) == set(theirs["answers"]) and len(theirs["answers"]) > 30
    wrong = [name for name in theirs["answers"] if not same(ours["answers"][name], theirs["answers"][name])]
    assert wrong == []


@pytest.mark.parametrize("dtype", ["float32", "float16", "bf16", "int8"])
def test_to_gensim_returns_gensims_class_over_the_same_memory(files: dict[str, str], dtype: str) -> None:
    gensim = pytest.importorskip("gensim.models")
    from w2v.formats.rows import Rows

    loaded = w2v.load(files["path"])
    kv = w2v.KeyedVectors(loaded.index_to_key, Rows.encode(loaded.rows, dtype), np.arange(N, 0, -1))
    theirs = kv.to_gensim()
    assert isinstance(theirs, gensim.KeyedVectors) and theirs.get_vecattr("w3", "count") == N - 3
    assert np.shares_memory(theirs.vectors, kv.rows.data) == (dtype in ("float32", "float16"))
    assert [w for w, _ in theirs.most_similar("w1")] == [w for w, _ in kv.most_similar("w1")]
    theirs.add_vectors(["new"], np.ones((1, D), dtype=np.float32))
    assert "new" not in kv and len(kv) == N


def test_to_gensim_without_gensim_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gensim.models", None)
    with pytest.raises(W2VError, match=r"w2v\[gensim\]"):
        w2v.KeyedVectors(["a"], np.ones((1, 2))).to_gensim()


def bias(model: Any) -> dict[str, float]:
    """Return the results of all WEFE metrics that take two sets of targets and attributes, also after debiasing."""
    from wefe.debias.hard_debias import HardDebias
    from wefe.metrics import ECT, MAC, RIPA, RND, RNSB, WEAT
    from wefe.query import Query

    def words(start: int) -> list[str]:
        return [f"w{i}" for i in range(start, start + 8)]

    query = Query([words(0), words(10)], [words(20), words(30)], ["a", "b"], ["c", "d"])
    one_attribute = Query([words(0), words(10)], [words(20)], ["a", "b"], ["c"])
    results = {metric.__name__: float(metric().run_query(asked, model)["result"]) for metric, asked in (
        (WEAT, query), (MAC, query), (RND, one_attribute), (ECT, one_attribute), (RIPA, one_attribute))}
    results["WEAT effect size"] = float(WEAT().run_query(query, model, return_effect_size=True)["effect_size"])
    results["RNSB"] = float(RNSB().run_query(query, model, random_state=1)["result"])
    pairs = [[f"w{i}", f"w{i + 1}"] for i in range(0, 20, 2)]
    mended = HardDebias(verbose=False, criterion_name="test").fit_transform(
        model, definitional_pairs=pairs, equalize_pairs=pairs[:3], copy=True)
    results["WEAT after HardDebias"] = float(WEAT().run_query(query, mended)["result"])
    return results


@pytest.mark.filterwarnings("ignore")
def test_wefe_measures_the_same_bias(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """WEFE requires gensim's class: it gets `to_gensim()`, or its import is replaced by that of w2v."""
    pytest.importorskip("wefe")
    from gensim.models import KeyedVectors as Gensim
    from wefe import word_embedding_model
    from wefe.word_embedding_model import WordEmbeddingModel

    expected = bias(WordEmbeddingModel(Gensim.load_word2vec_format(files["path"], binary=True)))
    assert len(expected) == 8 and all(np.isfinite(value) for value in expected.values())
    adapted = bias(WordEmbeddingModel(w2v.load(files["path"]).to_gensim()))
    assert adapted == pytest.approx(expected, rel=1e-4, abs=1e-5)
    monkeypatch.setattr(word_embedding_model, "BaseKeyedVectors", w2v.KeyedVectors)
    ours = bias(WordEmbeddingModel(w2v.load(files["path"])))
    assert ours == pytest.approx(expected, rel=1e-4, abs=1e-5)
