"""Picture of the contexts of two words: bars, their values by chance, p values."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers.drawn import line, problems, row_names

import w2v
from w2v.analysis.contexts.picture import draw
from w2v.errors import W2VError
from w2v.system.figures import new_axes
from w2v.system.plain import plain


@pytest.fixture(autouse=True)
def matplotlib() -> None:
    pytest.importorskip("matplotlib")


def why(**options: int) -> w2v.Why:
    rng = np.random.default_rng(1)
    kv = w2v.KeyedVectors([f"w{i}" for i in range(200)], rng.normal(size=(200, 10)).astype(np.float32),
                          np.arange(200, 0, -1))
    kv.output_vectors = rng.normal(size=(200, 10)).astype(np.float32)
    return w2v.why(kv, "w1", "w2", **options)


@pytest.mark.parametrize("topn, shown", [(3, (3, 3, 3)), (15, (15, 10, 10)), (30, (20, 10, 10))])
def test_bars_are_the_contributions_of_the_three_lists(topn: int, shown: tuple[int, ...]) -> None:
    found = why(topn=topn, pairs=20)
    axes = found.plot()
    lists = [own[:n] for own, n in zip((found.contexts, found.only_a, found.only_b), shown, strict=True)]
    for bars, own in zip(axes.containers, lists, strict=True):
        assert [bar.get_width() for bar in bars] == [one.contribution.value for one in own]
    together = [one for own in lists for one in own]
    middles = [bar.get_y() + bar.get_height() / 2 for bars in axes.containers for bar in bars]
    assert middles == pytest.approx(range(len(together))) and row_names(axes) == [one.word for one in together]
    assert line(axes, "by chance: mean of 20 random pairs")[0] == [one.contribution.chance for one in together]
    assert len(axes.texts) == len(together) and len({bars[0].get_hatch() for bars in axes.containers}) == 3
    assert f"{found.correlation.value:.3f}" in axes.get_title("left") and problems(axes.figure) == []


def test_without_random_pairs_there_is_no_chance_and_json_draws_the_same() -> None:
    found, axes = why(topn=2, pairs=0), new_axes()
    assert draw(json.loads(json.dumps(plain(found.to_dict()))), axes) is axes
    assert [bar.get_width() for bar in axes.containers[0]] == [one.contribution.value for one in found.contexts]
    assert len(axes.lines) == 1 and not axes.texts and "chance" not in axes.get_title("left")


def test_no_context_is_an_error() -> None:
    values = why(topn=1, pairs=0).to_dict() | {"contexts": [], "only_a": [], "only_b": []}
    with pytest.raises(W2VError, match="nothing to draw: no context"):
        draw(values)
