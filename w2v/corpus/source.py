"""Opening of any corpus as a source of blocks of bytes that end at token boundaries.

Place in the data flow: `CorpusInput` -> `open_source` -> `TextSource.blocks` -> tokenizer (`w2v.corpus.encode`).
Sources know no words and no ids. Because blocks end at token boundaries, any number of threads can tokenize them
independently (`w2v.corpus.blocks`). `TextSource.classes` tells the tokenizer which bytes belong to words and which
separate them.
"""

from __future__ import annotations

from w2v.corpus.paths import Corpus, CorpusInput
from w2v.corpus.preparation import check_text_options
from w2v.corpus.selection import Selection
from w2v.corpus.sources.base import TextSource
from w2v.corpus.sources.columns import open_table
from w2v.corpus.sources.files import FileSource, open_paths
from w2v.corpus.sources.items import ArraySource, open_items


def open_source(corpus: Corpus, *, line_weights: bool = False, in_ranges: bool = False) -> TextSource:
    """Open a corpus and check that it can be read. No text is read yet.

    Parameters
    ----------
    corpus : see `w2v.corpus.paths.Corpus`. The words of an integer corpus are the numbers in decimal digits.
    line_weights : the first token of each sentence of an iterable is a weight and may be a number.
    in_ranges : plain files of any size are read in ranges (`w2v.corpus.blocks.FileRange`).

    Returns
    -------
    The source, to be read once.

    Raises
    ------
    FormatError : a .npy file is not an array of integers; a file is not a table, or lacks the column that is named.
    CorpusError : a table in memory lacks the column, or the column has no words.
    TypeError : `corpus` is bytes, cannot be iterated over, or is a list of str of which none is a path; it is not text,
        which a tokenizer needs; a column is named, and the corpus is not a table.
    ValueError : an option of the text does not suit the corpus.
    W2VError : a path is missing or cannot be read, a folder is empty, or a pattern matches nothing; pyarrow is missing.
    """
    corpus = CorpusInput.of(corpus)
    check_text_options(corpus.text, line_weights=line_weights, integers=corpus.array is not None)
    source = _open(corpus, line_weights, in_ranges)
    if source.integers:
        check_text_options(corpus.text, integers=not isinstance(source, FileSource))
    source.text = corpus.text
    source.selection = Selection.of(corpus.reading, corpus.seed, line_weights)
    if corpus.reading.max_words is not None:
        source.total_bytes = None  # how much will be read is not known
    return source


def _open(corpus: CorpusInput, line_weights: bool, in_ranges: bool) -> TextSource:
    if (table := open_table(corpus, line_weights)) is not None:
        return table
    if corpus.paths is not None:
        return open_paths(corpus, line_weights, in_ranges)
    if corpus.array is not None:
        return ArraySource(corpus.name, corpus.array)
    return open_items(corpus, line_weights)
