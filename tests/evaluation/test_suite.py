"""Sets by name, fetching, suites, comparisons, and the command line of all that."""

import csv
import hashlib
import json
import re
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.local_server import serving

import w2v
from w2v import evaluate
from w2v.errors import W2VError
from w2v.evaluation.output.tables import latex
from w2v.evaluation.results import Evaluation
from w2v.evaluation.sets import datasets, registry
from w2v.evaluation.statistics import compare as comparing
from w2v.keyedvectors import KeyedVectors

N, D = 120, 16


@pytest.fixture(scope="module")
def rows():
    """Words a0.. and b0.., which differ by one direction and some noise."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=(N // 2, D))
    return np.concatenate([a, a + 2 * rng.normal(size=D) + 0.6 * rng.normal(size=a.shape)]).astype(np.float32)


@pytest.fixture(scope="module")
def words():
    return [f"{side}{i}" for side in "ab" for i in range(N // 2)]


@pytest.fixture
def kv(words, rows):
    return KeyedVectors(words, rows, source="made by a test")


@pytest.fixture
def folder(tmp_path, monkeypatch, kv):
    """A folder with a set of most kinds under the names of the registry; the cache is an empty folder."""
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("W2V_DATASETS", raising=False)
    sets = tmp_path / "sets"
    (sets / "8-8-8").mkdir(parents=True)
    rng = np.random.default_rng(1)
    (sets / "questions-words.txt").write_text(": capital\n" + "".join(
        f"a{i} b{i} a{j} b{j}\n" for i in range(12) for j in range(12) if i != j) + ": gram1\na30 b30 a31 nowhere\n"
        "a30 b30 a32 b32\n")
    pairs = [(f"a{i}", f"a{j}") for i, j in rng.integers(0, 60, (80, 2))]
    (sets / "men.tsv").write_text("".join(f"{a}\t{b}\t{kv.similarity(a, b) + rng.normal() * 0.3}\n" for a, b in pairs)
                                  + "no\tnone\t1\n")
    (sets / "ap.txt").write_text("".join(f"{side}{i}\t{side}-class\n" for side in "ab" for i in range(20)))
    (sets / "8-8-8" / "x.txt").write_text("a1\na2\na3\n\nb9\nb8\n")
    return sets


@pytest.fixture
def files(tmp_path, words, rows):
    """Vectors, the same with a little noise, and with much."""
    rng = np.random.default_rng(9)
    found = []
    for name, noise in (("good", 0.0), ("same", 0.02), ("bad", 3.0)):
        found.append(str(tmp_path / f"{name}.bin"))
        KeyedVectors(words, rows + noise * rng.normal(size=rows.shape)).save(found[-1])
    return found


# ------------------------------------------------------------------------------------------------- registry


def test_the_registry_is_complete_and_consistent():
    assert len(registry.SETS) >= 25 and set(registry.STANDARD) <= set(registry.SETS)
    for name, info in registry.SETS.items():
        assert name == info.name == name.lower() and info.kind in datasets.KINDS
        assert info.title and info.citation and info.licence and info.files
        assert (info.address is None) == (info.sha256 is None) and info.fetchable != bool(info.hint)
        if info.sha256:
            # a fixed commit: what is there cannot change
            assert re.fullmatch("[0-9a-f]{64}", info.sha256) and re.search("/[0-9a-f]{40}/", info.address)
    checksums = [info.sha256 for info in registry.SETS.values() if info.sha256]
    assert len(checksums) == len(set(checksums)) >= 15


def test_sets_are_found_in_the_folder_given_first(folder, tmp_path, monkeypatch):
    other, cache = tmp_path / "other", tmp_path / "cache" / "datasets"
    for place in (other, cache):
        place.mkdir(parents=True)
        (place / "men.txt").write_text("x\ty\t1\n")
    assert datasets.find_set("men", folder) == folder / "men.tsv"
    monkeypatch.setenv("W2V_DATASETS", str(other))
    assert datasets.find_set("men", folder) == folder / "men.tsv"
    assert datasets.find_set("MEN") == other / "men.txt"
    monkeypatch.delenv("W2V_DATASETS")
    assert datasets.find_set("men") == cache / "men.txt" and datasets.find_set("rw") is None
    with pytest.raises(W2VError, match="no folder"):
        datasets.find_set("men", tmp_path / "missing")
    with pytest.raises(W2VError, match="is google meant"):
        datasets.find_set("gogle")
    monkeypatch.setenv("W2V_DATASETS", str(tmp_path / "missing"))
    with pytest.raises(W2VError, match="W2V_DATASETS"):
        datasets.find_set("men")


def test_a_name_is_a_name_and_a_path_a_path(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("men").write_text("a1\ta2\t1\na1\ta3\t2\n")
    assert len(datasets.load_set("men", datasets=folder).content) == 81
    for path in (Path("men"), "./men"):
        assert len(datasets.load_set(path, datasets=folder).content) == 2
    assert len(datasets.load_set("men", "similarity").content) == 2


@pytest.fixture
def served(monkeypatch, tmp_path):
    """Two sets of the registry that a local server has, one of them damaged."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    body = b"a1\ta2\t1\na3\ta4\t2\na5\ta6\t3\n"
    with serving({"/men.txt": body, "/rw.txt": b"damaged"}) as (root, asked):
        for name in ("men", "rw"):
            info = replace(registry.SETS[name], address=f"{root}/{name}.txt", sha256=hashlib.sha256(body).hexdigest())
            monkeypatch.setitem(registry.SETS, name, info)
        yield asked


