"""Names of hyper-parameters as other tools and users write them, and the ones here.

Place in the data flow: keyword options of `w2v.train` and `w2v.plan` -> `checked_names` -> `TrainConfig`; the names are
also hints of gensim's classes (`w2v.compat.gensim`).
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Mapping
from typing import Any, cast

from w2v.config import TrainConfig, TrainOptions, switch

# Of gensim 3 and 4, word2vec.c, fastText, and other libraries.
OTHER_NAMES = {
    "size": "vector_size", "dim": "vector_size", "dims": "vector_size", "dimension": "vector_size",
    "dimensions": "vector_size", "embedding_size": "vector_size", "embedding_dim": "vector_size",
    "iter": "epochs", "iters": "epochs", "epoch": "epochs", "n_epochs": "epochs", "num_epochs": "epochs",
    "lr": "alpha", "learning_rate": "alpha", "start_alpha": "alpha", "end_alpha": "min_alpha",
    "ws": "window", "window_size": "window", "neg": "negative", "negatives": "negative", "n_negative": "negative",
    "workers": "threads", "thread": "threads", "n_jobs": "threads", "num_threads": "threads",
    "max_final_vocab": "max_vocab", "minCount": "min_count", "mincount": "min_count", "t": "sample",
    "subsample": "sample", "min_n": "minn", "max_n": "maxn", "buckets": "bucket", "sentences": "corpus",
    "corpus_file": "corpus", "corpus_iterable": "corpus", "input": "corpus", "callbacks": "on_epoch_end",
    "skipgram": "sg", "skip_gram": "sg", "hierarchical_softmax": "hs", "random_state": "seed",
}

_PLACES = ("corpus", "threads", "isa", "progress", "on_epoch_end", "init", "output", "checkpoint", "resume", "preset",
           "phrases")  # parameters of `w2v.train` that are no hyper-parameters


def checked_names(options: Mapping[str, Any]) -> TrainOptions:
    """Return options under the names of `TrainConfig`. `cbow`, which command lines have, is the opposite of `sg`.

    Raises
    ------
    TypeError : an option does not exist; names the nearest one. `cbow` is no switch, or contradicts `sg`.
    """
    named = dict(options)
    if "cbow" in named:
        sg = not switch("cbow", named.pop("cbow"))
        if "sg" in named and switch("sg", named["sg"]) != sg:
            raise TypeError("sg and cbow contradict each other: cbow=True is sg=False; pass one of them")
        named["sg"] = sg
    known = [spec.name for spec in dataclasses.fields(TrainConfig)]
    for name in named:
        if name not in known:
            near = nearest(name, (*known, *_PLACES))
            hint = f"; did you mean {near}?" if near else f"; the options are {', '.join(known)}"
            raise TypeError(f"unknown option {name!r}{hint}")
    return cast("TrainOptions", named)


def nearest(name: str, known: Collection[str], others: Mapping[str, str] = OTHER_NAMES) -> str | None:
    """Return the known name that another tool's name stands for, or that has the nearest spelling; None for none."""
    plain = name.replace("-", "_")
    for spelled in (plain, plain.lower(), plain.lower().replace("_", "")):
        if others.get(spelled) in known:
            return others[spelled]
        for one in known:
            if one.replace("_", "") == spelled.replace("_", ""):
                return one
    near = difflib.get_close_matches(plain, [*known, *(other for other in others if others[other] in known)], 1)
    return others.get(near[0], near[0]) if near else None
