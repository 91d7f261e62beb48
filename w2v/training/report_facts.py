"""Facts of a report of training, for people.

Place in the data flow: `TrainReport.to_dict()` -> facts -> a table on stderr or in a notebook.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from w2v.graphs.graph import graph_facts
from w2v.system.fact_table import REPLACED, Fact, FactTable


def report_table(report: dict[str, Any]) -> FactTable:
    """Return the table of a report: plain values of a `TrainReport`, and "output" and "output_replaced" if known.

    A line that would say nothing unusual is left out.
    """
    of_text = report["corpus"].get("graph") is None
    of_corpus = [*_word_facts(report), *_corpus_facts(report["corpus"])] if of_text else _walk_facts(report)
    facts = [*of_corpus, *_continued(report), *_result_facts(report),
             *_events(report), *(Fact("warning", note=line) for line in report.get("warnings", ()))]
    if report.get("output"):
        facts.append(Fact("written to", note=f"{report['output']}{REPLACED if report.get('output_replaced') else ''}"))
    return FactTable(facts, widths=(12, 16))


def _word_facts(report: dict[str, Any]) -> Iterator[Fact]:
    corpus = report["corpus"]
    passes = f"{report['epochs']} epochs"
    if report["stopped_early"] is not None:
        passes = f"{report['words_read'] / max(corpus['words'], 1):.2f} of {passes}"
    yield Fact("words read", f"{report['words_read']:,}", f"{corpus['words']:,} in the corpus, {passes}")
    yield Fact("  trained", f"{report['words_trained']:,}")
    yield Fact("  subsampled", f"{report['words_subsampled']:,}", "frequent words left out at random")
    yield Fact("  unknown", f"{report['words_unknown']:,}", "words below min_count")
    if report["words_held_out"]:
        yield Fact("  held out", f"{report['words_held_out']:,}", "left out of training, for the held-out loss")
    yield Fact("vocabulary", f"{report['vocabulary']:,}", f"of {corpus['distinct_words']:,} distinct words")


def _walk_facts(report: dict[str, Any]) -> Iterator[Fact]:
    """Facts about a graph, and about the walks that were trained on."""
    corpus = report["corpus"]
    passes = f"{report['epochs']} epochs"
    if report["stopped_early"] is not None:
        passes = f"{report['words_read'] / max(corpus['words'], 1):.2f} of {passes}"
    yield from graph_facts(corpus["graph"])
    yield Fact("nodes read", f"{report['words_read']:,}", f"{corpus['words']:,} in {corpus['lines']:,} walks, {passes}")
    yield Fact("  trained", f"{report['words_trained']:,}")
    if report["words_subsampled"]:
        yield Fact("  subsampled", f"{report['words_subsampled']:,}", "visits of frequent nodes left out at random")


def _corpus_facts(corpus: dict[str, Any]) -> Iterator[Fact]:
    """Facts about lines and weights, and oddities of the corpus that people may want to know."""
    yield Fact("lines", f"{corpus['lines']:,}", f"the longest has {corpus['longest_line']:,} words")
    if corpus.get("bootstrap"):
        yield Fact("  bootstrap", f"{corpus['lines'] - corpus['lines_repeated']:,}",
                   f"different lines, and {corpus['lines_left_out']:,} that were not drawn")
    if weights := corpus.get("line_weights"):
        yield Fact("weights", f"{weights['lines']:,}",
                   f"{weights['lowest']:g} to {weights['highest']:g}, mean {weights['mean']:g}; {weights['zeros']:,} "
                   "lines of weight 0 left out")
    notes = {"stop_words": "stop words left out",
             "words_joined": "words joined to the word before them, as phrases",
             "crlf_lines": "lines end in CR LF", "hidden_files_skipped": "hidden files skipped",
             "dangling_links_skipped": "dangling links skipped",
             "special_files_skipped": "pipes, sockets or devices skipped",
             "lines_left_out": "lines left out by --sample-lines", "empty_tokens": "empty tokens skipped",
             "null_rows": "rows without a value skipped", "null_tokens": "items of lists without a value skipped",
             "files_without_final_newline": "files end without a newline",
             "utf8_boms": "files start with a UTF-8 byte order mark"}
    for key, text in notes.items():
        if corpus.get(key) and not (key == "lines_left_out" and corpus.get("bootstrap")):
            yield Fact("note", f"{corpus[key]:,}", text)


def _result_facts(report: dict[str, Any]) -> Iterator[Fact]:
    """Facts about the loss and the speed."""
    loss = "none" if math.isnan(report["loss"]) else f"{report['loss']:.4f}"
    yield Fact("loss", loss, "mean per pair of words, over the whole run")
    if report["loss_held_out"] is not None:
        yield Fact("  held out", f"{report['loss_held_out']:.4f}",
                   f"of the finished model, on {_held_out(report['held_out'])}")
    yield Fact("time", f"{report['seconds_training']:.2f} s",
               f"training, after {report['seconds_vocabulary']:.2f} s of reading")
    if report["ids"] != "memory" and report["corpus"].get("graph") is None:
        yield Fact("ids", note="in a temporary file" if report["ids"] == "disk" else
                   "not stored: each epoch read the text again")
    yield from _engine_facts(report.get("engine"))
    yield Fact("speed", f"{report['words_per_second']:,.0f}", f"words/s with {report['threads']} "
               f"thread{'' if report['threads'] == 1 else 's'}, {report['isa']}")


def _engine_facts(engine: dict[str, Any] | None) -> Iterator[Fact]:
    """Facts about the cluster that trained the rounds."""
    if engine is None:
        return
    yield Fact("engine", engine["name"], f"{engine['workers']:,} workers with {engine['threads']:,} threads, at "
               f"{engine['address']}")
    again = f", {engine['repeated']:,} of them again because workers were lost" if engine["repeated"] else ""
    yield Fact("rounds", f"{engine['rounds']:,}", f"{engine['seconds_training']:.2f} s of training, "
               f"{engine['seconds_merging']:.2f} s of merging, {engine['megabytes_sent']:,.1f} MB sent{again}")


def _held_out(about: dict[str, Any]) -> str:
    """Describe the held-out text."""
    if about["file"] is None:
        return "lines held out"
    unknown = f", without {about['words_unknown']:,} unknown words" if about["words_unknown"] else ""
    return f"{about['words']:,} words in {about['lines']:,} lines of {about['file']}{unknown}"


def _events(report: dict[str, Any]) -> Iterator[Fact]:
    """Facts about an early stop, a resumption, checkpoints and rollbacks."""
    if report["stopped_early"] is not None:
        yield Fact("stopped early", note=report["stopped_early"])
    if report["resumed_from"]:
        yield Fact("resumed from", note=report["resumed_from"])
    if report["checkpoints"]:
        yield Fact("checkpoints", f"{report['checkpoints']:,}",
                   f"threads were paused for {report['seconds_paused']:.2f} s in total")
    if report["rollbacks"]:
        yield Fact("rollbacks", f"{report['rollbacks']:,}", "the run diverged and continued with half of alpha")


def _continued(report: dict[str, Any]) -> Iterator[Fact]:
    """Facts about the initial vectors and how far they have moved."""
    initial, drift = report.get("initial"), report.get("drift")
    if initial is None or drift is None:
        return
    yield Fact("old words", f"{initial['words_old']:,}", f"{initial['words_old_seen']:,} of them in this text, and "
               f"{initial['words_new']:,} new words; {initial['source']}")
    if initial["frozen"]:
        yield Fact("frozen", f"{initial['frozen']:,}", "words whose vectors did not change")
    if initial["anchor"]:
        yield Fact("anchor", f"{initial['anchor']:g}", "pull of old words towards their old vectors")
    yield from (Fact("note", note=note) for note in initial["notes"])
    if drift["words"]:
        yield Fact("drift", f"{drift['mean_cosine']:.4f}", f"mean cosine between old and new vectors of the "
                   f"{drift['words']:,} old words in this text; {drift['share_far']:.1%} are below 0.5")
        yield Fact("moved most", note=", ".join(f"{one['word']} {one['cosine']:.2f}" for one in drift["moved"]))
