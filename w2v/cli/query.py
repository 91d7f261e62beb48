"""`w2v neighbors` and `w2v analogy`: questions to a file of vectors, from the command line, a prompt, or a pipe."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from w2v.cli.common import UsageError, complain, pairs, positive, print_answers, print_json
from w2v.cli.prompt import Lines
from w2v.errors import W2VError
from w2v.keyedvectors import KeyedVectors
from w2v.system.plain import printable

Answers = list[tuple[str, float]]
NAMES = {"cosine": "similarity", "dot": "dot", "euclidean": "distance"}  # of the numbers in the JSON


def _common(sub: argparse.ArgumentParser, topn: int) -> None:
    sub.add_argument("-n", "--topn", type=positive, default=topn, help=f"how many answers (default {topn})")
    sub.add_argument("--metric", choices=list(NAMES), default="cosine",
                     help="what near means (default cosine); the numbers of euclidean are distances, nearest first")
    sub.add_argument("--approximate", action="store_true",
                     help="search with the index beside the vectors (see w2v index), which is built if it is not there")
    sub.add_argument("--among", metavar="FILE", help="search only among the words of FILE, one a line")


def neighbors_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("vectors", metavar="VECTORS")
    sub.add_argument("words", nargs="*", metavar="WORD",
                     help="each is a question of its own; without any there is a prompt, or questions are read from "
                          "standard input: the words of a line make one question, and -WORD is taken away from it")
    sub.add_argument("--together", action="store_true", help="all words make one question: what is near to them all")
    sub.add_argument("--minus", metavar="WORD", action="append", default=[],
                     help="a word that the answers should be far from; may be repeated")
    _common(sub, 10)


def analogy_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("vectors", metavar="VECTORS")
    sub.add_argument("words", nargs="*", metavar="A B C",
                     help="three words, or several times three; without any there is a prompt, or lines of three words "
                          "are read from standard input")
    sub.add_argument("--method", choices=["3cosadd", "3cosmul"], default="3cosadd", help="default 3cosadd")
    _common(sub, 5)


def run_neighbors(options: argparse.Namespace) -> None:
    if options.together and not options.words:
        raise UsageError("--together needs words")
    kv, search = _load(options)

    def near(positive: list[str], negative: list[str]) -> Answers:
        answers: Answers = kv.most_similar(positive, [*negative, *options.minus], **search)
        return answers

    def answer_line(line: str) -> tuple[str, Any]:
        return line, near(*_signed(kv, line))

    complaint = None
    if not options.words:
        found, complaint = _ask(kv, answer_line, options)
    elif options.together:
        found = [(" ".join(options.words), near(options.words, []))]
    else:
        found = [(word, near([word], [])) for word in options.words]
    if options.json:
        print_json({"neighbors": {word: pairs(answers, NAMES[options.metric]) for word, answers in found}})
    elif options.words:
        for word, answers in found:
            if len(found) > 1:
                print(printable(word))
            print_answers(answers)
    if complaint:
        raise W2VError(complaint)


def run_analogy(options: argparse.Namespace) -> None:
    if len(options.words) % 3:
        raise UsageError(f"an analogy is three words: A is to B as C is to what? There are {len(options.words)}")
    if options.method == "3cosmul" and options.metric != "cosine":
        raise UsageError("3cosmul is a formula of cosines: no other --metric goes with it")
    if options.method == "3cosmul" and options.approximate:
        raise UsageError("3cosmul is a formula of exact cosines: --approximate does not go with it")
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
            raise UsageError("an analogy is three words: A is to B as C is to what?")
        return words, solve(*words)

    complaint = None
    if options.words:
        triples = [options.words[i:i + 3] for i in range(0, len(options.words), 3)]
        found = [(triple, solve(*triple)) for triple in triples]
    else:
        found, complaint = _ask(kv, answer_line, options)
    if options.json:
        results = [{"analogy": words, "answers": pairs(answers, NAMES[options.metric])} for words, answers in found]
        print_json(results[0] if len(options.words) == 3 else {"analogies": results})
    elif options.words:
        for words, answers in found:
            if len(found) > 1:
                print(printable(" ".join(words)))
            print_answers(answers)
    if complaint:
        raise W2VError(complaint)


def _load(options: argparse.Namespace) -> tuple[KeyedVectors, dict[str, Any]]:
    """The vectors, and the options of every search."""
    import w2v

    if options.approximate and options.among is not None:
        raise UsageError("--approximate searches all words: --among does not go with it")
    kv = w2v.load(options.vectors)
    search: dict[str, Any] = {"topn": options.topn, "metric": options.metric}
    if options.approximate:
        from w2v.cli.index import load_beside

        load_beside(kv, options.vectors, options.metric)
        search["approximate"] = True
    if options.among is not None:
        try:
            with open(options.among, encoding="utf-8", errors="surrogateescape") as file:
                words = list(dict.fromkeys(word for line in file if (word := line.strip(" \t\r\n\ufeff"))))
        except OSError as error:
            raise W2VError(f"cannot read {options.among}: {error.strerror or error}") from error
        rows = [kv.key_to_index[word] for word in words if word in kv.key_to_index]
        if not rows:
            raise W2VError(f"{options.among}: none of its {len(words):,} words has a vector: nothing to search among")
        if len(rows) < len(words):
            complain(f"{options.among}: {len(words) - len(rows):,} of {len(words):,} words have no vector")
        search["among"] = rows
    return kv, search


def _signed(kv: KeyedVectors, line: str) -> tuple[list[str], list[str]]:
    """Words and words to take away. A line or a word that is a word as it stands is one, whatever is in it."""
    if line in kv:
        return [line], []
    words = line.split()
    minus = [word.startswith("-") and len(word) > 1 and word not in kv for word in words]
    return ([word for word, away in zip(words, minus, strict=True) if not away],
            [word[1:] for word, away in zip(words, minus, strict=True) if away])


def _ask(
    kv: KeyedVectors, answer: Callable[[str], tuple[Any, Answers]], options: argparse.Namespace
) -> tuple[list[Any], str | None]:
    """Answer line after line, printed at once unless they are to be JSON. A bad line is told of, and the next one read.

    Returns
    -------
    (heading, answers) of each line for JSON, and what to fail with at the end if a pipe had bad lines.
    """
    found, failed, asked = [], 0, 0
    lines = Lines(kv.index_to_key, kv.key_to_index)
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
                print(printable(line))
            print_answers(answers)
    bad = failed and not lines.interactive
    return found, f"{failed:,} of {asked:,} questions have no answer" if bad else None
