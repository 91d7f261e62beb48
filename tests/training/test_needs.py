"""Memory and disk space that a run needs, and the refusal of runs that do not fit."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import zipf

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.corpus.encode import encode
from w2v.corpus.estimate.estimate import Sizes
from w2v.corpus.paths import CorpusInput
from w2v.corpus.vocabulary import Vocabulary
from w2v.errors import W2VError
from w2v.formats import FORMATS, write_vectors
from w2v.planning import plan as planning
from w2v.planning import speed
from w2v.system import resources
from w2v.training import needs
from w2v.training.matrices import allocate_rows
from w2v.training.objectives.layout import layout_of


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("needs") / "corpus.txt"
    path.write_bytes(zipf.text(600_000))
    return path


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "RUN_SECONDS", 0.001)


def test_formulas_match_the_allocated_memory() -> None:
    for size in (1, 16, 100, 300):
        config = TrainConfig(vector_size=size)
        assert needs.matrix_bytes(config, 1000) == 2 * allocate_rows(1000, size).nbytes
    vocabulary = Vocabulary.from_words([str(k) for k in range(1000)], range(1000, 0, -1))
    for options in ({"hs": True}, {"hs": True, "negative": 0}, {"minn": 3, "maxn": 6, "bucket": 5000}):
        config = TrainConfig(vector_size=20, **options)
        rows = layout_of(config, vocabulary)
        assert 0 <= needs.matrix_bytes(config, 1000) / 128 - rows.input_rows - rows.output_rows <= 1
    sizes = Sizes(tokens=1e9, lines=1e7, distinct=5e6, n_words=1e6, known=9e8, word_bytes=8.0)
    rich, poor = (needs.memory(TrainConfig(), sizes, 4, free) for free in (1e11, 7e9))
    assert (rich.spooled, poor.spooled) == (0, 4 * 1_010_000_000) == (0, poor.ids)
    assert rich.training - poor.training == 4 * 910_000_000
    assert rich.peak == max(rich.reading, rich.training) and rich.reading > rich.ids
    assert rich.training > rich.matrices + rich.sampler + rich.vocabulary + 4 * 910_000_000


def test_ids_go_to_the_first_place_with_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "free_disk", lambda folder: 10**9 + needs.DISK_RESERVE)
    lines = CorpusInput.of([["a"]])
    auto, stored = (needs.places_for("auto", lines, phrases) for phrases in (False, True))
    assert (auto, stored) == (("memory", "disk", "none"), ("memory", "disk"))
    assert needs.places_for("auto", CorpusInput.of(iter([["a"]])), phrases=False) == stored
    for size, place in ((10**8, "memory"), (10**8 + 1, "disk"), (10**9, "disk"), (10**9 + 1, "none")):
        assert needs.place_of_ids(auto, size, free=2 * 10**8) == place
        assert needs.place_of_ids(stored, size, free=2 * 10**8) == ("disk" if place == "none" else place)
        for fixed in ("memory", "disk", "none"):
            assert needs.place_of_ids(needs.places_for(fixed, lines, phrases=False), size, free=2 * 10**8) == fixed
    sizes = Sizes(tokens=1e9, lines=1e7, distinct=5e6, n_words=1e6, known=9e8, word_bytes=8.0)
    memory, disk, none = (needs.memory(TrainConfig(), sizes, 4, 1e9, (place,)) for place in ("memory", "disk", "none"))
    assert memory.ids == disk.ids == none.ids == disk.spooled and memory.spooled == none.spooled == 0
    assert memory.reading - disk.reading == disk.ids and none.reading == disk.reading
    assert none.training - disk.training == 5 * needs.CACHE_BYTES + needs.TABLE_BYTES * 10**6


@pytest.mark.parametrize("ngrams", [{}, {"minn": 2, "maxn": 3, "bucket": 3000}])
def test_expected_size_of_each_format_is_that_of_its_file(corpus: Path, tmp_path: Path, ngrams: dict[str, int]) -> None:
    model = w2v.train(corpus, vector_size=16, epochs=1, threads=1, progress=False, **ngrams)
    vocabulary = encode(corpus).vocabulary
    sizes = Sizes(tokens=0, lines=0, distinct=0, n_words=len(vocabulary), known=0,
                  word_bytes=len(vocabulary.blob) / len(vocabulary))
    for name in [name for name, format in FORMATS.items() if format.write is not None]:
        write_vectors(tmp_path / name, model.wv.index_to_key, model.wv.rows, model.wv.counts, format=name,
                      output_vectors=model.output_vectors if FORMATS[name].needs_output else None,
                      subwords=model.wv.subwords)
        size = (tmp_path / name).stat().st_size
        assert needs.output_bytes(model.config, sizes, name) == pytest.approx(size, rel=0.1), name


@pytest.fixture
def poor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with 300 MB of free memory; allocating matrices fails."""
    monkeypatch.setattr(resources, "available_memory", lambda: 300_000_000)
    monkeypatch.setattr(needs, "available_memory", lambda: 300_000_000)

    def fail(*arguments: object) -> None:
        raise AssertionError("allocated")

    for module in ("w2v.training.trainer", "w2v.training.objectives.layout"):
        monkeypatch.setattr(sys.modules[module], "allocate_rows", fail)


