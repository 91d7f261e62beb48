"""`w2v train --checkpoint` and `--resume`: the arguments, and the command that is completed from a checkpoint.

A run that goes on is the run that was asked for first: what its checkpoint says is put where the command line says
nothing, and from there all goes as if it had been typed again.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from typing import TYPE_CHECKING, Any

from w2v.cli.common import UsageError, usage
from w2v.cli.options import given
from w2v.errors import W2VError
from w2v.system.interval import Interval

if TYPE_CHECKING:
    from w2v.training.checkpoint import Checkpoint

# Options that are kept in a checkpoint, as paths that hold in any folder, and as they are.
FILES = ("output", "save_vocab", "log_json", "init", "phrases")
OTHERS = ("binary", "format", "evaluate", "probe", "log_every", "save_output_vectors", "freeze", "anchor")


def arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--checkpoint", metavar="FILE", help="write the state of the run there, every so often and at "
                     "the first Ctrl-C or SIGTERM; removed when the vectors are written")
    sub.add_argument("--checkpoint-every", metavar="T", help="90s, 10m (default), 2h, or 5%% of the words")
    sub.add_argument("--resume", metavar="FILE", help="go on from a checkpoint, with all its options; the corpus and "
                     "-o may be given again")


def complete(options: argparse.Namespace) -> Checkpoint | None:
    """With --resume, read the checkpoint and put what it says in place of what was not given.

    Raises
    ------
    UsageError : an option contradicts the checkpoint, or the text must be given again.
    W2VError : the checkpoint cannot be used.
    """
    if options.resume is None:
        return None
    from w2v.training.checkpoint import Checkpoint

    saved = Checkpoint.open(options.resume)
    with usage():
        if options.preset:
            raise UsageError(f"--preset {options.preset} beside --resume: a run goes on as it began; leave it out")
        config = saved.agree(given(options))
        if not options.corpus and options.train is None:
            options.corpus = [os.fspath(path) for path in saved.corpus_paths()]
    for name, value in vars(config).items():
        setattr(options, name, value)
    for name in (*FILES, *OTHERS):  # None or an empty list is what was not given
        if getattr(options, name) in (None, []):
            setattr(options, name, saved.request.notes.get(name, getattr(options, name)))
    options.threads = options.threads or saved.request.threads
    options.checkpoint = options.checkpoint or saved.path
    options.checkpoint_every = options.checkpoint_every or saved.request.every
    return saved


def check(options: argparse.Namespace) -> None:
    """The interval and the place of checkpoints, before any work.

    Raises
    ------
    UsageError : the interval is none, or there is no checkpoint.
    W2VError : there is a file already, from which a run could go on.
    """
    if options.checkpoint_every is not None:
        if options.checkpoint is None:
            raise UsageError("--checkpoint-every says how often, but not where: name the file with --checkpoint FILE")
        with usage():
            Interval.of(options.checkpoint_every, "--checkpoint-every")
    if options.checkpoint is not None and os.path.exists(options.checkpoint) and not (
            options.resume is not None and os.path.samefile(options.checkpoint, options.resume)):
        raise W2VError(f"{options.checkpoint} is there already; go on from it with --resume, or remove it first")


def notes(options: argparse.Namespace) -> dict[str, Any]:
    """What is kept for `complete`."""
    from w2v.evaluation.sets.registry import SETS

    files = {name: os.path.abspath(getattr(options, name)) for name in FILES if getattr(options, name)}
    sets = [name if name.lower() in (*SETS, "standard") else os.path.abspath(name) for name in options.evaluate]
    return {**files, **{name: getattr(options, name) for name in OTHERS}, "evaluate": sets}


def remove(path: str | None) -> None:
    """The vectors are written: nobody needs the checkpoint any more."""
    if path is not None:
        with contextlib.suppress(OSError):
            os.unlink(path)
