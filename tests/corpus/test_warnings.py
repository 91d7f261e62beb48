"""Warnings about a text, in the report and in the plan, and the error for a text that teaches nothing."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.corpus.encode import encode
from w2v.corpus.traits import TextTraits
from w2v.corpus.warnings import check_learnable, has_contexts, text_warnings
from w2v.errors import CorpusError

OPTIONS = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False, "sample": 0}


def lines(*words: str, n: int = 300, seed: int = 1) -> str:
    """Random lines of twelve words."""
    rng = random.Random(seed)
    return "".join(" ".join(rng.choices(words, k=12)) + "\n" for _ in range(n))


PLAIN = lines("river", "lake", "sea", "hill", "the", "a", ".", ",")

TEXTS = {
    "punctuation": (lines("river", "lake", "sea,", "hill."), r"\d+ words \(\d+ %\) end in punctuation"),
    "capitals": (lines("River", "river", "lake"), r"also occur in lower case.*--lowercase \(lowercase=True\)"),
    "html": (lines("river", "lake", "<p>sea", "hill</p>"), r"\(\d+ %\) contain tags or entities"),
    "entities": (lines("river", "lake", "&amp;", "&nbsp;sea"), "contain tags or entities"),
    "wiki": (lines("river", "[[lake|lakes]]", "{{sea}}", "the"), r"contain wiki markup \(\[\[, \{\{ or '''\)"),
    "no-break space": (PLAIN + "hill\u00a0lake sea\u3000river\n",
                       r"2 words \(0.056 %\) contain white space beyond ASCII"),
    "latin-1": (lines("caf\udce9", "the", "river", "lake"), r"are not valid UTF-8.*iconv -f LATIN1 -t UTF-8"),
    "chinese": (lines("我喜欢看书和电影因为有意思", "今天天气很好我们去公园吧", "好"), "is the text segmented.*jieba"),
    "thai": (lines("ผมชอบอ่านหนังสือและดูหนัง", "วันนี้อากาศดีมากไปสวนกันเถอะ"), "is the text segmented.*PyThaiNLP"),
    "japanese": (lines("私は本を読むのが好きです", "今日はとても天気がいいですね"), "is the text segmented.*MeCab"),
    "csv": ("id,text,label\n" + "".join(f"{i},{line},1\n" for i, line in enumerate(lines("a", "b").splitlines())),
            r"looks like a table \(\d+ of the first \d+ lines have 3 columns, with commas\)"),
    "tsv": ("".join(f"{i}\t{line}\n" for i, line in enumerate(lines("a", "b").splitlines())), "with tabs"),
    "jsonl": ("".join(f'{{"text": "{line}"}}\n' for line in lines("a", "b").splitlines()), "looks like JSON lines"),
    "html page": ("<!DOCTYPE html>\n<html>\n" + PLAIN, r"looks like HTML \(it begins with an <html> tag\)"),
    "long word": (PLAIN + "x" * 2000 + " y\n", "a word has 2,000 bytes: is this text"),
    "few words": ("river\n" * 500 + PLAIN[:600], r"1\.\d words per line"),
    "one line": (PLAIN.replace("\n", " ") * 20, "words per line: windows cross the ends of sentences"),
}


@pytest.fixture(autouse=True)
def _no_measured_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans without their measurement of the speed, which takes a second."""
    monkeypatch.setattr("w2v.planning.plan.training_speed", lambda *_: None)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "corpus.txt"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return path

    return write


@pytest.mark.parametrize(("text", "said"), TEXTS.values(), ids=TEXTS)
def test_report_and_plan_give_the_same_warning(write, text: str, said: str) -> None:
    found = w2v.train(write(text), epochs=1, **OPTIONS).report.warnings
    [warning] = [line for line in found if re.search(said, line)]
    assert warning in w2v.plan(write(text), vector_size=4, min_count=1, threads=1).advice


@pytest.mark.parametrize("text", [
    PLAIN, lines("我", "喜欢", "看", "书", "。"),
    lines("<s>", "</s>", "<unk>", "river"),
    lines("mr.", *"abcdefghijklmnopqrstuvwxyz0123456789"),
    lines("ประเทศไทย", "สวย", "มาก"), lines("1", "2", "3.5"), lines("l'", "homme", "est", "C++")],
    ids=["plain", "chinese", "special words", "abbreviation", "thai", "numbers", "apostrophe"])