@pytest.mark.usefixtures("poor")
@pytest.mark.slow
def test_run_that_does_not_fit_is_refused_before_allocating(corpus: Path) -> None:
    words = len(encode(corpus, min_count=1).vocabulary)
    size = 2 * words * 2000 * 4
    with pytest.raises(W2VError) as caught:
        w2v.train(corpus, vector_size=2000, min_count=1, progress=False)
    message = str(caught.value)
    assert message.startswith(f"{words:,} words of 2000 dimensions: {(size + 4e7) / 1e9:.1f} GB of memory are needed")
    assert "0.3 GB are free; a vector_size of" in message and "a max_vocab of" in message
    fitting = int(message.split("a vector_size of ")[1].split()[0])
    assert 0 < fitting < 2000
    with pytest.raises(AssertionError, match="allocated"):  # the proposed size is accepted
        w2v.train(corpus, vector_size=fitting, min_count=1, progress=False)
    with pytest.raises(W2VError, match="GB of memory"):
        w2v.train(corpus, vector_size=fitting + 32, min_count=1, progress=False)


@pytest.mark.usefixtures("poor")
def test_run_on_a_large_corpus_is_refused_before_reading(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr("w2v.training.train.encode_joined", fail)
    options = {"vector_size": 4000, "min_count": 1, "progress": False}
    with pytest.raises(AssertionError, match="read"):  # a small corpus is read first
        w2v.train(corpus, **options)
    monkeypatch.setattr(needs, "EARLY_BYTES", 1_000_000)
    with pytest.raises(W2VError, match=r"corpus\.txt: at least [\d,]+ words, .* GB of memory are needed"):
        w2v.train(corpus, **options)
    with pytest.raises(AssertionError, match="read"):
        w2v.train(corpus, **options | {"vector_size": 10})
    for unreadable in ("-", [["a"]], str(corpus) + "missing"):
        with pytest.raises(AssertionError, match="read"):  # reading reports what is wrong
            w2v.train(unreadable, **options)


@pytest.mark.slow
def test_plan_refuses_with_the_numbers_of_training(corpus: Path, monkeypatch: pytest.MonkeyPatch,
                                                     tmp_path: Path) -> None:
    for module in (resources, needs, planning, speed):
        monkeypatch.setattr(module, "available_memory", lambda: 300_000_000)
    monkeypatch.setattr(resources.shutil, "disk_usage",
                        lambda folder: type("Usage", (), {"free": 1_000_000}))
    found = w2v.plan(corpus, threads=1, vector_size=2000, min_count=1, output=tmp_path / "v.bin")
    memory, disk = found.problems
    assert not found.fits and found.memory_free == 300_000_000 and found.disk.output_free == 1_000_000
    assert f"{found.memory.peak / 1e9:.1f} GB of memory are needed and 0.3 GB are free" in memory
    assert f"v.bin: {corpus}: {found.disk.output / 1e9:.2f} GB are needed on the disk" in disk
    monkeypatch.setattr("w2v.training.needs.MEMORY_SHARE", 0.001)
    found = w2v.plan(corpus, threads=1, vector_size=16, min_count=1)
    assert (found.memory.place, found.memory.spooled, found.disk.spool) == ("none", 0, 0) and not found.problems
    assert "not stored: each epoch reads the text again" in str(found)
    found = w2v.plan(corpus, threads=1, vector_size=16, min_count=1, ids="disk")
    assert found.memory.spooled == found.memory.ids == 4 * 630_000 and "the ids of the text" in found.problems[0]
    assert any("TMPDIR" in line for line in found.advice)


def test_full_disk_is_refused_before_training(corpus: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(resources.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 1_000_000}))
    for name, gigabytes in (("v.bin", "0.00"), ("v.txt", "0.01")):
        assert cli.main(["train", str(corpus), "-o", str(tmp_path / name), "-q", "--min-count", "10"]) == 1
        message = capsys.readouterr().err
        assert f"{name}: " in message and f"{gigabytes} GB are needed on the disk of {tmp_path}" in message
    assert cli.main(["train", str(corpus), "-o", str(tmp_path / "v.bin"), "-q", "--vector-size", "2"]) == 0


