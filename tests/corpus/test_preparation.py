"""Preparation of text: lower case, words, normalization, white space of Unicode, sentences, stop words."""

import gzip
import itertools
import json
import random
import re
import unicodedata

import numpy as np
import pytest
from helpers import preparation_twin as twin
from hypothesis import given
from hypothesis import strategies as st

import w2v
from w2v.corpus._tokenizer import NO_WEIGHTS, WEIGHT_FIRST, WEIGHT_PASSED
from w2v.corpus.encode import encode
from w2v.corpus.paths import CorpusInput
from w2v.corpus.preparation import Preparer, preparer, unicode_version, words_of
from w2v.corpus_options import TextOptions
from w2v.errors import FormatError

WORDS = {"tokenize": "words"}
KEPT = {"tokenize": "words", "keep_punctuation": True}

# Characters of all kinds, in a text that is mostly ASCII.
PIECES = [*"aAbBzZ019'_.,;:!?\"-/()[]<>@#\t\r\n\x01\x7f", " ", " ", " ", "\r\n", ". ", "? ", ".\" ", "don't", "3.14",
          "The ", "U.S. ", *"éÉßẞİıǅﬁﬀÅſµ½²Ⅷ①", "A\u030a", "\u0301", "\u0323", *"αΑςΣжЖ", *"שבה\u05f3\u05f4",
          "ا\u064e",
          *"हिन्दी", *"ไทย", "ကို", "ខ្មែរ", *"東京々〇", *"ひらがな", *"カタカナーｱﾞ", *"한국", "\u1112\u1161\u11ab",
          *"ᏣꭓꮳაᲐⰀȺ",
          *"\u00a0\u0085\u1680\u2003\u2028\u2029\u202f\u3000\u200b", *"\u00ad\u200c\u200d\u200e\ufeff\ufe0f",
          *"·•’‘“”«»…。！？、「」।؟۔،·։", *"😀👩💻🏽🇩🇪€+©", "𝐀", "𐐀", "𠀀", "\ue000", "\U000e0001", "\u0378",
          "🇩🇪", "🇩🇪🇫", "👩\u200d💻", "x:y", "צה\"ל"]
BYTES = [piece.encode() for piece in PIECES] + [b"\xe9", b"\xff", b"\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f"]
TEXTS = st.lists(st.sampled_from(BYTES), max_size=60).map(b"".join)
OPTIONS = [TextOptions(**dict(chosen, stop_words=stop)) for chosen, stop in itertools.product(
    [{**kind, "lowercase": lower, "normalize": form, "split_lines_at": split}
     for kind, lower, form, split in itertools.product(
         [{}, {"unicode_spaces": True}, WORDS, KEPT], [False, True], [None, "nfc", "nfkc"], [None, "sentences"])],
    [(), ("the", "a", "é", ".")])]


def lines_of(data, options, weights=NO_WEIGHTS, tool=None):
    """Words of the lines that have some, by the compiled code."""
    tool = tool or preparer(options)
    prepared = data if tool is None else bytes(tool.prepare(data, weights))
    lines = [line.split() for line in prepared.split(b"\n")]
    return [[word.decode("utf-8", "surrogateescape") for word in line] for line in lines if line]


# ------------------------------------------------------------------------------------------------- against the twin


@given(TEXTS, st.sampled_from(OPTIONS))
def test_prepared_text_agrees_with_the_twin(data, options):
    assert lines_of(data, options) == twin.lines_of(data, options)


def random_text(rng, n):
    """Text in which rare characters are next to words: most pieces are ASCII."""
    common = [b"word ", b"The ", b"a1 ", b"it's ", b"x_y ", b"1,000.5 ", b"end. ", b"(in) ", b"-- ", b"\n", b"Zebra",
        b"q"]
    return b"".join(rng.choice(BYTES) if rng.random() < 0.15 else rng.choice(common) for _ in range(n))


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: ",".join(options.to_dict()) or "default")
def test_long_texts_agree_with_the_twin(options):
    rng = random.Random(str(options))
    for _ in range(6):
        data = random_text(rng, 300)
        assert lines_of(data, options) == twin.lines_of(data, options)


