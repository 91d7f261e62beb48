"""Classes of bytes: which belong to words, which separate them, and which end lines.

Place in the data flow: the form of the blocks that `w2v.corpus.source` yields, which the preparation of text keeps and
the tokenizer reads.
"""

from __future__ import annotations

from w2v.corpus._tokenizer import LINE_END_CLASS, SEPARATOR_CLASS

TOKEN_END_BYTE, SENTENCE_END_BYTE = b"\xfe", b"\xff"  # never part of UTF-8


def _classes(separators: bytes, line_ends: bytes) -> bytes:
    table = bytearray(256)  # WORD_CLASS is 0
    for byte in separators:
        table[byte] = SEPARATOR_CLASS
    for byte in line_ends:
        table[byte] = LINE_END_CLASS
    return bytes(table)


TEXT_CLASSES = _classes(b" \t\v\f\r", b"\n")
"""Classes of text."""

TOKEN_CLASSES = _classes(TOKEN_END_BYTE, SENTENCE_END_BYTE)
"""Classes of tokens, which may contain white space."""
