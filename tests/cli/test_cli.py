"""The command line: outputs, exit codes, JSON, word2vec.c's options, groups of the help."""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from helpers import planted
from helpers.processes import wait_until_training

import w2v
from w2v import cli
from w2v.cli.options import GROUPS, PARAMETERS


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "corpus.txt"
    planted.write_corpus(path, 3000)
    return path


@pytest.fixture(scope="module")
def vectors(corpus):
    path = corpus.with_name("v.bin")
    assert cli.main(["train", str(corpus), "-o", str(path), "--vector-size", "24", "--epochs", "3", "-q"]) == 0
    return path


def test_train_json_is_one_object_that_adds_up(run, corpus, tmp_path):
    output = tmp_path / "v.bin"
    code, out, err = run("train", corpus, "-o", output, "--epochs", 2, "--threads", 2, "--json")
    report = json.loads(out)
    assert code == 0 and out.count("\n") == 1
    for key in ("words_read", "words_trained", "words_subsampled", "words_unknown", "vocabulary", "epochs",
                "seconds_vocabulary", "seconds_training", "words_per_second", "threads", "isa", "loss", "output"):
        assert key in report
    assert report["words_read"] == 2 * 5 * 3000
    assert report["words_read"] == report["words_trained"] + report["words_subsampled"] + report["words_unknown"]
    assert report["words_per_second"] == pytest.approx(report["words_read"] / report["seconds_training"])
    assert report["output"] == str(output) and report["threads"] == 2 and report["isa"] in w2v.available_isas()
    assert len(w2v.load(output)) == report["vocabulary"]


def test_train_prints_its_report_on_stderr(run, corpus, tmp_path):
    code, out, err = run("train", corpus, "-o", tmp_path / "v.bin", "--epochs", 2)
    assert code == 0 and out == ""
    assert "30,000" in err and "subsampled" in err and str(tmp_path / "v.bin") in err


@pytest.mark.parametrize("suffix, start", [(".bin", b"\n"), (".txt", b" "), (".vec", b" "), (".safetensors", b"{")])
def test_suffix_determines_the_format(run, corpus, tmp_path, suffix, start):
    output = tmp_path / f"v{suffix}"
    assert run("train", corpus, "-o", output, "--vector-size", 8, "-q")[0] == 0
    kv = w2v.load(output)
    assert kv.vectors.shape[1] == 8 and kv.source
    assert (output.read_bytes()[8:9] == b"{") == (suffix == ".safetensors")


def test_command_line_of_word2vec_c_works_with_another_program_name(run, corpus, tmp_path):
    output, vocab = tmp_path / "vec.out", tmp_path / "vocab.txt"
    code, out, err = run("train", "-train", corpus, "-output", output, "-cbow", 0, "-size", 20, "-window", 8,
                         "-negative", 25, "-hs", 0, "-sample", "1e-4", "-threads", 20, "-binary", 1, "-iter", 3,
                         "-min-count", 2, "-alpha", "0.025", "-debug", 2, "-classes", 0, "-save-vocab", vocab)
    assert code == 0, err
    kv = w2v.load(output)
    assert "binary" in kv.source and kv.vector_size == 20
    lines = [line.split() for line in vocab.read_text().splitlines()]
    assert [word for word, _ in lines] == kv.index_to_key
    counts = [int(count) for _, count in lines]
    assert counts == sorted(counts, reverse=True) and min(counts) >= 2
    assert run("train", "-train", corpus, "-output", output, "-binary", 0, "-size", 20, "-debug", 0)[0] == 0
    assert output.read_bytes().split(b"\n")[0].endswith(b" 20") and "text" in w2v.load(output).source


def test_hierarchical_softmax_by_both_names(run, corpus, tmp_path):
    for k, option in enumerate((["--hs"], ["-hs", 1])):
        arguments = ["--negative", 0, "--threads", 1, "--min-count", 1, "-q"]
        assert run("train", corpus, "-o", tmp_path / f"{k}.bin", *option, *arguments)[0] == 0
    assert (tmp_path / "0.bin").read_bytes() == (tmp_path / "1.bin").read_bytes()
    code, _, err = run("train", corpus, "-o", tmp_path / "2.bin", "-hs", 0, "-negative", 0)
    assert code == 2 and "--hs" in err


def test_cbow_by_both_names(run, corpus, tmp_path):
    outputs = []
    for k, option in enumerate((["--cbow"], ["-cbow", 1], ["-cbow", 0])):
        outputs.append(tmp_path / f"v{k}.bin")
        assert run("train", corpus, "-o", outputs[-1], *option, "--threads", 1, "--min-count", 1, "-q")[0] == 0
    cbow, same, skipgram = (path.read_bytes() for path in outputs)
    assert cbow == same != skipgram


