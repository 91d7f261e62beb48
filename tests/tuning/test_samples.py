"""Samples of an encoded corpus: which lines, with which words, and without which last items."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.tuned import sessions

from w2v.corpus.encode import encode
from w2v.errors import CorpusError
from w2v.tuning.samples import Samples


def lines_of(text) -> list[tuple[str, ...]]:
    """The lines of an encoded corpus as words."""
    words, found, line = text.vocabulary.words, [], []
    for one in text.read(0, text.n_ids).tolist():
        if one < 0:
            found.append(tuple(line))
            line = []
        else:
            line.append(words[one])
    assert not line
    return found


LINES = [[f"line{i}", *session] for i, session in enumerate(sessions(3000))]


@pytest.fixture(scope="module")
def whole():
    return encode(LINES, min_count=1)


def test_samples_have_their_share_of_the_lines_and_contain_smaller_ones(whole):
    samples = Samples(whole, hold_out=False)
    found = {share: lines_of(samples.at(share, 1)) for share in (1 / 27, 1 / 9, 1 / 3)}
    for share, lines in found.items():
        assert abs(len(lines) / 3000 - share) < 0.03 and set(lines) <= set(map(tuple, LINES))
    assert set(found[1 / 27]) < set(found[1 / 9]) < set(found[1 / 3])
    numbers = [int(line[0][4:]) for line in found[1 / 9]]
    assert abs(np.mean(numbers) - 1500) < 150  # spread over the text
    assert set(lines_of(Samples(whole, False, seed=2).at(1 / 9, 1))) != set(found[1 / 9])
    assert samples.at(1.0, 1) is whole


@pytest.mark.parametrize("share, min_count", [(1 / 3, 1), (1 / 3, 5), (1.0, 40)])
def test_a_sample_is_what_encoding_its_lines_gives(whole, share, min_count):
    drawn = [list(line) for line in lines_of(Samples(whole, False).at(share, 1))]
    found, expected = Samples(whole, False).at(share, min_count), encode(drawn, min_count=min_count)
    assert 0 < len(found.vocabulary) < len(whole.vocabulary) or min_count == 1
    assert dict(zip(found.vocabulary.words, found.vocabulary.counts.tolist(), strict=True)) == dict(
        zip(expected.vocabulary.words, expected.vocabulary.counts.tolist(), strict=True))
    assert (np.diff(found.vocabulary.counts) <= 0).all()
    assert lines_of(found) == lines_of(expected) and found.n_words == expected.n_words


def test_last_items_of_held_out_lines_are_not_in_any_sample(whole):
    samples = Samples(whole, hold_out=True)
    assert 200 < len(samples.pairs) < 400
    cut = [line for line in lines_of(samples.at(1.0, 1)) if len(line) < 5]
    assert len(cut) == len(samples.pairs)
    number = [int(line[0][4:]) for line in cut]
    assert [tuple(LINES[i][-2:]) for i in number] == samples.pairs
    assert [tuple(LINES[i][:-1]) for i in number] == cut
    small = {line[0]: line for line in lines_of(samples.at(1 / 3, 1))}
    assert {name for name, line in small.items() if len(line) < 5} == {line[0] for line in cut} & set(small)


def test_lines_of_one_word_are_never_held_out():
    text = encode([["a", "b"], ["c"], ["b", "a"]] * 200, min_count=1)
    samples = Samples(text, hold_out=True)
    assert set(samples.pairs) == {("a", "b"), ("b", "a")}
    assert ("c",) in lines_of(samples.at(1.0, 1))
    with pytest.raises(CorpusError, match="more lines with two words"):
        Samples(encode([["c"], ["d"]] * 200, min_count=1), hold_out=True)


def test_long_lines_are_cut_unless_windows_are_lines():
    words = [f"w{i}" for i in range(40_000)]
    text = encode([words, ["a", "b"]], min_count=1)
    drawn = lines_of(Samples(text, False).at(1 / 3, 1))
    long = [line for line in drawn if len(line) > 2]
    assert 8_000 < sum(map(len, long)) < 20_000 and all(999 <= len(line) < 2000 for line in long)
    assert all(line == tuple(words[int(line[0][1:]):int(line[-1][1:]) + 1]) for line in long)
    whole = {len(line) for seed in range(20) for line in lines_of_or_none(Samples(text, False, False, seed))}
    assert whole <= {2, 40_000}


def lines_of_or_none(samples):
    try:
        return lines_of(samples.at(1 / 3, 1))
    except CorpusError:
        return []


def test_too_small_samples_are_an_error(whole):
    with pytest.raises(CorpusError, match="no word occurs 1000 times"):
        Samples(whole, False).at(1 / 9, 1000)
