"""The check of arguments that all analyses share.

Place in the data flow: what the caller gave -> vectors, or an error that says what to pass.
"""

from __future__ import annotations

from w2v.vectors.table import Table


def check_vectors(who: str, *given: object) -> None:
    """Raise for anything but word vectors.

    Parameters
    ----------
    who : what needs them, such as the name of the function, for the message.

    Raises
    ------
    TypeError : says what was given, and what to pass for a model and for a path.
    """
    for one in given:
        if not isinstance(one, Table):
            raise TypeError(f"{who} needs word vectors (KeyedVectors), not {type(one).__name__}; pass model.wv of a "
                            "model, and w2v.load(path) of a file")
