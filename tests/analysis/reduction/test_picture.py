"""Picture of a reduction: shares of neighbours and of variance by number of dimensions."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from helpers.drawn import cut, line, overlapping, segments
from helpers.moved_spaces import clustered, one_run

import w2v
from w2v.analysis.reduction.picture import draw
from w2v.errors import W2VError
from w2v.system.figures import new_axes
from w2v.system.plain import plain

KV = one_run(clustered(400, 16), 1)


@pytest.mark.parametrize("options", [{}, {"dim": 6}, {"remove_top": 2}], ids=str)
def test_shares_are_those_of_the_prefixes(options: dict[str, Any]) -> None:
    pytest.importorskip("matplotlib")
    found = w2v.reduce(KV, **options)
    axes = found.plot()
    dims, near = zip(*((one.dim, one.neighbours) for one in found.prefixes), strict=True)
    assert line(axes, "neighbours kept: share") == (list(dims), pytest.approx([100 * one.value for one in near]))
    ends = [[low[1], high[1]] for low, high in segments(axes, "95 %")]
    assert np.array(ends) == pytest.approx(100 * np.array([one.interval for one in near]))
    assert line(axes, "neighbours kept by chance")[1][0] == pytest.approx(100 * near[0].chance)
    variance, chance = line(axes, "variance of the old"), line(axes, "variance by chance")
    assert variance[0] == chance[0] == list(range(1, found.dim + 1))
    assert [variance[1][dim - 1] for dim in dims] == pytest.approx([100 * one.variance.value for one in found.prefixes])
    assert [chance[1][dim - 1] for dim in dims] == pytest.approx([100 * one.variance.chance for one in found.prefixes])
    assert len(axes.lines) == 4 and len(axes.collections) == 1 and not axes.patches and not axes.texts
    assert overlapping(axes) == [] and cut(axes) == []


def test_random_projection_has_no_variance_and_json_draws_the_same() -> None:
    pytest.importorskip("matplotlib")
    found, axes = w2v.reduce(KV, 4, method="random"), new_axes()
    assert draw(json.loads(json.dumps(plain(found.to_dict()))), axes) is axes and len(axes.lines) == 2
    assert line(axes, "neighbours kept: share")[1] == pytest.approx([100 * found.prefixes[0].neighbours.value])


def test_nothing_measured_is_an_error() -> None:
    pytest.importorskip("matplotlib")
    values = w2v.reduce(KV, 4, method="random").to_dict()
    with pytest.raises(W2VError, match="nothing to draw"):
        draw(values | {"prefixes": [one | {"neighbours": None} for one in values["prefixes"]]})
