"""Training from text to vectors: planted structure, exact word counts, equal bytes, interruption, divergence."""

import doctest
import gc
import gzip
import hashlib
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from helpers import planted
from helpers.processes import wait_until_training

import w2v
from w2v import cli, evaluate
from w2v.config import TrainConfig
from w2v.system import files
from w2v.training.loop import _loop
from w2v.training.observers import divergence

SMALL = {"vector_size": 16, "min_count": 1, "epochs": 1, "progress": False}


@pytest.fixture(scope="module")
def planted_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("planted") / "corpus.txt"
    planted.write_corpus(path, 40_000)
    return path


@pytest.mark.parametrize("isa", w2v.available_isas())
@pytest.mark.parametrize("threads", [1, 2])
def test_planted_structure_is_learned(planted_file, tmp_path, isa, threads):
    model = w2v.train(planted_file, vector_size=32, epochs=10, sample=0, threads=threads, isa=isa, progress=False)
    assert planted.neighbors_found(model.wv) > 0.9
    (tmp_path / "questions.txt").write_text(planted.questions())
    result = evaluate.analogies(model.wv, tmp_path / "questions.txt")
    assert result.total == result.questions == planted.THINGS * (planted.THINGS - 1)
    assert result.accuracy > 0.9
    assert model.report.loss < 6 * np.log(2) * 0.8


def test_planted_structure_is_learned_by_cbow(planted_file):
    for options in ({}, {"cbow_mean": False}, {"cbow_undivided": True, "alpha": 0.05}):
        options = {"alpha": 0.1, **options}
        model = w2v.train(planted_file, vector_size=32, epochs=10, sample=0, sg=False, threads=2, progress=False,
                          **options)
        assert planted.neighbors_found(model.wv) > 0.9 and model.report.loss < 6 * np.log(2) * 0.8, options


@pytest.mark.parametrize("options", [{"negative": 0}, {"negative": 3}, {"negative": 0, "sg": False, "alpha": 0.2}])
@pytest.mark.slow
def test_planted_structure_is_learned_by_hierarchical_softmax(planted_file, options):
    model = w2v.train(planted_file, vector_size=32, epochs=10, sample=0, hs=True, threads=2, progress=False, **options)
    assert planted.neighbors_found(model.wv) > 0.9
    assert model.node_vectors.shape == (len(model.wv) - 1, 32) and np.abs(model.node_vectors).max() > 0
    assert len(model.output_vectors) == len(model.wv) - (options["negative"] == 0)


def test_output_vectors_of_hierarchical_softmax_alone_are_not_saved(tmp_path):
    model = w2v.train([["a", "b", "c", "a"]] * 50, hs=True, negative=0, **SMALL)
    with pytest.raises(ValueError, match="no output vectors of words"):
        model.save(tmp_path / "v.safetensors", output_vectors=True)


def test_untrained_vectors_do_not_have_the_planted_structure(planted_file):
    model = w2v.train(planted_file, vector_size=32, epochs=1, alpha=1e-9, min_alpha=0, progress=False)
    assert planted.neighbors_found(model.wv) < 0.3


def test_one_thread_and_seed_give_the_same_bytes(planted_file):
    def run(**options):
        return w2v.train(planted_file, threads=1, progress=False, epochs=1, **options).wv.vectors.tobytes()

    assert run() == run()
    assert run() != run(seed=2)


def test_initial_vector_of_a_word_does_not_depend_on_the_corpus():
    options = SMALL | {"alpha": 1e-9, "min_alpha": 0}
    a = w2v.train([["river", "lake", "sea"]] * 3, **options).wv
    b = w2v.train([["zebra", "river", "horse", "cow"]] * 5, **options).wv
    np.testing.assert_allclose(a["river"], b["river"], atol=1e-6)
    assert np.abs(a["river"] - a["lake"]).max() > 1e-3