@pytest.mark.slow
@pytest.mark.skipif(unicode_version() != unicodedata.unidata_version, reason="built with another version of Unicode")
@pytest.mark.parametrize("options", [TextOptions(**WORDS), TextOptions(**KEPT), TextOptions(lowercase=True),
                                     TextOptions(unicode_spaces=True), TextOptions(normalize="nfkc")],
                         ids=["words", "punctuation", "lowercase", "spaces", "nfkc"])
def test_single_characters_agree_with_the_twin(options):
    rng = random.Random(1)
    codes = [*range(0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x12000), *range(0x1D000, 0x1FB00)]
    codes = [code for code in codes if not 0xD800 <= code < 0xE000 and code not in (0, 0xA, 0xD)]
    chars = [chr(code) for code in rng.sample(codes, 6000)] + [chr(rng.randrange(0x20000,
        0x110000)) for _ in range(200)]
    for char in chars:
        data = f"x{char}y {char} 1{char}2 {char}z".encode()
        assert lines_of(data, options) == twin.lines_of(data, options), f"U+{ord(char):04X}"


@given(TEXTS, st.sampled_from([{}, WORDS, KEPT, {"lowercase": True}]))
def test_first_word_of_weighted_lines_is_kept(data, options):
    options = TextOptions(**options, stop_words=["1.5", "a"])
    expected = twin.lines_of(data, options, weights=True)
    found = lines_of(data, options, WEIGHT_FIRST)
    if options.lowercase and options.tokenize == "whitespace":  # the first word is a number: case does not matter
        expected, found = ([[line[0].lower(), *line[1:]] for line in lines] for lines in (expected, found))
        expected = [["".join(map(twin.fold, line[0])), *line[1:]] for line in expected]
        found = [["".join(map(twin.fold, line[0])), *line[1:]] for line in found]
    assert found == expected


def test_block_after_the_weight_keeps_none():
    options = TextOptions(**WORDS, stop_words=["5"])
    assert lines_of(b"5 a-b\n-1.5 c-d\n", options, WEIGHT_PASSED) == [["a", "b"], ["-1.5", "c", "d"]]


# ------------------------------------------------------------------------------------------------- by hand


@pytest.mark.parametrize("text, words", [
    ("Don't", ["Don't"]), ("l'été", ["l'été"]), ("O\u2019Neil", ["O\u2019Neil"]),
    ("3.14 1,000 1;2", ["3.14", "1,000", "1;2"]),
    ("U.S.A. end.", ["U.S.A", "end"]), ("e-mail well-known", ["e", "mail", "well", "known"]),
    ("'tis dogs' ''a''", ["tis", "dogs", "a"]), ("a:b Category:Foo", ["a", "b", "Category", "Foo"]),
    ("snake_case _italic_ __init__ a__b _", ["snake_case", "italic", "init", "a__b"]),
    ("3rd MP3 2.a a.2", ["3rd", "MP3", "2", "a", "a", "2"]), ("3. .5 5,", ["3", "5", "5"]),
    ("½ m² ① CO₂", ["½", "m²", "①", "CO₂"]), ("$5 50% #tag @me C++", ["5", "50", "tag", "me", "C"]),
    ("l·l paral·lel", ["l·l", "paral·lel"]), ("한국어 조선", ["한국어", "조선"]),
    ("हिन्दी क्\u200dष", ["हिन्दी", "क्\u200dष"]),
    ("اَلْعَرَبِيَّةُ، نص", ["اَلْعَرَبِيَّةُ", "نص"]), ("ภาษาไทย abcไทย", ["ภาษาไทย", "abc", "ไทย"]),
    ("東京タワーへ", ["東", "京", "タワー", "へ"]), ("צה\"ל ג' שלום", ["צה\"ל", "ג'", "שלום"]),
    ("co\u00adop\u00ad", ["co\u00adop"]),
    ("\ufeffone two\u200e", ["one", "two"]), ("a\u200bb", ["a", "b"]),
    ("\u0301a e\u0301 -\u0301b", ["a", "e\u0301", "b"]),
    ("I ❤\ufe0f NY 😀😀", ["I", "NY"]), ("one\u00a0two\u3000three\u2009four", ["one", "two", "three", "four"]),
    ("caf\udce9 \udce9t\udce9", ["caf\udce9", "\udce9t\udce9"]), ("a\x01b \x7f", ["a", "b"]), ("", []),
    ("... -- !", [])])
