"""Interval reports of a run: losses, probe words, the log; and callbacks that end a run."""

import json
import os
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import planted
from helpers.stops import each_shard

import w2v
from w2v import cli
from w2v.system.interval import Interval
from w2v.system.jsonlog import JsonLog
from w2v.training.observers import intervals as watch
from w2v.training.run import paced
from w2v.training.status import Status
from w2v.training.train import _log_end

OPTIONS = planted.OPTIONS


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    planted.write_corpus(path, 12_000)
    return path


@pytest.fixture
def each_interval(monkeypatch):
    """Report after the shard with which an interval ends, however long a report takes."""
    monkeypatch.setattr(watch, "SHARE", np.inf)
    with paced(after_shard=each_shard):
        yield


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.usefixtures("each_interval")
def test_callback_stops_the_run_and_the_model_so_far_is_returned(corpus, threads):
    seen = []

    def stop(view, stats):
        seen.append(stats.epoch)
        if stats.epoch == 20:
            raise w2v.StopTraining("enough")

    model = w2v.train(corpus, epochs=100_000, on_epoch_end=stop, **OPTIONS | {"threads": threads, "min_count": 300})
    report = model.report
    assert report.stopped_early == "enough" and report.epochs == 100_000 and seen == list(range(1, 21))
    assert report.words_trained >= 20 * (report.corpus.words - report.corpus.words_unknown) and planted.adds_up(report)
    done = report.words_trained / (report.corpus.words - report.corpus.words_unknown)  # epochs
    assert report.words_unknown == pytest.approx(done * report.corpus.words_unknown, rel=1e-3) and 20 <= done < 21
    assert model.report.loss < 6 * 0.69 and json.loads(model.wv.metadata["report"])["stopped_early"] == "enough"
    assert "enough" in str(report) and " of 100000 epochs" in str(report)


def test_stop_after_the_last_word_is_not_an_early_stop(corpus):
    def stop(view, stats):
        if stats.epoch == stats.epochs:
            raise w2v.StopTraining

    report = w2v.train(corpus, epochs=2, on_epoch_end=stop, **OPTIONS).report
    assert report.stopped_early is None and report.words_read == 2 * report.corpus.words and planted.adds_up(report)


def seen_by(corpus, **options):
    """Train; return every `IntervalStats` of the run, and the model."""
    seen = []
    model = w2v.train(corpus, on_interval=lambda view, stats: seen.append(stats), **OPTIONS | options)
    return seen, model


@pytest.mark.usefixtures("each_interval")
def test_intervals_cover_the_run_and_their_losses_add_up_to_that_of_the_report(corpus):
    seen, model = seen_by(corpus, epochs=60, log_every="5%")
    report, done = model.report, [stats.words_done for stats in seen]
    assert len(seen) == 20 and done == sorted(set(done)) and done[-1] == report.words_read == seen[0].total_words
    assert [stats.ended for stats in seen] == [False] * (len(seen) - 1) + [True]
    total = sum(stats.loss * stats.pairs for stats in seen)
    assert total / sum(stats.pairs for stats in seen) == pytest.approx(report.loss, rel=1e-9)
    assert seen[0].alpha > seen[-1].alpha == pytest.approx(1e-4)
    assert all(stats.epoch == pytest.approx(stats.words_done / 60_000) and stats.epochs == 60 for stats in seen)
    assert seen[-1].seconds == report.seconds_training
    for before, stats in zip(seen, seen[1:], strict=False):
        rate = (stats.words_done - before.words_done) / (stats.seconds - before.seconds)
        assert stats.words_per_second == pytest.approx(rate)
    for stats in seen[:-1]:
        assert stats.words_done >= 0.05 * stats.total_words
    plain = w2v.train(corpus, epochs=60, **OPTIONS)
    assert np.array_equal(plain.wv.vectors, model.wv.vectors)  # looking changes nothing


@pytest.fixture(scope="module")
def topics():
    """800,000 words, 10,200 distinct ones, in 50 topics: so many that threads seldom update the same row."""
    rng = np.random.default_rng(1)
    rank = (200 * rng.random((40_000, 20)) ** 2).astype(int)
    words = np.where(rng.random(rank.shape) < 0.3, rank, 200 + 200 * rng.integers(0, 50, (40_000, 1)) + rank)
    return [[f"w{k}" for k in line] for line in words.tolist()]


