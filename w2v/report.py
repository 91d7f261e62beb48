"""The end report of a training run, for people."""

from __future__ import annotations

import math
from typing import Any


def format_report(report: dict[str, Any]) -> str:
    """The end report of a training run, for people."""
    corpus = report["corpus"]
    rows = [("words read", report["words_read"], f"{corpus['words']:,} in the corpus, {report['epochs']} epochs"),
            ("  trained", report["words_trained"], ""),
            ("  subsampled", report["words_subsampled"], "frequent words left out at random"),
            ("  unknown", report["words_unknown"], "of words below min_count"),
            ("vocabulary", report["vocabulary"], f"of {corpus['distinct_words']:,} different words"),
            ("lines", corpus["lines"], f"the longest of {corpus['longest_line']:,} words")]
    lines = [f"{name:<14}{value:>16,}{'   ' + note if note else ''}" for name, value, note in rows]
    if weights := corpus.get("line_weights"):
        lines.append(f"{'weights':<14}{weights['lines']:>16,}   {weights['lowest']:g} to {weights['highest']:g}, mean "
                     f"{weights['mean']:g}; {weights['zeros']:,} lines of weight 0 left out")
    lines += _oddities(corpus)
    loss = "none" if math.isnan(report["loss"]) else f"{report['loss']:.4f}"
    lines.append(f"{'loss':<14}{loss:>16}   mean for a pair, over the whole run")
    lines.append(f"{'time':<14}{report['seconds_training']:>14.2f} s   training, after "
                 f"{report['seconds_vocabulary']:.2f} s of reading; {report['words_per_second']:,.0f} words/s, "
                 f"{report['threads']} thread{'' if report['threads'] == 1 else 's'}, {report['isa']}")
    if report.get("output"):
        lines.append(f"{'written to':<14}{report['output']}")
    return "\n".join(lines)


def _oddities(corpus: dict[str, Any]) -> list[str]:
    """A line for each thing in the input that a person may want to know of, and only then."""
    notes = {"invalid_utf8_words": "words that are not valid UTF-8, kept as they are",
             "crlf_lines": "lines end in CR LF", "hidden_files_skipped": "hidden files skipped",
             "empty_tokens": "empty tokens skipped", "files_without_final_newline": "files end without a newline",
             "utf8_boms": "files began with a UTF-8 mark"}
    return [f"{'note':<14}{corpus[key]:>16,}   {text}" for key, text in notes.items() if corpus.get(key)]