@pytest.mark.parametrize("option", [("-classes", 100), ("-classes", -1), ("-classes", 5, "--save-output-vectors"),
                                    ("-classes", 5, "--format", "fasttext"), ("-read-vocab", "vocab.txt")])
def test_unsupported_options_are_refused_before_any_work(run, corpus, tmp_path, option):
    for name in ("v.bin", "v.txt") if option != ("-classes", 100) else ("v.bin", "v.safetensors", "v.bin.gz"):
        code, out, err = run("train", "-train", corpus, "-output", tmp_path / name, *option)
        assert code == 2 and option[0] in err and err.count("\n") == 1 and not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["classes.txt", "classes"])
def test_classes_are_written_in_place_of_vectors(run, corpus, tmp_path, name):
    options = ("-size", 16, "-iter", 2, "-threads", 1, "-min-count", 2, "-debug", 0)
    assert run("train", "-train", corpus, "-output", tmp_path / name, *options, "-classes", 7)[0] == 0
    assert run("train", "-train", corpus, "-output", tmp_path / "v.safetensors", *options)[0] == 0
    kv = w2v.load(tmp_path / "v.safetensors")
    lines = [line.split(" ") for line in (tmp_path / name).read_text().splitlines()]
    assert [word for word, _ in lines] == kv.index_to_key
    assert {int(label) for _, label in lines} == set(range(7))
    assert [int(label) for _, label in lines] == w2v.cluster(kv, 7, chance=False).labels.tolist()
    code, out, err = run("train", "-train", corpus, "-output", tmp_path / name, *options, "-classes", 100_000)
    labels = [line.split(" ")[1] for line in (tmp_path / name).read_text().splitlines()]
    assert code == 0 and len(set(labels)) == len(labels) == len(kv) and "-classes 100,000: the vocabulary has" in err


@pytest.mark.slow
def test_training_from_standard_input_equals_training_from_the_file(corpus, tmp_path):
    for name, source in (("a.bin", str(corpus)), ("b.bin", "-")):
        with open(corpus, "rb") as text:
            subprocess.run([sys.executable, "-m", "w2v", "train", source, "-o", name, "--threads", "1", "-q"],
                           cwd=tmp_path, stdin=text, check=True)
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()


def test_several_inputs_are_one_corpus(run, corpus, tmp_path):
    lines = corpus.read_text().splitlines(keepends=True)
    (tmp_path / "a.txt").write_text("".join(lines[:1000]))
    (tmp_path / "b.txt").write_text("".join(lines[1000:]))
    outputs = []
    for inputs in ([corpus], [tmp_path / "a.txt", tmp_path / "b.txt"], [tmp_path], [tmp_path / "*.txt"]):
        output = corpus.with_name("several.bin")
        assert run("train", *inputs, "-o", output, "--threads", 1, "-q", "--epochs", 1)[0] == 0
        outputs.append(output.read_bytes())
    assert outputs[0] == outputs[1] == outputs[2] == outputs[3]


def test_neighbors_are_those_of_python(run, vectors):
    code, out, err = run("neighbors", vectors, "male_1", "class1word1", "-n", 3)
    assert code == 0 and out.splitlines()[0] == "male_1" and len(out.splitlines()) == 8
    code, out, err = run("neighbors", vectors, "male_1", "-n", 3, "--json")
    answers = json.loads(out)["neighbors"]["male_1"]
    kv = w2v.load(vectors)
    assert [a["word"] for a in answers] == [w for w, _ in kv.most_similar("male_1", topn=3)]
    assert 1 >= answers[0]["similarity"] >= answers[2]["similarity"]


def test_answers_of_analogies_are_those_of_python(run, vectors):
    for method, ask in (("3cosadd", "most_similar"), ("3cosmul", "most_similar_cosmul")):
        code, out, err = run("analogy", vectors, "male_1", "female_1", "male_2", "--json", "--method", method)
        expected = getattr(w2v.load(vectors), ask)(positive=["female_1", "male_2"], negative=["male_1"], topn=5)
        assert code == 0 and [a["word"] for a in json.loads(out)["answers"]] == [w for w, _ in expected]
    assert run("analogy", vectors, "male_1", "female_1", "male_2")[1].count("\n") == 5


def test_unknown_word_fails_with_suggestions(run, vectors):
    code, out, err = run("neighbors", vectors, "male_1x")
    assert code == 1 and out == "" and err.count("\n") == 1 and "male_1x" in err and "male_1'" in err


