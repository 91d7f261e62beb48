"""Report of learning phrases from a text, or of joining them in one."""

from __future__ import annotations

from dataclasses import dataclass

from w2v.system.report import Report


@dataclass(frozen=True, repr=False)
class PhraseReport(Report):
    """Statistics of learning or joining phrases. The lists have one entry a pass.

    Attributes
    ----------
    words, distinct_words, lines : of the text as it was read.
    distinct_grams : distinct pairs of words, with the connector words between them.
    phrases : phrases of the model.
    joins : number of times that phrases of the pass were joined. Learning joins those of the last pass only if the text
        is written.
    words_joined : words that were joined to the word before them.
    seconds_reading, seconds_counting : times of reading, and of counting and joining.
    threads : number of threads.
    """

    words: int
    distinct_words: int
    lines: int
    distinct_grams: list[int]
    phrases: list[int]
    joins: list[int]
    words_joined: int
    seconds_reading: float
    seconds_counting: float
    threads: int

    def brief(self) -> str:
        return f"words={self.words}, distinct_words={self.distinct_words}, phrases={self.phrases}"
