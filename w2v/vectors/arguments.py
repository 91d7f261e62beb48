"""Messages for keywords that a method does not have.

Place in the data flow: keywords of a public method that it passes on -> TypeError that names this method.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

_OTHER_NAMES = {"n": "topn", "k": "topn", "num": "topn", "number": "topn", "count": "topn", "n_neighbors": "topn",
                "words": "among", "only": "among", "vocab": "among", "distance": "metric", "similarity": "metric",
                "unknown": "oov", "limit": "restrict_vocab", "ann": "approximate"}
"""Names in other programs."""


def check_keywords(method: Callable[..., Any], keywords: Mapping[str, object], declared: type) -> None:
    """Refuse keywords that are not declared.

    Parameters
    ----------
    method : the public method that received them.
    keywords : its `**options`.
    declared : the TypedDict with the names that `**options` may have.

    Raises
    ------
    TypeError : names the method, the keyword and the nearest parameter.
    """
    known = declared.__annotations__
    for name in keywords:
        if name not in known:
            parameters = [one.name for one in inspect.signature(method).parameters.values()
                          if one.kind is not one.VAR_KEYWORD and one.name != "self"]
            names = [*parameters, *known]
            near = [_OTHER_NAMES[name]] if _OTHER_NAMES.get(name) in names else difflib.get_close_matches(
                name, names, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; its parameters are {', '.join(names)}"
            raise TypeError(f"{method.__name__} has no parameter {name!r}{hint}")
