"""Model card of trained vectors: the `__metadata__` of a file, which `w2v info` prints.

Place in the data flow: configuration, corpus, report -> strings by name, for `KeyedVectors.metadata` and
`.safetensors`. Times and folders are left out, so that the same training gives the same file.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from w2v._version import __version__
from w2v.config import TrainConfig
from w2v.corpus.encoded import CorpusReport, EncodedText, corpus_checksum
from w2v.formats.vectorfile import TEXT_OPTIONS
from w2v.system.checksums import FileChecksum

CHECKSUM_OF = "the words of the vocabulary and the encoded text, which are the same however the text is stored"

GRAPH_CHECKSUM_OF = "the nodes and edges of the graph, the options of the walks and the seed"


def model_card(config: TrainConfig, corpus: EncodedText, *, isa: str, threads: int, loss: float,
               rollbacks: Sequence[str] = (), stopped_early: str | None = None,
               sha256: str | None = None, held_out: Mapping[str, Any] | None = None,
               files: Sequence[FileChecksum] = ()) -> dict[str, str]:
    """Return the model card: version, instruction set, options, corpus, report, and how the text was made into words
    unless that is the default; all but the first two as JSON.

    Parameters
    ----------
    config, corpus, isa, threads, loss : of the run.
    rollbacks : a message for each rollback after a divergence.
    stopped_early : why the run was ended early.
    sha256 : checksum of the corpus, if already known.
    held_out : `text_card` of a separate held-out text.
    files : checksums of the files of the corpus, in the order in which they were read.
    """
    training: dict[str, Any] = dataclasses.asdict(config)
    if not config.in_rounds:  # else the number of threads changes nothing
        training["threads"] = threads
    if isinstance(config.held_out, str):
        training["held_out"] = os.path.basename(config.held_out)  # without its folder, which is private
    rounded = float(f"{loss:.6g}") if np.isfinite(loss) else None  # its last digits depend on the C library
    report: dict[str, Any] = {"vocabulary": len(corpus.vocabulary), "loss": rounded}
    if rollbacks:
        report["rollbacks"] = list(rollbacks)
    if stopped_early is not None:
        report["stopped_early"] = stopped_early
    text = text_card(corpus.report, sha256 or corpus_checksum(corpus))
    if files:
        text["sha256_of_files"] = [dataclasses.asdict(file) for file in files]
    about = {"training": training, "corpus": text, "report": report, **({"held_out": held_out} if held_out else {})}
    if (options := corpus.vocabulary.text_options) is not None:
        about[TEXT_OPTIONS] = options.to_dict()
    return {"version": __version__, "isa": isa, **{name: json.dumps(one) for name, one in about.items()}}


def text_card(read: CorpusReport, sha256: str) -> dict[str, Any]:
    """Return a description of a text that does not depend on its path: plain values."""
    about: dict[str, Any] = {
        "words": read.words, "words_unknown": read.words_unknown, "distinct_words": read.distinct_words,
        "lines": read.lines, "files": read.files, "bytes": read.bytes_read, "sha256": sha256,
        "sha256_is_of": CHECKSUM_OF}
    if read.graph is not None:
        about["graph"], about["sha256_is_of"] = read.graph.to_dict(), GRAPH_CHECKSUM_OF
    if read.remote_files:
        about["files_at_addresses"] = read.remote_files  # they have no checksums in `sha256_of_files`
    if read.bootstrap:
        about["bootstrap"] = "each line a Poisson(1) number of times, by the seed"
    if read.lines_left_out:
        about["lines_left_out"] = read.lines_left_out
    if read.words_joined:
        about["words_joined"] = read.words_joined
    return about
