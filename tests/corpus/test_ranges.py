"""Byte ranges of plain files that are counted, encoded and read by calls without state."""

from __future__ import annotations

import gzip
import pickle
import random
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.corpora import random_text

from w2v.corpus.elsewhere import FileMark
from w2v.corpus.encode import encode
from w2v.corpus.paths import CorpusInput
from w2v.corpus.ranges import (
    TextFiles,
    TextPart,
    TextRange,
    TextRanges,
    count_ranges,
    encode_ranges,
    plain_files,
    ranges_of,
)
from w2v.corpus.source import open_source
from w2v.corpus.text_again import BlockIndex, LineState
from w2v.errors import FormatError, W2VError


def files_of(corpus: Any, **options: Any) -> TextFiles:
    found = plain_files(CorpusInput.of(corpus, options), False)
    assert isinstance(found, TextFiles)
    return found


def groups_of(corpus: Any, files: TextFiles, block_size: int, group_bytes: int,
              **options: Any) -> list[list[TextRange]]:
    source = open_source(CorpusInput.of(corpus, options), in_ranges=True)
    return list(ranges_of(source, files, block_size, group_bytes))


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_bytes(random_text(random.Random(4), 800))
    return path


@pytest.mark.parametrize("group_bytes", [1, 1000, 1 << 30])
def test_ranges_are_the_text_in_groups_of_a_size(text: Path, group_bytes: int) -> None:
    files = files_of(text)
    groups = groups_of(text, files, 100, group_bytes)
    content = text.read_bytes()
    for group in groups[:-1]:
        assert group_bytes <= group[-1].end - group[0].begin < group_bytes + 1000
    ranges = [one for group in groups for one in group]
    assert b"".join(content[one.begin:one.end] for one in ranges) == content and len(ranges) > 20
    assert {one.file for one in ranges} == {0}


def test_counts_of_ranges_are_those_of_the_text(text: Path) -> None:
    files = files_of(text, lowercase=True, stop_words=["the"])
    counts: dict[bytes, int] = {}
    for group in groups_of(text, files, 100, 1000, lowercase=True, stop_words=["the"]):
        found = pickle.loads(pickle.dumps(count_ranges(*pickle.loads(pickle.dumps((files, group))))))
        assert len(found.stats) == len(group)
        blob = found.blob.tobytes()
        for begin, end, count in zip(found.offsets, found.offsets[1:], found.counts, strict=False):
            counts[blob[begin:end]] = counts.get(blob[begin:end], 0) + int(count)
    vocabulary = encode(CorpusInput.of(text, {"lowercase": True, "stop_words": ["the"]}), min_count=1).vocabulary
    words = [word.encode("utf-8", "surrogateescape") for word in vocabulary.words]
    assert counts == dict(zip(words, vocabulary.counts.tolist(), strict=True))


@pytest.mark.parametrize("block_size", [60, 1000, 1 << 19])
def test_any_part_has_the_ids_that_are_stored(text: Path, block_size: int) -> None:
    stored = encode(text, min_count=3)
    elsewhere = TextRanges(files_of(text), stored.vocabulary.blob, stored.vocabulary.offsets)
    index, state, ranges = BlockIndex(), LineState(), []
    for group in groups_of(text, elsewhere.text, block_size, 500):
        for one, encoded in zip(group, encode_ranges(elsewhere, group), strict=True):
            ids, after = elsewhere.encoder().ids(encoded, state)
            index.append(ids, state, 1.0)
            ranges.append(one)
            state = after
    assert index.n_ids == stored.n_ids
    there = pickle.loads(pickle.dumps(elsewhere))
    for begin, end in [(0, stored.n_ids), *np.sort(np.random.default_rng(1).integers(0, stored.n_ids, (40, 2)))]:
        numbers = range(index.find(begin), index.find(max(begin, end - 1)) + 1)
        part = TextPart([ranges[i] for i in numbers], [index.state(i) for i in numbers],
                        [index.checksum(i) for i in numbers], int(begin - index.begin(numbers[0])), int(end - begin))
        assert there.read(part).tolist() == stored.ids[begin:end].tolist()


