"""Reading of text files: columns by their names, fields, encodings, and files that are no text."""

import bz2
import gzip
import lzma

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.categories import read_categories
from w2v.evaluation.sets.outliers import read_outliers
from w2v.evaluation.sets.reading import Reading, read_text, split_fields, without_tags
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


@pytest.mark.parametrize(("line", "delimiter", "fields"), [
    ("a b\tc", None, ["a b", "c"]), ("a; b,c", None, ["a", "b,c"]), ("a, b c", None, ["a", "b c"]),
    (" a  b ", None, ["a", "b"]),
    ('"a, b",c', None, ["a, b", "c"]), ('"a;b"; c', None, ["a;b", "c"]), ('5" x,c', None, ['5" x', "c"]),
    ('"a"\tb', None, ['"a"', "b"]), ("a b", "|", ["a b"]), ("a|b", "|", ["a", "b"]), ("a b", " ", ["a", "b"])])
def test_fields_are_separated_by_the_delimiter(line, delimiter, fields):
    assert split_fields(line, delimiter) == fields


@pytest.mark.parametrize(("words", "plain"), [
    (["sun-n", "big-j"], ["sun", "big"]), (["sun-n", "big"], ["sun-n", "big"]), (["-n", "a-n"], ["-n", "a-n"]),
    ([], [])])
def test_parts_of_speech_are_removed_if_every_word_has_one(words, plain):
    assert [without_tags(words)[word] for word in words] == plain


@pytest.mark.parametrize(("content", "message"), [
    (gzip.compress(b"a\tb\t1\n"), "gzip"), (bz2.compress(b"a\tb\t1\n"), "bzip2"), (lzma.compress(b"a\tb\t1\n"), "xz"),
    (b"\x28\xb5\x2f\xfd a", "zstd"), (b"PK\3\4...", "zip"),
    ("a\tb\t1\n".encode("utf-16"), "iconv"), (b"a\tb\t1\nc\0\td\t2\n", "NUL byte")],
    ids=["gzip", "bzip2", "xz", "zstd", "zip", "UTF-16", "NUL"])
def test_files_that_are_no_text_say_what_they_are(tmp_path, content, message):
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        read_pairs(path)
    assert caught.value.line == (2 if b"c\0" in content else 1) and str(path) in str(caught.value)


def test_encodings_are_read(tmp_path):
    for encoding in ("utf-8", "utf8", "utf-8-sig", "latin-1", "utf-16"):
        path = tmp_path / "x.txt"
        path.write_bytes("p\u00e4r\tb\t1\n".encode(encoding))
        assert read_pairs(path, Reading(encoding=encoding)) == [("p\u00e4r", "b", 1.0)]
    path.write_bytes(b"\xff\xfea")
    with pytest.raises(FormatError, match="not text in utf-16"):
        read_text(path, "utf-16")
    with pytest.raises(ValueError, match="'klingon' is unknown"):
        read_text(path, "klingon")
