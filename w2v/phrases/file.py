"""File format of a phrase model: plain text with one phrase a line, which can be sorted and edited by hand.

Place in the data flow: `Phrases.save` -> file -> `Phrases.load`. The columns are separated by tabs:

    # w2v phrases 1
    # {"scoring": "default", "min_count": 5, "threshold": 10.0, "separator": "_", "connector_words": ["of"], ...}
    pass<TAB>phrase<TAB>score<TAB>count
    1<TAB>new york<TAB>1873.25<TAB>4021
    1<TAB>bank of america<TAB>912.5<TAB>96
    2<TAB>new_york city<TAB>310.125<TAB>210

The file is UTF-8; bytes of words that are not valid UTF-8 are kept. The words of a phrase are separated by one blank; a
blank, tab, newline, carriage return or backslash inside a word is written \\s, \\t, \\n, \\r or \\\\. The words of a
later pass may be words that earlier passes joined. Lines may be removed or added: every phrase of the file is
joined. A count that is not known is written -.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple, TypeAlias

from w2v._version import __version__
from w2v.errors import FormatError, W2VError
from w2v.system.files import atomic_write, local_path
from w2v.types import StrPath

MAGIC = "# w2v phrases "
FORMAT = "1"
COLUMNS = "pass\tphrase\tscore\tcount"
ESCAPES = {"\\": "\\\\", " ": "\\s", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
UNESCAPED = {escape: plain for plain, escape in ESCAPES.items()}
MAX_PASSES = 100
FIELDS: dict[str, tuple[type, ...]] = {"scoring": (str,), "min_count": (int, float), "threshold": (int, float),
                                       "separator": (str,), "connector_words": (list,)}


class PhraseScore(NamedTuple):
    """Score of a phrase, and its number of occurrences in the text it was learned from."""

    score: float
    occurrences: int


Found = PhraseScore  # the name of the class in pickles of version 0.1.0

Parts: TypeAlias = tuple[str, ...]
Pass: TypeAlias = dict[Parts, PhraseScore]
Model: TypeAlias = tuple[dict[str, Any], list[Pass]]
"""Options by their names in the header, and passes."""

UNKNOWN = "-"  # count of a phrase that a file of gensim does not tell


def write_model(path: StrPath, options: dict[str, Any], passes: list[Pass]) -> None:
    """Write a model atomically: the file is complete, or unchanged.

    Parameters
    ----------
    options : values of the header, JSON types.
    passes : phrases of each pass.
    """
    with atomic_write(path, compress=False) as file:
        header = json.dumps({**options, "w2v": __version__})
        file.write(f"{MAGIC}{FORMAT}\n# {header}\n{COLUMNS}\n".encode())
        for number, phrases in enumerate(passes, 1):
            for parts, found in phrases.items():
                phrase = " ".join(re.sub(r"[\\ \t\n\r]", lambda match: ESCAPES[match[0]], part) for part in parts)
                line = f"{number}\t{phrase}\t{found.score!r}\t{found.occurrences or UNKNOWN}\n"
                file.write(line.encode("utf-8", "surrogateescape"))


def read_model(path: StrPath) -> Model:
    """Read a model.

    Returns
    -------
    The options of the header and the passes.

    Raises
    ------
    FormatError : the file is not a phrase model, or a line is wrong; names the line and the problem.
    W2VError : the file cannot be read.
    """
    try:
        with open(local_path(path), "rb") as file:
            head = file.read(len(MAGIC))
            content = head + file.read() if head == MAGIC.encode() else b""
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror}") from error
    if not content:
        raise FormatError(path, f"this is not a phrase model (its first line must be {MAGIC}{FORMAT}); make one with "
                          "w2v phrases", line=1)
    lines = content.split(b"\n")
    if lines.pop() != b"":
        raise FormatError(path, "the last line has no line end: the file is truncated", line=len(lines) + 1)
    options = _header(path, lines)
    connectors = frozenset(options["connector_words"])
    passes: list[Pass] = []
    for number, raw in enumerate(lines[3:], 4):
        try:
            _read_line(raw.decode("utf-8", "surrogateescape"), passes, connectors)
        except ValueError as error:
            raise FormatError(path, str(error), line=number) from None
    return options, passes


def _header(path: StrPath, lines: list[bytes]) -> dict[str, Any]:
    version = lines[0][len(MAGIC):].decode("utf-8", "replace").strip()
    if version != FORMAT:
        raise FormatError(path, f"unknown format {version[:20]!r} of phrase models; this version reads {FORMAT}; "
                          "try a newer version of w2v", line=1)
    try:
        options = json.loads(lines[1].removeprefix(b"#")) if len(lines) > 1 else None
    except RecursionError:
        raise FormatError(path, "the options are JSON with too many brackets inside each other", line=2) from None
    except ValueError as error:
        raise FormatError(path, f"the options are not JSON: {error!s:.200}", line=2) from None
    if not isinstance(options, dict):
        raise FormatError(path, "no options: expected # and a JSON object", line=2)
    for name, kinds in FIELDS.items():
        value = options.get(name)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise FormatError(path, f"the option {name!r} is missing or of the wrong type", line=2)
    if not all(isinstance(word, str) and word for word in options["connector_words"]):
        raise FormatError(path, "connector_words must be a list of words", line=2)
    if len(lines) < 3 or lines[2] != COLUMNS.encode():
        raise FormatError(path, f"expected the names of the columns: {COLUMNS!r}", line=3)
    return options


def _read_line(line: str, passes: list[Pass], connectors: frozenset[str]) -> None:
    fields = line.split("\t")
    if len(fields) != 4:
        raise ValueError(f"{len(fields)} fields instead of 4 (pass, phrase, score, count, with tabs between them)")
    number = _number(fields[0], int, "pass")
    if not max(1, len(passes)) <= number <= min(len(passes) + 1, MAX_PASSES):
        raise ValueError(f"pass {fields[0]} after pass {len(passes)}; passes are numbered 1, 2, 3, ... in this order")
    score = _number(fields[2], float, "score")
    count = 0 if fields[3] == UNKNOWN else _number(fields[3], int, "count")
    if not math.isfinite(score):
        raise ValueError(f"the score {fields[2]!r:.80} is not finite")
    if count < 1 and fields[3] != UNKNOWN:
        raise ValueError(f"the count {count} is below 1; one that is not known is written {UNKNOWN}")
    parts = tuple(re.sub(r"\\.?", _unescape, part) for part in fields[1].split(" "))
    if len(parts) < 2 or not all(parts):
        raise ValueError(f"the phrase {fields[1]!r:.80} must be two or more words with one blank between them")
    for part in (parts[0], parts[-1]):
        if part in connectors:
            raise ValueError(f"the phrase {fields[1]!r:.80} begins or ends with {part!r:.80}, which is a connector "
                             "word")
    for part in parts[1:-1]:
        if part not in connectors:
            raise ValueError(f"{part!r:.80} is inside a phrase but not a connector word of line 2; longer phrases need "
                             "several passes")
    if number > len(passes):
        passes.append({})
    if parts in passes[-1]:
        raise ValueError(f"the phrase {fields[1]!r:.80} occurs twice in pass {number}")
    passes[-1][parts] = PhraseScore(score, int(count))


def _number(text: str, kind: type[int] | type[float], name: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"the {name} {text[:40]!r} is not a {'whole ' if kind is int else ''}number") from None


def _unescape(match: re.Match[str]) -> str:
    if match[0] not in UNESCAPED:
        raise ValueError(f"{match[0]!r} in a phrase is not an escape sequence; a backslash is written \\\\")
    return UNESCAPED[match[0]]