def test_evaluate_prints_scores_as_json_and_as_a_table(run, vectors, tmp_path):
    questions, pairs = tmp_path / "q.txt", tmp_path / "pairs.tsv"
    questions.write_text(": family\nmale_1 female_1 male_2 female_2\n: gram1\nmale_3 female_3 nobody female_4\n")
    pairs.write_text("male_1\tfemale_1\t9\nmale_1\tclass1word1\t1\nmale_1\tmale_2\t5\nnobody\tmale_1\t3\n")
    code, out, err = run("evaluate", vectors, "--analogies", questions, "--similarity", pairs, "--json")
    result = json.loads(out)
    assert code == 0
    google, = result["analogies"]
    assert (google["questions"], google["total"], google["name"]) == (1, 2, "q")
    assert google["accuracy"] == google["correct"] / 1
    assert [s["name"] for s in google["sections"]] == ["family", "gram1"]
    similar, = result["similarity"]
    assert (similar["pairs"], similar["unknown"], similar["name"]) == (3, 1, "pairs") and -1 <= similar["spearman"] <= 1
    code, out, err = run("evaluate", vectors, "--analogies", questions, "--similarity", pairs)
    assert code == 0 and "family" in out and "semantic" in out and "Spearman" in out


def test_convert_there_and_back_keeps_every_bit(run, vectors, tmp_path):
    steps = [vectors, tmp_path / "a.txt", tmp_path / "b.safetensors", tmp_path / "c.vec", tmp_path / "d.bin"]
    for source, target in pairwise(steps):
        code, out, err = run("convert", source, target, "--json")
        assert code == 0 and json.loads(out)["words"] == len(w2v.load(vectors))
    assert steps[-1].read_bytes() == vectors.read_bytes()
    assert run("convert", vectors, tmp_path / "few.bin", "--limit", 7)[0] == 0
    assert np.array_equal(w2v.load(tmp_path / "few.bin").vectors, w2v.load(vectors).vectors[:7])


def test_info_describes_the_installation_and_a_file(run, vectors):
    code, out, err = run("info", "--json")
    facts = json.loads(out)
    assert code == 0 and facts["version"] == w2v.__version__ and facts["isa"] in facts["isas"] and facts["threads"] >= 1
    code, out, err = run("info", vectors, "--json")
    facts = json.loads(out)
    assert (facts["words"], facts["vector_size"]) == w2v.load(vectors).vectors.shape
    assert "binary" in facts["source"]
    assert "avx" in run("info")[1] or "neon" in run("info")[1] or "scalar" in run("info")[1]


def test_demo_learns_from_its_text(run, monkeypatch):
    from w2v.cli import demo_text as demo

    real = [["client", "server", "socket"], ["january", "february", "march"], ["integer", "float", "number"]] * 3000
    monkeypatch.setattr(demo, "python_sentences", lambda: iter(real))
    code, out, err = run("demo")
    assert code == 0 and "client" in out and "server" in out and "words read" in err
    code, out, err = run("demo", "--json")
    report = json.loads(out)
    nearest = {probe: {a["word"] for a in found[:2]} for probe, found in report["neighbors"].items()}
    assert nearest["client"] == {"server", "socket"} and nearest["january"] == {"february", "march"}
    assert report["words_read"] == 10 * 27_000 and report["text"]
    assert run("demo", "--threads", 0)[0] == 2


def test_demo_keeps_its_vectors_and_ends_with_a_command_to_try(run, monkeypatch, tmp_path):
    from w2v.cli import demo_text as demo

    monkeypatch.setattr(demo, "python_sentences", lambda: iter([["client", "server"], ["thread", "lock"]] * 3000))
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("demo", "-o", "my demo.bin")
    assert code == 0
    [line] = [line for line in out.splitlines() if line.startswith("Ask for other words:")]
    command = shlex.split(line.split(":", 1)[1])
    assert command == ["w2v", "neighbors", "my demo.bin", "thread"]
    assert run(*command[1:])[0] == 0 and "lock" in run(*command[1:])[1]
    assert json.loads(run("demo", "-o", "b.safetensors", "--json")[1])["output"] == "b.safetensors"
    assert max(map(len, out.splitlines())) <= 80
    monkeypatch.setattr(demo, "python_sentences", lambda: pytest.fail("the text was read"))
    assert run("demo", "-o", "v.unknown")[0] == 2 and run("demo", "-o", tmp_path / "none" / "v.bin")[0] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.safetensors", "my demo.bin"]


