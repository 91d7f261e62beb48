"""Pairs of sentences: every layout that is read, recognition of the kind, and broken files."""

from __future__ import annotations

import pytest
from helpers.evaluation import write

from w2v.corpus_options import TextOptions
from w2v.errors import FormatError, W2VError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.reading import LeftOut, Reading
from w2v.evaluation.sets.sentences import read_sentences, tokenized, words_of

PAIRS = (("A girl, alone; reads.", "The girl is reading", 3.5), ("Two men run", "Birds fly south", 0.0))


@pytest.mark.parametrize("text", [
    "3.5\tA girl, alone; reads.\tThe girl is reading\n0\tTwo men run\tBirds fly south\n",  # SemEval STS, pasted
    "# note\n\n3.5\tA girl, alone; reads.\t The girl is reading \r\n0.0\tTwo men run\tBirds fly south",
    "A girl, alone; reads.\tThe girl is reading\t3.5\nTwo men run\tBirds fly south\t0\n",
    '"A girl, alone; reads.",The girl is reading,3.5\nTwo men run,Birds fly south,0.0\n',  # stsb-multi-mt
    '"A girl, alone; reads.";The girl is reading;3.5\nTwo men run;Birds fly south;0.0\n',
    "main-captions\tMSRvid\t2012test\t0024\t3.5\tA girl, alone; reads.\tThe girl is reading\n"  # STS benchmark
    "main-news\theadlines\t2013\t0033\t0.000\tTwo men run\tBirds fly south\thttp://x\thttp://y\n",
    "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"  # SICK
    "6\tA girl, alone; reads.\tThe girl is reading\t3.5\tNEUTRAL\n7\tTwo men run\tBirds fly south\t0\tNEUTRAL\n",
    "index\tgenre\tsentence1\tsentence2\tscore\n0\tx\tA girl, alone; reads.\tThe girl is reading\t3.5\n"  # GLUE
    "1\tx\tTwo men run\tBirds fly south\t0\n",
    'sentence1,sentence2,similarity_score\n"A girl, alone; reads.",The girl is reading,3.5\n'
    "Two men run,Birds fly south,0",
    "first text\tsecond text\tmean of people\nA girl, alone; reads.\tThe girl is reading\t3.5\n"
    "Two men run\tBirds fly south\t0\n",
])
def test_published_layouts_are_read_and_recognised(tmp_path, text):
    path = write(tmp_path / "pairs.csv", text)
    content = read_sentences(path)
    assert content.pairs == PAIRS and not content.unscored and not content.by_options
    assert guess_kind(path) == "sentences"


def test_scores_of_semeval_as_published_are_in_a_second_file(tmp_path):
    path = write(tmp_path / "STS.input.images.txt", "".join(f"{a}\t{b}\n" for a, b, _ in PAIRS) + "x y\tz w\n")
    gold = write(tmp_path / "STS.gs.images.txt", "3.5\n0\n\n")
    content = read_sentences(path)
    assert (content.pairs, content.unscored) == (PAIRS, 1) and guess_kind(path) == "sentences"
    write(gold, "3.5\n0\n")
    with pytest.raises(FormatError, match=r"3 pairs, but 2 scores in STS.gs.images.txt"):
        read_sentences(path)
    gold.unlink()
    with pytest.raises(W2VError, match="cannot read .*STS.gs"):
        read_sentences(path)


def test_pairs_without_a_score_are_counted(tmp_path):
    path = write(tmp_path / "x.tsv", "\tmany words\tand more\n\tstill none\tno score\n\ta b\tc d\n2\ta b\tc d\n"
                 "3\te f\tg\n")
    content = read_sentences(path)
    assert (len(content.pairs), content.unscored) == (2, 3) and guess_kind(path) == "sentences"


@pytest.mark.parametrize(("text", "kind"), [
    ("new york\tcity\t3\ncat\tdog\t2\n", "similarity"), ("cat\tdog\t2\nnew york\tlos angeles\t3\n", "similarity"),
    ("word1\tword2\tscore\nnew york\tlos angeles\t3\n", "similarity"), ("a b 1\nc d 2\n", "similarity"),
    (",word1,word2,similarity\n0,new york,los angeles,1.58\n", "similarity"),
    ("old\tnew\tA\t1.58\tANTONYMS\nsmart\tbright\tN\t9.2\tNONE\n", "similarity"), ("a b c d\n", "analogies"),
    ("cat\tanimal\n", "categories"), ("x y\tz w\t3\nu v\tw x\t2\n", "sentences"),
])
def test_sets_of_words_keep_their_kind(tmp_path, text, kind):
    assert guess_kind(write(tmp_path / "x.txt", text)) == kind


def test_a_hash_can_begin_a_sentence(tmp_path):
    path = write(tmp_path / "x.tsv", "# of two\n#education is good\tschools help\t3\nno hash\tat all\t2\n")
    assert read_sentences(path).pairs == (("#education is good", "schools help", 3), ("no hash", "at all", 2))


@pytest.mark.parametrize(("bad", "message"), [
    ("2\tonly one", "expected two sentences and a score, found"), ("3much\ta b\tc d", "score '3much' is not a number"),
    ("nan\ta b\tc d", "score 'nan' is not a number"), ("2\t\tc d", "a sentence is missing"), ("2", "expected two sent"),
])
def test_broken_lines_are_named_and_left_out(tmp_path, bad, message):
    good = "1\ta b\tc d\n2\te f\tg h\n"
    path = write(tmp_path / "x.tsv", f"{good}{bad}\n3\ta b\te f\n")
    with pytest.raises(FormatError, match=message) as caught:
        read_sentences(path)
    assert caught.value.line == 3 and f"{path}, line 3: " in str(caught.value)
    left_out = LeftOut()
    assert [score for *_, score in read_sentences(path, Reading(on_problem=left_out.add)).pairs] == [1, 2, 3]
    assert left_out.count == 1


@pytest.mark.parametrize("text", ["", "# only\n", "\ta b\tc d\n", "sentence1\tsentence2\tscore\n"])
def test_files_without_scored_pairs_are_errors(tmp_path, text):
    with pytest.raises(FormatError, match="no pairs of sentences with a score"):
        read_sentences(write(tmp_path / "x.tsv", text))


def test_a_given_delimiter_is_used(tmp_path):
    path = write(tmp_path / "x.txt", "1|a, b\tc|d e\n2|f g|h i\n")
    assert read_sentences(path, Reading("|")).pairs == (("a, b\tc", "d e", 1), ("f g", "h i", 2))
    assert guess_kind(path, "|") == "sentences"


def test_words_are_made_by_options_or_are_runs_of_letters(tmp_path):
    content = read_sentences(write(tmp_path / "x.tsv", "1\tDon't, stop!\tA 3.5 go\n2\ta b\tc\n"))
    assert content.words[0] == (("Don't", "stop"), ("A", "3.5", "go"))
    assert words_of(content) == {"Don't", "stop", "A", "3.5", "go", "a", "b", "c"}
    lower = tokenized(content, TextOptions(lowercase=True))
    assert lower.words[0] == (("don't,", "stop!"), ("a", "3.5", "go")) and lower.by_options
    assert tokenized(lower, None) == content
