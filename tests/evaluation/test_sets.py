"""Files of benchmarks: every form that is read, and every broken one as a clear line with file and line number."""

import io
import tarfile

import pytest

from w2v.errors import FormatError, W2VError
from w2v.evaluation.sets.datasets import guess_kind, load_set
from w2v.evaluation.sets.groups import read_categories, read_outliers
from w2v.evaluation.sets.lines import read_analogies, read_pairs
from w2v.evaluation.sets.relations import read_choices, read_degrees, read_pair_folder


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


SAT = """# about

KS 1
lull trust v:n
balk fortitude v:n
betray loyalty v:n
cajole compliance v:n
c

190 FROM REAL SATs
a b n:n
c d n:n
e f n:n
A
"""
DEGREES = {
    "subcategories-paradigms.txt": "1, a, \"CLASS\", \"Taxonomic\", \"flower:tulip, emotion:rage\"\n",
    "Testing/Phase2Answers/Phase2Answers-1a.txt": "# about\n" + (
        '"a:b"\t"c:d"\t"e:f"\t"g:h"\t"a:b"\t"g:h"\n' * 2 + '"a:b"\t"c:d"\t"e:f"\t"g:h"\t"c:d"\t"g:h"\n'),
    "Training/Phase2Answers/Phase2Answers-1a.txt": "not read\n"}


# ------------------------------------------------------------------------------------------------- what is read


def test_msr_as_published_is_read(tmp_path):
    path = write(tmp_path / "word_relationship.questions", "good better rough\nbig bigger small\ncat cats dog\n")
    write(tmp_path / "word_relationship.answers", "JJ_JJR rougher\nJJ_JJR smaller\nNN_NNS dogs\n")
    sections = read_analogies(path)
    assert [(section.name, len(section.questions)) for section in sections] == [("JJ_JJR", 2), ("NN_NNS", 1)]
    assert sections[0].questions[1] == ("big", "bigger", "small", "smaller") and guess_kind(path) == "analogies"
    assert sections[0].pairs == [("good", ("better",)), ("rough", ("rougher",)), ("big", ("bigger",)),
                                 ("small", ("smaller",))]


def test_bats_folder_is_read(tmp_path):
    write(tmp_path / "1_Inflection" / "I01 [noun - plural].txt", "album albums\nday\tdays\n")
    write(tmp_path / "3_Meaning" / "L01.txt", "cat feline/mammal\nrose flower\nboat vessel/craft/ship\n")
    write(tmp_path / "README.txt", "not a relation")
    first, second = read_pair_folder(tmp_path)
    assert (first.name, first.group, second.group) == ("I01 [noun - plural]", "1_Inflection", "3_Meaning")
    assert first.questions == [("album", "albums", "day", "days"), ("day", "days", "album", "albums")]
    assert len(second.questions) == 6 and second.questions[1] == ("cat", "feline", "boat", "vessel", "craft", "ship")
    loaded = load_set(tmp_path)
    assert loaded.kind == "analogies" and {"mammal", "ship", "album"} <= loaded.words


def test_semeval_2017_scores_come_from_the_file_beside(tmp_path):
    path = write(tmp_path / "en.test.data.txt", "new york\tcity\ncat\tdog\n")
    write(tmp_path / "en.test.gold.txt", "3.5\n2\n")
    assert read_pairs(path) == [("new york", "city", 3.5), ("cat", "dog", 2.0)] and guess_kind(path) == "similarity"


def test_semeval_2017_as_published_has_its_scores_in_a_folder_of_their_own(tmp_path):
    path = write(tmp_path / "data" / "en.test.data.txt", "new york\tcity\ncat\tdog\n")
    write(tmp_path / "keys" / "en.test.gold.txt", "3.5\n2\n")
    assert [score for *_, score in read_pairs(path)] == [3.5, 2.0]


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
    with pytest.raises(FormatError, match="'e' is no number") as caught:
        read_pairs(bad)
    assert caught.value.line == 3
    for text in ("no list", "[1, 2]", "['a']", "(" * 5000):
        broken = write(tmp_path / "broken.csv", f"category,outliers,words\nx,\"['a']\",\"{text}\"\n")
        with pytest.raises(FormatError, match="two lists of words") as caught:
            read_outliers(broken)
        assert caught.value.line == 2
    with pytest.raises(FormatError, match="columns category"):
        read_outliers(write(tmp_path / "none.csv", "a,b\n"))


