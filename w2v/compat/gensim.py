"""Arguments of gensim's interface: the corpus, and names of parameters that do not exist.

Place in the data flow: arguments of a program written for gensim -> `w2v.compat.word2vec`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from w2v.corpus.paths import Corpus
from w2v.types import StrPath

# Parameters of gensim 1 to 3 and their names in gensim 4.
OLD_NAMES = {"size": "vector_size", "iter": "epochs", "sentences": "corpus_iterable"}


def chosen_corpus(corpus_iterable: Corpus | None, corpus_file: StrPath | None) -> Corpus:
    """Return the argument that is given.

    Raises
    ------
    TypeError : both are given, or neither, or `corpus_file` is not a path.
    """
    if corpus_iterable is not None and corpus_file is None:
        return corpus_iterable
    if corpus_file is not None and corpus_iterable is None:
        if not isinstance(corpus_file, (str, os.PathLike)):
            raise TypeError(f"corpus_file must be a path, not {type(corpus_file).__name__}: pass sentences as "
                            "corpus_iterable")
        return corpus_file
    raise TypeError("pass either sentences (corpus_iterable) or corpus_file, not both")


def refuse_unknown(unknown: Mapping[str, object], where: str) -> None:
    """Raise TypeError for the first unknown parameter."""
    for name in unknown:
        hint = f"; since gensim 4 it is {OLD_NAMES[name]}" if name in OLD_NAMES else ""
        raise TypeError(f"{where} has no parameter {name!r}{hint}")
