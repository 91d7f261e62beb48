"""Arguments of gensim's interface: the corpus, and names of parameters that do not exist.

Place in the data flow: arguments of a program written for gensim -> `w2v.compat.word2vec`.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Mapping

from w2v.corpus.paths import Corpus
from w2v.training.option_names import OTHER_NAMES, nearest
from w2v.types import StrPath

# Parameters of gensim 1 to 3 and their names in gensim 4.
OLD_NAMES = {"size": "vector_size", "iter": "epochs", "sentences": "corpus_iterable"}

# Parameters of w2v, and of other tools as `OTHER_NAMES` knows them, and their names in gensim.
_OWN_NAMES = {"threads": "workers", "max_vocab": "max_final_vocab", "minn": "min_n", "maxn": "max_n",
              "corpus": "sentences", "on_epoch_end": "callbacks"}
_NAMES = {**_OWN_NAMES, **{other: _OWN_NAMES.get(own, own) for other, own in OTHER_NAMES.items()}}


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


def parameters(function: Callable[..., object]) -> list[str]:
    """Return the names of the parameters of a method, without the last one, which collects unknown ones."""
    return list(inspect.signature(function).parameters)[:-1]


def refuse_unknown(unknown: Mapping[str, object], where: str, known: Collection[str]) -> None:
    """Raise TypeError for the first unknown parameter; names the one of gensim 4 that is meant."""
    for name in unknown:
        near = nearest(name, known, _NAMES)
        hint = f"; did you mean {near}?" if near else f"; its parameters are {', '.join(known)}"
        if OLD_NAMES.get(name) in known:
            hint = f"; since gensim 4 it is {OLD_NAMES[name]}"
        elif name == "cbow" and "sg" in known:
            hint = "; sg=0 is CBOW and sg=1 is skip-gram"
        elif _NAMES.get(name, name) in ("min_n", "max_n", "bucket") and "min_n" not in known and "sg" in known:
            hint = "; n-grams are parameters of FastText"
        raise TypeError(f"{where} has no parameter {name!r}{hint}")