def test_part_of_a_text_that_has_changed_is_an_error(text: Path) -> None:
    vocabulary = encode(text, min_count=1).vocabulary
    elsewhere = TextRanges(files_of(text), vocabulary.blob, vocabulary.offsets)
    part = TextPart([TextRange(0, 0, 200, b"")], [LineState()], [(7, 1)], 0, 7)
    with pytest.raises(W2VError, match=f"on .*: {re.escape(str(text))}: other words near byte 0 than when "
                                       "they were counted"):
        elsewhere.read(part)
    text.unlink()
    with pytest.raises(W2VError, match=f"on .*: {re.escape(str(text))}: cannot read: No such file"):
        elsewhere.read(part)


@pytest.mark.parametrize("call", [count_ranges, lambda files, ranges: encode_ranges(
    TextRanges(files, np.empty(0, np.uint8), np.zeros(1, np.int64)), ranges)])
def test_calls_refuse_another_file(text: Path, call: Callable[..., Any]) -> None:
    files = files_of(text)
    text.write_bytes(text.read_bytes()[:-10] + b"0123456789")
    with pytest.raises(W2VError, match=f"on .*: {re.escape(str(text))}: another file: its content differs"):
        call(files, [TextRange(0, 0, 10, b"")])


def test_error_in_a_text_has_its_place_after_it_was_sent(text: Path) -> None:
    text.write_bytes(b"a b\n" * 100 + b"\0 c\n")
    with pytest.raises(FormatError, match="NUL") as caught:
        count_ranges(files_of(text), [TextRange(0, 200, 404, b"")])
    sent = pickle.loads(pickle.dumps(caught.value))
    assert str(sent) == str(caught.value) and (sent.path, sent.offset, sent.line) == (str(text), 400, None)


# ---- what can be read in ranges -------------------------------------------------------------------------------------

def packed(folder: Path) -> tuple[Any, dict[str, Any]]:
    (folder / "a").write_bytes(gzip.compress(b"a b\n"))
    return folder, {}


def archive(folder: Path) -> tuple[Any, dict[str, Any]]:
    with tarfile.open(folder / "a.tar", "w") as tar:
        tar.add(__file__, "x")
    return folder / "a.tar", {}


def array(folder: Path) -> tuple[Any, dict[str, Any]]:
    np.save(folder / "a.npy", np.arange(9))
    return folder / "a.npy", {}


def with_options(**options: Any) -> Callable[[Path], tuple[Any, dict[str, Any]]]:
    return lambda folder: (folder / "text", options)


@pytest.mark.parametrize("make, reason", [
    (packed, "a is compressed, an archive, or on the network"), (archive, "is compressed, an archive"),
    (array, "has integers"), (with_options(tokenizer=str.split), "the tokenizer is a function"),
    (with_options(max_words=3), "a part of the lines"), (with_options(sample_lines=0.5), "a part of the lines"),
    (with_options(bootstrap=True), "a part of the lines"), (lambda _: ([["a"]], {}), "the iterable is not in files"),
    (lambda _: ("-", {}), "stdin can be read only once")])
def test_other_texts_are_read_by_one_process(text: Path, make: Callable[[Path], tuple[Any, dict[str, Any]]],
                                             reason: str) -> None:
    corpus, options = make(text.parent)
    found = plain_files(CorpusInput.of(corpus, options), False)
    assert isinstance(found, str) and reason in found


def test_lines_with_weights_are_read_by_one_process(text: Path) -> None:
    assert "lines with weights" in str(plain_files(CorpusInput.of(text), True))


def test_all_files_of_a_folder_are_marked_in_order(tmp_path: Path) -> None:
    for name in "cab":
        (tmp_path / name).write_text(f"{name} {name}\n")
    files = files_of(tmp_path)
    assert list(files.marks) == [FileMark.of(str(tmp_path / name)) for name in "abc"]
    groups = groups_of(tmp_path, files, 100, 1)
    assert [one.file for group in groups for one in group] == [0, 1, 2]
