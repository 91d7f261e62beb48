"""`w2v neighbors` and `w2v analogy`: queries to a file of vectors, from the command line, a prompt or a pipe."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from w2v.cli.common import (
    UsageError,
    complain,
    encoding_options,
    known_words,
    pairs,
    positive,
    print_answers,
    print_json,
)
from w2v.cli.prompt import Lines
from w2v.errors import W2VError
from w2v.keyedvectors import KeyedVectors
from w2v.system.plain import printable_line
from w2v.system.run_files import run_file, sibling_runs

Answers = list[tuple[str, float]]
SCORE_NAMES = {"cosine": "similarity", "dot": "dot", "euclidean": "distance"}
"""Key of a score in the JSON output, by metric."""


def _common(sub: argparse.ArgumentParser, topn: int) -> None:
    sub.add_argument("-n", "--topn", type=positive, default=topn, help=f"number of answers (default: {topn})")
    sub.add_argument("--metric", choices=list(SCORE_NAMES), default="cosine",
                     help="distance measure (default: cosine); scores of euclidean are distances, smallest first")
    sub.add_argument("--approximate", action="store_true",
                     help="search with the index next to the vectors (see w2v index), which is built if there is none")
    sub.add_argument("--among", metavar="FILE", help="search only among the words of FILE, one per line")
    encoding_options(sub)


def neighbors_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v neighbors`."""
    sub.add_argument("vectors", metavar="VECTORS")
    sub.add_argument("words", nargs="*", metavar="WORD",
                     help="each word is a separate query; without words there is a prompt, or queries are read "
                          "from standard input: the words of a line are one query, and -WORD is subtracted")
    sub.add_argument("--together", action="store_true", help="all words together are one query")
    sub.add_argument("--minus", metavar="WORD", action="append", default=[],
                     help="a word to subtract from each query; may be repeated")
    sub.add_argument("--runs", nargs="*", metavar="FILE", help="also look into these files of other runs, and show in "
                     "how many runs each neighbour occurs; without FILE into the other files of w2v train --runs, "
                     "such as VECTORS with .run2 before its suffix")
    _common(sub, 10)