def test_demo_finds_english_in_the_standard_library():
    from w2v.cli import demo_text as demo

    sentences = demo.python_sentences()
    some = [next(sentences) for _ in range(2000)]
    words = {word for sentence in some for word in sentence}
    assert {"the", "return", "class"} <= words and all(len(sentence) > 2 for sentence in some)


@pytest.mark.parametrize("arguments", [
    ["nonsense"], ["train"], ["train", "x.txt"], ["train", "-o", "v.bin"], ["neighbors"],
    ["analogy", "v", "a"],
    ["evaluate", "v.bin"], ["neighbors", "v.bin", "a", "-n", "0"], ["neighbors", "v.bin", "a", "-n", "x"],
    ["train", "x.txt", "-o", "v.bin", "--windows", "3"]])
def test_wrong_usage_is_code_two_in_one_line(run, arguments):
    code, out, err = run(*arguments)
    assert code == 2 and out == "" and err.count("\n") == 1 and err.startswith("w2v: ")


@pytest.mark.parametrize("option", [
    ("--vector-size", 0), ("--vector-size", "x"), ("--window", 0), ("--negative", 0), ("--sample", 2),
    ("--min-count", -1), ("--max-vocab", 0), ("--epochs", 0), ("--alpha", 0), ("--alpha", 99), ("--alpha", "nan"),
    ("--min-alpha", 1),
    ("--ns-exponent", "inf"), ("--seed", -1), ("--threads", 0), ("--threads", "many"), ("-iter", 1.5)])
def test_parameter_out_of_range_is_code_two(run, corpus, tmp_path, option):
    code, out, err = run("train", corpus, "-o", tmp_path / "v.bin", *option)
    assert code == 2 and err.count("\n") == 1 and option[0].lstrip("-").split("-")[0] in err
    assert list(tmp_path.iterdir()) == []