def test_choices_are_read_in_both_forms(tmp_path):
    first, second = read_choices(write(tmp_path / "sat.txt", SAT))
    assert first.stem == ("lull", "trust") and first.right == 2 and first.choices[2] == ("cajole", "compliance")
    assert second.stem == ("a", "b") and second.right == 0 and second.line == 10
    path = write(tmp_path / "u2.jsonl", '{"stem": ["a", "b"], "answer": 1, "choice": [["c", "d"], ["e", "f"]]}\n')
    (only,) = read_choices(path)
    assert only.choices == (("c", "d"), ("e", "f")) and only.right == 1 and guess_kind(path) == "choices"


def test_degrees_are_read_in_both_forms(tmp_path):
    for name, text in DEGREES.items():
        write(tmp_path / "package" / name, text)
    (official,) = read_degrees(tmp_path / "package")
    assert official.paradigms == (("flower", "tulip"), ("emotion", "rage"))
    assert dict(official.ratings) == {("a", "b"): pytest.approx(-200 / 3), ("c", "d"): pytest.approx(-100 / 3),
                                      ("e", "f"): 0, ("g", "h"): 100}
    assert official.questions[0].least == (2, 1, 0, 0) and official.questions[0].most == (0, 0, 0, 3)
    half = DEGREES["Testing/Phase2Answers/Phase2Answers-1a.txt"] + '"a:b"\t"c:d"\t"e:f"\t"g:h"\t""\t"e:f"\t"X of Y"\n'
    write(tmp_path / "package" / "Testing/Phase2Answers/Phase2Answers-1a.txt", half)  # one answer of the two
    (official,) = read_degrees(tmp_path / "package")
    assert dict(official.ratings) == {("a", "b"): -50, ("c", "d"): -25, ("e", "f"): 25, ("g", "h"): 75}
    assert official.questions[0].least == (2, 1, 0, 0) and official.questions[0].most == (0, 0, 1, 3)
    write(tmp_path / "plain" / "1a.txt", "flower:tulip, emotion:rage\npoem:sonnet 12.5\nsonnet:poem -3\n")
    (plain,) = read_degrees(tmp_path / "plain")
    assert plain.ratings == ((("poem", "sonnet"), 12.5), (("sonnet", "poem"), -3.0))
    assert {guess_kind(tmp_path / name) for name in ("package", "plain")} == {"degrees"}


def test_categories_are_read_in_all_forms(tmp_path):
    table = read_categories(write(tmp_path / "a.csv", "word,category\ncat,animal\n# x\nrose,plant\n"))
    assert [(m.word, m.name, m.line) for m in table] == [("cat", "animal", 2), ("rose", "plant", 4)]
    bless = write(tmp_path / "BLESS.txt", "cat-n\tanimal\tattri\tbig-j\ncat-n\tanimal\tcoord\tdog-n\n"
                  "rose-n\tplant\tx\ty-n\n")
    assert [(m.word, m.name) for m in read_categories(bless)] == [("cat", "animal"), ("rose", "plant")]
    write(tmp_path / "folder" / "animal.txt", "cat\ndog\n")
    write(tmp_path / "folder" / "plant.txt", "rose\n")
    assert [(m.word, m.name) for m in read_categories(tmp_path / "folder")] == [
        ("cat", "animal"), ("dog", "animal"), ("rose", "plant")]
    assert {guess_kind(path) for path in (tmp_path / "a.csv", bless, tmp_path / "folder")} == {"categories"}


def test_outliers_are_read_from_folders_and_archives(tmp_path):
    group = "cat\ndog\n\nNew York\ncar\n"
    write(tmp_path / "8" / "pets.txt", group)
    (found,) = read_outliers(tmp_path / "8")
    assert (found.name, found.words, found.outliers) == ("pets", ("cat", "dog"), ("New York", "car"))
    archive = tmp_path / "x.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in (("s/en/a.txt", group), ("s/de/a.txt", group), ("s/en/b.txt", group.replace("\n", "\r\n"))):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    assert [one.name for one in read_outliers(archive)] == ["a", "b"]
    assert len(read_outliers(archive, "de")) == 1
    assert guess_kind(archive) == guess_kind(tmp_path / "8") == "outliers"


@pytest.mark.parametrize(("text", "kind"), [
    (": a\nw x y z\n", "analogies"), ("w x y z\n", "analogies"), ("a\tb\t1\n", "similarity"),
    ("w1,w2,score,sd\na,b,1,0\n", "similarity"), ("# x\na b 3.5\n", "similarity"), ("cat animal\n", "categories"),
])
def test_the_kind_of_a_file_is_found(tmp_path, text, kind):
    assert guess_kind(write(tmp_path / "x.txt", text)) == kind


