"""What a rule for words returns: the constants of `gensim.utils`.

Place in the data flow: `trim_rule` of a program written for gensim -> `w2v.compat.vocabulary`.
"""

from __future__ import annotations

from collections.abc import Callable

RULE_DEFAULT, RULE_DISCARD, RULE_KEEP = 0, 1, 2

TrimRule = Callable[[str, int, int], int]
"""(word, count, min_count) -> RULE_DISCARD to leave the word out, RULE_KEEP to keep it, anything else for min_count."""


def keep_vocab_item(word: str, count: int, min_count: int, trim_rule: TrimRule | None = None) -> bool:
    """Return whether a word belongs to the vocabulary."""
    answer = RULE_DEFAULT if trim_rule is None else trim_rule(word, count, min_count)
    return count >= min_count if answer not in (RULE_DISCARD, RULE_KEEP) else answer == RULE_KEEP
