"""Options of a corpus as plain values, and as they come back from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from w2v.corpus_options import StoredTokenizer, TextOptions, check_names


@pytest.mark.parametrize("options", [
    {}, {"lowercase": True}, {"tokenize": "words", "keep_punctuation": True}, {"normalize": "nfkc"},
    {"unicode_spaces": True, "stop_words": ["the", "a"]}, {"split_lines_at": "sentences"},
])
def test_options_come_back_from_json(options: dict[str, object]) -> None:
    text = TextOptions(**options)  # type: ignore[arg-type]
    stored = json.loads(json.dumps(text.to_dict()))
    assert TextOptions.from_dict(stored) == text and set(stored) == set(options)


def test_a_stored_tokenizer_has_only_its_name() -> None:
    stored = TextOptions(tokenizer=str.split, lowercase=True).to_dict()
    assert stored == {"lowercase": True, "tokenizer": "str.split"}
    text = TextOptions.from_dict(stored)
    assert text.to_dict() == stored and TextOptions.from_dict(stored) == text
    assert repr(text.tokenizer) == "<tokenizer str.split>"
    assert hash(text.tokenizer) == hash(StoredTokenizer("str.split"))
    with pytest.raises(ValueError, match="tokenizer str.split, of which .* pass the function again"):
        text.tokenizer("a b")


@pytest.mark.parametrize(("stored", "kind", "problem"), [
    ({"colour": 1}, ValueError, "'colour' is not an option of this version"),
    ({"lowercase": "yes"}, TypeError, "lowercase must be True or False"),
    ({"tokenize": ["words"]}, ValueError, "tokenize"),
    ({"tokenizer": 3}, TypeError, "tokenizer must be the name"),
    ({"stop_words": "FILE"}, TypeError, "stop_words must be a list of words"),
    ({"stop_words": [1]}, TypeError, "stop_words"),
    ({"normalize": "nfd"}, ValueError, "normalize"),
])
def test_stored_options_of_wrong_types_are_refused(
    stored: dict[str, object], kind: type[Exception], problem: str, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("words of a file that must not be read")
    stored = {name: str(tmp_path / "secret") if value == "FILE" else value for name, value in stored.items()}
    with pytest.raises(kind, match=problem):
        TextOptions.from_dict(stored)


def test_a_tokenizer_gets_whole_lines() -> None:
    with pytest.raises(ValueError, match="tokenizer and split_lines_at cannot be combined"):
        TextOptions(tokenizer=str.split, split_lines_at="sentences")


def test_unknown_options_are_named() -> None:
    with pytest.raises(TypeError, match="tokenize has no parameter 'lower'; .*lowercase"):
        check_names({"lowercase": True, "lower": True}, "tokenize")
