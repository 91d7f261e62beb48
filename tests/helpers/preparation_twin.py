"""Slow twin of the preparation of text (csrc/text/prepare.h): one character at a time, by the rules of UAX 29.

It shares no code and no table with the package: scripts are ranges of code points here, and boundaries follow from
looking at the whole text around a position.
"""

import unicodedata

from w2v.corpus_options import TextOptions

LINE_ENDS = "\n\x85\u2028\u2029"
IDEOGRAPHS = [(0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303A), (0x3041, 0x309A), (0x309D, 0x309F),
              (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x16FE0, 0x18D08), (0x1B001, 0x1B11F),
              (0x1B150, 0x1B152), (0x1B170, 0x1B2FF), (0x1F200, 0x1F200), (0x20000, 0x3FFFF)]
COMPLEX = [(0x0E01, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF),
           (0xA9E0, 0xA9FE), (0xAA60, 0xAADF), (0x11700, 0x1174F)]
KATAKANA = [(0x3031, 0x3035), (0x309B, 0x309C), (0x30A0, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF),
            (0xFF66, 0xFF9D), (0x1AFF0, 0x1B000), (0x1B120, 0x1B122), (0x1B164, 0x1B167)]
HEBREW = [(0x05D0, 0x05F2), (0xFB1D, 0xFB4F)]
MIDDLES = {"mid letter": "\u00b7\u0387\u055f\u05f4\u2027", "mid both": ".\u2018\u2019\u2024\ufe52\uff07\uff0e",
           "mid number": ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b",
           "quote": "'", "double quote": '"'}
WORD_KINDS = {"letter", "hebrew", "number", "katakana", "complex", "ideograph"}
MARKS = {"extend", "format", "joiner"}
LETTERS = {"letter", "hebrew"}


def is_in(char: str, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= ord(char) <= last for first, last in ranges)


def is_blank(char: str) -> bool:
    return char in " \t\v\f\r\u200b" or (char > "\x7f" and char.isspace() and char not in LINE_ENDS)


def kind_of(char: str) -> str:
    """Word_Break of a character, with what UAX 29 calls Other divided further."""
    category = unicodedata.category(char)
    if category == "Cs":
        return "letter"  # a byte that is not UTF-8
    for kind, chars in MIDDLES.items():
        if char in chars:
            return kind
    if char == "\u200d":
        return "joiner"
    if category.startswith("M") or char in "\u200c\uff9e\uff9f" or 0x1F3FB <= ord(char) <= 0x1F3FF:
        return "extend"
    if category == "Cf":
        return "format"
    if is_in(char, KATAKANA):
        return "katakana"
    if category[0] == "L" or category == "Nl":
        kinds = [("ideograph", IDEOGRAPHS), ("complex", COMPLEX), ("hebrew", HEBREW)]
        return next((kind for kind, ranges in kinds if is_in(char, ranges)), "letter")
    if category[0] == "N":
        return "number"
    if category == "Pc":
        return "connector"
    if 0x1F1E6 <= ord(char) <= 0x1F1FF:
        return "flag"
    return "symbol" if category == "So" else "punctuation" if category[0] in "PS" else "other"


def joins(kinds: list[str], i: int, marks: str, flags: int) -> bool:
    """Whether there is no boundary between kinds[i - 1] and kinds[i] (marks are left out, WB4). `marks` are the marks
    between them; `flags` is the number of flag characters that end at i - 1."""
    before, after = kinds[i - 1], kinds[i]
    further = kinds[i - 2] if i > 1 else ""
    following = kinds[i + 1] if i + 1 < len(kinds) else ""
    word = LETTERS | {"number"}
    return any([
        before in word and after in word,  # WB5, 8, 9, 10
        before in LETTERS and after in {"mid letter", "mid both", "quote"} and following in LETTERS,  # WB6
        further in LETTERS and before in {"mid letter", "mid both", "quote"} and after in LETTERS,  # WB7
        before == "hebrew" and after == "quote",  # WB7a
        before == "hebrew" and after == "double quote" and following == "hebrew",  # WB7b
        further == "hebrew" and before == "double quote" and after == "hebrew",  # WB7c
        further == "number" and before in {"mid number", "mid both", "quote"} and after == "number",  # WB11
        before == "number" and after in {"mid number", "mid both", "quote"} and following == "number",  # WB12
        before == after and before in {"katakana", "complex"},  # WB13
        before in word | {"katakana", "connector"} and after == "connector",  # WB13a
        before == "connector" and after in word | {"katakana"},  # WB13b
        before == after == "flag" and flags % 2 == 1,  # WB15, 16
        before == after == "symbol" and "\u200d" in marks,  # WB3c
    ])


def segments(token: str) -> list[list[tuple[str, str]]]:
    """Divide a token at the word boundaries: lists of characters with their marks, each with its kind."""
    units: list[tuple[str, str]] = []
    for char in token:
        kind = kind_of(char)
        if kind in MARKS:
            if units:
                units[-1] = units[-1][0] + char, units[-1][1]
        else:
            units.append((char, kind))
    kinds = [kind for _, kind in units]
    found: list[list[tuple[str, str]]] = []
    flags = 0
    for i, unit in enumerate(units):
        if i > 0 and joins(kinds, i, units[i - 1][0][1:], flags):
            found[-1].append(unit)
        else:
            found.append([unit])
        flags = flags + 1 if kinds[i] == "flag" else 0
    return found


