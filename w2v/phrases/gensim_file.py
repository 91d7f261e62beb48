"""Phrase models of gensim: files of `Phrases.save` and `FrozenPhrases.save` (`Phraser` before gensim 4). Only read.

Place in the data flow: pickle -> options and phrases of one pass, as `w2v.phrases.file` returns them. The pickle is
read by `w2v.formats.pickled`, which executes nothing.

gensim keeps the counts of words and of joined pairs by spelling, and scores a pair when it meets it. All pairs that can
have a spelling are scored here: a spelling is cut at each delimiter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from w2v.errors import FormatError, W2VError
from w2v.formats.content import Content
from w2v.formats.pickled import Call, Name, read_pickle
from w2v.phrases.file import Model, Parts, PhraseScore
from w2v.phrases.grams import score
from w2v.phrases.options import CUSTOM
from w2v.types import StrPath

_SCORERS = {"original_scorer": "default", "npmi_scorer": "npmi"}
_MOST_PARTS = 10_000  # of one spelling; cutting it takes quadratic time


def is_pickle(path: StrPath) -> bool:
    """Return whether a file begins like a pickle of protocol 2 to 5, plain or compressed; False if there is none."""
    try:
        with open(path, "rb") as file:
            head = Content(file, str(path)).head[:2]
    except (OSError, W2VError):
        return False
    return len(head) == 2 and head[:1] == b"\x80" and b"\2" <= head[1:] <= b"\5"


def read_gensim_model(path: StrPath) -> Model:
    """Read a model.

    Returns
    -------
    The options and one pass. Occurrences are 0 if the file has only scores.

    Raises
    ------
    FormatError : the pickle is damaged, holds no phrase model, or a model that is scored by a function.
    W2VError : the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            item = read_pickle(str(path), Content(file, str(path)).whole().data)
    except OSError as error:
        raise W2VError(f"{path}: cannot read: {error.strerror}") from error
    state = item.state if isinstance(item, Call) and isinstance(item.state, dict) else {}
    counts, scores = _items(state.get("vocab")), _items(state.get("phrasegrams"))
    if counts is None and scores is None:
        raise FormatError(path, "a pickle, which is never executed; it holds no phrases in the form of gensim's "
                          "Phrases.save()", offset=0)
    try:
        options = _options(state)
        phrases = _scored(counts, state, options) if counts is not None else _given(scores or {}, options)
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError(path, f"not a phrase model of gensim ({error})", offset=0) from None
    in_order = sorted(phrases.items(), key=lambda item: -item[1].score)
    return options, [dict(in_order)] if in_order else []


def _items(made: Any) -> dict[Any, Any] | None:
    """Return the items of a dict or defaultdict."""
    found = made.state if isinstance(made, Call) else made
    return found if isinstance(found, dict) else {} if isinstance(made, Call) and found is None else None


def _options(state: Mapping[str, Any]) -> dict[str, Any]:
    scoring = state.get("scoring", "default")
    if isinstance(scoring, Name):
        scoring = _SCORERS.get(scoring.name, CUSTOM) if scoring.module == "gensim.models.phrases" else CUSTOM
    threshold, min_count = (_number(state.get(name)) for name in ("threshold", "min_count"))
    delimiter = _text(state.get("delimiter"))
    if not delimiter:
        raise ValueError("no delimiter")
    words = state.get("connector_words", state.get("common_terms", ()))
    if isinstance(words, Call):  # frozenset([...])
        words = words.arguments[0] if words.arguments else ()
    return {"scoring": scoring if scoring in (*_SCORERS.values(), CUSTOM) else CUSTOM, "min_count": min_count,
            "threshold": float(threshold), "separator": delimiter, "connector_words": sorted(map(_text, words))}


def _text(value: Any) -> str:
    """Return a str, or bytes of gensim 1 to 3, as str."""
    if isinstance(value, Call) and value.what in (Name("_codecs", "encode"), Name("codecs", "encode")):
        value = value.arguments[0].encode("latin-1")  # bytes in protocol 2
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "surrogateescape")
    if not isinstance(value, str):
        raise TypeError("a word is not text")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError("a count, a score or the threshold is not a number")
    return value


def _scored(counts: dict[Any, Any], state: Mapping[str, Any], options: Mapping[str, Any]) -> dict[Parts, PhraseScore]:
    """Score all pairs whose words and whose spelling have a count."""
    if options["scoring"] == CUSTOM:
        raise ValueError("it is scored by a function, which is not executed; save phrases.freeze() in gensim, whose "
                         "scores are numbers")
    known = {_text(word): int(_number(count)) for word, count in counts.items()}
    found = [(parts, known[spelled]) for spelled in known for parts in _cuts(spelled, options)
             if known.get(parts[0], 0) > 0 and known.get(parts[-1], 0) > 0 and known[spelled] > 0]
    a, b, ab = (np.array(column, dtype=np.int64) for column in (
        [known[parts[0]] for parts, _ in found], [known[parts[-1]] for parts, _ in found], [n for _, n in found]))
    scores = score(a, b, ab, scoring=options["scoring"], min_count=options["min_count"],
                   threshold=options["threshold"], n_vocabulary=len(known),
                   n_words=int(_number(state.get("corpus_word_count", 1))))
    return {parts: PhraseScore(value, n) for (parts, n), value in zip(found, scores.tolist(), strict=True)
            if value > options["threshold"]}


def _given(scores: dict[Any, Any], options: Mapping[str, Any]) -> dict[Parts, PhraseScore]:
    """Return phrases that are stored with their scores; before gensim 4 also with their counts, by their words."""
    found: dict[Parts, PhraseScore] = {}
    for key, value in scores.items():
        n, own = value if isinstance(value, tuple) and len(value) == 2 else (0, value)
        scored = PhraseScore(float(_number(own)), int(_number(n)))
        if isinstance(key, tuple):
            found[tuple(map(_text, key))] = scored
        else:
            found.update(dict.fromkeys(_cuts(_text(key), options), scored))
    return found


def _cuts(spelled: str, options: Mapping[str, Any]) -> Iterator[Parts]:
    """Yield all ways in which a spelling is a word, any number of connector words, and a word."""
    delimiter, connectors = options["separator"], frozenset(options["connector_words"])
    pieces = spelled.split(delimiter)
    if len(pieces) > _MOST_PARTS:
        raise ValueError(f"a phrase of {len(pieces)} parts")
    for i in range(1, len(pieces)):
        first = delimiter.join(pieces[:i])
        if not first or first in connectors:
            continue
        for j in range(i, len(pieces)):
            last = delimiter.join(pieces[j:])
            if last and last not in connectors:
                yield (first, *pieces[i:j], last)
            if pieces[j] not in connectors:
                break
