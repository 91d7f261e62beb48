"""Reading of CSV files by the names of their columns, for every kind that has such files."""

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.categories import read_categories
from w2v.evaluation.sets.outliers import read_outliers
from w2v.evaluation.sets.similarity import read_pairs


def test_tables_are_read_by_the_names_of_their_columns(tmp_path):
    pairs = write(tmp_path / "pairs.csv", ",word1,word2,similarity\n0,Promised Land,Baku,0.42\r\n1,\"a,b\",c,2\n")
    assert read_pairs(pairs) == [("Promised Land", "Baku", 0.42), ("a,b", "c", 2.0)]
    classes = write(tmp_path / "classes.csv", ",category,word\n0,stone,ruby\n1,stone,\n2,tool,saw\n3,verb,saw\n")
    assert [(m.word, m.name, m.line) for m in read_categories(classes)] == [
        ("ruby", "stone", 2), ("saw", "tool", 4), ("saw", "verb", 5)]
    groups = write(tmp_path / "groups.csv", ",category,outliers,words\n"
                   "0,Cats,\"['dog', '']\",\"['lion', \"\"o'c\"\"]\"\n")
    (found,) = read_outliers(groups)
    assert (found.name, found.words, found.outliers) == ("Cats", ("lion", "o'c"), ("dog",))
    assert [guess_kind(path) for path in (pairs, classes, groups)] == ["similarity", "categories", "outliers"]
    bad = write(tmp_path / "bad.csv", "word1,word2,score\na,b,1\nc,d,e\n")
    with pytest.raises(FormatError, match="'e' is not a number") as caught:
        read_pairs(bad)
    assert caught.value.line == 3
    for text in ("no list", "[1, 2]", "['a']", "(" * 5000):
        broken = write(tmp_path / "broken.csv", f"category,outliers,words\nx,\"['a']\",\"{text}\"\n")
        with pytest.raises(FormatError, match="two lists of words") as caught:
            read_outliers(broken)
        assert caught.value.line == 2
    with pytest.raises(FormatError, match="columns category"):
        read_outliers(write(tmp_path / "none.csv", "a,b\n"))