@pytest.mark.parametrize("threads", [1, 3])
def test_word_counts_of_the_report_add_up(tmp_path, threads):
    rng = np.random.default_rng(3)
    words = [f"w{int(k)}" for k in rng.zipf(1.3, 30_000) if k < 10**6]
    path = tmp_path / "zipf.txt"
    path.write_text("\n".join(" ".join(words[k : k + 17]) for k in range(0, len(words), 17)))
    report = w2v.train(path, vector_size=16, epochs=3, min_count=4, threads=threads, progress=False).report
    assert report.words_read == 3 * len(words)
    assert report.words_read == report.words_trained + report.words_subsampled + report.words_unknown
    assert min(report.words_trained, report.words_subsampled, report.words_unknown) > 1000
    known = [w for w in set(words) if words.count(w) >= 4] if len(set(words)) < 3000 else None
    assert known is None or report.vocabulary == len(known)
    assert report.threads == threads and report.isa == w2v.available_isas()[0] and report.words_per_second > 0


def test_subsampling_keeps_the_share_of_the_formula():
    report = w2v.train([["a"] * 60 + ["b"] * 40] * 500, sample=0.01, **SMALL).report
    share = sum(f * (np.sqrt(f / 0.01) + 1) * 0.01 / f for f in (0.6, 0.4))
    assert report.words_trained / report.words_read == pytest.approx(share, rel=0.05)


def test_kinds_of_input_give_the_same_vectors(planted_file):
    lines = planted_file.read_text().splitlines()[:2000]
    small = planted_file.with_name("small.txt")
    small.write_text("\n".join(lines))
    options = SMALL | {"threads": 1}
    expected = w2v.train(small, **options)
    for corpus in ([line.split() for line in lines], (line.split() for line in lines), [str(small)]):
        got = w2v.train(corpus, **options)
        assert got.wv.index_to_key == expected.wv.index_to_key
        assert np.array_equal(got.wv.vectors, expected.wv.vectors)


def test_very_long_line_is_trained_completely():
    line = [f"w{k % 50}" for k in range(200_000)]
    report = w2v.train([line], sample=0, threads=2, **SMALL).report
    assert report.words_trained == 200_000 and report.corpus.longest_line == 200_000


def test_output_vectors_and_counts_belong_to_the_words():
    model = w2v.train([["a", "b", "c", "a"]] * 50, sample=0, **SMALL)
    assert model.wv.index_to_key == ["a", "b", "c"]
    assert [model.wv.get_vecattr(w, "count") for w in "abc"] == [100, 50, 50]
    assert model.output_vectors.shape == model.wv.vectors.shape == (3, 16)
    assert np.abs(model.output_vectors).max() > 0


@pytest.mark.slow
def test_vectors_outlive_the_model():
    kv = w2v.train([["a", "b", "c"]] * 50, **SMALL).wv
    before = kv["a"].copy()
    gc.collect()
    assert np.array_equal(kv["a"], before)


def test_divergence_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(TrainConfig, "_check", lambda self, spec: None)
    with pytest.raises(w2v.TrainingError, match="diverged.*epoch 1.*smaller alpha"):
        w2v.train([[f"w{k % 30}" for k in range(j, j + 50)] for j in range(3000)], alpha=1e30, threads=2, **SMALL)


@pytest.mark.parametrize("options", [
    {"window": 100, "sample": 0}, {"window": 50, "sample": 0, "shrink_windows": False}, {"window": 1000},
    {"window": 30, "negative": 20, "sample": 0}])
def test_large_windows_over_few_words_stay_bounded(options):
    rng = np.random.default_rng(5)
    lines = [[f"w{k}" for k in rng.integers(0, 100, 200)] for _ in range(300)]
    model = w2v.train(lines, **(SMALL | options))
    assert np.abs(model.wv.vectors).max() < 10
    assert model.report.loss < 1.1 * (1 + options.get("negative", 5)) * np.log(2)