def analogy_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v analogy`."""
    sub.add_argument("vectors", metavar="VECTORS")
    sub.add_argument("words", nargs="*", metavar="A B C",
                     help="three words, or several times three; without words there is a prompt, or lines of three "
                          "words are read from standard input")
    sub.add_argument("--method", choices=["3cosadd", "3cosmul"], default="3cosadd", help="formula (default: 3cosadd)")
    _common(sub, 5)


def run_neighbors(options: argparse.Namespace) -> None:
    """Print the neighbours of each word or line."""
    if options.together and not options.words:
        raise UsageError("--together needs words")
    if options.runs is not None:
        _neighbors_in_runs(options)
        return
    kv, search = _load(options)

    def near(positive: list[str], negative: list[str]) -> Answers:
        answers: Answers = kv.most_similar(positive, [*negative, *options.minus], **search)
        return answers

    def answer_line(line: str) -> tuple[str, Any]:
        return line, near(*_signed(kv, line))

    complaint = None
    if not options.words:
        found, complaint = _ask(kv, answer_line, options, {
            "king": "neighbours of a word", "king woman -man": "neighbours of a sum of words, without one"})
    elif options.together:
        found = [(" ".join(options.words), near(options.words, []))]
    else:
        found = [(word, near([word], [])) for word in options.words]
    if options.json:
        print_json({"neighbors": {word: pairs(answers, SCORE_NAMES[options.metric]) for word, answers in found}})
    elif options.words:
        for word, answers in found:
            if len(found) > 1:
                print(printable_line(word))
            print_answers(answers)
    if complaint:
        raise W2VError(complaint)


def _neighbors_in_runs(options: argparse.Namespace) -> None:
    """Print the neighbours of each word with the number of runs in which each occurs."""
    others: list[str] = options.runs or sibling_runs(options.vectors)
    if not others:
        raise UsageError(f"--runs: there is no other run next to {options.vectors}, such as "
                         f"{run_file(options.vectors, 2)}; name the files after --runs")
    if not options.words:
        raise UsageError("--runs needs words, before it: w2v neighbors VECTORS WORD --runs")
    for name, given in (("--together", options.together), ("--minus", options.minus), ("--among", options.among),
                        ("--approximate", options.approximate), ("--metric", options.metric != "cosine")):
        if given:
            raise UsageError(f"--runs compares the nearest words by cosine of single words: it cannot be combined with "
                             f"{name}")
    import w2v
    from w2v.analysis.stability.consensus import neighbors_of_words

    runs = [w2v.load(path, encoding=options.encoding, unicode_errors=options.unicode_errors)
            for path in (options.vectors, *others)]
    _report_broken(runs[0], options.words)
    found = neighbors_of_words(runs, options.words, options.topn)
    if options.json:
        print_json({"neighbors": {word: one.to_dict() for word, one in zip(options.words, found, strict=True)}})
    else:
        print("\n\n".join(map(str, found)))


def run_analogy(options: argparse.Namespace) -> None:
    """Print the answers to each analogy."""
    if len(options.words) % 3:
        raise UsageError("an analogy needs three words (A is to B as C is to what?), but there are "
                         f"{len(options.words)}")
    if options.method == "3cosmul" and options.metric != "cosine":
        raise UsageError("3cosmul is a formula of cosines: it cannot be combined with another --metric")
    if options.method == "3cosmul" and options.approximate:
        raise UsageError("3cosmul is a formula of exact cosines: it cannot be combined with --approximate")
    kv, search = _load(options)
    if options.method == "3cosmul":
        del search["metric"]

    def solve(a: str, b: str, c: str) -> Answers:
        ask = kv.most_similar_cosmul if options.method == "3cosmul" else kv.most_similar
        answers: Answers = ask(positive=[b, c], negative=[a], **search)
        return answers

    def answer_line(line: str) -> tuple[list[str], Answers]:
        words = line.split()
        if len(words) != 3:
            raise UsageError("an analogy needs three words: A is to B as C is to what?")
        return words, solve(*words)

    complaint = None
    if options.words:
        triples = [options.words[i:i + 3] for i in range(0, len(options.words), 3)]
        found = [(triple, solve(*triple)) for triple in triples]
    else:
        found, complaint = _ask(kv, answer_line, options, {"man king woman": "man is to king as woman is to what?"})
    if options.json:
        name = SCORE_NAMES[options.metric]
        results = [{"analogy": words, "answers": pairs(answers, name)} for words, answers in found]
        print_json(results[0] if len(options.words) == 3 else {"analogies": results})
    elif options.words:
        for words, answers in found:
            if len(found) > 1:
                print(printable_line(" ".join(words)))
            print_answers(answers)
    if complaint:
        raise W2VError(complaint)


def _load(options: argparse.Namespace) -> tuple[KeyedVectors, dict[str, Any]]:
    """Return the vectors, and the options of every search."""
    import w2v

    if options.approximate and options.among is not None:
        raise UsageError("--approximate searches all words: it cannot be combined with --among")
    kv = w2v.load(options.vectors, encoding=options.encoding, unicode_errors=options.unicode_errors)
    _report_broken(kv, options.words)
    search: dict[str, Any] = {"topn": options.topn, "metric": options.metric}
    if options.approximate:
        from w2v.cli.index import load_or_build

        load_or_build(kv, options.vectors, options.metric)
        search["approximate"] = True
    if options.among is not None:
        search["among"] = known_words(kv, options.among, "to search among")
    return kv, search


def _report_broken(kv: KeyedVectors, words: list[str]) -> None:
    """Report vectors that cannot be compared; W2VError if one of them belongs to a word of the query."""
    broken = set(kv.fill_norms().broken.tolist())
    if not broken:
        return
    for word in words:
        if kv.has_index_for(word) and kv.get_index(word) in broken:
            raise W2VError(f"the vector of {word[:80]!r} contains NaN, infinity or too large numbers: it has no "
                           "neighbours")
    complain(f"{len(broken):,} of {len(kv):,} words have NaN, infinity or too large numbers in their vectors, and are "
             "never an answer")


def _signed(kv: KeyedVectors, line: str) -> tuple[list[str], list[str]]:
    """Return the words of a line, and the words to subtract.

    A line with blanks, or a word with a minus sign, that is in the vocabulary is taken as a word.
    """
    if line in kv:
        return [line], []
    words = line.split()
    negated = [word.startswith("-") and len(word) > 1 and word not in kv for word in words]
    return ([word for word, away in zip(words, negated, strict=True) if not away],
            [word[1:] for word, away in zip(words, negated, strict=True) if away])


def _ask(
    kv: KeyedVectors, answer: Callable[[str], tuple[Any, Answers]], options: argparse.Namespace,
    queries: dict[str, str],
) -> tuple[list[Any], str | None]:
    """Answer line after line, and print the answers at once unless the output is JSON.

    A line without an answer is reported on stderr.

    Parameters
    ----------
    queries : examples of lines with their meanings, for the help of the prompt.

    Returns
    -------
    (heading, answers) of each line for JSON, and an error message for the end if a pipe had lines without an answer.
    """
    found, failed, asked = [], 0, 0
    about = f"{options.vectors}: {len(kv):,} words, {kv.vector_size} dimensions"
    lines = Lines(kv.index_to_key, kv.key_to_index, about, queries)
    for line in lines:
        asked += 1
        try:
            heading, answers = answer(line)
        except (W2VError, ValueError, UsageError) as error:
            complain(error)
            failed += 1
            continue
        if options.json:
            found.append((heading, answers))
        else:
            if not lines.interactive:
                print(printable_line(line))
            print_answers(answers)
    bad = failed and not lines.interactive
    return found, f"{failed:,} of {asked:,} queries have no answer" if bad else None
