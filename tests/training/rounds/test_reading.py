"""A text that workers count and encode: the corpus is that of one process, whatever happens to them."""

import copy
import functools
import gzip
import random

import numpy as np
import pytest
from helpers.corpora import random_text

from w2v.corpus.encode import encode
from w2v.corpus.encoded import corpus_checksum
from w2v.corpus.paths import CorpusInput
from w2v.corpus.reread import encode_again
from w2v.errors import CorpusError, FormatError, W2VError
from w2v.training.held_out.lines import without_lines
from w2v.training.rounds import reading
from w2v.training.rounds.engine import WorkLost


class Inline:
    """Engine that runs each call at once, on copies. `fail(name, n)` is asked before the n-th call of a function."""

    def __init__(self, fail=lambda name, n: None, answers=("itself",)):
        self.at_once, self.fail, self.counts, self.answers = 2, fail, {}, answers

    def _count(self, name):
        self.counts[name] = self.counts.get(name, 0) + 1
        self.fail(name, self.counts[name])

    def submit(self, call, *arguments):
        self._count(call.__name__)
        return functools.partial(call, *copy.deepcopy(arguments))

    def gather(self, handles):
        self._count("gather")
        return [copy.deepcopy(handle()) for handle in handles]

    def scatter(self, value):
        self._count("scatter")
        return copy.deepcopy(value)

    def ask(self, call, *arguments):
        return {f"tcp://worker{i}": call(*arguments) if answer == "itself" else answer
                for i, answer in enumerate(self.answers)}


@pytest.fixture(autouse=True)
def small_calls(monkeypatch):
    monkeypatch.setattr(reading, "COUNTED_BYTES", 900)
    monkeypatch.setattr(reading, "ENCODED_BYTES", 700)


