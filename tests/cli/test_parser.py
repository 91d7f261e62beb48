"""The parser: help of each command, other spellings and names, suggestions, options and arguments in any order."""

import json
import re
import subprocess
import sys

import pytest
from helpers import planted

import w2v
from w2v import cli
from w2v.cli.parser import COMMANDS, OTHER_COMMANDS, command_named, command_parser

NAMES = [command.name for command in COMMANDS]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("parser") / "corpus.txt"
    planted.write_corpus(path, 500)
    return path


@pytest.fixture(scope="module")
def vectors(corpus):
    path = corpus.with_name("v.bin")
    assert cli.main(["train", str(corpus), "-o", str(path), "--vector-size", "8", "-q"]) == 0
    return path


def parsed(*arguments):
    """Arguments of `w2v train`, as the parser understands them."""
    return vars(command_parser(command_named("train")).parse_args([str(one) for one in arguments]))


# ------------------------------------------------------------------------------------------------- help and commands


@pytest.mark.parametrize("arguments", [["help"], ["--help"], ["-h"], ["-help"], ["?"]])
def test_help_lists_the_commands(run, arguments):
    code, out, err = run(*arguments)
    assert (code, err) == (0, "") and all(f"\n  {name} " in out for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_help_of_a_command_in_every_form(run, name):
    texts = {run(*arguments)[:2] for arguments in (["help", name], [name, "--help"], [name, "-h"], [name, "help"],
                                                   [name, "?"])}
    [(code, out)] = texts
    assert code == 0 and out.startswith(f"usage: w2v {name} ")


def test_help_is_a_file_if_there_is_one(run, corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "help").write_bytes(corpus.read_bytes())
    assert run("train", "help", "-o", "v.bin", "-q")[0] == 0 and (tmp_path / "v.bin").exists()


def test_no_arguments_show_the_help_and_are_wrong_usage(run):
    code, out, err = run()
    assert (code, out) == (2, "") and err.startswith("usage: w2v ") and "neighbors" in err


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["-version"]])
def test_version_is_printed(run, arguments):
    assert run(*arguments) == (0, f"w2v {w2v.__version__}\n", "")


@pytest.mark.parametrize("word, name", [("neighbours", "neighbors"), ("Train", "train"), ("NEIGHBOURS", "neighbors")])
def test_other_spelling_of_a_command_is_accepted(word, name):
    assert command_named(word).name == name


@pytest.mark.parametrize("word, near", [
    ("trian", "train"), ("neighbor", "neighbors"), ("neigbours", "neighbors"), ("evalute", "evaluate"),
    ("eval", "evaluate"), ("analogies", "analogy"), ("nn", "neighbors"), ("skipgram", "train"),
    ("cbow", "train --cbow"), ("most_similar", "neighbors"), ("word2phrase", "phrases"), ("Distance", "neighbors"),
    ("dataset", "datasets"), ("version", "--version"), ("conv", "convert")])
def test_unknown_command_is_answered_with_the_nearest(run, word, near):
    code, out, err = run(word, "x")
    assert (code, out) == (2, "") and f"there is no command {word!r}; did you mean {near}? (see w2v --help)" in err


def test_commands_of_other_tools_lead_to_ours():
    assert {name.split()[0] for name in OTHER_COMMANDS.values()} <= {*NAMES, "--version"}
    assert not set(OTHER_COMMANDS) & set(NAMES)


def test_word_like_no_command_is_answered_with_all(run):
    code, _, err = run("zzz")
    assert code == 2 and all(name in err for name in NAMES) and err.count("\n") == 1


def test_option_before_the_command_is_explained(run):
    code, _, err = run("--json", "info")
    assert code == 2 and "w2v COMMAND --json" in err


@pytest.mark.parametrize("arguments, module", [
    (["--version"], "numpy"), (["help"], "numpy"), (["train", "--help"], "w2v.evaluation"),
    (["demo", "--help"], "numpy"), (["neighbors", "--help"], "w2v.cli.train")])
def test_each_command_starts_without_the_others(arguments, module, tmp_path):
    code = (f"import sys\nfrom w2v import cli\ncli.main({arguments})\n"
            f"assert {module!r} not in sys.modules, 'imported'")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, stdout=subprocess.DEVNULL)


# ------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize("typed", [
    ["--vector_size", 30], ["--vector_size=30"], ["--Vector-Size", 30], ["-vector-size", 30], ["--size", 30],
    ["-size", 30], ["--dim", 30], ["-dim", 30]])
def test_vector_size_by_every_name(typed):
    assert parsed("x", *typed)["vector_size"] == 30