def test_wrong_isa_in_the_environment_is_code_two(run, corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("W2V_ISA", "mmx")
    code, out, err = run("train", corpus, "-o", tmp_path / "v.bin")
    assert code == 2 and "mmx" in err and err.count("\n") == 1


def test_closed_pipe_prints_no_traceback(vectors):
    process = subprocess.Popen([sys.executable, "-m", "w2v", "neighbors", vectors, "male_1", "-n", "300"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=os.path.dirname(vectors))
    with process:
        process.stdout.close()  # before the program prints: it has to start first
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.parametrize("name", ["v.100", "v.foo", "v.foo.gz", ".hidden/v.npy"])
def test_unknown_suffix_is_found_before_any_work(run, corpus, vectors, tmp_path, name):
    for command in (["train", corpus, "-o", tmp_path / name], ["convert", vectors, tmp_path / name]):
        code, out, err = run(*command)
        assert code == 2 and "suffix" in err and err.count("\n") == 1 and list(tmp_path.iterdir()) == []


def test_output_without_known_suffix_is_text_in_word2vec_c_style(run, corpus, tmp_path):
    assert run("train", "-train", corpus, "-output", tmp_path / "vec.100", "-size", 10)[0] == 0
    assert "text" in w2v.load(tmp_path / "vec.100").source


def test_output_must_not_overwrite_the_corpus_or_another_output(run, corpus, tmp_path):
    copy = tmp_path / "copy.txt"
    copy.write_bytes(corpus.read_bytes())
    (tmp_path / "link.txt").symlink_to(copy)
    for arguments, problem in (
            ([copy, "-o", copy], "is also an input"), ([copy, "-o", tmp_path / "link.txt"], "is also an input"),
            ([copy, "-o", tmp_path / "v.bin", "--save-vocab", copy], "is also an input"),
            ([copy, "-o", tmp_path / "v.bin", "--save-vocab", tmp_path / "v.bin"], "both name")):
        code, out, err = run("train", *arguments)
        assert code == 2 and problem in err and copy.read_bytes() == corpus.read_bytes()


@pytest.mark.parametrize("arguments", [
    ["train", "", "-o", "v.bin"], ["train", "x.txt", "-o", "v.bin", "--seed", "9" * 400],
    ["train", "x.txt", "-o", "v.bin", "-cbow", "2"]])
def test_wrong_values_are_code_two(run, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert code == 2 and err.count("\n") == 1 and list(tmp_path.iterdir()) == []


def test_wrong_isa_is_code_two_in_every_command_that_needs_one(run, monkeypatch):
    monkeypatch.setenv("W2V_ISA", "mmx")
    for command in ("info", "demo"):
        code, out, err = run(command)
        assert code == 2 and "mmx" in err and err.count("\n") == 1


def test_name_too_long_is_found_before_training(run, corpus, tmp_path):
    code, out, err = run("train", corpus, "-o", tmp_path / ("x" * 252 + ".bin"))
    assert code == 1 and err.count("\n") == 1 and ("too long" in err or os.name == "nt")  # which has another reason
    assert run("train", corpus, "-o", tmp_path / ("x" * 251 + ".bin"), "-q")[0] == 0


def test_word_that_a_format_cannot_hold_is_refused_with_strict(run, tmp_path):
    w2v.KeyedVectors(["new york", "b"], np.ones((2, 3))).save(tmp_path / "v.safetensors")
    code, out, err = run("convert", tmp_path / "v.safetensors", tmp_path / "v.bin", "--strict")
    assert code == 1 and "new york" in err and err.count("\n") == 1 and not (tmp_path / "v.bin").exists()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")
def test_closed_streams_and_other_encodings_than_utf8_work(vectors, tmp_path):
    python = f"{sys.executable} -m w2v"
    for command in (f"{python} info {vectors} >&-", f"{python} neighbors {vectors} male_1 2>&-",
                    f"PYTHONIOENCODING=latin-1 {python} neighbors {vectors} male_1 --json"):
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0 and "Traceback" not in done.stderr
    kv = w2v.KeyedVectors(["日本", "b\udcffd", "c"], np.eye(3))
    kv.save(tmp_path / "u.bin")
    done = subprocess.run(["sh", "-c", f"PYTHONIOENCODING=latin-1 {python} neighbors u.bin c"], capture_output=True,
                          cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.count(b"\n") == 2
    done = subprocess.run([sys.executable, "-m", "w2v", "neighbors", "u.bin", "c", "--json"], capture_output=True,
                          cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert {a["word"] for a in json.loads(done.stdout)["neighbors"]["c"]} == {"日本", "b\ufffdd"}


@pytest.mark.skipif(os.name == "nt", reason="terminate() ends a process of Windows at once")
def test_sigterm_stops_training_and_leaves_no_vectors(corpus, tmp_path):
    log = tmp_path / "log"
    process = subprocess.Popen([sys.executable, "-m", "w2v", "train", corpus, "-o", "v.bin", "--epochs", "1000000",
                                "--log-json", log, "--log-every", "0.1s"], cwd=tmp_path, stderr=subprocess.PIPE)
    wait_until_training(process, log)
    process.terminate()
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 143 and b"Traceback" not in errors and list(tmp_path.iterdir()) == [log]


def test_the_parser_does_not_import_training(tmp_path):
    """Starting would take a third longer."""
    code = ("import sys\nfrom w2v.cli import _parser\n_parser()\n"
            "print(sorted({f'w2v.{name}' for name in ('training.train', 'training.trainer', 'planning.plan', "
            "'corpus.encode', 'phrases', 'training.observers.intervals', 'training.request')}"
            " & set(sys.modules)))")
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=tmp_path) == "[]\n"


@pytest.mark.parametrize("command, shown", [
    ("train", ["input", "graph", "model", "training", "output", "monitoring", "checkpoints", "continuing"]),
    ("plan", ["input", "graph", "model", "training", "output", "monitoring"])])
def test_help_has_the_options_in_groups(command, shown):
    [commands] = [action for action in cli._parser()._actions if action.dest == "command"]
    parser = commands.choices[command]
    groups = {group.title: [action.dest for action in group._group_actions if action.help != argparse.SUPPRESS]
              for group in parser._action_groups}
    assert [title for title, dests in groups.items() if dests and title in GROUPS] == shown
    assert set(groups["options"]) == {"help", "json"} and not groups["positional arguments"]
    named = [name for title in GROUPS for name in groups.get(title, []) if name in w2v.TrainConfig.__dataclass_fields__]
    assert sorted(set(named)) == sorted(w2v.TrainConfig.__dataclass_fields__)
    text = parser.format_help()
    places = [text.index(f"\n{title}:\n") for title in shown]
    assert places == sorted(places)


def test_each_hyper_parameter_is_in_one_group():
    named = [name for names in PARAMETERS.values() for name in names]
    assert sorted(named) == sorted(w2v.TrainConfig.__dataclass_fields__)
    assert set(PARAMETERS) <= set(GROUPS)


def test_train_leaves_the_parsed_arguments_as_they_are(corpus, tmp_path):
    """Also with options that word2vec.c's defaults or a preset complete."""
    arguments = ["train", "-train", str(corpus), "-output", str(tmp_path / "v.100"), "--preset", "gensim", "-size", "8"]
    options = cli._parser().parse_args(arguments)
    before = dict(vars(options))
    options.run(options)
    assert vars(options) == before and "text" in w2v.load(tmp_path / "v.100").source
