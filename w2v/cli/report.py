"""The report of training for people and as JSON, of one run or of several.

Place in the data flow: models that were trained and written -> `Report` -> a table on stderr, or JSON on stdout.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from w2v.cli.common import complain, print_json
from w2v.errors import W2VError
from w2v.system.fact_table import REPLACED, Fact, FactTable
from w2v.system.plain import printable
from w2v.system.run_files import sibling_runs

if TYPE_CHECKING:
    from w2v.analysis.stability.result import Stability
    from w2v.training.model import Model
    from w2v.training.resolved import ResolvedRun

Scores = list[dict[str, Any]]  # an entry for each evaluated epoch
MOST_WORDS = 100_000
"""Most frequent words of each run by which the stability of the runs is measured, which bounds its memory and time."""


class Reports:
    """Reports of the runs of one command.

    Parameters
    ----------
    options : the command line.
    asked : the runs, with the hyper-parameters as they were requested.
    """

    def __init__(self, options: argparse.Namespace, asked: list[ResolvedRun]) -> None:
        self._options, self._asked = options, asked
        self._found: list[dict[str, Any]] = []

    def add(self, model: Model, scores: Scores, replaced: bool) -> None:
        """Add the next run, which was written.

        Parameters
        ----------
        scores : those of --evaluate.
        replaced : whether there was a file with the name of the output.
        """
        asked = self._asked[len(self._found)]
        assert asked.output is not None
        report = {**model.report.to_dict(), "output": asked.output.path, "output_replaced": replaced}
        if self._options.preset:
            report["preset"] = {"name": self._options.preset, **dataclasses.asdict(asked.config)}
        if asked.request.checkpoint_notes.get("evaluate"):
            report["evaluations"] = scores
        if classes := asked.request.checkpoint_notes.get("classes"):
            report["classes"] = classes
        if len(self._asked) > 1:
            report["seed"] = asked.config.seed
        self._found.append(report)

    def show(self) -> None:
        """Print all reports, and of several runs how stable they are."""
        from w2v.training.report_facts import report_table

        report, shown = self._found[0], self._asked[0].request.progress
        if not (self._options.json or shown):
            return
        stability = self._stability() if len(self._asked) > 1 else None
        if self._options.json:
            if len(self._asked) > 1:
                measured = None if stability is None else stability.to_dict()
                report = {**report, "runs": self._found, "stability": measured}
            print_json(report)
            return
        print(printable(report_table(report).render()), file=sys.stderr)
        if len(self._asked) > 1:
            print(printable(self._runs_table(stability).render()), file=sys.stderr)

    def _runs_table(self, stability: Stability | None) -> FactTable:
        """Return the facts about the runs after the first, and about all together."""
        facts = [Fact(f"run {number}", f"{report['loss']:.4f}",
                      f"loss, seed {report['seed']}, {report['output']}{REPLACED if report['output_replaced'] else ''}")
                 for number, report in enumerate(self._found[1:], 2)]
        if stability is not None:
            low, high = stability.overlap.interval or (stability.overlap.value,) * 2
            facts.append(Fact("stability", f"{stability.overlap.value:.1%}",
                              f"of the {stability.topn} nearest neighbours of a word are the same in another run "
                              f"({low:.1%} to {high:.1%}; by chance {stability.overlap.chance or 0:.2%}): see w2v "
                              "stability"))
        return FactTable(facts, widths=(12, 16))

    def _stability(self) -> Stability | None:
        """Return the stability of the files; None, with a line on stderr, if it cannot be measured."""
        import w2v

        paths = [report["output"] for report in self._found]
        if others := [path for path in sibling_runs(paths[0]) if path not in paths]:
            complain(f"{', '.join(others[:3])}{', ...' if len(others) > 3 else ''}: not of these runs, but named like "
                     "one of them")
        try:
            return w2v.stability([w2v.load(path, MOST_WORDS) for path in paths])
        except (ValueError, W2VError) as error:
            complain(f"the stability of the runs was not measured: {error}")
            return None
