"""Lines held out of a corpus: the ids are not copied or changed, and training is that of a copy with line ends."""

import dataclasses

import numpy as np
import pytest

from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus, corpus_checksum
from w2v.errors import CorpusError
from w2v.training.held_out import lines as held_out_lines
from w2v.training.loop import _rows
from w2v.training.loop._isa import chosen_isa
from w2v.training.run import paced
from w2v.training.trainer import train_encoded


@pytest.fixture(scope="module")
def corpus():
    """Lines of very different lengths, among them lines that are cut by shards."""
    rng = np.random.default_rng(8)
    lengths = [*rng.integers(1, 12, 3000), 900, *rng.integers(1, 5, 500), 5000, 3, 1]
    return encode([[f"w{k}" for k in rng.zipf(1.4, n) % 300] for n in lengths], min_count=1)


def blanked(corpus, n):
    """Return the corpus with line ends for the words of its held-out lines, as a copy; and the view of it."""
    kept, held = held_out_lines.without_lines(corpus, n)
    ids = corpus.ids.copy()
    for begin, end in zip(kept.begins, kept.ends, strict=True):
        ids[begin:end] = -1
    return EncodedCorpus(corpus.vocabulary, ids, corpus.n_words - len(held.words), corpus.report), kept


@pytest.mark.parametrize("n", [1, 100, 1752])
def test_every_range_reads_as_the_copy_with_line_ends(corpus, n):
    copy, kept = blanked(corpus, n)
    before, size = corpus.ids.copy(), len(corpus.ids)
    assert kept.whole is corpus and kept.n_words == copy.n_words
    assert np.array_equal(kept.read(0, size), copy.ids) and np.array_equal(kept.read(0, 2 * size), copy.ids)
    for begin, end in np.sort(np.random.default_rng(n).integers(0, size, (500, 2)), axis=1):
        assert np.array_equal(kept.read(begin, end), copy.ids[begin:end])
    for begin, end in zip(kept.begins[:50], kept.ends[:50], strict=True):
        assert kept.read(begin, begin).size == 0 and (kept.read(begin, end) == -1).all()
        assert np.array_equal(kept.read(end, end + 3), copy.ids[end:end + 3])
    assert np.array_equal(corpus.ids, before) and np.shares_memory(corpus.read(3, 9), corpus.ids)


@pytest.mark.parametrize("whole_lines", [False, True])
def test_shards_and_checksum_are_those_of_the_copy(corpus, whole_lines):
    copy, kept = blanked(corpus, 1000)
    for n in (1, 2, 7, 64):
        assert kept.shards(n, whole_lines=whole_lines) == copy.shards(n, whole_lines=whole_lines)
    assert corpus_checksum(kept) == corpus_checksum(copy) != corpus_checksum(corpus)


@pytest.mark.parametrize("options", [{}, {"sg": False}, {"window": "line"}, {"shrink_windows": False}])
def test_training_is_that_of_the_copy(corpus, options):
    config = TrainConfig(vector_size=16, epochs=2, min_count=1, **options)
    copy, kept = blanked(corpus, 1200)
    with paced(shard_ids=1 << 11):
        expected = train_encoded(copy, config, threads=1, isa=chosen_isa(), progress=False)
        found = train_encoded(corpus, dataclasses.replace(config, held_out=1200), threads=1, isa=chosen_isa(),
                              progress=False)
    assert np.array_equal(found.wv.vectors, expected.wv.vectors)
    assert np.array_equal(found.output_vectors, expected.output_vectors)
    assert found.report.words_trained == expected.report.words_trained


def test_longest_line_may_be_held_out(corpus):
    """With window = line the loop is made for the longest line to train on."""
    longest = int(np.argmax(np.diff(np.flatnonzero(corpus.ids == -1), prepend=-1)))
    ends = np.flatnonzero(corpus.ids == -1)
    begin, end = ends[longest - 1] + 1, ends[longest]
    kept = held_out_lines.CorpusWithoutLines(corpus, corpus.n_words - (end - begin), np.array([begin]),
                                             np.array([end]))
    ids = kept.read(0, kept.n_ids)
    copy = EncodedCorpus(corpus.vocabulary, ids, kept.n_words, corpus.report)
    assert _rows.longest_line(ids) < 1000 < _rows.longest_line(corpus.ids)
    config = TrainConfig(vector_size=16, epochs=2, min_count=1, window="line")
    found, expected = (train_encoded(one, config, threads=1, isa=chosen_isa(), progress=False)
                       for one in (kept, copy))
    assert np.array_equal(found.wv.vectors, expected.wv.vectors)


def test_line_too_long_for_a_window_may_be_held_out():
    """Only lines that train are limited with window = line."""
    words = [f"w{k % 40}" for k in range(_rows.LONGEST_WINDOW + 1)]
    lines = [words[k:k + 9] for k in range(400)]
    kept, _ = held_out_lines.without_lines(encode(lines, min_count=1), 1)
    lines[int(kept.begins[0]) // 10] = words  # the choice does not depend on the words
    corpus, config = encode(lines, min_count=1), TrainConfig(vector_size=8, epochs=1, min_count=1, window="line")
    with pytest.raises(CorpusError, match="the longest line has 30,001 known words"):
        train_encoded(corpus, config, threads=1, isa=chosen_isa(), progress=False)
    model = train_encoded(corpus, dataclasses.replace(config, held_out=1), threads=1, isa=chosen_isa(), progress=False)
    assert model.report.words_held_out == 30_001 and model.report.words_trained > 0


def test_text_is_not_changed_and_may_be_used_again(tmp_path):
    (tmp_path / "held.txt").write_text("a b unknown\nunknown\nb c c\n")
    vocabulary = encode([["a", "b", "b", "c"]], min_count=1).vocabulary
    text = held_out_lines.read_text([["a"]], TrainConfig(held_out=tmp_path / "held.txt"), None, threads=1,
                                    progress=False)
    before = text.corpus.ids.copy()
    first, second = text.lines(vocabulary), text.lines(vocabulary)
    assert np.array_equal(text.corpus.ids, before) and np.array_equal(first.words, second.words)
    assert [vocabulary.words[i] for i in first.words] == list("abbcc") and first.lengths.tolist() == [2, 3]
