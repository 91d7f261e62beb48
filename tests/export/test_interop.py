"""Exports and files opened by the real libraries, each test where its library is installed (extra `test-interop`).

Three libraries have tests but are not in that extra, which CI installs on every change: torch, which is 2.5 GB with
CUDA and takes too long; sentence-transformers, which needs torch; and WEFE, which needs SciPy < 1.13 and so NumPy 1
for all others (its test is in test_gensim_programs.py). They run where they are installed.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest
from helpers import vector_files

import w2v
from w2v import formats
from w2v.cli import main

TEXT_WORDS = ["größe", "straße", "日本語", "東京", "кот", "naïve", "the", "I", "αβγ", "emoji😀",
              *(f"w{i}" for i in range(60))]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a file of 50 words with counts; some contain a quote, a backslash and a NO-BREAK SPACE."""
    words, rows = vector_files.sample(50, 8)
    words[7:10] = ['quo"te,', "back\\slash", "no\u00a0break"]
    formats.write_vectors(tmp_path / "in.safetensors", words, rows, np.arange(50, 0, -1))
    return tmp_path / "in.safetensors"


def converted(source: Path, name: str, *options: str) -> Path:
    output = source.parent / name
    assert main(["convert", str(source), str(output), *options]) == 0
    return output


def expected(source: Path) -> tuple[list[str], np.ndarray]:
    file = formats.read_vectors(source)
    return file.words, file.vectors


# --- exports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_model2vec_opens_the_folder(source: Path, dtype: str) -> None:
    model2vec = pytest.importorskip("model2vec")
    words, rows = expected(source)
    model = model2vec.StaticModel.from_pretrained(str(converted(source, "m2v", "--to", "model2vec", "--dtype", dtype)))
    got = model.encode([f"{words[3]}  unknown\t{words[11]}", words[20], "unknown"])
    for have, want in zip(got, (rows[3] + rows[11], rows[20]), strict=False):
        assert np.allclose(have, want / np.linalg.norm(want), atol=2e-3 if dtype == "float16" else 1e-6)
    assert not got[2].any() and model.dim == 8


def test_sentence_transformers_opens_the_same_folder(source: Path) -> None:
    library = pytest.importorskip("sentence_transformers")
    words, rows = expected(source)
    model = library.SentenceTransformer(str(converted(source, "st", "--to", "model2vec")), device="cpu")
    want = rows[3] + rows[11]
    assert np.allclose(model.encode([f"{words[3]} {words[11]}"])[0], want / np.linalg.norm(want), atol=1e-5)


def test_spacy_opens_the_folder(source: Path) -> None:
    spacy = pytest.importorskip("spacy")
    words, rows = expected(source)
    pipeline = spacy.load(converted(source, "sp", "--to", "spacy"))
    assert pipeline.vocab.vectors.shape == rows.shape
    for word, row in zip(words, rows, strict=True):
        assert np.array_equal(pipeline.vocab.get_vector(word), row), word
    assert np.array_equal(pipeline(f"{words[3]} unknown")[0].vector, rows[3])


