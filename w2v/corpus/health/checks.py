"""Checks of a corpus: one function each, listed in `CHECKS`.

Place in the data flow: `Evidence` -> `Finding`. To add a check, write a function of the evidence that returns a
finding, and add it to `CHECKS`. Thresholds that training warns at too are those of `w2v.corpus.warnings`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from w2v.corpus import warnings
from w2v.corpus.health.evidence import Counts, Evidence
from w2v.corpus.health.languages import (
    LanguageWords,
    mixes_scripts,
    names_of_function_words,
    script_counts,
    shown_shares,
)
from w2v.corpus.health.sample_lines import LEAST_REPEATED
from w2v.system.diagnosis import Finding, Measure, Severity
from w2v.system.text_table import TextTable

REPEATED = 0.05  # share of the words in repeated lines that is a warning
OTHER_SCRIPT, OTHER_LANGUAGE = 0.02, 0.05  # shares of words and lines that are worth a note
ADDRESSES, NUMBERS, CAPITALS = 0.01, 0.1, 0.1
MOJIBAKE = 0.001
RARE = 5  # the default of min_count
_SHOWN = 5

_ADDRESS = re.compile(r"://|^www\.|^[^@\s]+@[^@\s]+\.\w+$")
# UTF-8 that was read as Latin-1 or Windows-1252: a lead byte and a continuation byte as two characters
_MOJIBAKE = re.compile("[\u00c2\u00c3\u00d0\u00d1][\u0080-\u00bf\u0152\u0153\u0160\u0161\u017d\u017e\u0178\u0192"
                       "\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]|\u00e2\u20ac|\ufffd")


def _finding(check: str, group: str, severity: Severity, meaning: str, measures: Sequence[Measure] = (),
             advice: str = "", examples: Sequence[str] = (), table: TextTable | None = None) -> Finding:
    return Finding(check, severity, meaning, tuple(measures), advice if severity != "ok" else "", tuple(examples),
                   group, table=table)


def _words(found: Evidence, flags: NDArray[np.bool_], name: str) -> tuple[Measure, list[str]]:
    """Return the share of the words for which a flag by id is set, and the most frequent of them."""
    measure = found.of_words(name, lambda counts: _share(int(counts[flags].sum()), int(counts.sum())))
    ids = found.order[flags[found.order] & (found.counts[found.order] > 0)][:_SHOWN]
    return measure, [found.words[i] for i in ids.tolist()]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _matching(found: Evidence, pattern: re.Pattern[str]) -> NDArray[np.bool_]:
    return np.array([pattern.search(word) is not None for word in found.words], dtype=np.bool_)


# --- text ------------------------------------------------------------------------------------------------------------


def encoding(found: Evidence) -> Finding:
    """Words that are not valid UTF-8, or were decoded wrongly before."""
    invalid = found.of_oddities("words that are not valid UTF-8", "invalid_words")
    wrong, examples = _words(found, _matching(found, _MOJIBAKE), "words decoded with the wrong encoding")
    broken = [word for word in found.words if any("\udc80" <= mark <= "\udcff" for mark in word)][:_SHOWN]
    if invalid.value:
        return _finding("encoding", "text", "warning", "Some bytes are not UTF-8, so their words are not readable.",
                        [invalid, wrong], "convert the text first: iconv -f LATIN1 -t UTF-8 FILE > NEW "
                        "(or another encoding than LATIN1)", broken)
    if (wrong.value or 0) > MOJIBAKE:
        return _finding("encoding", "text", "warning",
                        "Words such as \"Ã©\" were UTF-8 that a program read in another encoding.", [invalid, wrong],
                        "read the original text as UTF-8", examples)
    return _finding("encoding", "text", "ok", "The text is UTF-8.", [invalid, wrong])


def layout(found: Evidence) -> Finding:
    """Files that are tables, markup or JSON instead of sentences."""
    what = found.sample.traits.layout
    if not what:
        return _finding("layout", "text", "ok", "The files look like plain text.")
    return _finding("layout", "text", "warning", f"The text looks like {what}: names, quotes and numbers would be "
                    "trained as words.", (), warnings.sentences_of(what))


def markup(found: Evidence) -> Finding:
    """Words with tags, entities or wiki markup."""
    tags = found.of_oddities("words with tags or entities", "markup")
    wiki = found.of_oddities("words with wiki markup", "wiki")
    flags = _matching(found, re.compile(r"<[^>]+|&\w+;|&#|\[\[|\]\]|\{\{|\}\}"))
    _, examples = _words(found, flags, "")
    if max(tags.value or 0, wiki.value or 0) <= warnings.MARKUP:
        return _finding("markup", "text", "ok", "There is little or no markup.", [tags, wiki])
    return _finding("markup", "text", "warning", "Tags and markup are trained as words, and are neighbours of all.",
                    [tags, wiki], "extract the plain text first", examples)


def addresses(found: Evidence) -> Finding:
    """Web and mail addresses."""
    measure, examples = _words(found, _matching(found, _ADDRESS), "web and mail addresses")
    severity: Severity = "note" if (measure.value or 0) > ADDRESSES else "ok"
    return _finding("addresses", "text", severity, "Addresses are words of their own, and most are rare.", [measure],
                    "replace them with one word", examples)


# --- lines -----------------------------------------------------------------------------------------------------------


def line_lengths(found: Evidence) -> Finding:
    """Words per line: files with one line, or lines with one word."""
    lengths = found.lines.lengths
    lines = sum(part.lines for part in found.sample.parts)
    per_line = found.sample.words / max(lines, 1)
    low, middle, high = np.percentile(lengths, [5, 50, 95]) if len(lengths) else (0, 0, 0)
    measures = [Measure("mean words per line", per_line), Measure("median", round(middle)),
                Measure("95 % of lines have at least", round(low)), Measure("95 % have at most", round(high))]
    bins = np.unique(np.geomspace(1, max(int(lengths.max(initial=1)), 2), 21).astype(np.int64))
    histogram = {"edges": bins.tolist(), "lines": np.histogram(lengths, bins)[0].tolist()}
    if per_line > warnings.MANY_WORDS:
        found_one = _finding("line lengths", "lines", "warning", "Lines are very long, perhaps a whole file: windows "
                             "cross the ends of sentences and documents.", measures,
                             "put each sentence or paragraph on its own line, or use --split-lines-at sentences")
    elif per_line < warnings.FEW_WORDS:
        found_one = _finding("line lengths", "lines", "warning", "Most lines have one word, and a word learns from the "
                             "other words of its line.", measures, "put the words of a sentence on one line")
    else:
        found_one = _finding("line lengths", "lines", "ok", "Lines look like sentences or documents.", measures)
    return Finding(**{**vars(found_one), "data": histogram})


def longest_lines(found: Evidence) -> Finding:
    """The longest lines, by their first words."""
    lengths = found.lines.lengths
    longest = np.argsort(-lengths, kind="stable")[:3]
    examples = [f"{lengths[i]:,} words: {' '.join(found.words[w] for w in found.lines.words_of(i)[:4].tolist())}"
                for i in longest.tolist()]
    return _finding("longest lines", "lines", "ok", "Lines may have any length.",
                    [Measure("words of the longest line seen", int(lengths.max(initial=0)))], "", examples)


def repeated_lines(found: Evidence) -> Finding:
    """Lines that occur more than once, such as headers, footers and copied documents."""
    repeated, most = found.lines.repetitions()
    weights = found.lines.lengths.astype(np.float64)
    measures = [found.of_lines("words in repeated lines", repeated.astype(np.float64), weights),
                found.of_lines("repeated lines", repeated.astype(np.float64))]
    examples = [f"{count:,} times: {' '.join(found.words[w] for w in found.lines.words_of(line)[:6].tolist())}"
                for line, count in most]
    seen = "" if found.sample.complete else " A sample shows only a part of the repetitions."
    if (measures[0].value or 0) <= REPEATED:
        return _finding("repeated lines", "lines", "ok", f"Few lines of {LEAST_REPEATED} words or more occur twice."
                        f"{seen}", measures, "", examples)
    return _finding("repeated lines", "lines", "warning", "Copied text counts several times, and its words become "
                    f"neighbours because of the copies.{seen}", measures,
                    "remove copies first, for example with: awk '!seen[$0]++' FILE > NEW", examples)


# --- words -----------------------------------------------------------------------------------------------------------


def letter_case(found: Evidence) -> Finding:
    """Words that occur both in lower case and capitalised; words in capitals."""
    both = found.of_oddities("capitalised words that also occur in lower case", "capitalized")
    flags = np.array([len(word) > 1 and word.isupper() for word in found.words], dtype=np.bool_)
    capitals, examples = _words(found, flags, "words in capitals")
    if (both.value or 0) > warnings.CAPITALIZED or (capitals.value or 0) > CAPITALS:
        return _finding("letter case", "words", "note", "\"The\" and \"the\" are different words, so that each has "
                        "fewer examples.", [both, capitals], "use --lowercase if they should be one word", examples)
    return _finding("letter case", "words", "ok", "Few words are split by letter case.", [both, capitals])


def punctuation(found: Evidence) -> Finding:
    """Punctuation at the end of words, and by itself."""
    attached = found.of_oddities("words that end in punctuation", "punctuated")
    flags = np.array([not any(map(str.isalnum, word)) for word in found.words], dtype=np.bool_)
    alone, examples = _words(found, flags, "words without letters and digits")
    if (attached.value or 0) > warnings.PUNCTUATED:
        return _finding("punctuation", "words", "warning", "\"end.\" and \"end\" are different words.",
                        [attached, alone], "use --tokenize words, or separate punctuation first")
    return _finding("punctuation", "words", "ok", "Punctuation is separate or was removed.", [attached, alone], "",
                    examples)


def numbers(found: Evidence) -> Finding:
    """Words of digits."""
    flags = np.array([word[:1].isdigit() and not any(map(str.isalpha, word)) for word in found.words], dtype=np.bool_)
    measure, examples = _words(found, flags, "numbers")
    severity: Severity = "note" if (measure.value or 0) > NUMBERS else "ok"
    return _finding("numbers", "words", severity, "Each number is a word of its own.", [measure],
                    "replace digits if numbers do not matter", examples)


def longest_words(found: Evidence) -> Finding:
    """The longest words."""
    sizes = np.array([len(word.encode("utf-8", "surrogateescape")) for word in found.words] or [0])
    longest = np.argsort(-sizes, kind="stable")[:_SHOWN].tolist() if found.words else []
    measure = Measure("bytes of the longest word", int(sizes.max()))
    examples = [found.words[i] for i in longest]
    if sizes.max() > warnings.LONG_WORD:
        return _finding("longest words", "words", "warning", "Such long words are usually data, or text without "
                        "blanks.", [measure], "remove them, or separate the words", examples)
    return _finding("longest words", "words", "ok", "Word lengths are usual.", [measure], "", examples)


def rare_words(found: Evidence) -> Finding:
    """Words below the default of min_count, and words seen once."""
    def rare(counts: Counts) -> float:
        return _share(int(counts[counts < RARE].sum()), int(counts.sum()))

    def once(counts: Counts) -> float:
        return _share(int((counts == 1).sum()), int((counts > 0).sum()))

    measures = [found.of_words(f"words of the text that occur fewer than {RARE} times", rare),
                found.of_words("distinct words that occur once", once)]
    measures.append(Measure("distinct words", int((found.counts > 0).sum())))
    if (measures[0].value or 0) > 0.5:
        return _finding("rare words", "words", "warning", "Most words are too rare to learn anything.", measures,
                        "use more text, a smaller --min-count, or --minn 3 --maxn 6 (n-grams)")
    return _finding("rare words", "words", "ok", "Most of the text consists of words that occur often enough."
                    + ("" if found.sample.complete else " In the whole corpus words occur more often than in this "
                       "sample."), measures)


# --- languages -------------------------------------------------------------------------------------------------------


def scripts(found: Evidence) -> Finding:
    """Scripts of the words, and words that mix scripts."""
    counted = script_counts(found.words, found.counts)
    lettered = Counter({name: n for name, n in counted.items() if name != "none"})
    main = lettered.most_common(1)[0][0] if lettered else "none"
    flags = np.array([mixes_scripts(word) for word in found.words], dtype=np.bool_)
    mixed, examples = _words(found, flags, "words that mix Latin with Cyrillic or Greek letters")
    other = np.array([script_counts([word], np.ones(1, np.int64)).most_common(1)[0][0] not in (main, "none")
                      for word in found.words], dtype=np.bool_)
    measure, _ = _words(found, other, f"words in other scripts than {main}")
    severity: Severity = "note" if (measure.value or 0) > OTHER_SCRIPT else "ok"
    return _finding("scripts", "languages", severity, f"Scripts: {shown_shares(lettered)}.", [measure, mixed],
                    "train languages separately, or check where the other scripts come from", examples)


def languages(found: Evidence) -> Finding:
    """Languages of the lines, by their function words."""
    known = [(word, [i for form in dict.fromkeys((word, word.capitalize(), word.upper()))
                     if (i := found.sample.table.find(form.encode())) >= 0]) for word in names_of_function_words()]
    table = LanguageWords(known, len(found.words))
    language = table.of_lines(found.lines.ids, found.lines.line_of_word, len(found.lines))
    told = language >= 0
    counted = Counter({table.names[i]: int(n) for i, n in enumerate(np.bincount(language[told],
                                                                                minlength=len(table.names)))})
    main = counted.most_common(1)[0][0] if told.any() else ""
    unknown = found.of_lines("lines whose language is not recognised", (~told).astype(np.float64))
    if not main:
        return _finding("languages", "languages", "ok", "No line has function words of a known language.", [unknown])
    other = (language != table.names.index(main)).astype(np.float64)
    measure = found.of_lines(f"lines in other languages than {main}", other, told.astype(np.float64))
    severity: Severity = "note" if (measure.value or 0) > OTHER_LANGUAGE else "ok"
    rows = [(name, f"{n:,}", f"{100 * n / max(int(told.sum()), 1):.1f} %") for name, n in counted.most_common() if n]
    return _finding("languages", "languages", severity, f"By function words: {shown_shares(counted)}.",
                    [measure, unknown], "words of different languages do not share contexts: train them separately, or "
                    "accept one space with a part for each",
                    table=TextTable(("language", "lines", "share"), rows))


CHECKS: tuple[Callable[[Evidence], Finding], ...] = (
    encoding, layout, markup, addresses, line_lengths, longest_lines, repeated_lines, letter_case, punctuation, numbers,
    longest_words, rare_words, scripts, languages)
"""All checks, in the order in which they are shown."""