def test_words_are_found_as_by_hand(text, words):
    assert words_of(text, TextOptions(**WORDS)) == words


@pytest.mark.parametrize("text, words", [
    ("Well, don't!", ["Well", ",", "don't", "!"]), ("U.S.A.", ["U.S.A", "."]),
    ("(a--b)", ["(", "a", "-", "-", "b", ")"]),
    ("_it_", ["_", "it", "_"]), ("$5 50%", ["$", "5", "50", "%"]), ("«Où?»", ["«", "Où", "?", "»"]),
    ("🇩🇪🇫🇷 👩\u200d💻 👍🏽 😀😀", ["🇩🇪", "🇫🇷", "👩\u200d💻", "👍🏽", "😀", "😀"]), ("東京。", ["東", "京", "。"]),
    ("a\x01b\u200bc", ["a", "b", "c"])])
def test_punctuation_is_kept_as_words(text, words):
    assert words_of(text, TextOptions(**KEPT)) == words


@pytest.mark.parametrize("text, lower", [
    ("HELLO World", "hello world"), ("Straße STRASSE ẞ", "straße strasse ß"), ("İstanbul Iğdır", "İstanbul iğdır"),
    ("ǅ Ǆ", "ǆ ǆ"), ("ﬁ ŉ", "ﬁ ŉ"), ("ΣΊΣΥΦΟΣ ς", "σίσυφοσ σ"), ("ЖУК", "жук"), ("Ᏸ ꭰ", "Ᏸ Ꭰ"), ("Ⱥ", "ⱥ"),
    ("𐐀 K Å", "𐐨 k å"), ("CAF\udcc9", "caf\udcc9"), ("ᾈ", "ᾀ")])
def test_lower_case_is_simple_folding(text, lower):
    assert words_of(text, TextOptions(lowercase=True)) == lower.split()


@pytest.mark.parametrize("form, text, words", [
    ("nfc", "A\u030a \u212b \u1112\u1161\u11ab", ["Å", "Å", "한"]), ("nfc", "ﬁ ½ Ａ", ["ﬁ", "½", "Ａ"]),
    ("nfc", "a\u0323\u0307 a\u0307\u0323", ["ạ\u0307", "ạ\u0307"]), ("nfc", "\u0958", ["\u0915\u093c"]),
    ("nfkc", "ﬁ ½ Ａ２ ① x²", ["fi", "1\u20442", "A2", "1", "x2"]), ("nfkc", "a\u00a0b", ["a", "b"]),
    ("nfkc", "\ufdfa", unicodedata.normalize("NFKC", "\ufdfa").split()), ("nfkc", "\udce9Ａ", ["\udce9A"])])
def test_normalization_is_that_of_unicode(form, text, words):
    assert words_of(text, TextOptions(normalize=form)) == words


def test_many_tokens_are_normalized_at_their_places():
    words = [f"w{i}" + ("e\u0301" if i % 3 else "") for i in range(20_000)]
    options = TextOptions(normalize="nfc")
    assert words_of(" ".join(words), options) == [word.replace("e\u0301", "é") for word in words]


@pytest.mark.parametrize("text, lines", [
    ("One two. Three four.", 2), ("Really? Yes! No.", 3), ("J. R. R. Tolkien wrote it. He did.", 2),
    ("the U.S. Army came.", 1), ("It is 3.14 now. 5 more.", 1), ("It is 3.14 now. 5 More.", 2), ("etc. and so on", 1),
    ("He said \"stop.\" Then left.", 2),
    ("(It ended.) New one.", 2), ("Wait... what", 1), ("Wait... What", 2), ("end?Next", 2), ("end.Next", 1),
    ("今日は。明日は！", 2), ("Yes!, he said.", 1), ("क ख। ग घ।", 2), ("What?! No.", 2), ("هل؟ نعم۔ لا", 3),
    ("No end", 1)])
