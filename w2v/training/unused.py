"""Options that the mode of a run does not use: an error before any work, instead of an option without effect.

Place in the data flow: the options that a caller gave -> `check_used`, called by `w2v.training.request`. An option has
no effect where its row in `USES` says so; a new option that some modes do not use needs a row there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from w2v.config import TrainConfig

Given = Mapping[str, Any]
"""Options by name, as the caller gave them: hyper-parameters and attributes of `RunRequest`."""


@dataclass(frozen=True)
class Use:
    """When an option is used.

    Attributes
    ----------
    option : its name.
    used : whether a run with this configuration and these other options uses it.
    problem : what to say if not; `{!r}` is its value.
    neutral : value that is right without being used, since it states what happens anyway.
    """

    option: str
    used: Callable[[TrainConfig, Given], bool]
    problem: str
    neutral: object = None


def _any(*names: str) -> Callable[[TrainConfig, Given], bool]:
    return lambda config, given: any(given.get(name) for name in names)


USES = (
    Use("cbow_mean", lambda config, _: not config.sg,
        "cbow_mean = {!r} has no effect with skip-gram; it needs sg=False"),
    Use("cbow_undivided", lambda config, _: not config.sg,
        "cbow_undivided = {!r} has no effect with skip-gram; it needs sg=False", neutral=False),
    Use("ns_exponent", lambda config, _: config.negative > 0,
        "ns_exponent = {!r} has no effect without noise words; it needs negative=5"),
    Use("shared_windows", lambda config, _: not config.hs,
        "shared_windows = {!r} has no effect with hs=True, which trains windows one by one", neutral=1),
    Use("shared_contexts", lambda config, _: config.sg,
        "shared_contexts = {!r} has no effect with sg=False, which combines all contexts of a window into one"),
    Use("private_rows", lambda config, _: not config.in_rounds,
        "private_rows = {!r} has no effect in rounds (reproducible=True, or a cluster): each shard has copies of all "
        "rows"),
    Use("shards", lambda config, _: config.in_rounds, "shards = {!r} needs reproducible=True or engine='dask'"),
    Use("rounds", lambda config, _: config.in_rounds, "rounds = {!r} needs reproducible=True or engine='dask'"),
    Use("minn", lambda config, _: config.maxn > 0,
        "minn = {!r} has no effect without maxn; n-grams of 3 to 6 letters need minn=3 and maxn=6", neutral=0),
    Use("bucket", lambda config, _: config.maxn > 0,
        "bucket = {!r} has no effect without n-grams; they need minn=3 and maxn=6"),
    Use("shrink_windows", lambda config, _: not config.whole_lines,
        "shrink_windows = {!r} has no effect with window=line, whose windows are whole lines", neutral=False),
    Use("harmonic_windows", lambda config, _: not config.whole_lines,
        "harmonic_windows = {!r} has no effect with window=line, whose windows are whole lines", neutral=False),
    Use("freeze", _any("init"), "freeze applies to the words of the initial vectors: it needs init"),
    Use("anchor", _any("init"), "anchor applies to the words of the initial vectors: it needs init", neutral=0),
    Use("anchor", lambda config, _: not config.in_rounds,
        "anchor = {!r} cannot be used in rounds (reproducible=True, or a cluster): the pull of all shards would add "
        "up", neutral=0),
    Use("checkpoint_every", _any("checkpoint", "resume"),
        "checkpoint_every is set without checkpoint; pass checkpoint=PATH"),
    Use("probe", _any("progress", "log_json", "on_interval"),
        "probe has no effect without progress, log_json or on_interval"),
    Use("split_lines_at", lambda config, _: not config.line_weights,
        "split_lines_at = {!r} cannot be used with line_weights: each sentence would need a weight"),
    Use("log_every", lambda config, given: bool(config.held_out) or _any("log_json", "probe", "on_interval")(
        config, given), "log_every has no effect without log_json, probe, held_out or on_interval"),
)
"""All options that some runs do not use."""


def check_used(config: TrainConfig, given: Given) -> None:
    """Check that the run uses every option that was given.

    Parameters
    ----------
    config : all hyper-parameters of the run.
    given : the options that were given; None and an empty tuple count as not given.

    Raises
    ------
    ValueError : it does not use one; names it and what it needs.
    """
    for use in USES:
        value = given.get(use.option)
        if value is None or value == () or value == use.neutral:
            continue
        if not use.used(config, given):
            raise ValueError(use.problem.format(value))
