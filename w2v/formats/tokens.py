"""Vocabularies of tokenizers: words with their numbers from `tokenizer.json` and `vocab.json`.

Place in the data flow: bytes of the file -> words in order of their numbers, for `w2v.formats.wordlist`. The layout is
that of github.com/huggingface/tokenizers: "model" has the vocabulary, a dict (WordLevel, WordPiece, BPE) or a list of
pairs (Unigram), and "added_tokens" has more words, of which some may be in the vocabulary, too. `vocab.json` is the
dict alone.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from w2v.errors import FormatError
from w2v.formats.strict import refuse, repair_surrogates
from w2v.formats.vectorfile import check_memory
from w2v.types import Indices

_OBJECT_BYTES = 30  # at most, of Python objects for a byte of JSON: "{}," takes 72


def read_vocabulary(path: Path, data: bytes, report: dict[str, int], strict: bool) -> tuple[list[str], Indices]:
    """Return the words and their numbers, in order of the numbers; a number may have several words.

    Parameters
    ----------
    report : counts of repaired flaws, to be added to: words that are not valid Unicode.

    Raises
    ------
    FormatError : there is no vocabulary of numbered words; or a flaw with `strict`.
    W2VError : there is not enough memory.
    """
    check_memory(os.fspath(path), _OBJECT_BYTES * len(data))
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, f"not valid JSON ({error})", offset=0) from error
    numbered = _numbered(parsed)
    if not numbered:
        raise FormatError(path, "no vocabulary of words numbered from 0", offset=0)
    numbered.sort(key=lambda pair: pair[1])
    words = []
    for word, _ in numbered:
        repaired = repair_surrogates(word, report)
        if strict and repaired is not word:
            refuse("invalid_utf8", (path, None, 0))
        words.append(repaired)
    return words, np.array([number for _, number in numbered], dtype=np.int64)


def _numbered(parsed: Any) -> list[tuple[str, int]]:
    """Return distinct pairs of word and number; [] if an entry is something else."""
    model = parsed.get("model") if isinstance(parsed, dict) else None
    vocabulary = model.get("vocab") if isinstance(model, dict) else parsed
    pairs: list[tuple[Any, Any]] = []
    if isinstance(vocabulary, dict):
        pairs += vocabulary.items()
    elif isinstance(vocabulary, list):
        pairs += [(entry[0] if isinstance(entry, list) and entry else None, i) for i, entry in enumerate(vocabulary)]
    added = parsed.get("added_tokens") if isinstance(parsed, dict) and isinstance(model, dict) else None
    if isinstance(added, list):
        pairs += [(entry.get("content"), entry.get("id")) if isinstance(entry, dict) else (None, None)
                  for entry in added]
    if not all(type(word) is str and type(number) is int and 0 <= number < 1 << 31 for word, number in pairs):
        return []
    return list(dict.fromkeys(pairs))
