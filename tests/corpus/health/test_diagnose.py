"""Checks of a corpus: a good text passes, and each defect is found by its check alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from w2v.corpus.health.checks import CHECKS
from w2v.corpus.health.diagnose import diagnose_corpus
from w2v.corpus.paths import CorpusInput
from w2v.errors import CorpusError, W2VError
from w2v.system.diagnosis import Diagnosis

NAMES = ["encoding", "layout", "markup", "addresses", "line lengths", "longest lines", "repeated lines", "letter case",
         "punctuation", "numbers", "longest words", "rare words", "scripts", "languages"]


def english(lines: int = 400, seed: int = 1) -> list[str]:
    """Lines of English function words and invented words of few forms."""
    rng = np.random.default_rng(seed)
    function = "the of and to in is that for it was with as on be by".split()
    content = [a + b for a in ("ba", "ko", "li", "mu", "te") for b in ("ran", "sel", "tor", "nim")]
    return [" ".join(rng.choice(function if rng.random() < 0.5 else content) for _ in range(12))
            for _ in range(lines)]


def diagnosis(tmp_path: Path, text: str | bytes, **options: object) -> Diagnosis:
    path = tmp_path / "corpus.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return diagnose_corpus(CorpusInput.of(path, options))


def not_ok(found: Diagnosis) -> dict[str, str]:
    return {finding.check: finding.severity for finding in found.findings if finding.severity != "ok"}


def text_of(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def test_good_text_passes_every_check(tmp_path):
    found = diagnosis(tmp_path, text_of(english()))
    assert [finding.check for finding in found.findings] == NAMES and not not_ok(found)
    assert found.passed and found.kind == "corpus" and found.facts["words"] == "4,800"
    assert found["line lengths"]["median"].value == 12


DEFECTS = {
    "encoding": ("latin-1 bytes", lambda lines: [*lines, *["caf\udce9 na\udcefve"] * 9], "warning"),
    "markup": ("tags", lambda lines: [line.replace("of", "<b>of</b>", 1) for line in lines], "warning"),
    "addresses": ("addresses", lambda lines: [f"{line} http://example.org/{i % 7}" for i, line in enumerate(lines)],
                  "note"),
    "repeated lines": ("copies", lambda lines: [*lines, *["all rights of the text belong to the house"] * 90],
                       "warning"),
    "letter case": ("capitals", lambda lines: [line.title() if i % 2 else line for i, line in enumerate(lines)],
                    "note"),
    "punctuation": ("full stops", lambda lines: [line.replace("a ", "a; ") + "." for line in lines], "warning"),
    "numbers": ("numbers", lambda lines: [f"{line} {i} {i + 1} {i + 2}" for i, line in enumerate(lines)], "note"),
    "longest words": ("a long word", lambda lines: [*lines, "x" * 1001], "warning"),
    "scripts": ("Cyrillic", lambda lines: [*lines, *["волна берег камень"] * 40], "note"),
    "languages": ("German", lambda lines: [*lines, *[f"der mond und die see sind nicht das {a}" for a in range(60)]],
                  "note"),
}


@pytest.mark.parametrize("check", DEFECTS)
def test_defect_is_found_by_its_check(tmp_path, check):
    _, spoil, severity = DEFECTS[check]
    text = text_of(spoil(english())).encode("utf-8", "surrogateescape")
    found = not_ok(diagnosis(tmp_path, text))
    assert found[check] == severity
    assert set(found) <= {check, "rare words", "languages"}, found


@pytest.mark.parametrize(("text", "severity"), [(" ".join(english(2000)), "warning"),
                                                ("\n".join(" ".join(english()).split()), "warning"),
                                                (text_of(english()), "ok")])
def test_one_line_and_one_word_per_line_are_found(tmp_path, text, severity):
    assert diagnosis(tmp_path, text)["line lengths"].severity == severity


def test_layout_that_is_no_text_is_found(tmp_path):
    rows = "\n".join(f'{{"text": "the wave {i}"}}' for i in range(20))
    assert diagnosis(tmp_path, rows)["layout"].severity == "warning"


def test_wrong_decoding_is_found(tmp_path):
    spoiled = [line + " " + "café naïve".encode().decode("cp1252") for line in english()]
    found = diagnosis(tmp_path, text_of(spoiled))["encoding"]
    assert found.severity == "warning" and "read in another encoding" in found.meaning
    assert diagnosis(tmp_path, text_of([line + " café Âge" for line in english()]))["encoding"].severity == "ok"


def test_repeated_share_is_exact_for_a_small_corpus(tmp_path):
    lines = english(90)
    found = diagnosis(tmp_path, text_of([*lines, *lines[:10]]))["repeated lines"]
    assert found["repeated lines"].value == pytest.approx(0.1)
    assert found["repeated lines"].interval is None, "everything was read"
    assert len(found.examples) == 5 and found.examples[0].startswith("2 times: ")


def test_order_of_words_distinguishes_lines(tmp_path):
    found = diagnosis(tmp_path, "a b c d e\ne d c b a\na b c d e f\na b c d\na b c d\n")
    assert found["repeated lines"]["repeated lines"].value == 0, "a line of four words is too short to count"


def test_options_of_reading_apply(tmp_path):
    spoiled = text_of([line.replace(" ", ", ").title() + "." for line in english()])
    found = diagnosis(tmp_path, spoiled, tokenize="words", lowercase=True)
    assert found["punctuation"].severity == "ok" and found["letter case"].severity == "ok"


def test_sample_of_a_large_corpus_has_intervals_that_hold_the_value(tmp_path):
    lines = english(2000) * 40
    spoiled = [line + " Ending." if i % 10 == 0 else line for i, line in enumerate(lines)]
    path = tmp_path / "corpus.txt"
    path.write_text(text_of(spoiled))
    found = diagnose_corpus(path, sample_bytes=path.stat().st_size // 2)
    measure = found["punctuation"]["words that end in punctuation"]
    low, high = measure.interval
    truth = 8000 / sum(len(line.split()) for line in spoiled)
    assert low < truth < high and high - low < truth / 5
    assert "drawn at random" in found.facts["read"]


def test_same_corpus_gives_the_same_result(tmp_path):
    text = text_of(english())
    assert diagnosis(tmp_path, text).to_dict() == diagnosis(tmp_path, text).to_dict()


def test_skipped_files_of_a_folder_are_named(tmp_path):
    (tmp_path / "a.txt").write_text(text_of(english()))
    (tmp_path / ".hidden").write_text("x")
    assert "1 hidden" in diagnose_corpus(tmp_path)["skipped files"].meaning


def test_bad_input_is_one_error(tmp_path):
    (tmp_path / "empty.txt").write_text("\n\n")
    with pytest.raises(CorpusError, match="it has no words"):
        diagnose_corpus(tmp_path / "empty.txt")
    with pytest.raises(ValueError, match="sample_bytes = 0 is out of range"):
        diagnose_corpus(tmp_path / "empty.txt", sample_bytes=0)
    with pytest.raises(W2VError, match="standard input can be read only once"):
        diagnose_corpus("-")
    with pytest.raises(TypeError, match="a sample needs files"):
        diagnose_corpus(iter([["a", "b"]]))


def test_every_check_has_a_description():
    assert len(CHECKS) == len(NAMES) and all(check.__doc__ for check in CHECKS)
