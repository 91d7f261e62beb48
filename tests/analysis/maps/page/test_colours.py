"""Colours of the page: the colour-blind can tell all of them and the background apart."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from helpers.colour_vision import least_difference


@pytest.mark.parametrize("sight", ["usual", "protan", "deutan"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colour_blind_can_tell_all_colours_apart(theme: str, sight: str) -> None:
    code = resources.files("w2v.analysis.maps.page").joinpath("view.js").read_text("utf-8")
    lists = {name: re.search(rf"const {name} = {{(.*?)}};", code, re.DOTALL) for name in ("CATEGORIES", "INK")}
    categories, ink = ([re.search(rf"{theme}: [\[{{](.*)[\]}}]", found[1])[1] for found in lists.values()])
    colours = re.findall("#[0-9a-f]{6}", categories)
    others = [re.search(f'{name}: "(.*?)"', ink)[1] for name in ("page", "none")]
    assert len(colours) == 8 and least_difference([*colours, *others], sight)[0] > 12
