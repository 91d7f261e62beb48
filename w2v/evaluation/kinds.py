"""Kinds of evaluation: one record for each, in the order in which tables are printed.

Place in the data flow: a record says how the files of its kind are recognised and read, and how they are measured. The
command line, `loading`, `suite` and `output` take from here everything that differs between kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from w2v.corpus_options import TextOptions
from w2v.evaluation.measures import analogies as analogy_measure
from w2v.evaluation.measures import categories as category_measure
from w2v.evaluation.measures import choices as choice_measure
from w2v.evaluation.measures import degrees as degree_measure
from w2v.evaluation.measures import labels as label_measure
from w2v.evaluation.measures import links as link_measure
from w2v.evaluation.measures import outliers as outlier_measure
from w2v.evaluation.measures import sentences as sentence_measure
from w2v.evaluation.measures import sessions as session_measure
from w2v.evaluation.measures import similarity as similarity_measure
from w2v.evaluation.measures.word_rows import WordRows
from w2v.evaluation.results import Result
from w2v.evaluation.sets import analogies as analogy_set
from w2v.evaluation.sets import categories as category_set
from w2v.evaluation.sets import choices as choice_set
from w2v.evaluation.sets import degrees as degree_set
from w2v.evaluation.sets import labels as label_set
from w2v.evaluation.sets import links as link_set
from w2v.evaluation.sets import outliers as outlier_set
from w2v.evaluation.sets import sentences as sentence_set
from w2v.evaluation.sets import sessions as session_set
from w2v.evaluation.sets import similarity as similarity_set
from w2v.evaluation.sets.excerpt import Evidence, Excerpt
from w2v.evaluation.sets.reading import Columns, Reading
from w2v.evaluation.settings import Settings
from w2v.evaluation.statistics.paired import (
    PairedTestFunction,
    compare_answers,
    compare_correlations,
    compare_means,
    compare_purities,
    compare_rankings,
    compare_ratios,
)

Content = TypeVar("Content")
ResultType = TypeVar("ResultType", bound=Result)


@dataclass(frozen=True)
class Kind(Generic[Content, ResultType]):
    """Kind of evaluation.

    Attributes
    ----------
    about : help text of its option on the command line.
    read : returns the content of a file or folder; raises FormatError or W2VError if nothing of it can be used.
    words_of : returns the words that a content asks for.
    evidence : says how well the beginning of a file or folder fits this kind.
    measure : returns the results of a set, from the rows of its words, its name, its content and the settings.
    result : type of the results, with the name of the kind (`kind`), its numbers (`measures`), tables (`tables_of`) and
        JSON (`to_dict`).
    paired_test : tests whether two files of vectors differ.
    columns : names of the columns by which a CSV file of this kind is recognised; empty if there are no such files.
    searches_vocabulary : whether `Settings.restrict_vocab` limits the words in which answers are searched.
    delimited : whether its files have fields with a delimiter between them.
    tokenized : returns a content with the words that the text options of the vectors make of its texts; None for kinds
        whose sets consist of words.
    check : raises W2VError if a package that the kind needs is not installed; None if it needs none.
    """

    about: str
    read: Callable[[Path, Reading], Content]
    words_of: Callable[[Content], Iterable[str]]
    evidence: Callable[[Excerpt], Evidence]
    measure: Callable[[WordRows, str, Content, Settings], Sequence[ResultType]]
    result: type[ResultType]
    paired_test: PairedTestFunction
    columns: Columns = ()
    searches_vocabulary: bool = False
    delimited: bool = False
    tokenized: Callable[[Content, TextOptions | None], Content] | None = None
    check: Callable[[], object] | None = None

    @property
    def name(self) -> str:
        """Option on the command line, and key in JSON."""
        return self.result.kind


def _single(
    score: Callable[[WordRows, str, Content, Settings], ResultType]
) -> Callable[[WordRows, str, Content, Settings], Sequence[ResultType]]:
    """Return a measure that has one result."""
    return lambda words, name, content, settings: [score(words, name, content, settings)]


_ALL: tuple[Kind[Any, Any], ...] = (
    Kind("questions in the format of Google's questions-words.txt, or a folder like BATS",
         read=analogy_set.read_analogy_set, words_of=analogy_set.words_of, evidence=analogy_set.evidence,
         measure=analogy_measure.score_analogies, result=analogy_measure.AnalogyResult,
         paired_test=compare_answers, searches_vocabulary=True),
    Kind("two words and a score on each line",
         read=similarity_set.read_pairs, words_of=similarity_set.words_of, evidence=similarity_set.evidence,
         measure=_single(similarity_measure.score_similarity), result=similarity_measure.SimilarityResult,
         paired_test=compare_correlations, columns=similarity_set.COLUMNS, delimited=True),
    Kind("folder in the format of SemEval-2012 Task 2",
         read=degree_set.read_degrees, words_of=degree_set.words_of, evidence=degree_set.evidence,
         measure=_single(degree_measure.score_degrees), result=degree_measure.DegreesResult,
         paired_test=compare_means),
    Kind("questions in the format of the SAT package, or JSON lines",
         read=choice_set.read_choices, words_of=choice_set.words_of, evidence=choice_set.evidence,
         measure=_single(choice_measure.score_choices), result=choice_measure.ChoiceResult,
         paired_test=compare_answers),
    Kind("a word and its class on each line, or a folder with one file for each class",
         read=category_set.read_categories, words_of=category_set.words_of, evidence=category_set.evidence,
         measure=_single(category_measure.score_categories), result=category_measure.CategoryResult,
         paired_test=compare_purities, columns=category_set.COLUMNS, delimited=True),
    Kind("folder or tar archive with one file for each group, or a CSV file",
         read=lambda path, reading: outlier_set.read_outliers(path, reading=reading), words_of=outlier_set.words_of,
         evidence=outlier_set.evidence,
         measure=_single(outlier_measure.score_outliers), result=outlier_measure.OutlierResult,
         paired_test=outlier_measure.compare_outliers, columns=outlier_set.COLUMNS),
    Kind("two sentences and a score on each line",
         read=sentence_set.read_sentences, words_of=sentence_set.words_of, evidence=sentence_set.evidence,
         measure=sentence_measure.score_sentences, result=sentence_measure.SentenceResult,
         paired_test=compare_correlations, columns=sentence_set.COLUMNS, delimited=True,
         tokenized=sentence_set.tokenized),
    Kind("lines of items, such as baskets: the last item is predicted from the one before",
         read=session_set.read_sessions, words_of=session_set.words_of, evidence=session_set.evidence,
         measure=_single(session_measure.score_sessions), result=session_measure.SessionResult,
         paired_test=compare_answers),
    Kind("two nodes of a held-out edge on each line, and perhaps 1 for an edge or 0 for none; otherwise pairs that are "
         "no edges are drawn",
         read=link_set.read_links, words_of=link_set.words_of, evidence=link_set.evidence,
         measure=link_measure.score_links, result=link_measure.LinkResult,
         paired_test=compare_rankings, delimited=True),
    Kind("a node and its label, or several, on each line (needs scikit-learn)",
         read=label_set.read_labels, words_of=label_set.words_of, evidence=label_set.evidence,
         measure=_single(label_measure.score_labels), result=label_measure.LabelResult,
         paired_test=compare_ratios, delimited=True, check=label_measure.classifier),
)

KINDS = {kind.name: kind for kind in _ALL}