@pytest.fixture
def folder(tmp_path):
    """Files of which some are empty, small, or lack the last line end; one begins with a byte order mark."""
    text = random_text(random.Random(4), 700)
    for number, end in enumerate((0, 1, 300, len(text) // 2, len(text))):
        (tmp_path / f"{number}.txt").write_bytes(b"\xef\xbb\xbf" * (number == 2) + text[:end])
    return tmp_path


def read_by_workers(engine, corpus, block_size=200, min_count=1, **options):
    given = CorpusInput.of(corpus, options)
    passes = reading.worker_passes(engine, given, False)
    assert passes is not None
    return encode_again(given, min_count=min_count, block_size=block_size, passes=passes)


def check_same(found, stored):
    assert found.vocabulary.words == stored.vocabulary.words
    assert found.vocabulary.counts.tolist() == stored.vocabulary.counts.tolist()
    first, second = found.report.to_dict(), stored.report.to_dict()
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert corpus_checksum(found) == corpus_checksum(stored)
    assert np.concatenate(list(found.scan())).tolist() == stored.ids.tolist()
    for n in (1, 7, 60):
        assert list(found.shards(n)) == list(stored.shards(n))
    elsewhere = copy.deepcopy(found.elsewhere())
    for begin, end in [(0, found.n_ids), (5, 5), *np.sort(np.random.default_rng(1).integers(0, found.n_ids, (30, 2)))]:
        expected = stored.ids[begin:end].tolist()
        assert found.read(begin, end).tolist() == elsewhere.read(found.part(begin, end)).tolist() == expected


@pytest.mark.parametrize("block_size", [40, 200, 1 << 19])
@pytest.mark.parametrize("options", [
    {}, {"min_count": 4}, {"lowercase": True, "stop_words": ["a", "the"]}, {"tokenize": "words"},
    {"split_lines_at": "sentences"}])
def test_corpus_is_that_of_one_process(folder, options, block_size):
    min_count = options.get("min_count", 1)
    stored = encode(CorpusInput.of(folder, {k: v for k, v in options.items() if k != "min_count"}), min_count=min_count)
    check_same(read_by_workers(Inline(), folder, block_size, **options), stored)


def test_ideographs_are_counted_by_workers(tmp_path):
    (tmp_path / "text").write_text("東京都に住む人が多い。\n" * 50)
    found = read_by_workers(Inline(), tmp_path / "text", tokenize="words")
    stored = encode(CorpusInput.of(tmp_path / "text", {"tokenize": "words"}), min_count=1)
    assert found.report.traits == stored.report.traits


def test_lines_are_held_out_of_what_workers_read(folder):
    found, _ = without_lines(read_by_workers(Inline(), folder), 20)
    stored, _ = without_lines(encode(folder, min_count=1), 20)
    elsewhere = copy.deepcopy(found.elsewhere())
    assert elsewhere.required and len(elsewhere.files) == 5
    whole = stored.read(0, stored.n_ids).tolist()
    assert whole != stored.whole.ids.tolist()
    for begin, end in [(0, found.n_ids), *np.sort(np.random.default_rng(2).integers(0, found.n_ids, (60, 2)))]:
        assert elsewhere.read(found.part(begin, end)).tolist() == whole[begin:end]


@pytest.mark.parametrize("name, n", [("scatter", 1), ("scatter", 2), ("count_ranges", 1), ("count_ranges", 4),
                                     ("encode_ranges", 1), ("encode_ranges", 5), ("gather", 1), ("gather", 3)])
def test_lost_workers_change_nothing(folder, name, n):
    def fail(called, number):
        if (called, number) == (name, n):
            raise WorkLost("a worker ended")

    engine = Inline(fail)
    check_same(read_by_workers(engine, folder), encode(folder, min_count=1))
    assert engine.counts[name] > n


def test_workers_that_are_always_lost_are_an_error(folder):
    def fail(called, number):
        if called == "gather" and number > 3:
            raise WorkLost("worker 7 ended")

    with pytest.raises(W2VError, match="workers that read the text were lost 5 times: worker 7 ended; see their logs"):
        read_by_workers(Inline(fail), folder)


def test_error_of_the_text_names_its_place(tmp_path):
    (tmp_path / "text").write_bytes(b"a b\n" * 1000 + b"\0 c\n" + b"a b\n" * 1000)
    with pytest.raises(FormatError, match=f"{tmp_path}/text, byte 4000: NUL byte"):
        read_by_workers(Inline(), tmp_path / "text")


def test_text_without_frequent_words_is_the_error_of_one_process(folder):
    for make in (read_by_workers, lambda _, *arguments, **options: encode(*arguments, **options)):
        with pytest.raises(CorpusError, match="none of the .* distinct words occurs 100000 times"):
            make(Inline(), folder, min_count=100_000)


def test_text_that_changes_between_the_passes_is_an_error(folder):
    def fail(called, number):
        if (called, number) == ("encode_ranges", 1):
            (folder / "4.txt").write_bytes((folder / "4.txt").read_bytes()[:-3] + b"zz\n")

    with pytest.raises(W2VError, match=f"{folder}/4.txt: another file: its content differs"):
        read_by_workers(Inline(fail), folder)


def test_worker_without_the_text_is_an_error_that_names_it(folder):
    engine = Inline(answers=("itself", "/data/x: cannot read: No such file or directory"))
    with pytest.raises(W2VError, match=r"the worker tcp://worker1 cannot read the text as other workers do: /data/x: "
                                       r".*; give it the same file at the same path, or use ids="):
        reading.worker_passes(engine, CorpusInput.of(folder), False)


@pytest.mark.parametrize("answers, corpus, reason", [
    (("/data/x: no", OSError("gone")), None, "none of which has it at this path: tcp://worker0: /data/x: no"),
    (("itself",), [["a", "b"]], "the iterable is not in files"), (("itself",), "packed", "is compressed")])
def test_text_that_no_worker_can_read_is_read_here(folder, caplog, answers, corpus, reason):
    caplog.set_level("INFO", "w2v")
    (folder / "x.gz").write_bytes(gzip.compress(b"a b\n"))
    given = folder / "4.txt" if corpus is None else folder / "x.gz" if corpus == "packed" else corpus
    assert reading.worker_passes(Inline(answers=answers), CorpusInput.of(given), False) is None
    assert "this process reads the text and sends it to the workers" in caplog.text and reason in caplog.text