@pytest.mark.slow
def test_mean_loss_is_the_same_with_any_number_of_threads(topics):
    """The noise is measured with one thread and six seeds. The loss of the run, the mean loss of its intervals and
    their number of pairs may differ by 5 standard errors of a difference (t with 5 degrees of freedom: one in 250 by
    chance) plus 1 %, because threads learn in another order."""

    def told(**options):
        seen, model = seen_by(topics, epochs=4, log_every="50%", vector_size=16, **options)
        pairs = sum(stats.pairs for stats in seen)
        return model.report.loss, sum(stats.loss * stats.pairs for stats in seen if stats.pairs) / pairs, pairs

    one = np.array([told(seed=seed) for seed in range(1, 7)])
    four = np.array([told(threads=4, seed=seed) for seed in (1, 2)]).mean(axis=0)
    mean, error = one.mean(axis=0), one.std(axis=0, ddof=1) * np.sqrt(1 / 2 + 1 / 6)
    assert mean[0] < 3 and error[0] < 0.003 * mean[0] and error[2] < 0.01 * mean[2]
    assert (np.abs(four - mean) < 5 * error + 0.01 * mean).all()


@pytest.mark.usefixtures("each_interval")
def test_each_interval_has_the_held_out_loss_and_the_last_that_of_the_report(corpus):
    seen, model = seen_by(corpus, epochs=60, held_out=1000, log_every="5%")
    losses = [stats.loss_held_out for stats in seen]
    assert len(losses) == 20 and losses[-1] == model.report.loss_held_out and losses[0] > losses[-1]
    assert all(stats.loss_held_out is None for stats in seen_by(corpus, epochs=1)[0])


@pytest.mark.usefixtures("each_interval")
def test_neighbours_of_probe_words_are_those_of_the_model(corpus, monkeypatch):
    monkeypatch.setattr(watch, "_TILE", 32 * 7)  # several tiles
    words = [planted.class_word(0, 0), "male_3"]
    seen, model = seen_by(corpus, epochs=60, probe=[*words, words[0]], log_every="5%")
    assert len(seen) == 20 and [probe.word for probe in seen[-1].probes] == words
    for probe in seen[-1].probes:
        expected = model.wv.most_similar(probe.word, topn=5)
        assert [word for word, _ in probe.neighbours] == [word for word, _ in expected]
        assert [cosine for _, cosine in probe.neighbours] == pytest.approx([c for _, c in expected], abs=1e-5)
    assert all(probe.new is None for probe in seen[0].probes)
    for before, after in zip(seen, seen[1:], strict=False):
        for old, new in zip(before.probes, after.probes, strict=True):
            assert new.new == len({w for w, _ in new.neighbours} - {w for w, _ in old.neighbours})


def test_neighbours_are_searched_among_the_most_frequent_words(corpus, monkeypatch):
    monkeypatch.setattr(watch, "CANDIDATES", 50)
    rare = planted.class_word(0, 0)
    seen, model = seen_by(corpus, epochs=30, probe=rare)
    assert model.wv.get_index(rare) >= 50
    assert [w for w, _ in seen[-1].probes[0].neighbours] == [
        w for w, _ in model.wv.most_similar(rare, topn=5, restrict_vocab=50)]


def test_unknown_probe_words_are_refused_with_near_spellings(corpus):
    with pytest.raises(w2v.W2VError, match="'male_33', 'nothing'.*did you mean.*'male_3'"):
        w2v.train(corpus, probe=["male_3", "male_33", "nothing"], **OPTIONS | {"progress": True})
    with pytest.raises(ValueError, match="probe has no effect without progress"):
        w2v.train("no such corpus", probe="male_3", **OPTIONS)
    with pytest.raises(ValueError, match="log_every has no effect"):
        w2v.train("no such corpus", log_every=5, **OPTIONS)


@pytest.mark.usefixtures("each_interval")
def test_on_interval_stops_the_run(corpus):
    def stop(view, stats):
        seen.append(stats)
        if stats.loss < 2.5:
            raise w2v.StopTraining(f"loss {stats.loss:.1f}")

    seen = []
    report = w2v.train(corpus, epochs=200, log_every="1%", on_interval=stop, **OPTIONS).report
    assert report.stopped_early == f"loss {[one.loss for one in seen if not one.ended][-1]:.1f}"
    assert planted.adds_up(report)
    assert seen[-1].ended and seen[-1].words_done == report.words_read < seen[-1].total_words


def test_error_in_on_interval_reaches_the_caller(corpus, tmp_path):
    def fail(view, stats):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        w2v.train(corpus, epochs=2, on_interval=fail, log_json=tmp_path / "log", **OPTIONS)
    events = records(tmp_path / "log")
    assert [one["event"] for one in events] == ["start", "interval", "error"] and events[-1]["error"] == "mine"