def test_parquet_is_read_by_pyarrow(source: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    words, rows = expected(source)
    table = parquet.read_table(converted(source, "v.parquet"))
    formats.write_vectors(source.parent / "big.safetensors", ["a"], np.float32([[1e6, 1]]))
    assert main(["convert", str(source.parent / "big.safetensors"), str(source.parent / "b.parquet"), "--dtype",
                 "float16"]) == 1 and not (source.parent / "b.parquet").exists()
    assert table.column("word").to_pylist() == words and table.column("count").to_pylist() == list(range(50, 0, -1))
    assert np.array_equal(np.array(table.column("vector").to_pylist(), dtype=np.float32), rows)
    half = parquet.read_table(converted(source, "h.parquet", "--dtype", "float16"))
    vectors = half.schema.field("vector").type  # not as text: with usearch in the same process pyarrow misprints it
    assert vectors.list_size == 8 and str(vectors.value_type) == "halffloat"


@pytest.mark.parametrize("name", ["v.gexf", "v.graphml", "v.gexf.gz"])
def test_graph_of_neighbours_is_read_by_networkx(source: Path, name: str) -> None:
    networkx = pytest.importorskip("networkx")
    kv, path = w2v.load(source), str(converted(source, name))
    read = networkx.read_graphml(path) if name == "v.graphml" else networkx.read_gexf(path)
    assert type(read) is networkx.Graph  # without direction, and no edge is there twice
    assert [(node["label"], node["count"]) for _, node in read.nodes(data=True)] == [
        (word, 50 - i) for i, word in enumerate(kv.index_to_key)]
    row_of = {node: i for i, node in enumerate(read.nodes)}
    got = {frozenset((row_of[a], row_of[b])): weight for a, b, weight in read.edges(data="weight")}
    rows, cosines = kv.neighbor_graph(10)
    want = {frozenset((i, j)): cosine for i, (near, some) in enumerate(zip(rows.tolist(), cosines, strict=True))
            for j, cosine in zip(near, some, strict=True) if cosine > 0}
    assert got.keys() == want.keys() and all(abs(got[pair] - want[pair]) < 1e-6 for pair in got)


@pytest.mark.parametrize("zeros", [[], [0, 7]])
@pytest.mark.parametrize("d", [8, 1])
def test_parquet_for_embedding_atlas_has_the_plane_and_the_neighbours(tmp_path: Path, zeros: list[int], d: int
                                                                     ) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    words, rows = vector_files.sample(50, d)
    rows[zeros] = 0
    formats.write_vectors(tmp_path / "in.safetensors", words, rows, np.arange(50, 0, -1))
    table = parquet.read_table(converted(tmp_path / "in.safetensors", "v.atlas.parquet"))
    assert table.column_names == ["word", "count", "x", "y", "neighbors"]
    assert table.column("word").to_pylist() == words and table.column("count").to_pylist() == list(range(50, 0, -1))
    left, sizes, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    for k, name in enumerate("xy"[:d]):
        got, want = table.column(name).to_numpy(), left[:, k] * sizes[k]
        assert np.allclose(got, want * np.sign(got @ want), atol=1e-5) and got.std() > 0
    assert d > 1 or not table.column("y").to_numpy().any()
    used = np.setdiff1d(np.arange(50), zeros)
    near, cosines = w2v.KeyedVectors([words[i] for i in used], rows[used]).neighbor_graph(10)
    found = table.column("neighbors").to_pylist()
    assert all(found[i] == {"ids": [], "distances": []} for i in zeros)
    for i, row in enumerate(used):
        assert d == 1 or found[row]["ids"] == used[near[i]].tolist()
        assert np.allclose(found[row]["distances"], 1 - cosines[i], atol=1e-6) and min(found[row]["distances"]) >= 0


def test_projector_files_are_read_by_tensorboard(source: Path) -> None:
    plugin = pytest.importorskip("tensorboard.plugins.projector.projector_plugin")
    words, rows = expected(source)
    path = converted(source, "v.tsv")
    assert np.array_equal(np.asarray(plugin._read_tensor_tsv_file(str(path)), dtype=np.float32), rows)
    with open(path.with_suffix(".metadata.tsv"), encoding="utf-8", newline="") as file:
        read = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert read == [["word", "count"], *([word, str(50 - i)] for i, word in enumerate(words))]


@pytest.mark.parametrize(("logdir", "run"), [("logs/proj", "."), ("logs", "proj"), (".", "logs/proj")])
def test_projector_folder_is_listed_by_tensorboard(source: Path, logdir: str, run: str) -> None:
    plugin = pytest.importorskip("tensorboard.plugins.projector.projector_plugin")
    base = pytest.importorskip("tensorboard.plugins.base_plugin")
    application = pytest.importorskip("tensorboard.backend.application")
    multiplexer = pytest.importorskip("tensorboard.backend.event_processing.plugin_event_multiplexer")
    provider = pytest.importorskip("tensorboard.backend.event_processing.data_provider")
    from werkzeug.test import Client  # TensorBoard needs it

    (source.parent / "logs").mkdir()
    converted(source, "logs/proj", "--to", "projector")
    folder = str(source.parent / logdir)
    runs = multiplexer.EventMultiplexer()
    runs.AddRunsFromDirectory(folder)
    runs.Reload()
    context = base.TBContext(logdir=folder, multiplexer=runs,
                             data_provider=provider.MultiplexerDataProvider(runs, folder))
    browser = Client(application.TensorBoardWSGI([plugin.ProjectorPlugin(context)]))
    page = "/data/plugin/projector/"
    assert browser.get(f"{page}runs").get_json() == [run]
    shape = browser.get(f"{page}info?run={run}").get_json()["embeddings"][0]["tensorShape"]
    assert shape == [50, 8]
    words, rows = expected(source)
    got = np.frombuffer(browser.get(f"{page}tensor?run={run}&name=w2v").get_data(), dtype=np.float32)
    assert np.array_equal(got.reshape(shape), rows)
    assert words[0] in browser.get(f"{page}metadata?run={run}&name=w2v").get_data(as_text=True)


@pytest.mark.parametrize("stored", ["float32", "float16", "float64", "int8"])
@pytest.mark.parametrize("weights", [None, "float32", "float16", "float64"])
@pytest.mark.parametrize("mapped", [False, True])
def test_models_of_model2vec_have_its_own_vectors(
    tmp_path: Path, stored: str, weights: str | None, mapped: bool
) -> None:
    model2vec = pytest.importorskip("model2vec")
    import tokenizers  # model2vec needs it

    words = ["[UNK]", "cat", "größe", "x"]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(
        {word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer.add_tokens(["added", "more"])
    rng = np.random.default_rng(0)
    n_rows = 3 if mapped else 6
    model = model2vec.StaticModel(
        (rng.normal(size=(n_rows, 5)) * 40).astype(stored), tokenizer,
        weights=None if weights is None else rng.normal(size=6).astype(weights),
        token_mapping=rng.integers(0, 3, 6) if mapped else None)
    model.save_pretrained(tmp_path / "m")
    file = formats.read_vectors(tmp_path / "m")
    assert file.words == [*words, "added", "more"]
    for word, vector in zip(file.words[1:], file.vectors[1:], strict=True):  # model2vec leaves unknown words out
        [theirs] = model.encode_as_sequence(word)
        assert np.array_equal(theirs.astype(np.float32), vector), word


def test_model_of_2016_is_read_as_by_gensim(tmp_path: Path) -> None:
    fasttext = pytest.importorskip("gensim.models.fasttext")
    words, rows = vector_files.sample(30, 7)
    (tmp_path / "m.bin").write_bytes(vector_files.fasttext_of_2016(words, rows, rows[:20], 2, 4))
    theirs, kv = fasttext.load_facebook_vectors(str(tmp_path / "m.bin")), w2v.load(tmp_path / "m.bin")
    assert kv.index_to_key == theirs.index_to_key and np.allclose(kv.vectors, theirs.vectors, atol=1e-6)
    assert np.allclose(kv["unseen"], theirs["unseen"], atol=1e-6)


@pytest.mark.parametrize("tags", [[0, 1, 2], ["x", "y", "z"], [1, "y", "z"]])
def test_documents_of_doc2vec_are_those_of_gensim(tmp_path: Path, tags: list[int | str]) -> None:
    doc2vec = pytest.importorskip("gensim.models.doc2vec")
    texts = [["a", "b", "c"] * 5, ["a", "c", "d"] * 5, ["b", "d"] * 4]
    model = doc2vec.Doc2Vec([doc2vec.TaggedDocument(text, [tag]) for text, tag in zip(texts, tags, strict=True)],
                            vector_size=4, min_count=1, epochs=1, workers=1)
    model.save(str(tmp_path / "m"))
    for part, theirs in (("words", model.wv), ("docs", model.dv)):
        file = formats.read_vectors(tmp_path / "m", part=part)
        assert file.words == list(map(str, theirs.index_to_key)) and np.array_equal(file.vectors, theirs.vectors)
        assert file.integer_keys == any(type(key) is int for key in theirs.index_to_key)


def test_copy_file_holds_what_pgvector_reads(source: Path) -> None:
    pgvector = pytest.importorskip("pgvector")
    words, rows = expected(source)
    lines = converted(source, "v.copy").read_text(encoding="utf-8").split("\n")[:-1]
    assert len(lines) == 50
    for i, line in enumerate(lines):
        word, count, vector = line.split("\t")
        assert word.replace("\\\\", "\\") == words[i] and count == str(50 - i)
        assert np.array_equal(pgvector.Vector.from_text(vector).to_numpy(), rows[i])


@pytest.mark.parametrize("dtype", ["float32", "float16", "bf16"])
def test_torch_embedding_from_the_weights(source: Path, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("safetensors.torch")
    words, rows = expected(source)
    path = converted(source, "v.embedding.safetensors", "--dtype", dtype)
    tensors = library.load_file(path)
    embedding = torch.nn.Embedding.from_pretrained(tensors["weight"], padding_idx=0)
    got = embedding(torch.arange(52)).float().numpy()
    close = {"float32": 1e-7, "float16": 1e-3, "bf16": 1e-2}[dtype]
    assert not got[0].any() and np.allclose(got[1], rows.mean(axis=0), atol=close)
    assert np.allclose(got[2:], rows, rtol=close, atol=close / 10)
    offsets, blob = tensors["word_offsets"].tolist(), tensors["words"].numpy().tobytes()
    assert [blob[a:b].decode() for a, b in zip(offsets, offsets[1:], strict=False)] == words


@pytest.mark.parametrize("dtype", ["float32", "float16", "bf16"])
def test_our_own_file_is_opened_by_safetensors(source: Path, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("safetensors")
    _, rows = expected(source)
    with library.safe_open(converted(source, "o.safetensors", "--dtype", dtype), framework="pt") as file:
        assert file.metadata()["format"] == "w2v"
        assert np.allclose(file.get_tensor("vectors").to(torch.float32).numpy(), rows, rtol=0.01)


def test_safetensors_of_the_library_are_read(source: Path) -> None:
    library = pytest.importorskip("safetensors.numpy")
    words, rows = expected(source)
    library.save_file({"weight": rows}, source.parent / "theirs.safetensors")
    (source.parent / "theirs.words").write_text("\n".join(words) + "\n", encoding="utf-8")
    kv = w2v.load(source.parent / "theirs.safetensors")
    assert kv.index_to_key == words and np.array_equal(kv.vectors, rows)


# --- gensim, fastText ------------------------------------------------------------------------------------------------


@pytest.fixture
def text(tmp_path: Path) -> Path:
    chosen = random.Random(1)
    lines = [" ".join(chosen.choices(TEXT_WORDS, k=10)) for _ in range(400)]
    (tmp_path / "text.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "text.txt"


@pytest.mark.parametrize("name", ["k.kv", "k.kv.gz", "k.model"])
@pytest.mark.parametrize("separately", [None, ["vectors"]])
def test_files_saved_by_gensim_are_read(text: Path, name: str, separately: list[str] | None) -> None:
    models = pytest.importorskip("gensim.models")
    sentences = [line.split() for line in text.read_text(encoding="utf-8").splitlines()]
    model = models.Word2Vec(sentences, vector_size=12, min_count=1, epochs=1, workers=1)
    path = str(text.parent / name)
    (model if name.endswith("model") else model.wv).save(path, separately=separately)
    kv = w2v.load(path)
    assert kv.index_to_key == model.wv.index_to_key and np.array_equal(kv.vectors, model.wv.vectors)
    assert kv.get_vecattr(3, "count") == model.wv.get_vecattr(3, "count")


def test_fasttext_models_saved_by_gensim_are_read_with_their_ngrams(text: Path) -> None:
    models = pytest.importorskip("gensim.models")
    sentences = [line.split() for line in text.read_text(encoding="utf-8").splitlines()]
    model = models.FastText(sentences, vector_size=12, min_count=1, epochs=1, workers=1, bucket=500)
    for thing, name in ((model, "f.model"), (model.wv, "f.kv")):
        thing.save(str(text.parent / name))
        kv = w2v.load(text.parent / name)
        assert np.allclose(kv.vectors, model.wv.vectors, atol=1e-6)
        for word in ("unseen", "größen", "日本"):
            assert np.allclose(kv.get_vector(word), model.wv[word], atol=1e-6)


@pytest.mark.parametrize("binary", [True, False])
def test_gensim_reads_our_files(source: Path, binary: bool) -> None:
    models = pytest.importorskip("gensim.models")
    words, rows = expected(source)
    path = converted(source, "g.bin" if binary else "g.txt")
    theirs = models.KeyedVectors.load_word2vec_format(str(path), binary=binary)
    # gensim splits text at every Unicode blank
    same = [i for i, word in enumerate(words) if binary or len(word.split()) == 1]
    assert [theirs.index_to_key[i] for i in same] == [words[i] for i in same] and np.array_equal(theirs.vectors, rows)


@pytest.mark.parametrize("options", [{"minn": 3, "maxn": 6, "bucket": 2000}, {"minn": 1, "maxn": 3, "bucket": 77},
                                     {"minn": 0, "maxn": 0}])
def test_fasttext_models_give_the_same_vectors(text: Path, options: dict) -> None:
    fasttext = pytest.importorskip("fasttext")
    model = fasttext.train_unsupervised(str(text), dim=12, epoch=1, minCount=1, thread=1, verbose=0, **options)
    model.save_model(str(text.parent / "m.bin"))
    kv = w2v.load(text.parent / "m.bin")
    assert kv.index_to_key == model.get_words()
    assert np.array_equal(kv.vectors, [model.get_word_vector(word) for word in kv.index_to_key])
    for word in ("unseen", "größen", "日本", "котик", "I'm", "😀😀") if options["maxn"] else ():
        assert np.allclose(kv.get_vector(word), model.get_word_vector(word), atol=1e-7)


def test_labelled_and_quantized_fasttext_models(text: Path) -> None:
    fasttext = pytest.importorskip("fasttext")
    labelled = text.parent / "labelled.txt"
    labelled.write_text("".join(f"__label__{i % 3} {line}\n" for i, line in enumerate(
        text.read_text(encoding="utf-8").splitlines())), encoding="utf-8")
    model = fasttext.train_supervised(str(labelled), dim=12, minn=2, maxn=4, bucket=500, epoch=1, thread=1, verbose=0)
    model.save_model(str(text.parent / "s.bin"))
    kv = w2v.load(text.parent / "s.bin")
    assert np.array_equal(kv.vectors, [model.get_word_vector(word) for word in kv.index_to_key])
    model.quantize(str(labelled))
    model.save_model(str(text.parent / "s.ftz"))
    with pytest.raises(w2v.FormatError, match="quantized"):
        w2v.load(text.parent / "s.ftz")