def test_exploded_but_finite_loss_is_a_divergence(monkeypatch):
    monkeypatch.setattr(divergence, "EXPLODED", 0.1)  # no corpus reliably explodes and stays finite
    with pytest.raises(w2v.TrainingError, match="diverged: the loss is .* untrained"):
        w2v.train([[f"w{k % 30}" for k in range(j, j + 50)] for j in range(30)], **SMALL)


def test_error_of_a_worker_reaches_the_caller(monkeypatch):
    def fail(self, *args):
        raise MemoryError("no memory for the buffers of a thread")

    class Broken(_loop.TrainingLoop):
        train = fail

    monkeypatch.setattr(_loop, "TrainingLoop", Broken)
    with pytest.raises(MemoryError, match="buffers"):
        w2v.train([["a", "b"]] * 10, threads=2, **SMALL)
    assert not [t for t in threading.enumerate() if t.name.startswith("w2v-")]


@pytest.mark.parametrize("name, hint", [("size", "vector_size"), ("iter", "epochs"), ("workers", "threads"),
                                        ("windows", "window")])
def test_unknown_option_names_the_right_one(name, hint):
    with pytest.raises(TypeError, match=f"{name}.*{hint}"):
        w2v.train([["a", "b"]], **{name: 1})


@pytest.mark.parametrize("name, value", [
    ("vector_size", 0), ("vector_size", 65537), ("window", 0), ("negative", 0), ("sample", -1e-3), ("sample", 1.5),
    ("min_count", -1), ("max_vocab", 0), ("epochs", 0), ("alpha", 0.0), ("alpha", 11.0), ("alpha", float("nan")),
    ("min_alpha", -1.0), ("min_alpha", 0.5), ("ns_exponent", float("inf")), ("seed", -1), ("seed", 2**64)])
def test_parameter_out_of_range_is_named(name, value):
    with pytest.raises(ValueError, match=name):
        w2v.train([["a", "b"]], **{name: value})


@pytest.mark.parametrize("options, advice", [
    ({"cbow_undivided": True}, "sg=False and cbow_mean=True"), ({"negative": 0}, "hs=True"),
    ({"sg": False, "cbow_mean": False, "cbow_undivided": True}, "sg=False and cbow_mean=True")])
def test_options_in_conflict_say_what_to_do(options, advice):
    with pytest.raises(ValueError, match=advice):
        TrainConfig(**options)


@pytest.mark.parametrize("name, value", [("vector_size", 10.5), ("window", "5"), ("epochs", None), ("seed", True)])
def test_parameter_of_wrong_type_is_named(name, value):
    with pytest.raises(TypeError, match=name):
        TrainConfig(**{name: value})


@pytest.mark.parametrize("threads", [0, -1, 1025, "many", "1.5", 2.7, True, float("inf")])
def test_wrong_number_of_threads_is_refused(threads):
    with pytest.raises(ValueError, match="threads"):
        w2v.train([["a", "b"]], threads=threads)