def words_of_token(token: str, punctuation: bool) -> list[str]:
    found: list[str] = []
    for segment in segments(token):
        kinds = [kind for _, kind in segment]
        inner = [i for i, kind in enumerate(kinds) if kind in WORD_KINDS]
        begin, end = (inner[0], inner[-1] + 1) if inner else (len(segment), len(segment))
        if inner and end < len(segment) and kinds[end] == "quote":
            end += 1  # WB7a
        words = ["".join(unit for unit, _ in segment[begin:end])]
        if punctuation and not inner and kinds[0] in ("flag", "symbol"):
            words = ["".join(unit for unit, _ in segment)]
        elif punctuation:
            words = ["".join(unit) for unit, kind in segment[:begin] if kind != "other"] + words
            words += [unit for unit, kind in segment[end:] if kind != "other"]
        for word in words:
            while word and kind_of(word[-1]) == "format":
                word = word[:-1]
            found += [word] if word else []
    return found


# ------------------------------------------------------------------------------------------------- sentences


def sentence_kind(char: str) -> str:
    category, name = unicodedata.category(char), unicodedata.name(char, "")
    if category == "Cs":
        return "letter"
    if category[0] == "M" or category == "Cf" or char in "\uff9e\uff9f":
        return "extend"
    if is_blank(char):
        return "space"
    if char in ".\u2024\ufe52\uff0e":
        return "full stop"
    if char in "!?\u0589\u061f\u06d4\u0964\u0965\u203c\u203d\u2047\u2048\u2049\u3002\uff01\uff1f\uff61":
        return "terminator"
    if char in ",-:;\u037e\u055d\u060c\u060d\u07f8\u1802\u1808\u2013\u2014\u3001\ufe10\ufe11\ufe13\ufe14\ufe31\ufe32" \
               "\ufe50\ufe51\ufe54\ufe55\ufe58\ufe63\uff0c\uff0d\uff1a\uff1b\uff64":
        return "continue"
    if category in ("Ps", "Pe", "Pi", "Pf") or char in "\"'":
        return "close"
    if category == "Nd" or char in "\u066b\u066c":
        return "number"
    if category[0] == "L" and name.startswith("GEORGIAN LETTER"):
        return "letter"
    if char.islower():
        return "lower"
    if char.isupper() or category == "Lt":
        return "upper"
    return "letter" if category[0] == "L" or category == "Nl" else "other"


def ends_sentence(kinds: list[str], k: int) -> bool:
    """Whether a sentence ends before kinds[k]; marks are left out (SB5)."""
    letters, terminators = {"lower", "upper", "letter"}, {"full stop", "terminator"}
    j = k - 1
    while j >= 0 and kinds[j] == "space":
        j -= 1
    spaces = j < k - 1
    last = j
    while j >= 0 and kinds[j] == "close":
        j -= 1
    if j < 0 or kinds[j] not in terminators:
        return False
    after, before = kinds[k], kinds[j - 1] if j > 0 else ""
    if kinds[j] == "full stop":
        if j == k - 1 and (after == "number" or (after == "upper" and before in {"upper", "lower"})):
            return False  # SB6, SB7
        if before == "upper" and (j < 2 or kinds[j - 2] not in letters | {"number"}):
            return False  # an initial
        deciding = next((kind for kind in kinds[k:] if kind in letters | terminators), "")
        if deciding == "lower":
            return False  # SB8
    if after in terminators | {"continue"}:
        return False  # SB8a
    if not spaces and after == "close" and last == k - 1:
        return False  # SB9
    return after != "space"  # SB9, SB10, SB11


def split_sentences(line: str) -> list[str]:
    places = [i for i, char in enumerate(line) if sentence_kind(char) != "extend"]
    kinds = [sentence_kind(line[i]) for i in places]
    ends = [0, *(places[k] for k in range(1, len(kinds)) if ends_sentence(kinds, k)), len(line)]
    return [line[a:b] for a, b in zip(ends, ends[1:], strict=False)]


# ------------------------------------------------------------------------------------------------- all of it


def fold(char: str) -> str:
    return next((other for other in (char.casefold(), char.lower()) if len(other) == 1), char)


def split_at(text: str, ends: str, lone_cr: bool) -> list[str]:
    lines = [""]
    for i, char in enumerate(text):
        if char in ends or (lone_cr and char == "\r" and text[i + 1 : i + 2] != "\n"):
            lines.append("")
        else:
            lines[-1] += char
    return lines


def split_blanks(line: str, unicode: bool) -> list[str]:
    for char in set(line):
        if char in " \t\v\f\r" or (unicode and is_blank(char)):
            line = line.replace(char, " ")
    return [word for word in line.split(" ") if word]


def lines_of(data: bytes, options: TextOptions, *, weights: bool = False) -> list[list[str]]:
    """Return the words of each line that has some."""
    text = data.decode("utf-8", "surrogateescape")
    if options.normalize:
        text = unicodedata.normalize(options.normalize.upper(), text)
    words, sentences = options.tokenize == "words", options.split_lines_at is not None
    unicode = words or options.unicode_spaces
    lines = split_at(text, LINE_ENDS if unicode or sentences else "\n", unicode or sentences)
    if sentences:
        lines = [part for line in lines for part in split_sentences(line)]
    found = []
    for line in lines:
        tokens = split_blanks(line, unicode)
        kept = tokens[:1] if weights else []
        tokens = tokens[len(kept) :]
        if options.lowercase:
            tokens = ["".join(map(fold, token)) for token in tokens]
        if words:
            tokens = [word for token in tokens for word in words_of_token(token, options.keep_punctuation)]
        found.append(kept + [token for token in tokens if token not in options.stop_words])
    return [line for line in found if line]