@pytest.mark.parametrize("typed, name, value", [
    (["--epoch", 3], "epochs", 3), (["-iter", 3], "epochs", 3), (["-epochs", 3], "epochs", 3),
    (["-lr", 0.1], "alpha", 0.1), (["--lr", 0.1], "alpha", 0.1), (["-ws", 4], "window", 4),
    (["-neg", 7], "negative", 7), (["-t", 0.1], "sample", 0.1),
    (["-minCount", 2], "min_count", 2), (["-min_count", 2], "min_count", 2), (["--workers", 2], "threads", "2"),
    (["-thread", 2], "threads", "2"), (["--min_n", 3], "minn", 3), (["-maxn", 6], "maxn", 6),
    (["-bucket", 9], "bucket", 9),
    (["--no_shrink_windows"], "shrink_windows", False), (["-input", "c.txt"], "train", "c.txt"),
    (["-save_vocab", "v"], "save_vocab", "v")])
def test_name_of_another_tool_is_accepted(typed, name, value):
    assert parsed(*typed)[name] == value


@pytest.mark.parametrize("typed, problem", [
    (["--vectorsize", 3], "; did you mean --vector-size?"), (["--vector", 3], "; did you mean --vector-size?"),
    (["--epochz", 3], "; did you mean --epochs?"), (["--min-cuont", 3], "; did you mean --min-count?"),
    (["-out", "v.bin"], "; did you mean --output?"), (["-outptu", "v.bin"], "; did you mean --output?"),
    (["-quiet"], "; did you mean --quiet?"), (["-shrink-windows", 1], "; did you mean --shrink-windows?"),
    (["--hlep"], "; did you mean --help?"), (["-loss", "hs"], "--hs with --negative 0 is hierarchical softmax"),
    (["-wordNgrams", 2], "classifier"), (["--max_final_vocab", 9], "--max-vocab"),
    (["-lrUpdateRate", 9], "leave it out"),
    (["-pretrainedVectors", "v"], "--init starts from old vectors"), 
    (["--sg", 1], "--no-cbow trains skip-gram and is the default, --cbow trains CBOW"),
    (["-verbose", 0], "--quiet shows no progress"), (["--qwzx"], "")])
def test_unknown_option_is_answered_with_the_nearest_or_with_advice(run, typed, problem):
    code, out, err = run("train", "x", "-o", "y.bin", *typed)
    assert (code, out) == (2, "") and err.startswith(f"w2v: unknown option {typed[0]}") and problem in err
    assert err.endswith("(see w2v train --help)\n") and err.count("\n") == 1


@pytest.mark.parametrize("command", NAMES)
def test_wrong_option_points_to_the_help_of_its_command(run, command):
    code, _, err = run(command, "--nonsense-option")
    assert code == 2 and f"(see w2v {command} --help)" in err


def test_python_and_the_command_line_suggest_the_same():
    for name, near in (("dim", "vector_size"), ("iter", "epochs"), ("epoch", "epochs"), ("windows", "window")):
        with pytest.raises(TypeError, match=f"did you mean {near}\\?"):
            w2v.train([["a", "b"]], **{name: 5})
    with pytest.raises(TypeError, match="sg=True trains skip-gram"):
        w2v.train([["a", "b"]], skipgram=True)


@pytest.mark.parametrize("order", ["V -n 2 W W2", "-n 2 V W W2", "V W -n 2 W2", "V W W2 -n 2", "V -n2 -- W W2"])
def test_options_and_arguments_come_in_any_order(run, vectors, order):
    words = {"V": vectors, "W": "male_1", "W2": "male_2"}
    code, out, err = run("neighbors", "--json", *(words.get(word, word) for word in order.split()))
    assert code == 0, err
    found = json.loads(out)["neighbors"]
    assert list(found) == ["male_1", "male_2"] and len(found["male_1"]) == 2


def test_several_files_around_an_option_are_one_corpus():
    assert parsed("a.txt", "--epochs", 2, "b.txt")["corpus"] == ["a.txt", "b.txt"]


@pytest.mark.parametrize("arguments, problem", [
    (["info", "a", "b", "c"], "too many arguments: b c"), (["neighbors"], "arguments are required: VECTORS (see"),
    (["convert", "a"], "arguments are required: OUT (see")])
def test_wrong_number_of_arguments_is_named(run, arguments, problem):
    code, _, err = run(*arguments)
    assert code == 2 and problem in err


@pytest.mark.parametrize("word", ["-1", "-0.5", "-1e-4"])
def test_negative_number_is_a_value(run, corpus, word):
    code, _, err = run("train", corpus, "-o", "v.bin", "--min-alpha", word)
    assert code == 2 and "unknown option" not in err and "--min-alpha" in err


def test_help_of_every_command_fits_80_columns(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for name in NAMES:
        long = [line for line in run(name, "--help")[1].splitlines() if len(line) > 80]
        assert not [line for line in long if re.search(r"\S +\S", line)], name