def test_prepared_text_has_no_warnings(write, text: str) -> None:
    assert w2v.train(write(text), epochs=1, **OPTIONS).report.warnings == []


@pytest.mark.parametrize(("text", "options", "said"), [
    ("punctuation", {"tokenize": "words"}, r"--tokenize words \(tokenize='words'\)"),
    ("no-break space", {"unicode_spaces": True}, r"--unicode-spaces \(unicode_spaces=True\)"),
    ("no-break space", {"tokenize": "words"}, "--unicode-spaces"),
    ("capitals", {"lowercase": True}, "--lowercase"),
    ("one line", {"split_lines_at": "sentences"}, r"--split-lines-at sentences \(split_lines_at='sentences'\)")])
def test_option_that_a_warning_names_cures_it(write, text: str, options: dict[str, object], said: str) -> None:
    raw = TEXTS[text][0].replace("sea ", "sea. Hill ") if text == "one line" else TEXTS[text][0]
    path = write(raw)
    for warned, chosen in ((True, {}), (False, options)):
        for found in (w2v.train(path, epochs=1, **OPTIONS, **chosen).report.warnings,
                      w2v.plan(path, vector_size=4, min_count=1, threads=1, **chosen).advice):
            assert any(re.search(said, line) for line in found) == warned


def test_tokens_are_not_told_of_options_that_do_not_split_them() -> None:
    sentences = [line.split() for line in TEXTS["punctuation"][0].splitlines()]
    found = w2v.train(sentences, **OPTIONS).report.warnings
    assert any("end in punctuation" in line for line in found) and not any("--tokenize" in line for line in found)


def test_words_of_single_ideographs_need_a_tokenizer(write) -> None:
    path = write(TEXTS["chinese"][0])
    found = w2v.train(path, epochs=1, tokenize="words", **OPTIONS).report.warnings
    assert [line for line in found if "are single characters of Chinese or Japanese" in line and "tokenizer=" in line]
    assert any("single characters of Chinese" in line
               for line in w2v.plan(path, vector_size=4, min_count=1, threads=1, tokenize="words").advice)


def test_python_objects_are_warned_about_too() -> None:
    sentences = [line.split() for line in TEXTS["punctuation"][0].splitlines()]
    assert any("end in punctuation" in line for line in w2v.train(sentences, **OPTIONS).report.warnings)
    for kind in (w2v.Word2Vec, w2v.FastText):
        report = kind(sentences, vector_size=4, min_count=1, workers=1, epochs=1).report
        assert any("end in punctuation" in line for line in report.warnings)
    rows = [["a river runs", "label"]] * 50
    assert any("contain blanks" in line for line in w2v.train(rows, **OPTIONS).report.warnings)


def test_many_unknown_words_are_warned_about(write) -> None:
    text = PLAIN[:300] + lines(*(f"rare{i}" for i in range(30_000)), n=500)
    found = w2v.train(write(text), **OPTIONS | {"min_count": 5}).report.warnings
    assert any("words are unknown: they occur fewer than min_count = 5 times" in line for line in found)
    assert any("words are unknown" in line for line in w2v.plan(write(text), vector_size=4, threads=1).advice)


def test_subsampling_that_leaves_little_or_nothing_is_warned_about() -> None:
    few = w2v.train([["a", "b"]] * 2000, vector_size=4, min_count=1, threads=1, progress=False).report.warnings
    assert [line for line in few if "subsampling left out 95 % of the known words" in line]
    none = w2v.train([["a", "b"]] * 9, **OPTIONS | {"sample": 1e-12}).report.warnings
    assert [line for line in none if "no window had two words, so the vectors are not trained" in line]


def test_command_prints_the_warnings(tmp_path: Path, write, run) -> None:
    given = [write(TEXTS["punctuation"][0]), "-o", tmp_path / "v.bin", "--sample", "0", "--threads", "1"]
    code, _, shown = run("train", *given)
    assert code == 0
    assert [line for line in shown.splitlines() if line.startswith("warning ") and "end in punctuation" in line]
    code, shown, _ = run("plan", *given)
    assert code == 0 and "end in punctuation" in shown
    code, shown, _ = run("train", *given, "--json")
    assert code == 0 and '"warnings"' in shown


