"""Tables of Unicode for csrc/text, made from `unicodedata` and the methods of `str` when the package is built.

`setup.py` calls `write_tables`, which writes `unicode_data.c` (never in the repository). A character has a record (see
`unicode.h`); records that are equal are stored once, and so are equal blocks of 128 characters.

Python does not have the properties Word_Break and Sentence_Break of UAX 29. They follow from the general category, the
names of characters, and the short lists below, which repeat characters that UAX 29 names one by one.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

BLOCK = 128  # characters
LAST = 0x110000

# UAX 29, table 3. The colon (003A, FE13, FE55, FF1A) is left out: UAX 29 has it for abbreviations of Swedish, and in
# all other languages it would join words.
MID_LETTER = "\u00b7\u0387\u055f\u05f4\u2027"
MID_NUMBER_LETTER = ".\u2018\u2019\u2024\ufe52\uff07\uff0e"
MID_NUMBER = ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b"
EXTENDING = "\u200c\uff9e\uff9f"  # Grapheme_Extend, but no marks
KATAKANA = "\u3031\u3032\u3033\u3034\u3035\u309b\u309c\u30a0\u30fc\uff70"

# Names of letters that form no words by themselves: each ideograph and Hiragana is a word of its own (rule WB999).
IDEOGRAPHS = ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "TANGUT", "NUSHU", "KHITAN", "IDEOGRAPHIC",
              "HANGZHOU", "HIRAGANA", "HENTAIGANA")

# Names of letters whose words only a dictionary finds (Line_Break=SA): a run of them is one word.
COMPLEX = ("THAI ", "LAO ", "KHMER ", "MYANMAR ", "TAI ", "NEW TAI ", "AHOM ")

# Sentence_Terminal and ATerm (UAX 29, table 4). Question marks and exclamation marks of Armenian stand inside words;
# the Greek question mark is also the semicolon.
FULL_STOPS = ".\u2024\ufe52\uff0e"
TERMINATORS = ("QUESTION MARK", "EXCLAMATION MARK", "FULL STOP", "DANDA", "INTERROBANG")
NO_TERMINATORS = ("INVERTED", "ARMENIAN QUESTION", "ARMENIAN EXCLAMATION", "GREEK QUESTION", "LIMBU EXCLAMATION")
CONTINUING = (",-:;\u037e\u055d\u060c\u060d\u07f8\u1802\u1808\u2013\u2014\u3001\ufe10\ufe11\ufe13\ufe14\ufe31\ufe32"
              "\ufe50\ufe51\ufe54\ufe55\ufe58\ufe63\uff0c\uff0d\uff1a\uff1b\uff64")
LINE_ENDS = "\n\r\x85\u2028\u2029"

JAMO = range(0x1100, 0x1200)


def fold(char: str) -> str:
    """Simple case folding (`CaseFolding.txt`, C and S): the full folding if it is one character, or else the lower case
    if that is one character."""
    for other in (char.casefold(), char.lower()):
        if len(other) == 1:
            return other
    return char


def word_class(char: str) -> str:
    """Word_Break, with classes for what UAX 29 calls Other. The zero-width space, which separates words of Khmer and
    Thai, is white space here."""
    category, name = unicodedata.category(char), unicodedata.name(char, "")
    if char in LINE_ENDS:
        return "LINE"
    if char in " \t\v\f\u200b" or (char > "\x7f" and char.isspace()):
        return "SPACE"
    for listed, kind in ((MID_LETTER, "MID_LETTER"), (MID_NUMBER_LETTER, "MID_NUMBER_LETTER"),
                         (MID_NUMBER, "MID_NUMBER"), (EXTENDING, "EXTEND"), (KATAKANA, "KATAKANA"),
                         ("'", "SINGLE_QUOTE"), ('"', "DOUBLE_QUOTE"), ("\u200d", "JOINER")):
        if char in listed:
            return kind
    if category[0] == "M" or name.startswith("EMOJI MODIFIER FITZPATRICK"):
        return "EXTEND"
    if category == "Cf":
        return "FORMAT"
    if category[0] == "L" or category == "Nl":
        if name.startswith(IDEOGRAPHS):
            return "IDEOGRAPH"
        if "KATAKANA" in name:
            return "KATAKANA"
        if name.startswith(COMPLEX):
            return "COMPLEX"
        return "HEBREW" if name.startswith("HEBREW LETTER") else "LETTER"
    if category[0] == "N":
        return "NUMBER"
    if category == "Pc":
        return "CONNECTOR"
    if name.startswith("REGIONAL INDICATOR"):
        return "REGIONAL"
    if category == "So":
        return "SYMBOL"
    return "PUNCTUATION" if category[0] in "PS" else "OTHER"


def sentence_class(char: str) -> str:
    """Sentence_Break."""
    category, name = unicodedata.category(char), unicodedata.name(char, "")
    if char in LINE_ENDS:
        return "LINE"
    if category[0] == "M" or char in EXTENDING + "\u200d" or category == "Cf":
        return "EXTEND"
    if char in " \t\v\f" or (char > "\x7f" and char.isspace()):
        return "SPACE"
    if char in FULL_STOPS:
        return "FULL_STOP"
    if category == "Po" and any(part in name for part in TERMINATORS) and not name.startswith(NO_TERMINATORS):
        return "TERMINATOR"
    if char in CONTINUING:
        return "CONTINUE"
    if category in ("Ps", "Pe", "Pi", "Pf") or (category == "Po" and ("QUOTATION" in name or "APOSTROPHE" in name)):
        return "CLOSE"
    if category == "Nd" or char in "\u066b\u066c":
        return "NUMBER"
    if name.startswith(("GEORGIAN LETTER", "GEORGIAN MTAVRULI")):  # used without a difference of case
        return "LETTER"
    if char.islower():
        return "LOWER"
    if char.isupper() or category == "Lt":
        return "UPPER"
    return "LETTER" if category[0] == "L" or category == "Nl" else "OTHER"


def may_combine() -> set[str]:
    """Characters that compose with the character before them (`NFC_Quick_Check=Maybe`)."""
    found = set()
    for code in range(LAST):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0][0] != "<":
            found.add(chr(int(parts[1], 16)))
    for code in JAMO:
        found |= {chr(code) for before in "\u1100\uac00" if len(unicodedata.normalize("NFC", before + chr(code))) == 1}
    return found


def records() -> Iterable[tuple[object, ...]]:
    """Record of each character, in the order of the fields in `unicode.h`.

    A character that this version of Unicode does not have may get a decomposition later: it is always looked at by
    `unicodedata.normalize`.
    """
    maybe = may_combine()
    for code in range(LAST):
        char = chr(code)
        unknown = unicodedata.category(char) in ("Cn", "Cs")
        changed = [unknown or char in maybe or unicodedata.normalize(form, char) != char for form in ("NFC", "NFKC")]
        yield (ord(fold(char)) - code, f"W2V_WORD_{word_class(char)}", f"W2V_SENTENCE_{sentence_class(char)}",
               unicodedata.combining(char), changed[0] + 2 * changed[1])


def _source_of(stamp: str) -> str:
    numbers: dict[tuple[object, ...], int] = {}
    blocks: dict[tuple[int, ...], int] = {}
    indices = [numbers.setdefault(record, len(numbers)) for record in records()]
    stages = [blocks.setdefault(tuple(indices[begin : begin + BLOCK]), len(blocks)) for begin in range(0, LAST, BLOCK)]
    longest = max(len(fold(chr(code)).encode()) / len(chr(code).encode())
                  for code in range(LAST) if not 0xD800 <= code < 0xE000)
    if longest > 1.5 or len(numbers) > 65535 or len(blocks) > 65535:
        raise SystemExit("csrc/text/make_unicode.py: a table has become larger than the C code expects")
    rows = ",\n".join("{" + ", ".join(map(str, record)) + "}" for record in numbers)
    entries = ",\n".join(", ".join(map(str, block)) for block in blocks)
    return (f"/* {stamp}: written by make_unicode.py, do not edit. */\n#include \"text/unicode.h\"\n\n"
            f"const char w2v_unicode_version[] = \"{unicodedata.unidata_version}\";\n\n"
            f"const w2v_character w2v_characters[{len(numbers)}] = {{\n{rows}}};\n\n"
            f"const uint16_t w2v_unicode_blocks[{LAST // BLOCK}] = {{\n{', '.join(map(str, stages))}}};\n\n"
            f"const uint16_t w2v_unicode_records[{len(blocks) * BLOCK}] = {{\n{entries}}};\n")


def write_tables(path: Path) -> None:
    """Write the tables to a C file, unless it has those of this version of Unicode and of this program."""
    program = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
    stamp = f"Unicode {unicodedata.unidata_version}, {program}"
    if not path.exists() or not path.read_text(encoding="utf-8").startswith(f"/* {stamp}:"):
        path.write_text(_source_of(stamp), encoding="utf-8")