def test_sentences_end_lines(text, lines):
    options = TextOptions(split_lines_at="sentences")
    found = lines_of(text.encode() + b"\n", options)
    assert len(found) == lines
    assert "".join("".join(line) for line in found) == text.replace(" ", "")


@pytest.mark.parametrize("options", [{"unicode_spaces": True}, WORDS, KEPT, {"split_lines_at": "sentences"}])
def test_line_ends_of_unicode_end_lines(options):
    data = "a\rb\r\nc\u0085d\u2028e\u2029f\n\rg\r".encode()
    assert lines_of(data, TextOptions(**options)) == [[char] for char in "abcdefg"]


def test_default_white_space_is_that_of_ascii():
    assert words_of("a\u00a0b\x85c\u3000d e\x1cf", TextOptions()) == ["a\u00a0b\x85c\u3000d", "e\x1cf"]


def test_line_ends_in_a_line_are_white_space():
    assert words_of("a b.\nc\rd", TextOptions(split_lines_at="sentences")) == ["a", "b.", "c", "d"]


def test_stop_words_are_left_out_and_counted():
    options = TextOptions(lowercase=True, **WORDS, stop_words=["the", "of", "a", "très-long" * 9])
    tool = Preparer(options)
    assert lines_of(f"The end, of THE a-b {'x' * 70}\nthe\n".encode(), options, tool=tool) == [["end", "b", "x" * 70]]
    assert tool.counts.stop_words == 5


def test_many_stop_words_are_all_found():
    stop = [f"s{i}" for i in range(5000)]
    words = [f"s{i}" for i in range(0, 10_000, 3)]
    assert words_of(" ".join(words),
        TextOptions(stop_words=stop)) == [word for word in words if int(word[1:]) >= 5000]


def test_ideographs_are_counted():
    tool = Preparer(TextOptions(**WORDS))
    tool.prepare("東京 tower かな タワー".encode())
    assert tool.counts.ideographs == 4


@pytest.mark.parametrize("options", [TextOptions(), TextOptions(tokenizer=str.split)])
def test_defaults_need_no_preparation(options):
    assert preparer(options) is None


def test_version_of_unicode_is_that_of_the_build():
    assert re.fullmatch(r"\d+\.\d+\.\d+", unicode_version())
    assert [int(part) for part in unicode_version().split(".")] >= [14, 0, 0]


@pytest.mark.parametrize("text", ["_" * 100_000, "a" + "_" * 100_000 + "b", "a'" * 50_000, "\u0301" * 100_000,
    "." * 100_000,
                                  "a." * 50_000, "a. 1" + " 2" * 50_000, "A.\u0301" * 30_000, "." + ")" * 100_000])
def test_time_is_linear_in_long_runs(text):
    for options in ({**WORDS, "split_lines_at": "sentences"}, {**KEPT, "normalize": "nfkc"}):
        assert all(words_of(text, TextOptions(**options)))  # a quadratic loop would take minutes


# ------------------------------------------------------------------------------------------------- tokens


def test_options_apply_to_tokens_without_splitting_them():
    options = TextOptions(lowercase=True, normalize="nfkc", stop_words=["new york", "a"])
    sentences = [["New York", "A", "Ａ b.c", "E\u0301", "x\ny"], ["A"], ["end. Next", "ﬁ\u00a0n"]]
    corpus = encode(CorpusInput.of(sentences, {name: getattr(options, name) for name in (
        "lowercase", "normalize", "stop_words")}), min_count=1)
    assert sorted(corpus.vocabulary.words) == sorted(["a b.c", "é", "x\ny", "end. next", "fi n"])
    assert (corpus.report.stop_words, corpus.report.words, corpus.report.lines) == (3, 5, 2)


# ------------------------------------------------------------------------------------------------- corpora