def test_shares_are_of_all_words() -> None:
    [warning] = text_warnings(TextTraits(words=1000, lines=100, punctuated=234))
    assert warning.startswith("234 words (23 %) end in punctuation")
    assert text_warnings(TextTraits()) == []


# --- nothing to learn ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "options", "said"), [
    ("".join(f"item{i % 50}\n" for i in range(5000)), {}, "lines have one word each: is the text segmented"),
    ("我喜欢看书和电影\n今天天气很好啊我们走\n" * 50, {}, "is the text segmented.*jieba"),
    ("id,text\n" + "1,word\n" * 50, {}, "looks like a table"),
    ("river lake\n" + "".join(f"river rare{i}\n" for i in range(50)), {"min_count": 2}, "vocabulary has only one word"),
    ("river lake\n" * 9, {"max_vocab": 1}, "vocabulary has only one word"),
    ("river river\n" * 9, {}, "vocabulary has only one word.*use more text"),
    ("".join(f"river rare{i}\nlake rare{i}\n" for i in range(50)), {"min_count": 20},
     "no line has two words.*min_count below 20"),
])
def test_text_that_teaches_nothing_is_an_error_and_nothing_is_written(
    tmp_path: Path, write, run, text: str, options: dict[str, int], said: str
) -> None:
    path, output = write(text), tmp_path / "v.bin"
    output.write_bytes(b"old vectors")
    with pytest.raises(CorpusError, match=said):
        w2v.train(path, **OPTIONS | options)
    chosen = {"min_count": 1, **options}
    named = [part for name, value in chosen.items() for part in (f"--{name.replace('_', '-')}", value)]
    assert run("train", path, "-o", output, "--quiet", *named)[0] == 1
    assert output.read_bytes() == b"old vectors"
    if "rare" not in text or options["min_count"] == 2:  # a plan does not know which lines lose their words
        assert any(re.search(said, line) for line in w2v.plan(path, vector_size=4, **chosen).problems)


def test_sentences_of_one_word_are_an_error_in_every_class() -> None:
    sentences = [[f"item{i % 50}"] for i in range(500)]
    for train in (lambda: w2v.train(sentences, **OPTIONS), lambda: w2v.Word2Vec(sentences, min_count=1),
                  lambda: w2v.FastText(sentences, min_count=1),
                  lambda: w2v.train(np.arange(100)[:, None] % 9, **OPTIONS)):
        with pytest.raises(CorpusError, match="lines have one word each"):
            train()


def test_advice_about_min_count_asks_for_segmentation(write) -> None:
    for text in ("".join(f"item{i}\n" for i in range(500)),
                 "".join(f"我喜欢看书和电影{i:03}今天 \n" for i in range(500))):
        with pytest.raises(CorpusError, match="none of the 500 distinct words occurs 5 times.*is the text segmented"):
            w2v.train(write(text), progress=False)
        [problem] = w2v.plan(write(text)).problems
        assert "is the text segmented" in problem
    with pytest.raises(CorpusError, match="use a min_count of at most 1 or more text"):
        w2v.train(write("river lake sea\n"), progress=False)


@pytest.mark.parametrize(("sentences", "expected"), [
    ([["a"], ["b"], ["a", "b"]], True), ([["a", "a"]], True), ([["a"], ["b"]], False),
    ([["a", "x"], ["b", "y"]], False),
    ([["a", "b", "x"], *[["x2"]] * 9], True)])
def test_contexts_are_found(sentences: list[list[str]], expected: bool) -> None:
    known = [*sentences, *([[word] for word in "ab"] * 5)]
    assert has_contexts(encode(known, min_count=5)) is expected


def test_lines_with_weights_are_looked_at_too() -> None:
    weighted = [[1.0, "a"], [2.0, "b"], [0.5, "x"]] * 9
    with pytest.raises(CorpusError, match="no line has two words"):
        check_learnable(encode(weighted, min_count=1, line_weights=True), 1)
    check_learnable(encode([*weighted, [1.0, "a", "b"]], min_count=1, line_weights=True), 1)
