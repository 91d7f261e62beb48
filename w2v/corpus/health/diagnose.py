"""`diagnose_corpus`: all checks of a corpus.

Place in the data flow: corpus -> sample -> `Evidence` -> findings -> `Diagnosis`.
"""

from __future__ import annotations

import math
from typing import Any

from w2v.corpus.estimate.estimate import TextEstimate
from w2v.corpus.estimate.sample import SAMPLE_BYTES, Sample, take_sample
from w2v.corpus.health.checks import CHECKS
from w2v.corpus.health.evidence import Evidence
from w2v.corpus.paths import Corpus
from w2v.errors import CorpusError
from w2v.system.diagnosis import Diagnosis, Finding
from w2v.system.plain import printable


def diagnose_corpus(corpus: Corpus, *, sample_bytes: int = SAMPLE_BYTES, line_weights: bool = False) -> Diagnosis:
    """Return what is unusual about a corpus, from a sample of it; a small corpus is read completely.

    Parameters
    ----------
    corpus : a file, a folder or a glob, or a list of these, or a `CorpusInput` with the options of reading.
    sample_bytes : bytes of text to read at most, >= 1. Memory is about as much.
    line_weights : each line begins with its weight, which is not a word.

    Raises
    ------
    ValueError : `sample_bytes` is out of range.
    TypeError : the corpus is not a path or a list of paths.
    W2VError : it cannot be read, or has no words.
    """
    if sample_bytes < 1:
        raise ValueError(f"sample_bytes = {sample_bytes} is out of range: 1 or more")
    sample = take_sample(corpus, line_weights=line_weights, sample_bytes=sample_bytes, seconds=math.inf)
    if not sample.words:
        raise CorpusError(f"{sample.name}: it has no words")
    evidence = Evidence.of(sample)
    return Diagnosis("corpus", sample.name, _facts(sample), (*(check(evidence) for check in CHECKS), *_skipped(sample)))


def _facts(sample: Sample) -> dict[str, Any]:
    """Return the sizes of the corpus and of the sample."""
    if sample.complete:
        read = "all of it"
        words = f"{sample.words:,}"
    else:
        estimate = TextEstimate(sample).words
        where = ", from the starts of files" if sample.from_start else ", from positions drawn at random"
        read = f"{sum(part.text_read for part in sample.parts) / 1e6:,.1f} MB ({sample.words:,} words){where}"
        words = f"about {estimate.expected:,.0f} (95 %: {estimate.low:,.0f} - {estimate.high:,.0f})"
    return {"files": sample.files, "words": words, "read": read}


def _skipped(sample: Sample) -> list[Finding]:
    """Return a finding for files that were skipped, if there are any."""
    counts = sample.counts
    named = {"hidden": counts.hidden_skipped, "dangling links": counts.dangling_links,
             "pipes and devices": counts.special_skipped}
    skipped = ", ".join(f"{n:,} {name}" for name, n in named.items() if n)
    if not skipped:
        return []
    return [Finding("skipped files", "note", printable(f"In folders these are not read: {skipped}."), group="text")]
