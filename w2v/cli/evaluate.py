"""`w2v evaluate`: benchmarks of one file of vectors, of several runs of one setting, or of files to compare."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from w2v.cli.common import UsageError, complain, encoding_options, number, positive_or_all, print_json, usage, whole
from w2v.cli.lists import ListOption
from w2v.errors import W2VError
from w2v.evaluation.kinds import KINDS
from w2v.evaluation.measures.analogies import METHODS, chosen_methods
from w2v.evaluation.measures.sentences import METHODS as SENTENCE_METHODS
from w2v.evaluation.measures.sentences import chosen_sentence_methods
from w2v.evaluation.settings import DEFAULTS, Settings
from w2v.system.files import local_path
from w2v.system.plain import printable, printable_line
from w2v.system.text_table import markdown, wrapped

if TYPE_CHECKING:
    from w2v.evaluation.comparison import Comparisons
    from w2v.evaluation.results import Evaluation, Failure
    from w2v.evaluation.suite import Source, Suite


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v evaluate`."""
    sub.epilog = ("Several VECTORS are runs of one setting: their mean and deviation are printed too. Intervals are "
                  "95 % confidence intervals by the bootstrap. The exit code is 1 if a set failed or has broken lines; "
                  "all other results are still printed. In tables of analogies, honest is the accuracy if the words of "
                  "the question are candidates too.")
    sub.add_argument("vectors", metavar="VECTORS", nargs="*")
    sub.add_argument("--suite", action=ListOption, leaves="vectors", files=True, metavar="NAME",
                     help="sets by name or path, separated by blanks or commas; standard: all that are found "
                          "(see w2v datasets list)")
    encoding_options(sub)
    for name, kind in KINDS.items():
        sub.add_argument(f"--{name}", action=ListOption, leaves="vectors", files=True, metavar="PATH", help=kind.about)
    sub.add_argument("--delimiter", type=delimiter, metavar="TEXT", help="between the fields of sets of similarity, "
                     "categories, sentences, links and labels, tab for TAB (default: TAB, else ;, else a comma, else "
                     "blanks, for each line; for sentences one of the first three for the whole file)")
    sub.add_argument("--datasets", metavar="DIR",
                     help="folder in which sets are looked for before that of W2V_DATASETS")
    sub.add_argument("--restrict-vocab", type=positive_or_all, default=DEFAULTS.restrict_vocab, metavar="N",
                     help="search answers of analogies among the N most frequent words, or all (default "
                          f"{DEFAULTS.restrict_vocab}, as in word2vec); other kinds use all words")
    sub.add_argument("--case-sensitive", action="store_true", help="distinguish upper and lower case")
    sub.add_argument("--method", action=ListOption, leaves="vectors", metavar="METHOD",
                     help=f"methods of analogies: {', '.join(METHODS)}, or all (default 3cosadd)")
    sub.add_argument("--sentence-method", action=ListOption, leaves="vectors", metavar="METHOD",
                     help=f"methods that make vectors of sentences: {', '.join(SENTENCE_METHODS)}, or all (default "
                     "all)")
    sub.add_argument("--known-edges", metavar="FILE", help="for --links: file of all known edges; they are not drawn "
                     "as pairs without a link, and known neighbours are no candidates")
    sub.add_argument("--train-share", type=number, default=DEFAULTS.train_share, metavar="SHARE",
                     help=f"for --labels: share of the nodes to learn from (default {DEFAULTS.train_share:g})")
    sub.add_argument("--splits", type=whole, default=DEFAULTS.splits, metavar="N",
                     help=f"for --labels: random splits of the nodes (default {DEFAULTS.splits})")
    sub.add_argument("--compare", nargs="+", default=[], metavar="VECTORS",
                     help="test all files against the first one, set by set, with Holm's correction")
    sub.add_argument("--draws", type=whole, default=DEFAULTS.draws, metavar="N",
                     help=f"bootstrap replicates, 0 for no intervals (default {DEFAULTS.draws})")
    sub.add_argument("--seed", type=whole, default=DEFAULTS.seed, metavar="N",
                     help="seed of the bootstrap, of k-means, of LRCos, of pairs without a link and of splits "
                          f"(default {DEFAULTS.seed})")
    style = sub.add_mutually_exclusive_group()
    style.add_argument("--markdown", action="store_true", help="tables in Markdown")
    style.add_argument("--latex", action="store_true", help="tables in LaTeX")
    sub.add_argument("--save-results", action="store_true", help="save the results in the metadata of the evaluated "
                     ".safetensors files, where w2v info shows them")
    sub.add_argument("--plot", metavar="FILE", help="also plot the results: .png, .svg or .pdf (needs matplotlib)")


def delimiter(text: str) -> str:
    """Return the value of --delimiter."""
    return {"tab": "\t", "\\t": "\t"}.get(text, text)


