"""Warnings about a text that is probably not what training needs, and the error for one that teaches nothing.

Place in the data flow: `TextTraits` and the vocabulary -> sentences in the report of `w2v.train` and in `w2v plan`.
Each sentence names its evidence and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from w2v.corpus.encoded import EncodedText
from w2v.corpus.traits import TextTraits
from w2v.errors import CorpusError

PUNCTUATED = 0.05  # share of the words; text with separate punctuation has below 0.01, for abbreviations
MARKUP = 0.01
UNKNOWN = 0.9
CAPITALIZED = 0.05  # share of the words; prose has 0.1 to 0.2, for the starts of sentences
BLANKS = 0.2  # share of the tokens; phrases such as "new york" are fewer
UNSPACED, UNSPACED_CHARS = 0.1, 8.0  # share of the words, and characters of such a word; real words have 1 to 6
FEW_WORDS, MANY_WORDS = 2.0, 10_000.0  # on a line
LONG_WORD = 1000  # bytes


def text_warnings(traits: TextTraits, *, unknown: float = 0.0, min_count: int = 1) -> list[str]:
    """Return warnings about a text, each a sentence.

    Parameters
    ----------
    traits : measures of the text, or of a sample.
    unknown : share of its words that are not in the vocabulary, 0 to 1.
    min_count : of the run, for the message.
    """
    if not traits.words:
        return []
    found = [*_form(traits), *_words(traits)]
    if unknown > UNKNOWN:
        found.append(f"{_percent(unknown)} of the words are unknown: they occur fewer than min_count = {min_count} "
                     "times; use a smaller min_count or more text")
    return found


def _form(traits: TextTraits) -> Iterator[str]:
    """Warnings about lines and files."""
    if traits.layout:
        yield (f"the text looks like {traits.layout}: names, quotes and numbers are trained as words; "
               f"{sentences_of(traits.layout)}")
    per_line = traits.words / max(traits.lines, 1)
    if unsegmented := _unsegmented(traits):
        yield unsegmented
    if per_line < FEW_WORDS:
        yield (f"{per_line:.1f} words per line: a word learns from the other words of its line, and most have none; is "
               "the text segmented, with a sentence on each line?")
    if per_line > MANY_WORDS:
        yield (f"{per_line:,.0f} words per line: windows cross the ends of sentences and documents; put each sentence "
               "or paragraph on its own line" + _or_option(traits, "split_lines_at", "sentences"))


def sentences_of(layout: str) -> str:
    """Say how to read the sentences of a text with this layout."""
    if layout.startswith(("JSON lines", "a table")):
        return "name the column with the text (--column NAME; the file is called .csv, .tsv or .jsonl)"
    return "extract the sentences first, one on each line"


def _unsegmented(traits: TextTraits) -> str:
    """Say that a script without blanks is not segmented into words; "" if it is."""
    if traits.ideographs > UNSPACED * traits.words:
        return (f"{_share(traits.ideographs, traits)} are single characters of Chinese or Japanese, which "
                "tokenize='words' does not segment into words: pass a word segmenter such as jieba or MeCab as "
                "tokenizer=")
    length = traits.unspaced_chars / max(traits.unspaced, 1)
    if traits.unspaced < UNSPACED * traits.words or length <= UNSPACED_CHARS:
        return ""
    return (f"{_share(traits.unspaced, traits)} are Chinese, Japanese or South-East Asian, of {length:.0f} characters "
            "on average: is the text segmented? Pass a word segmenter such as jieba, MeCab or PyThaiNLP as tokenizer=, "
            "or put blanks between its words first")


def _words(traits: TextTraits) -> Iterator[str]:
    """Warnings about the words."""
    if traits.markup > MARKUP * traits.words:
        yield f"{_share(traits.markup, traits)} contain tags or entities of HTML or XML: remove the markup first"
    if traits.wiki > MARKUP * traits.words:
        yield f"{_share(traits.wiki, traits)} contain wiki markup ([[, {{{{ or '''): extract the plain text first"
    if traits.punctuated > PUNCTUATED * traits.words:
        yield (f"{_share(traits.punctuated, traits)} end in punctuation, so that \"end.\" and \"end\" are different "
               "words: separate or remove punctuation first" + _or_option(traits, "tokenize", "words"))
    if traits.capitalized > CAPITALIZED * traits.words:
        yield (f"{_share(traits.capitalized, traits)} also occur in lower case, so that \"The\" and \"the\" are "
               "different words: if they should be one, use --lowercase (lowercase=True)")
    if traits.unicode_spaces:
        yield (f"{_share(traits.unicode_spaces, traits)} contain white space beyond ASCII, such as the no-break space "
               "or U+3000, which does not separate words: replace it with blanks"
               + _or_option(traits, "unicode_spaces", True))
    if traits.blanks > BLANKS * traits.words:
        yield f"{_share(traits.blanks, traits)} contain blanks: a sentence is a list of words, as text.split() gives"
    if traits.invalid:
        yield (f"{_share(traits.invalid, traits)} are not valid UTF-8: if the text has another encoding, such as "
               "Latin-1, convert it first: iconv -f LATIN1 -t UTF-8 FILE > NEW")
    if traits.longest_word > LONG_WORD:
        yield f"a word has {traits.longest_word:,} bytes: is this text, with blanks between words?"


def _or_option(traits: TextTraits, name: str, value: str | bool) -> str:
    """Name the option that does the same, as the end of a sentence; tokens are not split by options."""
    if traits.tokens:
        return ""
    given = "" if value is True else f" {value}"
    return f", or use --{name.replace('_', '-')}{given} ({name}={value!r})"


def _share(n: int, traits: TextTraits) -> str:
    """Say how many words these are."""
    return f"{n:,} words ({_percent(n / traits.words)})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.2g} %"


# --- nothing to learn ----------------------------------------------------------------------------------------------


def why_no_contexts(traits: TextTraits) -> str:
    """Return why a text has no or few words that occur together, and what to do; "" if nothing shows it."""
    if traits.layout:
        return f"the text looks like {traits.layout}; {sentences_of(traits.layout)}"
    if unsegmented := _unsegmented(traits):
        return unsegmented
    if traits.words <= traits.lines:
        return ("lines have one word each: is the text segmented? Put the words of a sentence on one line, with "
                "blanks between them")
    return ""


def check_learnable(corpus: EncodedText, min_count: int) -> None:
    """Refuse a corpus from which nothing can be learned.

    Raises
    ------
    CorpusError : only one word of the vocabulary occurs, or no line has two words of the vocabulary.
    """
    n_words = int(np.count_nonzero(corpus.vocabulary.counts))
    if problem := nothing_to_learn(corpus.report.traits, n_words, has_contexts(corpus), min_count):
        raise CorpusError(problem)


def nothing_to_learn(traits: TextTraits, n_words: int, contexts: bool, min_count: int) -> str:
    """Return why nothing can be learned from a text, and what to do; "" if something can.

    Parameters
    ----------
    traits : measures of the text.
    n_words : words of the vocabulary that occur.
    contexts : whether a line has two words of the vocabulary.
    min_count : of the run.
    """
    if n_words > 1 and contexts:
        return ""
    problem = ("the vocabulary has only one word, and nothing can be learned from one word" if n_words < 2 else
               "no line has two words of the vocabulary, so no word has a context and nothing can be learned")
    smaller = f"use a min_count below {min_count}, or more text" if min_count > 1 else "use more text"
    return f"{problem}: {why_no_contexts(traits) or smaller}"


def has_contexts(corpus: EncodedText) -> bool:
    """Return whether a line has two known words. The ids are looked at only if there are no more words than lines."""
    if corpus.n_words > corpus.report.lines:
        return True
    last = False
    with closing(corpus.scan()) as parts:
        for is_word in (ids >= 0 for ids in parts):
            if (is_word[1:] & is_word[:-1]).any() or (last and is_word[:1].any()):
                return True
            last = bool(is_word[-1]) if len(is_word) else last
    return False
