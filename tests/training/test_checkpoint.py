"""Checkpoint files: what they contain, and which ones and which options are refused."""

import dataclasses
import hashlib
import io
import json
import re

import numpy as np
import pytest
from helpers.checkpoints import OPTIONS, refused
from helpers.stops import each_shard

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.formats.tensors import pack_header
from w2v.training.checkpoint import DIGEST, Checkpoint, write_checkpoint
from w2v.training.run import paced

pytestmark = pytest.mark.usefixtures("short_shards")


def test_checkpoint_loads_as_vectors(interrupted):
    kv, saved = w2v.load(interrupted), Checkpoint.open(interrupted)
    assert len(kv) > 200 and kv.vector_size == 24 and np.isfinite(kv.vectors).all()
    assert json.loads(kv.metadata["training"])["epochs"] == 4
    assert saved.config == TrainConfig(vector_size=24, epochs=4)
    assert saved.state.taken == 30 and 0 < saved.share < 1


def test_any_safetensors_reader_opens_a_checkpoint(interrupted):
    safetensors = pytest.importorskip("safetensors.numpy")
    assert set(safetensors.load_file(interrupted)) == {"vectors", "output_vectors", "words", "word_offsets", "counts",
                                                       "sha256"}


def test_checkpoint_with_ngrams_loads_as_vectors(corpus, tmp_path):
    with paced(after_shard=each_shard):
        w2v.train(corpus, checkpoint=tmp_path / "k", checkpoint_every="20%", minn=2, maxn=3, bucket=100,
                  **OPTIONS | {"threads": 1})
    half = w2v.load(tmp_path / "k")
    model = w2v.train(corpus, resume=tmp_path / "k", progress=False, on_interval=None)
    assert len(half) == len(model.wv) and half.subwords.buckets == 100
    cosines = (half.vectors * model.wv.vectors).sum(1) / np.linalg.norm(half.vectors, axis=1) / np.linalg.norm(
        model.wv.vectors, axis=1)
    assert np.median(cosines) > 0.9, "nearly trained; rows of words without n-grams would differ"
    unseen = "zz" + half.index_to_key[0]
    assert np.isfinite(half[unseen]).all() and half[unseen].any()
    half.save(tmp_path / "half.safetensors")
    again = w2v.load(tmp_path / "half.safetensors")
    assert again.vectors.tobytes() == half.vectors.tobytes(), "vectors are composed only once"
    with pytest.raises(w2v.FormatError, match="not a checkpoint of a training run"):
        Checkpoint.open(tmp_path / "half.safetensors")


def test_checkpoint_is_the_same_without_a_thread_for_its_checksum(interrupted, tmp_path, few_threads):
    saved = Checkpoint.open(interrupted)
    again = {}
    for allowed in (1, 0):
        few_threads(allowed)
        file = io.BytesIO()
        blob = Vocabulary.from_words(["a", "b"], [2, 1])
        write_checkpoint(file, blob, {"vectors": np.ones((2, 4), np.float32)}, 4, {}, saved.state, saved.request)
        again[allowed] = file.getvalue()
    assert again[0] == again[1] and again[0][-DIGEST:] == hashlib.sha256(again[0][:-DIGEST]).digest()


def test_checkpoint_of_integers_has_integers_as_keys(tmp_path):
    walks = [[10 + (i + j) % 7 for j in range(5)] for i in range(6000)]
    with paced(after_shard=each_shard):
        w2v.train(walks, checkpoint=tmp_path / "k", checkpoint_every="20%", vector_size=4, threads=1, progress=False)
    half = w2v.load(tmp_path / "k")
    assert half.integer_keys and np.array_equal(half[10], half["10"]) and 0 not in half
    assert w2v.train(walks, resume=tmp_path / "k", progress=False).wv.integer_keys


# ---- refused files --------------------------------------------------------------------------------------------------