def run(options: argparse.Namespace) -> None:
    """Evaluate the files, print the results, and save or plot them if asked."""
    from w2v.evaluation.comparison import Comparisons, compare
    from w2v.evaluation.suite import read_suite

    sources = _sources(options)
    files = _files(options)
    with usage():
        methods = chosen_methods(options.method or None)
        sentence_methods = chosen_sentence_methods(options.sentence_method or None)
        settings = Settings(methods, options.restrict_vocab, not options.case_sensitive, options.draws, options.seed,
                            sentence_methods, None, options.train_share, options.splits)
    if options.plot:
        _check_plot(options.plot)
    for file in files:
        if not os.path.exists(local_path(file)):  # report it before any work
            raise W2VError(f"cannot read {file}: No such file or directory")
        if options.save_results:
            _check_savable(file)
    with usage():
        suite = read_suite(sources, options.datasets, options.delimiter)
    if not suite.sets:
        if len(suite.failures) == 1:
            raise W2VError(suite.failures[0].message)
        _complain(suite.failures)
        raise W2VError(f"no set could be read ({len(suite.failures)} failed, {len(suite.missing)} not found: see "
                       "w2v datasets list)")
    if options.known_edges is not None:
        from w2v.evaluation.sets.links import read_known_edges

        settings = replace(settings, known_edges=read_known_edges(options.known_edges))
    evaluations = [_evaluate(file, suite, settings, options) for file in files]
    compared = compare(evaluations, draws=options.draws, seed=options.seed) if options.compare else Comparisons()
    _print(options, evaluations, compared)
    if options.plot:
        from w2v.evaluation.output.plot import plot

        plot(evaluations, options.plot, compared)
    if options.save_results:
        for file, one in zip(files, evaluations, strict=True):
            _save(file, one, settings)
    _end(evaluations)


def _sources(options: argparse.Namespace) -> list[Source]:
    sources: list[Source] = [name for text in options.suite for name in text.split(",") if name]
    sources += [(path, kind) for kind in KINDS for path in getattr(options, kind)]
    if not sources:
        raise UsageError("nothing to evaluate: give --suite standard, --analogies FILE or --similarity FILE")
    return sources


def _files(options: argparse.Namespace) -> list[str]:
    files = [*options.vectors, *options.compare]
    if not files:
        raise UsageError("no vectors: give at least one file")
    if options.compare and len(files) < 2:
        raise UsageError("--compare needs at least two files of vectors")
    if options.draws < 0 or (options.compare and not options.draws):
        raise UsageError(f"--draws {options.draws} is out of range: 0 for no intervals, 1 or more with --compare")
    return files


def _check_plot(path: str) -> None:
    from w2v.system.figures import check_figure

    with usage():
        check_figure(path)


def _check_savable(file: str) -> None:
    from w2v.formats import read_metadata
    from w2v.system.files import check_writable

    read_metadata(file)
    check_writable(file)


def _save(file: str, evaluation: Evaluation, settings: Settings) -> None:
    from w2v.evaluation.output.record import record
    from w2v.formats import read_metadata, update_metadata

    text = record(evaluation.measures(), settings.restrict_vocab, read_metadata(file).get("evaluation"))
    update_metadata(file, {"evaluation": text})
    print(f"results saved in {printable_line(file)} (see w2v info)", file=sys.stderr)


def _evaluate(file: str, suite: Suite, settings: Settings, options: argparse.Namespace) -> Evaluation:
    """Load one file and evaluate it; only the results stay in memory."""
    import w2v
    from w2v.evaluation.suite import evaluate_suite

    kv = w2v.load(file, encoding=options.encoding, unicode_errors=options.unicode_errors)
    return evaluate_suite(kv, suite, settings, file)


def _print(options: argparse.Namespace, evaluations: list[Evaluation], compared: Comparisons) -> None:
    from w2v.evaluation.comparison import Spreads, spreads

    spread = spreads(evaluations) if len(evaluations) > 1 and not options.compare else Spreads()
    if options.json:
        shown: dict[str, Any] = evaluations[0].to_dict() if len(evaluations) == 1 else {
            "files": [{"vectors": one.source, **one.to_dict()} for one in evaluations]}
        if options.compare:
            shown |= compared.to_dict()
        if spread:
            shown |= spread.to_dict()
        print_json(shown)
        return
    style = "markdown" if options.markdown else "latex" if options.latex else "text"
    parts = [part for one in evaluations for part in _parts(one, style, titled=len(evaluations) > 1)]
    parts += [table.render(style) for table in (*compared.tables(), *spread.tables())]
    print(printable("\n\n".join(parts)))
    if evaluations[0].missing:
        print(f"not found: {', '.join(evaluations[0].missing)} (see w2v datasets list)", file=sys.stderr)


def _parts(evaluation: Evaluation, style: str, titled: bool) -> Iterator[str]:
    """Yield the title of one file, its tables, and the line about unknown words."""
    from w2v.evaluation.output.tables import format_table, unknown_line

    if titled:
        title = markdown(evaluation.source) if style == "markdown" else printable_line(evaluation.source)
        yield {"text": "== ", "markdown": "## ", "latex": "% "}[style] + title
    yield format_table(evaluation.results, style)
    if style == "text" and (unknown := unknown_line(evaluation)):
        yield wrapped(unknown)


def _complain(failures: tuple[Failure, ...]) -> None:
    for failure in failures:
        complain(failure.message)


def _end(evaluations: list[Evaluation]) -> None:
    """Print the failures; raise W2VError if there are any."""
    found: list[Failure] = []
    for one in evaluations:
        if one.results and all(result.nothing_known for result in one.results):
            raise W2VError(f"{one.source}: the vectors have no words of these sets, or too few to measure anything "
                           f"({', '.join(failure.name for failure in one.failures)})")
        found += [failure for failure in one.failures if one is evaluations[0]
                  or failure not in evaluations[0].failures]
    if len(found) == 1 and found[0].scored:
        raise W2VError(f"{found[0].message}; the score of the rest is above")
    _complain(tuple(found))
    partly = sum(failure.scored for failure in found)
    failed = len(found) - partly
    problems = [f"{failed} {'set' if failed == 1 else 'sets'} failed"] if failed else []
    if partly:
        problems.append(f"{partly} {'set was' if partly == 1 else 'sets were'} scored without broken lines")
    if problems:
        raise W2VError(f"{' and '.join(problems)}; the results {'of the others ' if failed else ''}are above")