def test_fetch_brings_a_set_into_the_cache_once(served, run, tmp_path):
    target = tmp_path / "cache" / "datasets" / "men.txt"
    code, out, err = run("datasets", "fetch", "MEN", "--json")
    assert code == 0 and json.loads(out) == {"fetched": [{"name": "men", "path": str(target)}]} and target.is_file()
    code, out, err = run("datasets", "fetch", "men")
    assert code == 0 and str(target) in out and "Bruni" in err and served == ["/men.txt"]
    assert datasets.find_set("men") == target
    code, out, _ = run("datasets", "--json")
    listed = {one["name"]: one for one in json.loads(out)["datasets"]}
    assert listed["men"]["path"] == str(target) and listed["rw"]["path"] is None and not listed["sat"]["fetchable"]


@pytest.mark.parametrize(("names", "code", "message"), [
    (["rw"], 1, "SHA-256"), (["sat"], 1, "cannot be fetched"), (["men", "mne"], 1, "is men meant"),
    ([], 2, "name the sets"),
])
def test_fetch_that_fails_says_why(served, run, tmp_path, names, code, message):
    found, out, err = run("datasets", "fetch", *names)
    assert found == code and message in err and out == "" and not list(tmp_path.rglob("*.txt"))
    assert served == (["/rw.txt"] if names == ["rw"] else [])


def test_fetch_goes_on_after_a_failure_and_shows_what_it_does(served, run, tmp_path, monkeypatch):
    for name in list(registry.SETS):
        if name not in ("men", "rw", "yp130", "sat"):
            monkeypatch.delitem(registry.SETS, name)
    monkeypatch.setitem(registry.SETS, "yp130", replace(registry.SETS["men"], name="yp130"))
    target = tmp_path / "cache" / "datasets" / "men.txt"
    code, out, err = run("datasets", "fetch", "all", "--json")
    assert code == 1 and json.loads(out)["fetched"] == [{"name": name, "path": str(target.with_stem(name))}
                                                        for name in ("men", "yp130")]
    assert served == ["/men.txt", "/rw.txt", "/men.txt"]
    assert [line.split(" from ")[0] for line in err.splitlines() if line.startswith("fetching")] == [
        "fetching men", "fetching rw", "fetching yp130"] and "/men.txt, 24 bytes" in err
    assert "SHA-256" in err and err.splitlines()[-1] == "w2v: 1 of 3 sets could not be fetched"
    code, out, err = run("datasets", "fetch", "rw", "sat", "men")
    assert code == 1 and str(target) in out and "2 of 3" in err and "by request" in err


def test_fetching_draws_a_bar_on_a_terminal(served, run, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, _, err = run("datasets", "fetch", "men")
    assert code == 0 and "fetching men:" in err


def test_list_shows_every_set(folder, run):
    code, out, err = run("datasets", "list", "--datasets", folder)
    assert code == 0 and err == "" and len(out.splitlines()) == 1 + len(registry.SETS)
    assert str(folder / "men.tsv") in out and "fetch brings it" in out and "by hand" in out
    assert run("datasets", "list", "men")[0] == 2


def test_evaluating_opens_no_connection(folder, files):
    code = ("import sys\nfrom w2v.cli import main\n"
            f"assert main(['evaluate', {files[0]!r}, '--suite', 'standard', '--datasets', {str(folder)!r}]) == 0\n"
            "print({'socket', 'urllib.request', 'http.client'} & set(sys.modules), file=sys.stderr)")
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           cwd=Path(w2v.__file__).parent.parent)
    assert shown.stderr.splitlines()[-1] == "set()"


# ------------------------------------------------------------------------------------------------- suites


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


def test_restrict_vocab_is_one_rule(folder, files, run):
    """30,000 words for analogies from Python and from the command line, all words for the other kinds; said in JSON."""
    shown = [json.loads(run("evaluate", files[0], "--suite", "google,men", "--datasets", folder, "--json", *more)[1])
             for more in ((), ("--restrict-vocab", "all"), ("--restrict-vocab", "50"))]
    assert [one["analogies"][0]["restrict_vocab"] for one in shown] == [30_000, None, 50]
    assert shown[2]["analogies"][0]["questions"] == 0 and shown[0]["similarity"] == shown[2]["similarity"]
    assert evaluate.run(w2v.load(files[0]), "google", datasets=folder).results[0].restrict_vocab == 30_000
    text = run("evaluate", files[0], "--suite", "google", "--datasets", folder)[1]
    assert "the first 30,000 words" in text and "words without a vector (--json lists them): google 1 of 30" in text


