"""Default hyper-parameters of other trainers, for `--preset` and `TrainConfig.preset`.

Place in the data flow: the name of a preset and explicit options -> hyper-parameters. Presets hold only what affects
the result, so they leave out the number of threads (12 in word2vec.c, 3 in gensim, 12 in fastText).

Sources: word2vec.c 0.1c, `main`, and for the end of the learning rate `TrainModelThread`; gensim 4.4,
`Word2Vec.__init__`, and for CBOW `word2vec_inner.pyx`, `fast_sentence_cbow_neg`; fastText 0.9.2, `Args::Args` (for
`skipgram`), the end of the learning rate in `fasttext.cc`, the noise in `loss.cc`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_COMMON = {"vector_size": 100, "window": 5, "negative": 5, "min_count": 5, "max_vocab": None, "epochs": 5,
           "hs": False, "shrink_windows": True, "minn": 0, "maxn": 0}

_DEFAULTS: dict[str, dict[str, Any]] = {
    "word2vec": {**_COMMON, "sg": False, "sample": 1e-3, "ns_exponent": 0.75},
    "gensim": {**_COMMON, "sg": False, "sample": 1e-3, "ns_exponent": 0.75, "alpha": 0.025, "min_alpha": 1e-4},
    "fasttext": {**_COMMON, "sg": True, "sample": 1e-4, "ns_exponent": 0.5, "alpha": 0.05, "min_alpha": 0.0, "minn": 3,
                 "maxn": 6, "bucket": 2_000_000},
}

PRESETS = tuple(_DEFAULTS)


def preset_options(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of another trainer, overridden by explicit options.

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
    options = {**_DEFAULTS[name], **given}
    if not options["sg"]:  # these trainers add the whole error of the mean to each context vector
        options.setdefault("cbow_mean", True)
        options.setdefault("cbow_undivided", options["cbow_mean"])
    if name == "word2vec":
        options.setdefault("alpha", 0.025 if options["sg"] else 0.05)
        if isinstance(options["alpha"], (int, float)):
            options.setdefault("min_alpha", 1e-4 * options["alpha"])
    return options