def test_limit_of_the_address_space_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    assert resources._address_space() is None or resources._address_space() > 0
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    monkeypatch.setattr(resource, "getrlimit", lambda which: (taken + 5_000_000, resource.RLIM_INFINITY))
    assert 0 < resources._address_space() <= 5_000_000 + (1 << 26)
    assert resources.available_memory() == max(resources._address_space(), 0)


# --- rounds -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text whose words need less memory than the model."""
    path = tmp_path_factory.mktemp("rounds") / "corpus.txt"
    path.write_bytes(zipf.text(600_000, ranks=60_000))
    return path


@pytest.mark.parametrize("threads, shards, workers", [(0, 16, 0), (1, 16, 2), (2, 16, 4), (8, 16, 16), (64, 16, 16),
                                                       (4, 1, 1)])
def test_rounds_need_copies_for_the_workers_at_once_and_sums(threads: int, shards: int, workers: int) -> None:
    config = TrainConfig(reproducible=True, shards=shards, vector_size=100)
    model = needs.matrix_bytes(config, 1000)
    assert needs.workers_at_once(config, threads) == workers
    assert needs.rounds_bytes(config, 1000, threads) == workers * (model + 8_000) + 2 * model
    assert needs.rounds_bytes(TrainConfig(), 1000, threads) == 0
    sizes = Sizes(tokens=1e6, lines=1e4, distinct=5e3, n_words=1000, known=9e5, word_bytes=8.0)
    plain, rounds = (needs.memory(one, sizes, threads, 1e11) for one in (TrainConfig(), config))
    assert rounds.training - plain.training == rounds.rounds == needs.rounds_bytes(config, 1000, threads)
    assert (rounds.matrices, rounds.reading, plain.rounds) == (plain.matrices, plain.reading, 0)


@pytest.mark.parametrize("processes, shards, models", [(1, 1, 7), (2, 4, 15), (3, 8, 24)])
def test_cluster_of_this_machine_needs_models_for_each_process(processes: int, shards: int, models: int) -> None:
    config = TrainConfig(reproducible=True, shards=shards, vector_size=100)
    model = needs.matrix_bytes(config, 1000)
    assert needs.rounds_bytes(config, 1000, 0, processes) == models * model + processes * needs.PROCESS_BYTES
    sizes = Sizes(tokens=1e6, lines=1e4, distinct=5e3, n_words=1000, known=9e5, word_bytes=8.0)
    here, elsewhere = (needs.memory(config, sizes, 0, 1e11, processes=n) for n in (processes, 0))
    assert elsewhere.rounds == 2 * model
    assert here.training - elsewhere.training == here.rounds - elsewhere.rounds > 0


@pytest.mark.parametrize("reproducible, room, said", [
    (True, 24, "it would fit with threads=2 (--threads 2); engine=\"threads\""),
    (False, 24, "it would fit with threads=2 (--threads 2); threads of this process"),
    (True, 9, "on a cluster of this machine it does not fit; engine=\"threads\""),
    (False, 9, "on a cluster of this machine it does not fit; threads of this process, without engine"),
    (True, 3, "a max_vocab of")])
