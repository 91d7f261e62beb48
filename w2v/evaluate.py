"""Benchmarks of word vectors, by file, by name, or a whole suite; the numbers of `w2v evaluate`.

    w2v.evaluate(kv)                                    # the standard suite: all sets that are found
    w2v.evaluate(kv, suite=["google", "my-pairs.tsv"])  # sets by name and by path
    w2v.evaluate.analogies(kv, "questions-words.txt")   # one file
    w2v.evaluate.similarity(kv, "ws353.tsv")

Place in the data flow: import path of the names that `w2v.evaluation.calls` defines. After a module was run, the import
system binds `w2v.evaluate` to its entry in `sys.modules`. Here that is an object with the same names, which can also be
called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import cast

from w2v.evaluation.calls import *  # noqa: F403
from w2v.evaluation.calls import __all__ as __all__
from w2v.evaluation.calls import evaluate as _evaluate

vars(_evaluate).update(__all__=__all__, __doc__=__doc__, __file__=__file__, __name__=__name__, __spec__=__spec__)
sys.modules[__name__] = cast(ModuleType, _evaluate)