def test_text_returned_by_on_interval_is_shown(corpus, capsys):
    w2v.train(corpus, epochs=1, on_interval=lambda view, stats: f"look {stats.words_done}",
              **OPTIONS | {"progress": True})
    assert "look 60000\n" in capsys.readouterr().err


def records(path):
    return [json.loads(line) for line in path.read_bytes().decode().splitlines()]


@pytest.mark.usefixtures("each_interval")
def test_log_has_a_line_for_each_event(corpus, tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text('{"event": "older"}\n{"event": "cut sho')  # of a run that was killed
    lines = []
    model = w2v.train(corpus, epochs=60, log_json=log, log_every="10%", held_out=10, probe="male_3",
                      on_interval=lambda view, stats: lines.append(log.read_bytes()[-1:]), **OPTIONS)
    assert log.read_text().startswith('{"event": "older"}\n{"event": "cut sho\n{"event": "start"')
    found = [json.loads(line) for line in log.read_text().splitlines()[2:]]
    assert [one["event"] for one in found] == ["start", *["interval"] * 10, "end"] and len(lines) == 10
    assert set(lines) == {b"\n"}  # whole lines at any moment
    start, last, end = found[0], found[-2], found[-1]
    assert start["config"]["epochs"] == 60 and start["threads"] == 1 and start["words"] == last["total_words"]
    assert start["held_out"]["lines"] == 10 and start["held_out"]["words"] == 50
    assert last["words_done"] == last["total_words"] and last["ended"] and last["probes"]["male_3"]["neighbours"]
    assert {k: v for k, v in end.items() if k not in ("event", "time")} == model.report.as_dict()


def test_log_has_no_nan_and_no_invalid_utf8(tmp_path):
    (tmp_path / "corpus.txt").write_bytes(b"a\xff b\n" * 50)
    w2v.train(tmp_path / "corpus.txt", log_json=tmp_path / "log", probe="a\udcff", **OPTIONS | {"sample": 1e-12})
    text = (tmp_path / "log").read_text()
    assert "NaN" not in text and "a\ufffd" in text
    assert [one["loss"] for one in records(tmp_path / "log")[1:]] == [None, None]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_full_disk_of_the_log_does_not_end_the_run(corpus, tmp_path, capsys):
    with pytest.warns(RuntimeWarning, match="log /dev/full ends early.*[Nn]o space"):
        assert w2v.train(corpus, epochs=1, log_json="/dev/full", **OPTIONS).report.words_read == 60_000
    assert cli.main(["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--epochs", "1", "--quiet",
                     "--log-json", "/dev/full"]) == 0
    assert capsys.readouterr().err.count("\n") == 1 and (tmp_path / "v.bin").exists()


def test_log_ends_after_an_incomplete_line(tmp_path):
    with JsonLog(tmp_path / "log") as log:
        write = log._file.write
        log._file = SimpleNamespace(write=lambda line: write(line[:5]), close=log._file.close)
        log.write("interval", a=1)
        log.write("interval", a=2)
    assert "disk is full" in log.problem and (tmp_path / "log").read_bytes() == b'{"eve'
    with JsonLog(tmp_path / "log") as log:
        log.write("start")
    assert (tmp_path / "log").read_bytes().startswith(b'{"eve\n{"event": "start"') and log.problem is None


def test_log_that_cannot_be_written_is_found_before_the_corpus_is_read(tmp_path):
    with pytest.raises(w2v.W2VError, match="log .*missing"):
        w2v.train("no such corpus", log_json=tmp_path / "missing" / "log", **OPTIONS)
    with pytest.raises(w2v.W2VError, match="log .*(irectory|Permission denied)"):
        w2v.train("no such corpus", log_json=tmp_path, **OPTIONS)


@pytest.mark.parametrize("given", ["", "5", "soon", "-1s", "0%", "101%", 0, float("nan"), True])
def test_invalid_interval_is_named(corpus, given):
    with pytest.raises(ValueError, match="log_every = .*(not an interval|out of range)"):
        w2v.train("no such corpus", held_out=5, log_every=given, **OPTIONS)


def a_run(intervals, *states, origin=(0, 0.0, 0.0, 0)):
    """Yield a run of 1,000 words, as observers see it, in each of these states: (words, seconds, sum, pairs)."""
    origin = Status(origin[0], 1000, origin[1], 0.1, *origin[2:])
    run = SimpleNamespace(config=w2v.TrainConfig(), shown={}, view=None, rollbacks=(), status=lambda: origin)
    intervals.restarted(run)
    for words, seconds, loss, pairs in states:
        now = Status(words, 1000, seconds, 0.1, loss, pairs)
        run.status = lambda now=now: now
        yield run


def test_default_interval_is_the_longer_of_ten_seconds_and_one_percent():
    def times(rate):
        told = []
        look = watch.Watch(call=lambda view, stats: told.append(stats.words_done))
        intervals = watch.Intervals(look, None, None)
        for run in a_run(intervals, *((words, words / rate, 1.0, 1) for words in range(1, 100))):
            intervals.observe(run, False)
        return told[:4]

    assert times(rate=100) == [] and times(rate=2) == [20, 40, 60, 80] and times(rate=0.01) == [10, 20, 30, 40]


def test_intervals_become_longer_if_reports_are_expensive():
    told = []
    look = watch.Watch(Interval.of("1s", "every"), call=lambda view, stats: told.append(stats.seconds))
    intervals = watch.Intervals(look, None, None)
    for run in a_run(intervals, *((seconds, seconds, 1.0, 1) for seconds in range(1, 40))):
        intervals.observe(run, False)
        intervals._cost = 0.5
    assert told == [1, 11, 21, 31]


def test_first_interval_of_a_resumed_run_begins_at_its_checkpoint():
    told = []
    look = watch.Watch(Interval.of("2s", "every"), call=lambda view, stats: told.append(stats))
    intervals = watch.Intervals(look, None, None)
    for run in a_run(intervals, (410, 71.0, 41.0, 11), (500, 72.0, 60.0, 20), origin=(400, 70.0, 40.0, 10)):
        intervals.observe(run, False)
    [stats] = told
    assert (stats.words_done, stats.words_per_second, stats.loss, stats.pairs) == (500, 50.0, 2.0, 10)


def test_interval_after_a_rollback_begins_at_the_checkpoint():
    told = []
    look = watch.Watch(Interval.of("1s", "every"), call=lambda view, stats: told.append(stats))
    intervals, back = watch.Intervals(look, None, None), Status(100, 1000, 4.0, 0.1, 10.0, 5)
    for run in a_run(intervals, (500, 5.0, 50.0, 10), (101, 5.1, 10.0, 5), (300, 7.0, 20.0, 10)):
        if len(told) == 1 and run.status().words_done == 101:
            now, run.status = run.status, lambda: back
            intervals.restarted(run)
            run.status = now
        intervals.observe(run, False)
    assert [stats.loss for stats in told] == [5.0, 2.0] and told[1].words_per_second == 100


@pytest.fixture
def command(corpus, tmp_path, capsys):
    def run(*options):
        arguments = ["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--threads", "1", "--vector-size", "16",
                     "--min-count", "1", *options]
        code = cli.main(arguments)
        return code, *capsys.readouterr()

    return run


def test_command_line_shows_probes_and_logs_scores(command, tmp_path):
    (tmp_path / "planted.txt").write_text(planted.questions())
    log = tmp_path / "log"
    code, out, err = command("--epochs", "60", "--probe", "male_3", "--held-out", "500", "--log-json", str(log),
                             "--log-every", "10%", "--evaluate", str(tmp_path / "planted.txt"), "--json")
    assert code == 0 and "%  male_3: " in err
    report, found = json.loads(out), records(log)
    assert report["words_held_out"] == 60 * 2500 and report["loss_held_out"] < 4 and report["stopped_early"] is None
    scores = [one["scores"]["planted"] for one in found if one["event"] == "evaluation"]
    assert scores == [one["scores"]["planted"] for one in report["evaluations"]] and len(scores) >= 1
    told = [one["probes"]["male_3"] for one in found if one["event"] == "interval"]
    assert err.count("%  male_3: ") == sum(one["new"] != 0 for one in told)  # only when something changed


def test_short_run_has_some_reports(corpus, tmp_path):
    """A run of a second: after each fifth of the words, and at the end."""
    with paced(shard_ids=1 << 10, after_shard=each_shard):
        w2v.train(corpus, log_json=tmp_path / "log", vector_size=8, threads=1, epochs=3, progress=False)
    found = [one["words_done"] / one["total_words"] for one in records(tmp_path / "log") if one["event"] == "interval"]
    assert len(found) == 5 and np.allclose(found, [0.2, 0.4, 0.6, 0.8, 1.0], atol=0.05)


@pytest.mark.parametrize("error, event", [(KeyboardInterrupt(), "interrupted"), (SystemExit(143), "terminated"),
                                          (w2v.W2VError("no memory"), "error"), (MemoryError(), "error")])
def test_log_says_how_a_run_ended(tmp_path, error, event):
    error.add_note("resume it")
    with JsonLog(tmp_path / "log") as log:
        _log_end(log, error)
    [record] = records(tmp_path / "log")
    assert record["event"] == event
    assert record.get("notes", ["resume it"]) == ["resume it"] and ("error" in record) == (event == "error")


@pytest.mark.parametrize("options, code, problem", [
    (["--log-every", "5%"], 2, "--log-every has no effect without --log-json, --probe or --held-out"),
    (["--log-every", "soon", "--probe", "x"], 2, "not an interval"),
    (["--log-every", "0s", "--probe", "x"], 2, "out of range"), (["--held-out", "-1"], 2, "--held-out -1"),
    (["--held-out", "6001"], 1, "at most half"), (["--probe", "zzzz"], 1, "'zzzz'"),
    (["--log-json", "CORPUS"], 2, "is also an input"), (["--log-json", "OUTPUT"], 2, "both name"),
    (["--probe", "x", "-q"], 2, "--probe has no effect"), (["--log-json", "/no/folder/log"], 1, "/no/folder/log"),
    (["--probe"], 2, "--probe")])
def test_wrong_options_print_one_line_and_nothing_is_written(command, corpus, tmp_path, options, code, problem):
    names = {"CORPUS": str(corpus), "OUTPUT": str(tmp_path / "v.bin")}
    got, out, err = command(*[names.get(option, option) for option in options])
    assert (got, out, err.count("\n")) == (code, "", 1) and problem in err
    assert not list(tmp_path.iterdir())


class Halfway(Exception):
    """Ends a run that has a checkpoint."""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.usefixtures("each_interval")
@pytest.mark.slow
def test_resumed_run_continues_its_log_and_keeps_its_held_out_lines(corpus, tmp_path, threads):
    def fail(view, stats):
        if stats.epoch > 10:
            raise Halfway

    options = OPTIONS | {"threads": threads, "epochs": 60, "held_out": 1000}
    whole = w2v.train(corpus, **options)
    with pytest.raises(Halfway):
        w2v.train(corpus, checkpoint=tmp_path / "run.ckpt", checkpoint_every="10%", log_json=tmp_path / "log",
                  log_every="7%", on_interval=fail, **options)
    model = w2v.train(corpus, resume=tmp_path / "run.ckpt", log_json=tmp_path / "log", log_every="7%", progress=False)
    found = records(tmp_path / "log")
    events = [one["event"] for one in found]
    assert events[0] == "start" and events[-1] == "end" and events.count("start") == 2 and events.count("error") == 1
    again = events.index("start", 1)
    assert found[0]["resumed_from"] is None and found[again]["resumed_from"] == str(tmp_path / "run.ckpt")
    before, after = ([one for one in part if one["event"] == "interval"] for part in (found[:again], found[again:]))
    assert (len(before), len(after)) == (3, 13)  # the last checkpoint is at 20 %
    assert 12 < before[-1]["epoch"] <= 13 and 12 < after[0]["epoch"] <= 13
    assert all(0 < one["loss"] < 6 * np.log(2) and one["words_per_second"] < 1e8 for one in after if one["pairs"])
    assert after[0]["seconds"] > before[0]["seconds"]
    report = model.report
    assert report.words_held_out == whole.report.words_held_out == 60 * 5000 and planted.adds_up(report)
    assert report.loss_held_out == pytest.approx(whole.report.loss_held_out, rel=0.05)
    if threads == 1:
        assert np.array_equal(model.wv.vectors, whole.wv.vectors)
        assert report.loss_held_out == whole.report.loss_held_out


@pytest.mark.usefixtures("each_interval")
def test_run_stopped_early_has_a_checkpoint(corpus, tmp_path):
    def stop(view, stats):
        if stats.epoch > 4:
            raise w2v.StopTraining("enough")

    report = w2v.train(corpus, checkpoint=tmp_path / "run.ckpt", checkpoint_every="10%", log_every="5%",
                       on_interval=stop, **OPTIONS | {"epochs": 20}).report
    assert report.stopped_early == "enough" and report.checkpoints == 2 and planted.adds_up(report)
    assert (tmp_path / "run.ckpt").exists()