# ------------------------------------------------------------------------------------------------- what is broken


@pytest.mark.parametrize(("reader", "text", "line", "message"), [
    (read_analogies, ": a\nw x y z\nw x y\n", 3, "four words, here are 3"),
    (read_analogies, ": a\nw x y z\n\n: empty\n: b\nw x y z\n", 4, "'empty' has no questions"),
    (read_pairs, "a\tb\t1\nc\td\tmuch\n", 2, "'much' is no number"),
    (read_pairs, "a\tb\t1\nc\td\tinf\n", 2, "'inf' is no number"),
    (read_pairs, "a\tb\t1\nc\td\n", 2, "two words and a score"),
    (read_categories, "cat animal\nrose\n", 2, "a word and its class"),
    (read_categories, "cat animal\ndog animal\n", 1, "fewer than two classes"),
    (read_choices, SAT.replace("\nA\n", "\nd\n"), 14, "no letter of the 2 choices"),
    (read_choices, "KS 1\na b\nc d\na\n", 1, "two choices or more"),
    (read_choices, "", 1, "no questions"),
    (read_choices, '{"stem": ["a", "b"], "answer": 2, "choice": [["c", "d"], ["e", "f"]]}\n', 1, "none of the 2"),
    (read_choices, '{"stem": ["a", "b", "c"], "answer": 0, "choice": [["c", "d"]]}\n', 1, '"stem", "choice"'),
    (guess_kind, "just\none\nword\n", 1, "no kind of set"),
])
def test_broken_files_are_named_with_their_line(tmp_path, reader, text, line, message):
    path = write(tmp_path / "x.txt", text)
    with pytest.raises(FormatError, match=message) as caught:
        reader(path)
    assert caught.value.line == line and f"{path}, line {line}: " in str(caught.value)


@pytest.mark.parametrize(("reader", "files", "name", "line"), [
    (read_pair_folder, {"a.txt": "x y\nz\n"}, "a.txt", 2), (read_pair_folder, {"a.txt": "x y\n"}, "a.txt", 1),
    (read_pair_folder, {"a.txt": "x /\nz w\n"}, "a.txt", 1), (read_outliers, {"a.txt": "x\ny\n"}, "a.txt", 1),
    (read_outliers, {"a.txt": "x\n\ny\n"}, "a.txt", 1), (read_categories, {"a.txt": "x\n", "b.txt": "\n"}, "b.txt", 1),
    (read_degrees, {"a.txt": "no pairs\n"}, "a.txt", 1), (read_degrees, {"a.txt": "a:b\nc:d 1\ne:f x\n"}, "a.txt", 3),
    (read_degrees, DEGREES | {"Testing/Phase2Answers/Phase2Answers-1a.txt": '"a:b" "c:d"\n'},
     "Testing/Phase2Answers/Phase2Answers-1a.txt", 1),
    (read_degrees, DEGREES | {"subcategories-paradigms.txt": "2, b, x:y\n"},
     "Testing/Phase2Answers/Phase2Answers-1a.txt", 1),
    (lambda folder: read_analogies(folder / "a.questions"), {"a.questions": "x y\n", "a.answers": "L z\n"},
     "a.questions", 1),
    (lambda folder: read_analogies(folder / "a.questions"), {"a.questions": "x y z\n", "a.answers": "z\n"},
     "a.answers", 1),
    (lambda folder: read_pairs(folder / "a.data.txt"), {"a.data.txt": "x\ty\n", "a.gold.txt": "z\n"}, "a.gold.txt", 1),
    (lambda folder: read_pairs(folder / "a.data.txt"), {"a.data.txt": "x\ty\n", "a.gold.txt": ""}, "a.data.txt", 1),
])
def test_broken_files_in_folders_are_named_with_their_line(tmp_path, reader, files, name, line):
    for file, text in files.items():
        write(tmp_path / file, text)
    with pytest.raises(FormatError) as caught:
        reader(tmp_path)
    assert f"{tmp_path / name}, line {line}: " in str(caught.value)


@pytest.mark.parametrize("reader", [read_pair_folder, read_degrees, read_categories, read_outliers, guess_kind])
def test_an_empty_folder_is_told(tmp_path, reader):
    with pytest.raises(W2VError, match=str(tmp_path)):
        reader(tmp_path)


def test_a_broken_archive_is_told(tmp_path):
    with pytest.raises(W2VError, match=r"cannot read .*x.tar.gz"):
        read_outliers(write(tmp_path / "x.tar.gz", "no archive"))
