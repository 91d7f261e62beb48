"""`w2v datasets`: list and fetch."""

import hashlib
import json
import sys
from dataclasses import replace

import pytest
from helpers.evaluation import write_suite
from helpers.local_server import serving

from w2v.evaluation.sets import finding, registry


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with sets; the cache is an empty folder."""
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("W2V_DATASETS", raising=False)
    return write_suite(tmp_path / "sets")


@pytest.fixture
def served(monkeypatch, tmp_path):
    """Two sets of the registry on a local server, one of them damaged."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    body = b"a1\ta2\t1\na3\ta4\t2\na5\ta6\t3\n"
    with serving({"/men.txt": body, "/rw.txt": b"damaged"}) as (root, asked):
        for name in ("men", "rw"):
            info = replace(registry.SETS[name], address=f"{root}/{name}.txt", sha256=hashlib.sha256(body).hexdigest())
            monkeypatch.setitem(registry.SETS, name, info)
        yield asked


def test_a_set_is_fetched_into_the_cache_once(served, run, tmp_path):
    target = tmp_path / "cache" / "datasets" / "men.txt"
    code, out, err = run("datasets", "fetch", "MEN", "--json")
    assert code == 0 and json.loads(out) == {"fetched": [{"name": "men", "path": str(target)}]} and target.is_file()
    code, out, err = run("datasets", "fetch", "men")
    assert code == 0 and str(target) in out and "Bruni" in err and served == ["/men.txt"]
    assert finding.find_set("men") == target
    code, out, _ = run("datasets", "--json")
    listed = {one["name"]: one for one in json.loads(out)["datasets"]}
    assert listed["men"]["path"] == str(target) and listed["rw"]["path"] is None and not listed["sat"]["fetchable"]


@pytest.mark.parametrize(("names", "code", "message"), [
    (["rw"], 1, "SHA-256"), (["sat"], 1, "cannot be fetched"), (["men", "mne"], 1, "did you mean men"),
    ([], 2, "name the sets"),
])
def test_fetch_that_fails_says_why(served, run, tmp_path, names, code, message):
    found, out, err = run("datasets", "fetch", *names)
    assert found == code and message in err and out == "" and not list(tmp_path.rglob("*.txt"))
    assert served == (["/rw.txt"] if names == ["rw"] else [])


def test_fetch_continues_after_a_failure_and_shows_its_progress(served, run, tmp_path, monkeypatch):
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
    assert str(folder / "men.tsv") in out and "can be fetched" in out and "by hand" in out
    assert run("datasets", "list", "men")[0] == 2