def encoded_lines(corpus):
    lines = [[]]
    for entry in corpus.read(0, len(corpus.ids)).tolist():
        if entry < 0:
            lines.append([])
        else:
            lines[-1].append(corpus.vocabulary.words[entry])
    return lines[:-1]


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("options", [
    TextOptions(**WORDS, lowercase=True), TextOptions(split_lines_at="sentences"), TextOptions(unicode_spaces=True),
    TextOptions(**KEPT, normalize="nfkc", lowercase=True, split_lines_at="sentences", stop_words=["the", ","])],
    ids=["words", "sentences", "spaces", "all"])
def test_corpus_does_not_depend_on_blocks_and_threads(tmp_path, options, suffix):
    rng = random.Random(3)
    data = b"\n".join(random_text(rng, 40) for _ in range(12)).replace(b"\xfe", b"") + b"\nend"
    path = tmp_path / f"text.txt{suffix}"
    path.write_bytes(gzip.compress(data) if suffix else data)
    given_options = {name: getattr(options, name) for name in (
        "lowercase", "tokenize", "keep_punctuation", "normalize", "unicode_spaces", "split_lines_at", "stop_words")}
    corpus = CorpusInput.of(path, given_options)
    expected = twin.lines_of(data, options)
    reports = set()
    for block_size in (1, 2, 7, 64, 1000, 1 << 19):
        for threads in (1, 3):
            found = encode(corpus, min_count=1, block_size=block_size, threads=threads)
            assert encoded_lines(found) == expected
            reports.add((found.report.words, found.report.lines, found.report.stop_words))
    assert len(reports) == 1


