"""Finding of sets in the given folder, the one of W2V_DATASETS, and the cache folder."""

import pytest
from helpers.evaluation import write_suite

from w2v.errors import W2VError
from w2v.evaluation.sets import finding


def test_sets_are_found_in_the_folder_given_first(tmp_path, monkeypatch):
    monkeypatch.setenv("W2V_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("W2V_DATASETS", raising=False)
    folder = write_suite(tmp_path / "sets")
    other, cache = tmp_path / "other", tmp_path / "cache" / "datasets"
    for place in (other, cache):
        place.mkdir(parents=True)
        (place / "men.txt").write_text("x\ty\t1\n")
    assert finding.find_set("men", folder) == folder / "men.tsv"
    monkeypatch.setenv("W2V_DATASETS", str(other))
    assert finding.find_set("men", folder) == folder / "men.tsv"
    assert finding.find_set("MEN") == other / "men.txt"
    monkeypatch.delenv("W2V_DATASETS")
    assert finding.find_set("men") == cache / "men.txt" and finding.find_set("rw") is None
    with pytest.raises(W2VError, match="not a folder"):
        finding.find_set("men", tmp_path / "missing")
    with pytest.raises(W2VError, match="did you mean google"):
        finding.find_set("gogle")
    monkeypatch.setenv("W2V_DATASETS", str(tmp_path / "missing"))
    with pytest.raises(W2VError, match="W2V_DATASETS"):
        finding.find_set("men")
