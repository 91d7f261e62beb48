"""The command `w2v tokenize`, and commands that meet words as training would see them."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import w2v
from w2v.cli import tokenize as command
from w2v.corpus.paths import CorpusInput

TEXT = "The King's speech,\r\n\n  was\tlong. \nA QUEEN"
LOWER = ("--lowercase", "--tokenize", "words")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "text.txt").write_bytes(TEXT.encode())
    return tmp_path / "text.txt"


@pytest.mark.parametrize(("options", "printed"), [
    ((), "The King's speech,\nwas long.\nA QUEEN\n"),
    (LOWER, "the king's speech\nwas long\na queen\n"),
    ((*LOWER, "--keep-punctuation"), "the king's speech ,\nwas long .\na queen\n"),
    (("--limit", "2"), "The King's speech,\nwas long.\n"),
    (("-n", "1", *LOWER), "the king's speech\n"),
])
def test_words_are_printed_a_line_each(run, text, options, printed):
    assert run("tokenize", text, *options) == (0, printed, "")


def test_stop_words_are_left_out(run, text, tmp_path):
    (tmp_path / "stop.txt").write_text("the a was long")
    assert run("tokenize", text, *LOWER, "--stop-words", tmp_path / "stop.txt")[1] == "king's speech\nqueen\n"


def test_many_files_and_standard_input_are_read(run, text, tmp_path, monkeypatch):
    (tmp_path / "more.txt.gz").write_bytes(gzip.compress(b"more words"))
    assert run("tokenize", tmp_path)[1] == "more words\nThe King's speech,\nwas long.\nA QUEEN\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a  b\n")))
    assert run("tokenize", "-")[1] == "a b\n"


def test_a_file_is_written_whole_or_not_at_all(run, text, tmp_path):
    output = tmp_path / "words.txt.gz"
    code, out, err = run("tokenize", text, *LOWER, "-o", output)
    assert (code, out) == (0, "") and err == f"7 words in 3 lines written to {output}\n"
    assert gzip.decompress(output.read_bytes()) == b"the king's speech\nwas long\na queen\n"
    before = output.read_bytes()
    (tmp_path / "bad.txt").write_bytes(b"a b\nc\0\n")
    code, out, err = run("tokenize", tmp_path / "bad.txt", "-o", output)
    assert code == 1 and "bad.txt, byte 5: NUL byte" in err and output.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.txt", "text.txt", "words.txt.gz"]


def test_json_counts_the_words(run, text, tmp_path):
    code, out, err = run("tokenize", text, "--json")
    assert code == 0 and json.loads(out) == {"corpus": [str(text)], "lines": 3, "words": 7, "output": None}
    code, out, err = run("tokenize", text, "--json", "-n", 1, "-o", tmp_path / "words")
    assert json.loads(out)["words"] == 3 and (tmp_path / "words").read_text() == "The King's speech,\n" and err == ""


def test_the_words_are_those_of_training(run, text, tmp_path):
    printed = run("tokenize", text, *LOWER)[1]
    wv = w2v.train(text, lowercase=True, tokenize="words", min_count=1, vector_size=4, threads=1, progress=False).wv
    assert set(printed.split()) == set(wv.index_to_key)


@pytest.mark.parametrize(("options", "code", "problem"), [
    ((), 2, "no corpus: name a file, a folder or a glob, or - for standard input"),
    (("none.txt",), 1, "none.txt: "),
    (("text.txt", "-n", "0"), 2, "0 is out of range"),
    (("text.txt", "-o", "text.txt"), 2, "is also an input"),
    (("text.txt", "-o", "-"), 1, "cannot write -: an output is a file, not standard output"),
    (("text.txt", "-o", "none/words"), 1, "none"),
    (("text.txt", "--keep-punctuation"), 2, "keep"),
    (("text.txt", "--tokenize", "letters"), 2, "letters"),
])
def test_wrong_arguments_are_named(run, text, monkeypatch, options, code, problem):
    monkeypatch.chdir(text.parent)
    found, out, err = run("tokenize", *options)
    assert (found, out) == (code, "") and problem in err and err.count("\n") == 1


@pytest.mark.parametrize("word", ["new york", " york", "new\tyork", "york\n"])
def test_words_with_white_space_are_refused(word):
    with pytest.raises(ValueError, match="contains white space, so the text cannot be written with blanks"):
        command._write(CorpusInput.of([["a", word]]), io.BytesIO(), None, False)


def test_a_terminal_gets_no_control_characters():
    found = io.BytesIO()
    corpus = CorpusInput.of([["a\x1b[2J", "\udcfc", "é"]])
    assert command._write(corpus, found, None, True) == (1, 3)
    assert found.getvalue().decode() == "a\\x1b[2J \ufffd é\n"
    found = io.BytesIO()
    command._write(corpus, found, None, False)
    assert found.getvalue() == b"a\x1b[2J \xfc " + "é\n".encode()


def test_a_line_without_end_is_written_in_parts(tmp_path):
    """Memory does not grow with the line."""
    (tmp_path / "line.txt").write_bytes(b"word " * 500_000)
    written: list[int] = []

    class File(io.BytesIO):
        def write(self, data):
            written.append(len(data))
            return len(data)

    assert command._write(CorpusInput.of(tmp_path / "line.txt"), File(), None, False) == (1, 500_000)
    assert sum(written) == 500_000 * 5 and max(written) < 1 << 20


@pytest.mark.slow
def test_a_reader_that_stops_ends_the_command(tmp_path):
    (tmp_path / "text.txt").write_bytes(b"some words\n" * 300_000)
    process = subprocess.Popen([sys.executable, "-m", "w2v", "tokenize", tmp_path / "text.txt"], cwd=tmp_path,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline() == b"some words\n"
    process.stdout.close()
    assert process.wait(20) == 1 and process.stderr.read() == b""
    process.stderr.close()


# -------------------------------------------------------------------------------------- other commands with the words


@pytest.fixture
def model(text, tmp_path) -> Path:
    path = tmp_path / "v.safetensors"
    w2v.train(text, lowercase=True, tokenize="words", min_count=1, vector_size=4, threads=1,
              progress=False).wv.save(path)
    return path


def test_commands_meet_the_words_of_training(run, model):
    assert run("neighbors", model, "QUEEN.")[1] == run("neighbors", model, "queen")[1] != ""
    asked = ["King's", "SPEECH", "Queen"]
    assert run("analogy", model, *asked)[1] == run("analogy", model, *map(str.lower, asked))[1] != ""
    code, out, err = run("neighbors", model, "QUEENS")
    assert code == 1 and "no vector for 'QUEENS'; did you mean" in err


def test_lines_of_a_pipe_meet_the_words_of_training(run, model, monkeypatch):
    for line in (b"Queen -KING'S\n", b"queen -king's\n"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line)))
        code, out, _ = run("neighbors", model)
        assert code == 0
        answers = out.splitlines()[1:]
        assert len(answers) == 5 and "queen" not in out.split("\n", 1)[1]
    among = model.parent / "among.txt"
    among.write_text("Speech\nLong!\n")
    code, out, err = run("neighbors", model, "queen", "--among", among)
    assert code == 0 and sorted(out.split()[1::2]) == ["long", "speech"] and err == ""


def test_info_and_convert_know_the_options(run, model, tmp_path):
    assert "text options" in run("info", model)[1].replace("_", " ")
    facts = json.loads(run("info", model, "--json")[1])
    assert facts["text_options"] == {"lowercase": True, "tokenize": "words"} == facts["metadata"]["text_options"]
    assert run("convert", model, tmp_path / "small.safetensors", "--limit", 3, "--dtype", "float16")[0] == 0
    assert w2v.load(tmp_path / "small.safetensors").text_options == w2v.load(model).text_options
    code, out, err = run("convert", model, tmp_path / "v.txt", "--json")
    assert code == 0 and "how the text was made into words" in json.loads(out)["not_written"]


def test_evaluate_meets_the_words_of_training(run, model, tmp_path):
    scores = []
    for name, form in (("a", str), ("b", lambda word: f"({word.upper()})")):
        words = ["queen", "speech", "long", "was", "the", "a"]
        (tmp_path / f"{name}.tsv").write_text("".join(f"{form(x)}\t{form(y)}\t{i}\n"
                                                      for i, (x, y) in enumerate(zip(words, words[1:], strict=False))))
        code, out, _ = run("evaluate", model, "--similarity", tmp_path / f"{name}.tsv", "--json")
        assert code == 0
        [found] = json.loads(out)["similarity"]
        scores.append((found["spearman"], found["pairs"], found["unknown"]))
    assert scores[0] == scores[1] and scores[0][2] == 0