def test_one_broken_set_leaves_the_others(folder, files, run, tmp_path):
    (tmp_path / "broken.tsv").write_text("a1\ta2\t1\na1\ta3\tx\n")
    (tmp_path / "foreign.tsv").write_text("un\tdeux\t1\ntrois\tquatre\t2\n")
    code, out, err = run("evaluate", files[0], "--suite", "men", "--similarity", tmp_path / "broken.tsv",
                         "--similarity", tmp_path / "foreign.tsv", "--datasets", folder, "--json")
    shown = json.loads(out)
    assert code == 1 and [one["name"] for one in shown["similarity"]] == ["men", "foreign"]
    assert [one["name"] for one in shown["failed"]] == [str(tmp_path / "broken.tsv"), "foreign"]
    first, second, last = err.splitlines()
    assert f"{tmp_path / 'broken.tsv'}, line 2: the score 'x' is no number" in first
    assert f"{tmp_path / 'foreign.tsv'}, line 1: " in second and "'deux'" in second and "2 sets failed" in last
    with pytest.raises(W2VError, match="line 2"):
        w2v.load(files[0]).evaluate(str(tmp_path / "broken.tsv"))


def test_vectors_without_a_known_word_are_told(folder, run, tmp_path):
    KeyedVectors(["un", "deux"], np.eye(2)).save(tmp_path / "fr.bin")
    code, _, err = run("evaluate", tmp_path / "fr.bin", "--suite", "standard", "--datasets", folder)
    assert code == 1 and f"{tmp_path / 'fr.bin'}: not a single word" in err and "google, men, ap" in err


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["--suite", "rw"], 1, "`w2v datasets fetch rw` brings it"), (["--suite", "sat"], 1, "by request"),
    (["--suite", "simlex"], 1, "is simlex999 meant"), (["--suite", "missing.txt"], 1, "cannot read missing.txt"),
    ([], 2, "nothing to evaluate"), (["--suite", "men", "--restrict-vocab", "0"], 2, "out of range"),
    (["--suite", "men", "--plot", "x.gif"], 2, ".png"), (["--suite", "men", "--compare"], 2, "--compare"),
])
def test_wrong_usage_and_missing_sets(folder, files, run, arguments, code, message):
    found, out, err = run("evaluate", files[0], "--datasets", folder, *arguments)
    assert (found, out) == (code, "") and message in err, err


def test_a_missing_file_of_vectors_is_told_before_any_work(folder, files, run, tmp_path):
    code, out, err = run("evaluate", files[0], tmp_path / "none.bin", "--suite", "men", "--datasets", folder)
    assert (code, out) == (1, "") and "none.bin" in err


def test_missing_sets_are_one_line(folder, files, run):
    code, _, err = run("evaluate", files[0], "--suite", "standard", "--datasets", folder)
    assert code == 0 and len(err.splitlines()) == 1 and err.startswith("not found: msr, bats, ")


# ------------------------------------------------------------------------------------------------- comparisons


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


def test_compare_of_the_same_vectors_is_never_a_difference(folder, files):
    one = evaluate.run(w2v.load(files[0]), datasets=folder)
    found = comparing.compare([one, one], draws=500)
    assert [c.set for c in found] == ["google", "men", "ap"]  # a single group of outliers cannot be resampled
    assert all(c.noise and c.difference == 0 and c.p == 1 for c in found)


def test_several_runs_of_one_setting_give_mean_and_deviation(folder, files, run):
    code, out, _ = run("evaluate", *files, "--suite", "men", "--datasets", folder, "--json")
    shown = json.loads(out)
    values = [one["similarity"][0]["spearman"] for one in shown["files"]]
    (spread,) = shown["spread"]
    assert code == 0 and spread["mean"] == pytest.approx(np.mean(values))
    assert spread["deviation"] == pytest.approx(np.std(values, ddof=1)) and spread["values"] == values


# ------------------------------------------------------------------------------------------------- output


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


def test_latex_escapes_its_marks():
    assert latex(r"50 % of a_b & {c} #1 ~ ^ \ $") == (
        r"50 \% of a\_b \& \{c\} \#1 \textasciitilde{} \textasciicircum{} \textbackslash{} \$")


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


# ------------------------------------------------------------------------------------------------- kept results


def test_results_are_kept_in_the_file_that_was_evaluated(folder, files, run, tmp_path):
    own = tmp_path / "v.safetensors"
    kv = w2v.load(files[0])
    kv.save(own, metadata={"isa": "none", "evaluation": json.dumps({"rw": {"Spearman": {"value": 0.5}}})},
            output_vectors=np.asarray(kv.vectors))
    before = w2v.formats.read_vectors(own)
    code, out, err = run("evaluate", own, "--suite", "men,ap", "--datasets", folder, "--json", "--save-results")
    assert code == 0 and "kept in" in err
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


def test_results_are_kept_only_where_there_is_a_place_for_them(folder, files, run, tmp_path):
    foreign = tmp_path / "w.safetensors"
    foreign.write_bytes(struct.pack("<Q", 2) + b"{}" + b" " * 40)
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
