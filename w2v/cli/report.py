"""Report of a training run, for people.

Place in the data flow: `TrainReport.to_dict()` -> lines on stderr.
"""

from __future__ import annotations

import math
from typing import Any

from w2v.cli.common import REPLACED, fit
from w2v.system.plain import printable


def format_report(report: dict[str, Any]) -> str:
    """Return the report as aligned lines; a line that says nothing unusual is left out."""
    corpus = report["corpus"]
    passes = f"{report['epochs']} epochs"
    if report["stopped_early"] is not None:
        passes = f"{report['words_read'] / max(corpus['words'], 1):.2f} of {passes}"
    rows = [("words read", report["words_read"], f"{corpus['words']:,} in the corpus, {passes}"),
            ("  trained", report["words_trained"], ""),
            ("  subsampled", report["words_subsampled"], "frequent words left out at random"),
            ("  unknown", report["words_unknown"], "words below min_count"),
            *([("  held out", report["words_held_out"], "left out of training, for the held-out loss")]
              if report["words_held_out"] else []),
            ("vocabulary", report["vocabulary"], f"of {corpus['distinct_words']:,} distinct words"),
            ("lines", corpus["lines"], f"the longest has {corpus['longest_line']:,} words")]
    lines = [f"{name:<14}{value:>16,}{'   ' + note if note else ''}" for name, value, note in rows]
    if weights := corpus.get("line_weights"):
        lines.append(f"{'weights':<14}{weights['lines']:>16,}   {weights['lowest']:g} to {weights['highest']:g}, mean "
                     f"{weights['mean']:g}; {weights['zeros']:,} lines of weight 0 left out")
    lines += _oddities(corpus)
    lines += _continued(report)
    loss = "none" if math.isnan(report["loss"]) else f"{report['loss']:.4f}"
    lines.append(f"{'loss':<14}{loss:>16}   mean per pair of words, over the whole run")
    if report["loss_held_out"] is not None:
        lines.append(f"{'  held out':<14}{report['loss_held_out']:>16.4f}   of the finished model, on "
                     f"{_held_out(report['held_out'])}")
    lines.append(f"{'time':<14}{report['seconds_training']:>14.2f} s   training, after "
                 f"{report['seconds_vocabulary']:.2f} s of reading")
    lines.append(f"{'speed':<14}{report['words_per_second']:>16,.0f}   words/s with {report['threads']} "
                 f"thread{'' if report['threads'] == 1 else 's'}, {report['isa']}")
    lines += _events(report)
    lines += [f"{'warning':<14}{line}" for line in report.get("warnings", ())]
    if report.get("output"):
        lines.append(f"{'written to':<14}{report['output']}{REPLACED if report.get('output_replaced') else ''}")
    return printable(fit("\n".join(lines)))


def _held_out(about: dict[str, Any]) -> str:
    """Describe the held-out text."""
    if about["file"] is None:
        return "lines held out"
    unknown = f", without {about['words_unknown']:,} unknown words" if about["words_unknown"] else ""
    return f"{about['words']:,} words in {about['lines']:,} lines of {about['file']}{unknown}"


def _events(report: dict[str, Any]) -> list[str]:
    """Lines about an early stop, a resumption, checkpoints and rollbacks."""
    lines = []
    if report["stopped_early"] is not None:
        lines.append(f"{'stopped early':<14}{report['stopped_early']}")
    if report["resumed_from"]:
        lines.append(f"{'resumed from':<14}{report['resumed_from']}")
    if report["checkpoints"]:
        lines.append(f"{'checkpoints':<14}{report['checkpoints']:>16,}   threads were paused "
                     f"for {report['seconds_paused']:.2f} s in total")
    if report["rollbacks"]:
        lines.append(f"{'rollbacks':<14}{report['rollbacks']:>16,}   the run diverged and continued with half of alpha")
    return lines


def _continued(report: dict[str, Any]) -> list[str]:
    """Lines about the initial vectors and how far they have moved."""
    initial, drift = report.get("initial"), report.get("drift")
    if initial is None or drift is None:
        return []
    lines = [f"{'old words':<14}{initial['words_old']:>16,}   {initial['words_old_seen']:,} of them in this text, and "
             f"{initial['words_new']:,} new words; {initial['source']}"]
    if initial["frozen"]:
        lines.append(f"{'frozen':<14}{initial['frozen']:>16,}   words whose vectors did not change")
    if initial["anchor"]:
        lines.append(f"{'anchor':<14}{initial['anchor']:>16g}   pull of old words towards their old vectors")
    lines += [f"{'note':<14}{note}" for note in initial["notes"]]
    if drift["words"]:
        moved = ", ".join(f"{one['word']} {one['cosine']:.2f}" for one in drift["moved"])
        lines.append(f"{'drift':<14}{drift['mean_cosine']:>16.4f}   mean cosine between old and new vectors of the "
                     f"{drift['words']:,} old words in this text; {drift['share_far']:.1%} are below 0.5")
        lines.append(f"{'moved most':<14}{moved}")
    return lines


def _oddities(corpus: dict[str, Any]) -> list[str]:
    """Lines about oddities of the corpus that people may want to know."""
    notes = {"words_joined": "words joined to the word before them, as phrases",
             "crlf_lines": "lines end in CR LF", "hidden_files_skipped": "hidden files skipped",
             "dangling_links_skipped": "dangling links skipped",
             "special_files_skipped": "pipes, sockets or devices skipped",
             "empty_tokens": "empty tokens skipped", "files_without_final_newline": "files end without a newline",
             "utf8_boms": "files start with a UTF-8 byte order mark"}
    return [f"{'note':<14}{corpus[key]:>16,}   {text}" for key, text in notes.items() if corpus.get(key)]
