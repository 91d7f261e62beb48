"""Messages for keywords that a method does not have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from w2v.keyedvectors import KeyedVectors

KV = KeyedVectors(["king", "queen", "tree"], np.eye(3) + 0.1)


@pytest.mark.parametrize(("method", "arguments", "keyword", "near"), [
    ("most_similar", ["king"], "n", "topn"), ("most_similar", ["king"], "top_n", "topn"),
    ("most_similar", ["king"], "postive", "positive"), ("most_similar", ["king"], "words", "among"),
    ("most_similar", ["king"], "restrict_vocabulary", "restrict_vocab"), ("most_similar_cosmul", ["king"], "k", "topn"),
    ("most_similar_batch", [["king"]], "amng", "among"), ("most_similar_arrays", [["king"]], "n", "topn"),
    ("similar_by_key", ["king"], "n", "topn"), ("similar_by_vector", [np.ones(3)], "metrics", "metric"),
    ("index", [], "expansion", "expansion_add"),
])
def test_unknown_keyword_names_the_method_and_the_nearest_parameter(
    method: str, arguments: list[Any], keyword: str, near: str
) -> None:
    with pytest.raises(TypeError, match=rf"^{method} has no parameter '{keyword}'; did you mean {near}\?$"):
        getattr(KV, method)(*arguments, **{keyword: 3})


def test_unknown_keyword_like_none_lists_the_parameters() -> None:
    parameters = "positive, negative, topn, restrict_vocab, method, among, metric, oov, approximate"
    with pytest.raises(TypeError, match=f"most_similar_batch has no parameter 'zzz'; its parameters are {parameters}$"):
        KV.most_similar_batch(["king"], zzz=1)
