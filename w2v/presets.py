"""Presets for `--preset` and `TrainConfig.preset`: what w2v recommends, and the defaults of other trainers; the names
of their options.

Place in the data flow: the name of a preset and explicit options -> hyper-parameters. Presets hold only what affects
the result, so those of other trainers leave out the number of threads (12 in word2vec.c, 3 in gensim, 12 in fastText).
An unknown option -> what to write instead (`hint`), in Python and on the command line.

Sources: word2vec.c 0.1c, `main`, and for the end of the learning rate `TrainModelThread`; gensim 4.4,
`Word2Vec.__init__`, and for CBOW `word2vec_inner.pyx`, `fast_sentence_cbow_neg`; fastText 0.9.2, `Args::Args` (for
`skipgram`), the end of the learning rate in `fasttext.cc`, the noise in `loss.cc`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_COMMON = {"vector_size": 100, "window": 5, "negative": 5, "min_count": 5, "max_vocab": None, "epochs": 5,
           "hs": False, "shrink_windows": True, "minn": 0, "maxn": 0}

_OWN: dict[str, dict[str, Any]] = {
    "best": {**_COMMON, "sg": True, "vector_size": 300, "window": 10, "harmonic_windows": True, "negative": 10,
             "sample": 1e-3, "epochs": 10, "weight_decay": 0.06, "add_outputs": 0.25, "center": True},
    "fast": {**_COMMON, "sg": True, "vector_size": 112, "sample": 3e-4, "epochs": 4, "add_outputs": 0.25,
             "center": True},
}
"""The best vectors in the time that gensim takes for its defaults, and the scores of gensim in the shortest time; found
by the experiments in bench/NOTES.md."""

_RATES = {"best": 0.05, "fast": 0.04}  # of skip-gram; CBOW has its own default

_OTHERS: dict[str, dict[str, Any]] = {
    "word2vec": {**_COMMON, "sg": False, "sample": 1e-3, "ns_exponent": 0.75},
    "gensim": {**_COMMON, "sg": False, "sample": 1e-3, "ns_exponent": 0.75, "alpha": 0.025, "min_alpha": 1e-4},
    "fasttext": {**_COMMON, "sg": True, "sample": 1e-4, "ns_exponent": 0.5, "alpha": 0.05, "min_alpha": 0.0, "minn": 3,
                 "maxn": 6, "bucket": 2_000_000},
}

PRESETS = (*_OWN, *_OTHERS)

OTHER_NAMES = {
    "size": "vector_size", "dim": "vector_size", "iter": "epochs", "epoch": "epochs", "lr": "alpha", "ws": "window",
    "neg": "negative", "t": "sample", "minCount": "min_count", "thread": "threads", "workers": "threads",
    "min_n": "minn", "max_n": "maxn",
    **dict.fromkeys(("dims", "dimension", "dimensions", "embedding_size", "embedding_dim"), "vector_size"),
    **dict.fromkeys(("n_epochs", "num_epochs", "iterations"), "epochs"), "learning_rate": "alpha",
    "window_size": "window", "n_jobs": "threads", "num_threads": "threads", "subsample": "sample",
    "random_state": "seed",
}
"""Names of options in word2vec.c, gensim, fastText and other libraries -> our names for the same. The command line
accepts them too."""

ADVICE = {
    "cbow": "sg=False trains CBOW", "skipgram": "sg=True trains skip-gram; it is the default",
    "sg": "sg=True trains skip-gram and is the default, sg=False trains CBOW",
    "max_final_vocab": "max_vocab keeps exactly that many words; it leaves min_count as it is",
    "max_vocab_size": "counts are exact in any amount of memory; max_vocab limits the vocabulary",
    "loss": "negative sampling is the default, hs=True with negative=0 is hierarchical softmax; a full softmax is not "
            "supported",
    "pretrainedVectors": "init starts from old vectors",
    "saveOutput": "save_output_vectors=True writes the output matrix",
    "verbose": "progress=False shows no progress",
    "callbacks": "on_epoch_end is called at the end of each epoch",
    **dict.fromkeys(("sentences", "corpus_file", "corpus_iterable"), "the corpus is the first argument"),
    "accuracy": "the finished vectors are scored by evaluate",
    "compute_loss": "the loss is always reported; leave it out",
    **dict.fromkeys(("wordNgrams", "word_ngrams", "minCountLabel", "label"),
                    "it belongs to a classifier, which w2v has not; leave it out"),
    **dict.fromkeys(("batch_words", "sorted_vocab", "lrUpdateRate"), "it has no effect here; leave it out"),
    **dict.fromkeys(("trim_rule", "null_word", "hashfxn", "autotune_validation"), "it is not supported; leave it out"),
}
"""Options of these tools that have another meaning here, or none -> what to do; parameters are named as in Python."""


def hint(
    name: str, known: Iterable[str], others: Mapping[str, str] = OTHER_NAMES, advice: Mapping[str, str] = ADVICE
) -> str:
    """Return the end of a message about an unknown option: the nearest name, or advice; "" if there is neither.

    Parameters
    ----------
    name : the unknown option, with `_` between words; upper and lower case are the same.
    known : names of all options.
    others, advice : names elsewhere and the known names for the same; names without one, and what to do.
    """
    import difflib  # here, because it takes 1 ms

    plain, names = name.lower().replace("_", ""), list(known)
    advised = {other.lower().replace("_", ""): text for other, text in advice.items()}
    same = {other.lower().replace("_", ""): ours for other, ours in others.items() if ours in names}
    if plain in same:
        return f"; did you mean {same[plain]}?"
    if plain in advised:
        return f": {advised[plain]}"
    near = ([one for one in names if one.replace("_", "") == plain]
            or [one for one in names if len(plain) > 2 and one.replace("_", "").startswith(plain)]
            or difflib.get_close_matches(name.lower(), names, 1))
    return f"; did you mean {near[0]}?" if near else ""


def preset_options(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a preset, overridden by explicit options.

    Parameters
    ----------
    name : one of PRESETS.
    given : explicit options. Defaults that depend on other options follow these.

    Raises
    ------
    ValueError : there is no such preset.
    """
    if name not in PRESETS:
        raise ValueError(f"preset = {name!r} does not exist; choose from {', '.join(PRESETS)}")
    if name in _OWN:
        return _own_options(name, given)
    options = {**_OTHERS[name], **given}
    if not options["sg"]:  # these trainers add the whole error of the mean to each context vector
        options.setdefault("cbow_mean", True)
        options.setdefault("cbow_undivided", options["cbow_mean"])
    if name == "word2vec":
        options.setdefault("alpha", 0.025 if options["sg"] else 0.05)
        if isinstance(options["alpha"], (int, float)):
            options.setdefault("min_alpha", 1e-4 * options["alpha"])
    return options


def _own_options(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of one of our presets; those that do not go with the explicit options are left out."""
    options = {**_OWN[name], **given}
    if options["sg"]:
        options.setdefault("alpha", _RATES[name])
    if options["hs"] or options["maxn"]:
        options["weight_decay"] = given.get("weight_decay", 0.0)
    if options["maxn"]:
        options["add_outputs"], options["center"] = given.get("add_outputs", 0.0), given.get("center", False)
    if options["negative"] == 0:
        options["add_outputs"] = given.get("add_outputs", 0.0)
    if not options["shrink_windows"] or options["window"] == "line":
        options["harmonic_windows"] = given.get("harmonic_windows", False)
    return options
