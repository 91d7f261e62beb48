"""`w2v evaluate`: suites, comparisons, tables, plots, and results saved in the files."""

import csv
import json
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.evaluation import write, write_suite, write_vector_files

import w2v
from w2v import evaluate
from w2v.errors import W2VError
from w2v.evaluation.output.plot import panels
from w2v.evaluation.results import Evaluation
from w2v.keyedvectors import KeyedVectors


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with sets; the cache is an empty folder."""
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("W2V_DATASETS", raising=False)
    return write_suite(tmp_path / "sets")


@pytest.fixture
def files(tmp_path):
    return write_vector_files(tmp_path)


def test_evaluating_opens_no_connection(folder, files):
    code = ("import sys\nfrom w2v.cli import main\n"
            f"assert main(['evaluate', {files[0]!r}, '--suite', 'standard', '--datasets', {str(folder)!r}]) == 0\n"
            "print({'socket', 'urllib.request', 'http.client'} & set(sys.modules), file=sys.stderr)")
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           cwd=Path(w2v.__file__).parent.parent)
    assert shown.stderr.splitlines()[-1] == "set()"


def test_python_and_command_give_the_same_numbers(folder, files, run):
    code, out, err = run("evaluate", files[0], "--suite", "standard", "--datasets", folder, "--json")
    assert code == 0, err
    kv = w2v.load(files[0])
    found = w2v.evaluate(kv, datasets=folder)
    assert isinstance(found, Evaluation) and json.loads(json.dumps(found.as_dict())) == json.loads(out)
    assert [result.name for result in found.results] == ["google", "men", "ap", "8-8-8"]
    assert "sat" in found.missing and not found.failures and "missing" in json.loads(out)
    assert found["men"] == kv.evaluate("men", datasets=folder) == kv.evaluate(["men"], datasets=folder).results[0]
    both = kv.evaluate("google", datasets=folder, methods=["3cosadd", "3cosmul"])
    assert [result.method for result in both.results] == ["3cosadd", "3cosmul"]
    assert found["google"].sections == evaluate.analogies(kv, folder / "questions-words.txt").sections
    assert found["men"].interval[0] < found["men"].spearman < found["men"].interval[1]
    assert (found["men"].pairs, found["men"].unknown) == (80, 1)
    assert found.unknown_words == {"google": ("nowhere",), "men": ("no", "none"), "ap": (), "8-8-8": ()}
    with pytest.raises(KeyError, match="google, men, ap, 8-8-8"):
        found["rw"]


def test_restrict_vocab_has_the_same_default_everywhere(folder, files, run):
    """The answers of analogies are among 30,000 words in Python and on the command line; other kinds use all words."""
    shown = [json.loads(run("evaluate", files[0], "--suite", "google,men", "--datasets", folder, "--json", *more)[1])
             for more in ((), ("--restrict-vocab", "all"), ("--restrict-vocab", "50"))]
    assert [one["analogies"][0]["restrict_vocab"] for one in shown] == [30_000, None, 50]
    assert shown[2]["analogies"][0]["questions"] == 0 and shown[0]["similarity"] == shown[2]["similarity"]
    assert evaluate.run(w2v.load(files[0]), "google", datasets=folder).results[0].restrict_vocab == 30_000
    text = run("evaluate", files[0], "--suite", "google", "--datasets", folder)[1]
    assert "the first 30,000 words" in text and "words without a vector (--json lists them): google 1 of 30" in text


def test_a_broken_set_does_not_affect_the_others(folder, files, run, tmp_path):
    (tmp_path / "broken.tsv").write_text("a1\ta2\t1\na1\ta3\tx\n")
    (tmp_path / "foreign.tsv").write_text("un\tdeux\t1\ntrois\tquatre\t2\n")
    code, out, err = run("evaluate", files[0], "--suite", "men", "--similarity", tmp_path / "broken.tsv",
                         "--similarity", tmp_path / "foreign.tsv", "--datasets", folder, "--json")
    shown = json.loads(out)
    assert code == 1 and [one["name"] for one in shown["similarity"]] == ["men", "foreign"]
    assert [one["name"] for one in shown["failed"]] == [str(tmp_path / "broken.tsv"), "foreign"]
    first, second, last = err.splitlines()
    assert f"{tmp_path / 'broken.tsv'}, line 2: the score 'x' is not a number" in first
    assert f"{tmp_path / 'foreign.tsv'}, line 1: " in second and "'deux'" in second and "2 sets failed" in last
    with pytest.raises(W2VError, match="line 2"):
        w2v.load(files[0]).evaluate(str(tmp_path / "broken.tsv"))


def test_vectors_without_a_known_word_are_an_error(folder, run, tmp_path):
    KeyedVectors(["un", "deux"], np.eye(2)).save(tmp_path / "fr.bin")
    code, _, err = run("evaluate", tmp_path / "fr.bin", "--suite", "standard", "--datasets", folder)
    assert code == 1 and f"{tmp_path / 'fr.bin'}: the vectors have no words of these sets" in err
    assert "google, men, ap" in err


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["--suite", "rw"], 1, "`w2v datasets fetch rw` fetches it"), (["--suite", "sat"], 1, "by request"),
    (["--suite", "simlex"], 1, "did you mean simlex999"), (["--suite", "missing.txt"], 1, "cannot read missing.txt"),
    ([], 2, "nothing to evaluate"), (["--suite", "men", "--restrict-vocab", "0"], 2, "out of range"),
    (["--suite", "men", "--plot", "x.gif"], 2, ".png"), (["--suite", "men", "--compare"], 2, "--compare"),
])
def test_wrong_usage_and_missing_sets_are_errors(folder, files, run, arguments, code, message):
    found, out, err = run("evaluate", files[0], "--datasets", folder, *arguments)
    assert (found, out) == (code, "") and message in err, err


def test_a_missing_file_of_vectors_is_reported_before_any_work(folder, files, run, tmp_path):
    code, out, err = run("evaluate", files[0], tmp_path / "none.bin", "--suite", "men", "--datasets", folder)
    assert (code, out) == (1, "") and "none.bin" in err


def test_missing_sets_are_listed_in_one_line(folder, files, run):
    code, _, err = run("evaluate", files[0], "--suite", "standard", "--datasets", folder)
    assert code == 0 and len(err.splitlines()) == 1 and err.startswith("not found: msr, bats, ")


def test_compare_tells_differences_from_noise(folder, files, run):
    code, out, _ = run("evaluate", "--compare", *files, "--suite", "standard", "--datasets", folder, "--json")
    shown = json.loads(out)
    assert code == 0 and [Path(one["vectors"]).stem for one in shown["files"]] == ["good", "same", "bad"]
    found = {(Path(one["second_file"]).stem, one["set"]): one for one in shown["comparisons"]}
    assert found["same", "google"]["noise"] and found["same", "men"]["noise"]
    for name in ("google", "men"):
        one = found["bad", name]
        assert not one["noise"] and one["difference"] < 0 and one["interval"][1] < 0
        assert one["p"] <= one["p_holm"] < 0.05
    assert found["bad", "men"]["items"] == 80 and found["bad", "google"]["items"] == 133
    code, out, _ = run("evaluate", "--compare", *files[:2], "--suite", "men", "--datasets", folder)
    assert re.search(r"^men +Spearman .* noise +80$", out, re.MULTILINE) and "Holm" in out


def test_several_runs_of_one_setting_give_mean_and_deviation(folder, files, run):
    code, out, _ = run("evaluate", *files, "--suite", "men", "--datasets", folder, "--json")
    shown = json.loads(out)
    values = [one["similarity"][0]["spearman"] for one in shown["files"]]
    (spread,) = shown["spread"]
    assert code == 0 and spread["mean"] == pytest.approx(np.mean(values))
    assert spread["deviation"] == pytest.approx(np.std(values, ddof=1)) and spread["values"] == values


def test_markdown_and_latex_have_the_cells_of_the_text(folder, files, run):
    base = ["evaluate", files[0], "--suite", "standard", "--datasets", folder]
    text, markdown, tex = (run(*base, *more)[1] for more in ((), ("--markdown",), ("--latex",)))
    row = re.search(r"^men .*$", text, re.MULTILINE).group()
    cells = re.split(r"  +", row)
    assert "| " + " | ".join(cells) + " |" in markdown.splitlines()
    assert " & ".join(cells) + r" \\" in tex.splitlines()
    assert all(len(set(map(len, csv.reader(part.splitlines()[:2], delimiter="|")))) == 1
               for part in markdown.split("\n\n") if part.startswith("|"))
    assert tex.count(r"\begin{tabular}") == tex.count(r"\end{tabular}") == 4 and "%" in text and r"\%" in tex


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_plot_writes_a_picture(folder, files, run, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"out.{suffix}"
    code, _, err = run("evaluate", *files, "--suite", "standard", "--datasets", folder, "--plot", path)
    assert code == 0, err
    head = path.read_bytes()[:600]
    assert {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}[suffix] in head


def test_plot_without_matplotlib_names_the_extra(folder, files, run, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code, out, err = run("evaluate", files[0], "--suite", "men", "--datasets", folder, "--plot", tmp_path / "x.png")
    assert (code, out) == (1, "") and "w2v[plot]" in err


def test_results_are_saved_in_the_file_that_was_evaluated(folder, files, run, tmp_path):
    own = tmp_path / "v.safetensors"
    kv = w2v.load(files[0])
    kv.save(own, metadata={"isa": "none", "evaluation": json.dumps({"rw": {"Spearman": {"value": 0.5}}})},
            output_vectors=np.asarray(kv.vectors))
    before = w2v.formats.read_vectors(own)
    code, out, err = run("evaluate", own, "--suite", "men,ap", "--datasets", folder, "--json", "--save-results")
    assert code == 0 and "saved in" in err
    result = json.loads(out)["similarity"][0]
    after = w2v.formats.read_vectors(own)
    kept = json.loads(after.metadata["evaluation"])
    assert set(kept) == {"rw", "men", "ap"} and after.metadata["isa"] == "none"
    assert kept["men"]["Spearman"] == {"value": result["spearman"], "interval": result["interval"],
                                       "all": result["spearman_all"], "used": result["pairs"], "total": 81}
    assert after.words == before.words and np.array_equal(after.vectors, before.vectors)
    assert np.array_equal(after.output_vectors, before.output_vectors)
    run("evaluate", own, "--suite", "men", "--datasets", folder, "--draws", "0", "--save-results", "--case-sensitive")
    kept = json.loads(w2v.formats.read_metadata(own)["evaluation"])
    assert kept["men"]["Spearman"]["interval"] is None and len(kept) == 3
    code, out, _ = run("info", own)
    assert code == 0 and "evaluation, rw" in out and f"Spearman {result['spearman']:.4f}" in out


def test_results_are_saved_only_in_files_with_metadata(folder, files, run, tmp_path):
    foreign = tmp_path / "w.safetensors"
    foreign.write_bytes(struct.pack("<Q", 42) + b"{}" + b" " * 40)
    for path, message in ((files[0], "no place for metadata"), (foreign, "no place for metadata")):
        before = Path(path).read_bytes()
        code, out, err = run("evaluate", path, "--suite", "men", "--datasets", folder, "--save-results")
        assert code == 1 and out == "" and message in err and Path(path).read_bytes() == before
    with pytest.raises(ValueError, match="format_version"):
        w2v.formats.update_metadata(foreign, {"format_version": "2"})
    own = tmp_path / "v.safetensors"
    w2v.load(files[0]).save(own, metadata={"evaluation": "[not, {what we wrote"})
    assert run("evaluate", own, "--suite", "men", "--datasets", folder, "--save-results")[0] == 0
    assert set(json.loads(w2v.formats.read_metadata(own)["evaluation"])) == {"men"}


# ------------------------------------------------------------------------------------------------- lists, broken lines


@pytest.fixture
def pairs(tmp_path):
    """Two files of pairs for the vectors of `files`."""
    found = [tmp_path / "one.tsv", tmp_path / "two.tsv"]
    for k, path in enumerate(found):
        path.write_text("".join(f"a{i}\ta{i + k + 1}\t{i}\n" for i in range(9)))
    return found


@pytest.mark.parametrize("order", [
    "V --similarity A B", "V --similarity A --similarity B", "--similarity A B --draws 0 V", "--similarity A B V",
    "--similarity A --similarity B V", "--similarity A B -- V", "--suite A B V", "--suite A,B V", "V --suite A B",
    "--suite A --similarity B V", "--similarity A B V --method 3cosadd", "--similarity B V --suite A",
    "--method 3cosadd --similarity A B V", "--similarity A B --method 3cosadd all V"])
def test_list_options_take_several_values_and_leave_the_vectors(pairs, files, run, order):
    names = {"A": str(pairs[0]), "B": str(pairs[1]), "V": files[0]}
    words = [",".join(names.get(part, part) for part in word.split(",")) for word in order.split()]
    code, out, err = run("evaluate", "--json", *words)
    assert code == 0, err
    assert [one["name"] for one in json.loads(out)["similarity"]] == ["one", "two"]


def test_compared_files_are_not_taken_for_vectors_of_another_option(pairs, files, run):
    code, out, _ = run("evaluate", "--compare", files[1], files[0], "--similarity", *pairs, "--json")
    assert code == 0 and [one["vectors"] for one in json.loads(out)["files"]] == [files[1], files[0]]


@pytest.mark.parametrize("name", ["best", "3cosAdd"])
def test_unknown_methods_are_refused(pairs, files, run, name):
    code, out, err = run("evaluate", files[0], "--similarity", pairs[0], "--method", "3cosadd", name)
    assert (code, out) == (2, "") and f"not '{name}'" in err


def test_broken_lines_are_reported_beside_the_score(pairs, files, run, tmp_path):
    with pairs[0].open("a") as file:
        file.write("a1\ta2\n" * 3)
    code, out, err = run("evaluate", files[0], "--similarity", pairs[0])
    assert code == 1 and re.search("^one .* 9 +0$", out, re.MULTILINE) and err.count("\n") == 1
    assert f"{pairs[0]}, line 10: expected two words and a score" in err and "with 2 more like it" in err
    questions = tmp_path / "q.txt"
    questions.write_text(": s\na1 b1 a2 b2\n: empty\n")
    code, out, err = run("evaluate", *files, "--similarity", *pairs, "--analogies", questions, "--json")
    shown = json.loads(out)
    assert code == 1 and [len(one["similarity"]) for one in shown["files"]] == [2, 2, 2]
    assert [(one["name"], one["scored"]) for one in shown["files"][0]["failed"]] == [("q", True), ("one", True)]
    assert err.count("\n") == 3 and "2 sets were scored without broken lines; the results are above" in err


@pytest.mark.parametrize(("value", "mark"), [(";", ";"), ("tab", "\t"), ("\\t", "\t"), ("|", "|")])
def test_delimiter_separates_fields(files, run, tmp_path, value, mark):
    path = tmp_path / "p.txt"
    path.write_text("".join(f"a{i}{mark}a{i + 1}{mark}{i}\n" for i in range(9)))
    code, out, err = run("evaluate", files[0], "--similarity", path, "--delimiter", value, "--json")
    assert code == 0 and json.loads(out)["similarity"][0]["pairs"] == 9, err


def test_delimiter_without_sets_that_have_fields_is_refused(folder, files, run):
    code, out, err = run("evaluate", files[0], "--analogies", folder / "questions-words.txt", "--delimiter", ";")
    assert (code, out) == (2, "") and "similarity and categories" in err
    assert run("evaluate", files[0], "--suite", "men", "--datasets", folder, "--delimiter", "")[0] == 2


def test_html_in_names_of_sets_is_escaped(files, run, tmp_path, pairs):
    path = pairs[0].rename(tmp_path / "<script>alert(1)<|script>.tsv")
    out = run("evaluate", files[0], "--similarity", path, "--markdown")[1]
    assert "&lt;script&gt;alert(1)&lt;\\|script&gt;" in out and "<script" not in out


@pytest.mark.slow
def test_tables_fit_a_terminal(folder, files, run):
    for more in ((), ("--method", "all"), ("--compare", *files[1:])):
        out = run("evaluate", files[0], "--suite", "standard", "--datasets", folder, *more)[1]
        assert max(map(len, out.splitlines())) <= 80


# ------------------------------------------------------------------------------------------------- plots


def test_panels_have_one_axis_and_mark_significant_differences(folder, files):
    found = [evaluate(w2v.load(file), datasets=folder, method=["3cosadd", "3cosmul"], draws=200) for file in files]
    compared = evaluate.compare(found)
    shown = panels(found, compared)
    assert [(one.title, one.axis) for one in shown] == [
        ("accuracy", "accuracy (%)"), ("Spearman's correlation", "Spearman's correlation"), ("purity", "purity (%)"),
        ("position of the outlier, OPP", "position of the outlier, OPP (%)"),
        ("sections of google, 3cosadd", "accuracy (%)"), ("sections of google, 3cosmul", "accuracy (%)")]
    labels = [[label for label, _ in one.rows] for one in shown]
    assert labels[0][:2] == ["google, 3cosadd", "google, semantic, 3cosadd"] and labels[1] == ["men"]
    assert labels[4] == labels[5] == ["capital", "gram1"]
    marks = {(one.rows[row][0], file) for one in shown for row, file in one.significant}
    assert marks == {(one.set if one.set == "men" else f"{one.set}, {one.measure}", k) for one in compared
                     for k, other in enumerate(found) if other.source == one.second_file and not one.noise}
    assert ("men", 2) in marks and ("men", 1) not in marks
    assert all(len(measures) == 3 for one in shown for _, measures in one.rows)


@pytest.mark.slow
def test_the_text_of_a_plot_says_what_is_shown(folder, files, run, tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    path = tmp_path / "out.svg"
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        assert run("evaluate", "--compare", *files, "--suite", "standard", "--datasets", folder, "--plot", path)[0] == 0
        text = re.findall("<text[^>]*>([^<]*)</text>", path.read_text())
        assert "Comparison with good.bin" in text and "*" in text and "capital" in text
        assert any("95 % bootstrap intervals" in one and "Holm" in one for one in text)
        assert run("evaluate", files[0], "--suite", "men", "--draws", 0, "--datasets", folder, "--plot", path)[0] == 0
        text = re.findall("<text[^>]*>([^<]*)</text>", path.read_text())
        assert "Evaluation of good.bin" in text and not any("interval" in one for one in text)


def test_nothing_to_plot_is_an_error(folder, files, run, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "p.tsv").write_text("x\ty\t1\nx\tz\t2\n")
    code, _, err = run("evaluate", files[0], "--similarity", tmp_path / "p.tsv", "--plot", tmp_path / "x.png")
    assert code == 1 and "nothing" in err and not (tmp_path / "x.png").exists()


def test_escape_sequences_are_not_printed(files, run, tmp_path):
    text = ": s\x1b[2J\na1 b1 a2 b2\n\x1b[31m x\n"
    path = tmp_path / "q\x1b]0;title\x07.txt"
    path.write_text(text)
    for more in ((), ("--markdown",), ("--latex",), ("--json",)):
        _, out, err = run("evaluate", *files[:2], "--analogies", path, *more)
        assert "q" in out and "line 3" in err and not re.search("[\x00-\x09\x0b-\x1f]", out + err)


def test_sessions_are_evaluated_and_compared(tmp_path, files, run):
    """`same` is `good` with a little noise; `bad` has lost the neighbours."""
    kv = KeyedVectors.load(files[0])
    lines = [f"x {a} {kv.most_similar(a, topn=4)[3][0]}" for a in kv.index_to_key[:40]]
    (tmp_path / "s.txt").write_text("\n".join([*lines, "a1 unknown"]) + "\n")
    code, out, err = run("evaluate", files[0], "--sessions", tmp_path / "s.txt", "--json")
    assert (code, err) == (0, "")
    [found] = json.loads(out)["sessions"]
    assert (found["sessions"], found["total"], found["hit_at_10"], found["hit_at_1"]) == (40, 41, 1.0, 0.0)
    assert found["mrr"] == pytest.approx(1 / 4) and found["hit_at_10_all"] == pytest.approx(40 / 41)
    code, out, err = run("evaluate", files[0], "--compare", *files[1:], "--sessions", tmp_path / "s.txt")
    assert (code, err) == (0, "") and "hit@10" in out and "noise" in out


def test_links_are_evaluated_and_compared(tmp_path, files, run):
    kv = KeyedVectors.load(files[0])
    near = [(word, kv.most_similar(word, topn=1)[0][0]) for word in kv.index_to_key[:40]]
    held = write(tmp_path / "held.txt", "".join(f"{a} {b}\n" for a, b in near) + "a1 unknown\n")
    known = write(tmp_path / "known.csv", "".join(f"{a},{word}\n" for a, b in near[:20]
                                                  for word in kv.index_to_key[:5] if word != a))
    code, out, err = run("evaluate", files[0], "--links", held, "--known-edges", known, "--draws", 200, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [one["score"] for one in found["links"]] == ["cosine", "dot", "hadamard"]
    cosine = found["links"][0]
    assert (cosine["edges"], cosine["total_edges"], cosine["non_edges"]) == (40, 41, 41)
    assert cosine["auc"] > 0.65 and cosine["hits_at_10"] == 1 and cosine["filtered"] and cosine["drawn"]
    assert found["unknown_words"]["held"] == ["unknown"]
    kept = w2v.evaluate(kv, links=held, known_edges=known, draws=200)
    assert json.loads(json.dumps(kept.to_dict())) == found
    code, out, err = run("evaluate", files[0], "--compare", files[1], "--links", held, "--draws", 200)
    assert (code, err) == (0, "") and "AUC, cosine" in out and "41 pairs that are no edges were drawn" in out
    code, _, err = run("evaluate", files[0], "--links", held, "--known-edges", tmp_path / "none.csv")
    assert code == 1 and "none.csv" in err
    code, _, err = run("evaluate", files[0], "--links", write(tmp_path / "bad.txt", "a1 a2 0\n"))
    assert code == 1 and "bad.txt, line 1: no edge: all pairs are marked 0" in err


def test_labels_need_scikit_learn_and_options_in_range(tmp_path, files, run, monkeypatch):
    labels = write(tmp_path / "labels.txt", "a1 x\na2 y\n")
    for options in (("--train-share", 1), ("--splits", 0)):
        code, _, err = run("evaluate", files[0], "--labels", labels, *options)
        assert code == 2 and "out of range" in err
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    code, out, err = run("evaluate", files[0], "--labels", labels)
    assert (code, out) == (1, "") and "pip install 'w2v[labels]'" in err


def test_labels_are_evaluated(tmp_path, files, run):
    pytest.importorskip("sklearn")
    kv = KeyedVectors.load(files[0])
    sides = ["left" if row[0] < 0 else "right" for row in kv.rows[:40]]
    labels = write(tmp_path / "labels.txt", "".join(f"{word}\t{side}\n" for word, side in zip(kv.index_to_key[:40],
                                                                                             sides, strict=True)))
    code, out, err = run("evaluate", files[0], "--compare", files[2], "--labels", labels, "--splits", 3, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    [first], [second] = (one["labels"] for one in found["files"])
    alone = w2v.evaluate(kv, labels=labels, splits=3)["labels"]
    assert json.loads(json.dumps(alone.to_dict())) == first != second
    assert found["comparisons"][0]["measure"] == "micro F1"
    code, out, err = run("evaluate", files[0], "--labels", labels, "--splits", 3, "--train-share", 0.25)
    assert (code, err) == (0, "") and "3 random splits, 25% of the nodes" in out.replace("\n", " ")