def test_damage_at_every_tenth_and_at_random_is_refused(interrupted):
    good = interrupted.read_bytes()
    for tenth in range(10):
        interrupted.write_bytes(good[:len(good) * tenth // 10])
        with pytest.raises(w2v.FormatError, match="run.w2v.*byte|no .safetensors|is empty"):
            Checkpoint.open(interrupted)
    rng = np.random.default_rng(0)
    places = [*range(0, 40), *rng.integers(0, len(good), 80).tolist(), *range(len(good) - 5, len(good))]
    for place in places:
        bad = bytearray(good)
        bad[place] ^= 1 << int(rng.integers(8))
        interrupted.write_bytes(bad)
        with pytest.raises(w2v.FormatError, match=r"run\.w2v, byte \d+: "):
            Checkpoint.open(interrupted)
    for bad in (good + b"\0", good + good, b"\0" + good):
        interrupted.write_bytes(bad)
        with pytest.raises(w2v.FormatError):
            Checkpoint.open(interrupted)
    interrupted.write_bytes(good)
    assert Checkpoint.open(interrupted).state.words_done > 0


def test_damaged_checkpoint_is_one_line_and_is_kept(interrupted, capsys):
    bad = bytearray(interrupted.read_bytes())
    bad[-4000] ^= 4
    interrupted.write_bytes(bad)
    refused(interrupted)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "run.w2v" in error and "checksum" in error and "byte" in error
    assert interrupted.read_bytes() == bad


def test_file_that_is_not_a_checkpoint_is_refused(tmp_path, capsys):
    kv = w2v.KeyedVectors(["a", "b"], np.ones((2, 4), np.float32))
    for name in ("v.bin", "v.txt", "v.safetensors"):
        kv.save(tmp_path / name)
        refused(tmp_path / name)
        assert name in capsys.readouterr().err
    refused(tmp_path)
    assert "cannot read the checkpoint" in capsys.readouterr().err
    refused(tmp_path / "missing")
    assert "missing" in capsys.readouterr().err


@pytest.mark.parametrize("module, name, value", [("_version", "__version__", "99.0"), ("checkpoint", "LAYOUT", 2)])
def test_another_version_is_refused_with_both_versions(interrupted, monkeypatch, module, name, value):
    monkeypatch.setattr("w2v.training.checkpoint." + name, value)
    with pytest.raises(w2v.FormatError, match=rf"by w2v {re.escape(w2v.__version__)}, layout 1, but this is .*{value}"):
        Checkpoint.open(interrupted)


@pytest.mark.parametrize("change, says", [
    (lambda lines: lines[:-1], "its vocabulary has .* words that occur"),
    (lambda lines: [*lines[1:], lines[0]], "another order"),
    (lambda lines: [" ".join(lines), *[]], "another order or other lines"),
    (lambda lines: [line.replace("male_", "mole_") for line in lines], "word number .* in the checkpoint"),
    (lambda lines: [lines[0].split()[0] + " " + lines[0].split()[0] + " " + " ".join(lines[0].split()[2:]),
                    *lines[1:]], "occurs .* in the checkpoint|word number"),
])
def test_another_corpus_is_refused_with_the_difference(interrupted, corpus, tmp_path, change, says):
    other = tmp_path / "other.txt"
    other.write_text("\n".join(change(corpus.read_text().splitlines())) + "\n")
    with pytest.raises(w2v.W2VError, match=f"run.w2v.*{says}"):
        w2v.train(other, resume=interrupted, progress=False)


def rewritten(path, change):
    """Change the metadata of a checkpoint and give it a right checksum."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    change(header["__metadata__"])
    whole = pack_header(header) + data[8 + length:-DIGEST]
    path.write_bytes(whole + hashlib.sha256(whole).digest())


def entry(name, part, value):
    """A change of an entry of a part of "checkpoint", or of another entry of the metadata."""
    def change(metadata):
        outer = name if name in metadata else "checkpoint"
        about = json.loads(metadata[outer])
        (about if part is None else about[part])[value[0]] = value[1]
        metadata[outer] = json.dumps(about)
    return change


WRONG_STATES = [("n_pieces", 2**70), ("n_pieces", 0), ("n_pieces", 1.5), ("n_pieces", True), ("n_pieces", 10**12),
                ("taken", -1), ("taken", 10**9), ("taken", None), ("words_done", 2**62), ("loss_sum", "x"),
                ("loss_sum", float("inf")), ("alpha", float("nan")), ("alpha", -1.0), ("alpha", [1]), ("seconds", -5),
                ("rollbacks", 5), ("rollbacks", [1]), ("epochs_told", "x"), ("unknown", 1), ("checkpoints", {})]
WRONG_REQUESTS = [("corpus", 5), ("corpus", [5]), ("threads", 0), ("threads", []), ("threads", "many"), ("every", 5),
                  ("every", "often"), ("notes", []), ("initial", 5), ("held_out", 5), ("unknown", 1)]


@pytest.mark.parametrize("change", [
    *(entry("", "state", value) for value in WRONG_STATES), *(entry("", "request", value) for value in WRONG_REQUESTS),
    entry("corpus", None, ("sha256", 5)), entry("training", None, ("epochs", "x")),
    entry("training", None, ("unknown", 1)),
    *(lambda metadata, name=name, text=text: metadata.update({name: text})
      for name in ("checkpoint", "training", "corpus")
      for text in ("[" * 100_000, "[]", "5", "", "{}", '{"layout": 1}', '{"layout": 1, "state": [], "request": []}'))])
def test_right_checksum_and_wrong_entries_give_one_format_error(interrupted, change, capsys):
    rewritten(interrupted, change)
    with pytest.raises(w2v.FormatError, match="run.w2v"):
        Checkpoint.open(interrupted)
    refused(interrupted)
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name, value", [("word_offsets", -1), ("counts", -5), ("counts", 2**62)])
def test_right_checksum_and_a_wrong_vocabulary_give_one_format_error(interrupted, name, value):
    data = bytearray(interrupted.read_bytes())
    length = int.from_bytes(data[:8], "little")
    begin, _ = json.loads(data[8:8 + length])[name]["data_offsets"]
    at = 8 + length + begin + 16
    data[at:at + 8] = value.to_bytes(8, "little", signed=True)
    data[-DIGEST:] = hashlib.sha256(data[:-DIGEST]).digest()
    interrupted.write_bytes(data)
    with pytest.raises(w2v.FormatError, match="an entry of the checkpoint is missing or invalid"):
        Checkpoint.open(interrupted)


# ---- refused options ------------------------------------------------------------------------------------------------

OTHER_VALUES = {"max_vocab": 50, "minn": 1, "maxn": 4, "private_rows": 3, "seed": 9, "sample": 0.5, "alpha": 0.5,
                "min_alpha": 0.001, "ns_exponent": 0.5, "shared_windows": 1, "weight_decay": 0.5, "add_outputs": 0.5}


def typed(name, value):
    """An option as it is typed on the command line."""
    if name == "sg":
        return "--no-cbow" if value else "--cbow"
    option = name.replace("_", "-")
    return f"--{option} {value!r}" if not isinstance(value, bool) else f"--{option}" if value else f"--no-{option}"


@pytest.mark.parametrize("name", [spec.name for spec in dataclasses.fields(TrainConfig)])
@pytest.mark.slow
def test_contradicting_option_is_refused_with_both_values(interrupted, capsys, name):
    stored = getattr(Checkpoint.open(interrupted).config, name)
    value = OTHER_VALUES.get(name, not stored if isinstance(stored, bool) else (stored or 0) + 1)
    with pytest.raises(ValueError, match=re.escape(f"{name} = {value!r} contradicts {name} = {stored!r}")):
        w2v.train(resume=interrupted, **{name: value})
    option = "--cbow" if name == "sg" else "--" + ("no-" if value is False else "") + name.replace("_", "-")
    refused(interrupted, option, *([] if isinstance(value, bool) else [value]), code=2)
    assert f" {typed(name, value)} contradicts {typed(name, stored)} of the run in " in capsys.readouterr().err


def test_contradicting_option_with_its_default_value_is_refused(interrupted, capsys):
    refused(interrupted, "--epochs", TrainConfig().epochs, code=2)
    assert "--epochs 5 contradicts --epochs 4" in capsys.readouterr().err
    with pytest.raises(ValueError, match="vector_size = 100 contradicts vector_size = 24"):
        w2v.train(resume=interrupted, config=TrainConfig())


def test_results_are_not_saved_into_a_checkpoint(interrupted, tmp_path, capsys):
    (tmp_path / "set.tsv").write_text("a\tb\t1\n")
    before = interrupted.read_bytes()
    assert cli.main(["evaluate", str(interrupted), "--similarity", str(tmp_path / "set.tsv"), "--save-results"]) == 1
    assert "checkpoint of a run" in capsys.readouterr().err and interrupted.read_bytes() == before


def test_notes_that_are_not_plain_are_refused_before_any_work(corpus, tmp_path):
    for notes in ({"path": tmp_path}, {"a": {"b": np.float32(1)}}):
        with pytest.raises(TypeError, match="checkpoint_notes must be plain values"):
            w2v.train(str(corpus) + " is not even looked for", checkpoint=tmp_path / "k", checkpoint_notes=notes)