def test_report_counts_stop_words(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("the cat\nthe\nsat on the mat\n")
    report = encode(CorpusInput.of(path, {"stop_words": ["the", "on"]}), min_count=1).report
    assert (report.words, report.stop_words, report.lines, report.words_unknown) == (3, 4, 2, 0)


@pytest.mark.parametrize("options", [WORDS, {"unicode_spaces": True}, {"stop_words": ["2", "a"]}])
@pytest.mark.parametrize("block_size", [1, 5, 1 << 19])
def test_weights_of_lines_are_not_prepared(tmp_path, options, block_size):
    path = tmp_path / "text.txt"
    path.write_bytes(b"1.5 a b\r\n2 c d\n0.25 e f\n")
    ending = b"1.5 a b\r2 c d\x0d0.25 e f\n"
    corpus = encode(CorpusInput.of(path, options), min_count=1, line_weights=True, block_size=block_size)
    assert corpus.report.line_weights.mean == pytest.approx(1.25)
    assert corpus.report.words == 6 - ("stop_words" in options)
    if "stop_words" not in options:
        path.write_bytes(ending)
        corpus = encode(CorpusInput.of(path, options), min_count=1, line_weights=True, block_size=block_size)
        assert (corpus.report.line_weights.lines, corpus.report.words) == (3, 6)


@pytest.mark.parametrize("options", [WORDS, {"unicode_spaces": True}, {"lowercase": True}, {"normalize": "nfkc"}])
@pytest.mark.parametrize("block_size", [1, 1 << 19])
def test_bad_weight_is_located_in_the_source(tmp_path, options, block_size):
    path = tmp_path / "text.txt"
    data = "1 ⅧⅧ, (a)\n2 — b\n  Oops c\n".encode()
    path.write_bytes(data)
    with pytest.raises(FormatError, match=f"(?i)byte {data.index(b'Oops')}.*oops"):
        encode(CorpusInput.of(path, options), min_count=1, line_weights=True, block_size=block_size)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_long_line_without_line_ends_is_cut_at_white_space(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr("w2v.corpus.blocks.MAX_WORD", 100)
    path = tmp_path / f"text.txt{suffix}"
    data = b"word " * 200 + b"\nEnd. New.\n"
    path.write_bytes(gzip.compress(data) if suffix else data)
    for block_size in (10, 64):
        corpus = encode(CorpusInput.of(path, {"split_lines_at": "sentences"}), min_count=1, block_size=block_size)
        assert (corpus.report.words, corpus.report.lines) == (202, 3)


@pytest.mark.parametrize("options", [{"lowercase": True}, WORDS, {"normalize": "nfc"}, {"stop_words": ["1"]}])
@pytest.mark.parametrize("corpus", [np.array([1, 2, -1]), [[1, 2], [3]], "ids.npy"])
def test_options_of_text_are_refused_for_integers(tmp_path, monkeypatch, options, corpus):
    monkeypatch.chdir(tmp_path)
    np.save("ids.npy", np.array([1, 2, -1]))
    with pytest.raises(ValueError, match=f"{next(iter(options))} = .* has no effect on integers"):
        encode(CorpusInput.of(corpus, options), min_count=1)


def test_sentences_of_weighted_lines_are_refused(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("1 a b\n")
    with pytest.raises(ValueError, match="each sentence would need a weight"):
        encode(CorpusInput.of(path, {"split_lines_at": "sentences"}), line_weights=True)


# ------------------------------------------------------------------------------------------------- every consumer


RAW = "The King's speech. “Don't” — he said…\n\nIt\u00a0was THE end? No.\n" * 30
PREPARED = ("the king's speech\ndon't he said\nit was the end\nno\n" * 30)
ALL = {"lowercase": True, "tokenize": "words", "split_lines_at": "sentences"}
OF_RUN = {"vector_size": 4, "min_count": 1, "threads": 1, "progress": False, "sample": 0, "epochs": 1}


@pytest.fixture
def files(tmp_path):
    for name, text in (("raw.txt", RAW), ("prepared.txt", PREPARED)):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_training_and_plan_see_prepared_words(files):
    raw = w2v.train(files / "raw.txt", **OF_RUN, **ALL)
    prepared = w2v.train(files / "prepared.txt", **OF_RUN)
    assert raw.report.corpus.lines == prepared.report.corpus.lines == 120
    assert raw.wv.index_to_key == prepared.wv.index_to_key and np.array_equal(raw.wv.vectors, prepared.wv.vectors)
    plans = [w2v.plan(files / name, vector_size=4, min_count=1, threads=1, **options)
             for name, options in (("raw.txt", ALL), ("prepared.txt", {}))]
    assert plans[0].vocabulary == plans[1].vocabulary and plans[0].words == plans[1].words


def test_command_plans_for_prepared_words(files, run):
    code, out, err = run("plan", files / "raw.txt", "--lowercase", "--tokenize", "words", "--min-count", 1, "--json")
    assert code == 0, err
    assert json.loads(out)["words"]["expected"] == len(PREPARED.split())


def test_held_out_text_is_prepared_too(files):
    (files / "held-raw.txt").write_text(RAW[: len(RAW) // 2])
    (files / "held-prepared.txt").write_text(PREPARED[: len(PREPARED) // 2])
    losses = [w2v.train(files / name, held_out=files / f"held-{name}", **OF_RUN, **options).report.loss_held_out
              for name, options in (("raw.txt", ALL), ("prepared.txt", {}))]
    assert losses[0] == losses[1] > 0


def test_phrases_are_learned_and_written_from_prepared_text(files, run):
    for name, options in (("raw", ["--lowercase", "--tokenize", "words", "--split-lines-at", "sentences"]),
                          ("prepared", [])):
        code, _, err = run("phrases", files / f"{name}.txt", "-o", files / f"{name}.tsv", "--apply",
                           files / f"{name}.out", "--min-count", 5, "--threshold", 0.1, *options)
        assert code == 0, err
    assert (files / "raw.out").read_text() == (files / "prepared.out").read_text()
    assert "the_king's speech" in (files / "raw.out").read_text()


def test_stop_words_are_in_the_printed_report(files, run):
    (files / "stop.txt").write_text("the\nit\n")
    code, out, err = run("train", files / "raw.txt", "-o", files / "v.bin", "--lowercase", "--tokenize", "words",
                         "--stop-words", files / "stop.txt", "--vector-size", 4, "--threads", 1, "--min-count", 1)
    assert code == 0 and "stop words left out" in out + err
    assert "the" not in w2v.load(files / "v.bin") and "king's" in w2v.load(files / "v.bin")