def test_cluster_that_does_not_fit_says_what_would(monkeypatch: pytest.MonkeyPatch, reproducible: bool, room: int,
                                                   said: str) -> None:
    config = TrainConfig(reproducible=reproducible, distributed=not reproducible, shards=8, vector_size=100)
    sizes = Sizes(tokens=1e6, lines=1e4, distinct=1e6, n_words=1e6, known=9e5, word_bytes=8.0)
    for module in (needs, resources):
        monkeypatch.setattr(module, "available_memory", lambda: room * needs.matrix_bytes(config, 1e6))
    problem, = needs.problems("a text", config, sizes, 0, None, processes=3)
    assert said in problem


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the peak memory of a process in /proc")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.slow
def test_measured_peak_of_rounds_is_the_planned_one(few_words: Path, threads: int) -> None:
    """The growth from before the matrices are allocated; the text has several MB, the model tens of MB."""
    code = """
import sys
import w2v
from w2v.training import trainer
from w2v.training.needs import rounds_bytes
def peak():
    with open("/proc/self/status") as status:  # the peak of getrusage is that of the parent process if that is higher
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
before, check = [], trainer.check_fits
def check_fits(corpus, *arguments):
    before.append(peak())
    check(corpus, *arguments)
trainer.check_fits = check_fits
threads = int(sys.argv[2])
model = w2v.train(sys.argv[1], vector_size=100, min_count=1, epochs=1, rounds=3, threads=threads,
                  reproducible=True, progress=False)
print(peak() - before[0], rounds_bytes(model.config, len(model.wv), threads) + 2 * len(model.wv) * 112 * 4)
"""
    done = subprocess.run([sys.executable, "-c", code, str(few_words), str(threads)], capture_output=True,
                          text=True, check=True, cwd=few_words.parent)
    measured, planned = map(float, done.stdout.split())
    assert 0.75 * planned < measured < planned + needs.WORKING_BYTES + threads * needs.THREAD_BYTES + 3e7


@pytest.mark.usefixtures("poor")
@pytest.mark.slow
def test_rounds_that_do_not_fit_are_refused_with_what_would_fit(few_words: Path) -> None:
    corpus, words = few_words, len(encode(few_words, min_count=1).vocabulary)
    options = {"vector_size": 128, "min_count": 1, "progress": False, "reproducible": True}
    assert 2e7 < 2 * words * 128 * 4 < 6e7, "some copies fit into 300 MB"
    with pytest.raises(AssertionError, match="allocated"):
        w2v.train(corpus, threads=1, vector_size=64, min_count=1, progress=False, reproducible=True)
    with pytest.raises(W2VError, match="GB of memory are needed") as caught:
        w2v.train(corpus, threads=8, **options)
    message = str(caught.value)
    found = re.search(r"it would fit with threads=(\d) \(--threads \1\) or with shards=(\d) \(--shards \2\)", message)
    assert found, message
    for fitting in ({"threads": int(found[1])}, {"threads": 8, "shards": int(found[2])}):
        with pytest.raises(AssertionError, match="allocated"):
            w2v.train(corpus, **options, **fitting)
    with pytest.raises(W2VError, match="GB of memory are needed"):
        w2v.train(corpus, threads=8, shards=int(found[2]) + 1, **options)
    with pytest.raises(W2VError, match=r"a vector_size of \d+ or a max_vocab of") as caught:
        w2v.train(corpus, threads=1, **options | {"vector_size": 2000})
    fitting_size = int(str(caught.value).split("a vector_size of ")[1].split()[0])
    with pytest.raises(AssertionError, match="allocated"):
        w2v.train(corpus, threads=1, **options | {"vector_size": fitting_size})


@pytest.mark.slow
def test_plan_shows_the_memory_of_rounds(few_words: Path, capsys: pytest.CaptureFixture[str],
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = few_words
    options = ["plan", str(corpus), "--vector-size", "16", "--threads", "3", "--reproducible", "--shards", "2"]
    assert cli.main([*options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["memory"]["rounds"] > 2 * found["memory"]["matrices"] and found["fits"] is True
    assert found["memory"]["training"] > found["memory"]["rounds"]
    assert cli.main(options) == 0
    table = " ".join(capsys.readouterr().out.split())
    assert "copies of 2 workers at the same time" in table and "without the merging of rounds" in table
    assert "3 threads for 2 shards: more threads than shards do not help" in table
    assert "of their changes" not in str(w2v.plan(corpus, threads=1, vector_size=16))
    for module in (resources, needs, planning, speed):
        monkeypatch.setattr(module, "available_memory", lambda: 120_000_000)
    refused = w2v.plan(corpus, threads=8, vector_size=100, reproducible=True)
    assert not refused.fits and "shards=" in refused.problems[0]