def test_error_for_strings_instead_of_tokens_says_what_to_do():
    for corpus in (["a b c", "d e f"], iter(["a b c"])):
        with pytest.raises(TypeError, match=r"split\(\)"):
            w2v.train(corpus, **SMALL)


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent SIGINT on Windows")
def test_interrupt_stops_the_run_and_leaves_the_old_file(planted_file, tmp_path):
    """The run would take hours."""
    output, log = tmp_path / "v.bin", tmp_path / "log"
    output.write_bytes(b"old")
    command = [sys.executable, "-m", "w2v", "train", str(planted_file), "-o", str(output), "--epochs", "100000",
               "--log-json", str(log), "--log-every", "0.1s"]
    process = subprocess.Popen(  # in a background job, SIGINT would be ignored
        command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    wait_until_training(process, log)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 130
    assert errors.startswith("w2v: interrupted; the training so far, ") and errors.count("\n") == 1
    assert "% of the words, is lost; with --checkpoint FILE it would have been kept" in errors
    assert json.loads(log.read_text().splitlines()[-1])["event"] == "interrupted"
    assert output.read_bytes() == b"old" and sorted(tmp_path.iterdir()) == [log, output]


@pytest.mark.parametrize("function", [w2v.train, w2v.plan, w2v.TrainConfig])
def test_each_option_is_explained_where_it_is_passed(function):
    parameters = set(inspect.signature(function).parameters) - {"options"}
    sections = re.split(r"\n *(Parameters|Returns|Raises|Examples)\n *-+\n", function.__doc__)
    explained = re.findall(r"^ {4}(\w+(?:, \w+)*) : ", inspect.cleandoc(sections[2]).replace("\n", "\n    ").join(
        ["    ", ""]), re.MULTILINE)
    names = {name for group in explained for name in group.split(", ")}
    assert names == parameters | set(TrainConfig.__dataclass_fields__)
    assert function is w2v.TrainConfig or set(sections[1::2]) == {"Parameters", "Returns", "Raises", "Examples"}


def test_example_of_train_is_right():
    """Run the examples that need no files."""
    found = doctest.DocTestFinder(recurse=False).find(w2v.train, "train", globs={"w2v": w2v})
    assert sum(len(test.examples) for test in found) >= 5
    assert all(doctest.DocTestRunner().run(test).failed == 0 for test in found)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_model_card_has_the_checksum_of_each_file_and_says_what_the_other_one_is_of(tmp_path, pack):
    folder = tmp_path / "corpus"
    folder.mkdir()
    data = [pack(f"the river {k} runs\n".encode() * 20) for k in range(3)]
    for k, content in enumerate(data):
        (folder / f"part{k}").write_bytes(content)
    card = json.loads(w2v.train(folder, min_count=1, vector_size=8, progress=False).wv.metadata["corpus"])
    assert card["sha256_of_files"] == [
        {"name": f"part{k}", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for k, content in enumerate(data)]
    lines = [["the", "river", str(k), "runs"] for k in range(3) for _ in range(20)]
    of_lines = json.loads(w2v.train(lines, min_count=1, vector_size=8, progress=False).wv.metadata["corpus"])
    assert of_lines["sha256"] == card["sha256"] and "encoded text" in card["sha256_is_of"]
    assert "sha256_of_files" not in of_lines


def test_speed_counts_known_words_only(tmp_path):
    """Words that are not trained take no time."""
    lines = [["a", "b", f"once{k}", f"again{k}"] for k in range(3000)]
    report = w2v.train(lines, min_count=3000, vector_size=8, epochs=1, progress=False, threads=1).report
    assert report.vocabulary == 2 and report.words_read == 12000
    assert report.words_per_second == pytest.approx(6000 / report.seconds_training)


def test_vectors_are_written_although_the_vocabulary_cannot_be(tmp_path, monkeypatch, capsys):
    (tmp_path / "corpus").write_text("the river runs\n" * 30)
    write = files.atomic_write

    def failing(path):
        if os.path.basename(path) == "vocabulary":
            raise w2v.W2VError("cannot write vocabulary: No space left on device")
        return write(path)

    monkeypatch.setattr(files, "atomic_write", failing)
    assert cli.main(["train", str(tmp_path / "corpus"), "-o", str(tmp_path / "v.bin"), "--save-vocab",
                     str(tmp_path / "vocabulary"), "-q"]) == 1
    assert "No space left" in capsys.readouterr().err and len(w2v.load(tmp_path / "v.bin")) == 3


def test_report_says_that_a_file_was_replaced(tmp_path, capsys):
    (tmp_path / "corpus").write_text("the river runs\n" * 30)
    command = ["train", str(tmp_path / "corpus"), "-o", str(tmp_path / "v.bin")]
    for replaced in (False, True):
        assert cli.main(command) == 0
        assert ("in place of the file that was there" in capsys.readouterr().err) == replaced
    assert cli.main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["output_replaced"] is True
