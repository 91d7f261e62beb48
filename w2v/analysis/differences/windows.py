"""Values at similar frequency: medians and spreads in windows of words that are sorted by frequency.

Place in the data flow: a value per word, most frequent word first -> what is usual at each frequency.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2v.types import Floats, Indices

NORMAL = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""

_LEAST, _MOST = 100, 2500  # words on each side of the middle of a window; a quarter of the rank in between


@dataclass(frozen=True)
class Usual:
    """What is usual at each frequency: straight lines between the middles of windows.

    Attributes
    ----------
    places : (k,) middles of the windows, as places of words in the order of frequency.
    middle : (k,) medians.
    spread : (k,) robust standard deviations.
    """

    places: Floats
    middle: Floats
    spread: Floats

    def at(self, places: Indices) -> tuple[Floats, Floats]:
        """Return the (q,) medians and spreads at these places in the order of frequency."""
        return np.interp(places, self.places, self.middle), np.interp(places, self.places, self.spread)


def usual(values: Floats, places: Indices, least_spread: float) -> Usual:
    """Return what is usual at each frequency.

    A window has a width that grows with the rank, from 200 to 5,000 words, so that the few frequent words are compared
    with each other; at both ends it is cut off. Medians hardly change if a part of the words moved far.

    Parameters
    ----------
    values : (m,) or (s, m), s values of each word; NaN is left out.
    places : (m,) rising places of the words in the order of frequency.
    least_spread : smallest spread, for windows in which most values are equal.
    """
    values = np.atleast_2d(values)
    m = values.shape[1]
    middles: list[float] = []
    medians: list[float] = []
    spreads: list[float] = []
    at = 0
    while at < m:
        half = int(np.clip(at / 4, _LEAST, _MOST))
        start, stop = max(0, at - half), min(m, at + half)
        window = values[:, start:stop].ravel()
        window = window[~np.isnan(window)]
        if len(window):
            median = float(np.median(window))
            middles.append(float(places[(start + stop - 1) // 2]))
            medians.append(median)
            spreads.append(max(NORMAL * float(np.median(np.abs(window - median))), least_spread))
        at += max(1, half // 2)
    if not middles:
        return Usual(np.zeros(1), np.full(1, np.nan), np.full(1, least_spread))
    return Usual(np.array(middles), np.array(medians), np.array(spreads))
