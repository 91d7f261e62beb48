"""Observer that passes on what an engine warns of: workers that are lost, slow, or do not answer.

Place in the data flow: a thread that waits for the engine -> `Rounds.messages` -> display, log, logger `w2v`.
"""

from __future__ import annotations

from collections import deque

from w2v.system import log
from w2v.system.jsonlog import JsonLog
from w2v.training.run import Run


class Warnings:
    """Shows messages, also where the display is disabled, and adds them to a log.

    Parameters
    ----------
    messages : other threads append to it.
    json_log : of the run, if it has one.
    """

    def __init__(self, messages: deque[str], json_log: JsonLog | None) -> None:
        self._messages, self._log = messages, json_log

    def restarted(self, run: Run) -> None:
        """Nothing depends on the state of the run."""

    def observe(self, run: Run, ended: bool) -> None:
        while self._messages:
            text = self._messages.popleft()
            run.display.warn(text)
            log.warning(text)
            if self._log is not None:
                self._log.write("warning", message=text)
