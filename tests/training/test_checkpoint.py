"""Checkpoints: equal bytes after any stop, what is refused, signals, kill -9, a full disk."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import planted
from helpers.unnamed import has_unnamed

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.system.interval import Interval
from w2v.training import run
from w2v.training.checkpoint import Checkpoint

OPTIONS = {"vector_size": 24, "epochs": 4, "progress": False}


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch):
    """Small texts are cut as large ones are, and looked at as often."""
    monkeypatch.setattr(run, "PIECE_IDS", 1 << 12)
    monkeypatch.setattr(run, "POLL_SECONDS", 0.001)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("planted") / "corpus.txt"
    path.write_text("\n".join(" ".join(s) for s in planted.sentences(8_000)) + "\n")
    return path


@pytest.fixture(scope="module")
def unbroken(corpus):
    """The bytes of both matrices of the run without a stop, one thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "PIECE_IDS", 1 << 12)
        return content(w2v.train(corpus, threads=1, **OPTIONS))


def content(model):
    card = repr(sorted(model.wv.metadata.items()))
    return model.wv.vectors.tobytes() + model.output_vectors.tobytes() + card.encode()


class Stop(Exception):
    pass


def stop_at(monkeypatch, piece):
    """A run ends with `Stop` as soon as a thread asks for this piece, as if it had been killed."""
    take = run.Run._take

    def until(self):
        if self.taken >= piece:
            raise Stop
        return take(self)

    monkeypatch.setattr(run.Run, "_take", until)


@pytest.fixture
def interrupted(corpus, tmp_path):
    """A checkpoint somewhere inside of the run."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, 30)
        slowly(patch)
        w2v.train(corpus, threads=1, checkpoint=tmp_path / "run.w2v", checkpoint_every=1e-6, **OPTIONS)
    return tmp_path / "run.w2v"


def slowly(patch):
    """A piece takes long enough to be seen."""
    take = run.Run._take

    def late(self):
        time.sleep(0.003)
        return take(self)

    patch.setattr(run.Run, "_take", late)


# ---- going on -------------------------------------------------------------------------------------------------------

def test_checkpoints_do_not_change_the_result(corpus, unbroken, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        slowly(patch)
        model = w2v.train(corpus, threads=1, checkpoint=tmp_path / "k", checkpoint_every="10%", **OPTIONS)
    assert content(model) == unbroken
    assert model.report.checkpoints >= 2 and 0 < model.report.seconds_paused < model.report.seconds_training
    assert model.report.resumed_from is None and model.report.rollbacks == 0
    assert os.listdir(tmp_path) == ["k"], "it stays, and nothing else does"


def test_a_run_stopped_anywhere_and_often_ends_with_the_same_bytes(corpus, unbroken, tmp_path):
    """A stop after every few pieces, inside of epochs and at their ends, until the run is through."""
    path, stops, places = tmp_path / "k", 0, set()
    while True:
        with pytest.MonkeyPatch.context() as patch:
            done = Checkpoint.open(path).state.taken if path.exists() else 0
            stop_at(patch, done + 7)
            slowly(patch)
            try:
                model = w2v.train(None if path.exists() else corpus, resume=path if path.exists() else None,
                                  checkpoint=path, checkpoint_every=1e-6, threads=1, **OPTIONS)
                break
            except Stop:
                stops += 1
                places.add(Checkpoint.open(path).state.taken)
        assert stops < 100
    assert content(model) == unbroken
    pieces = Checkpoint.open(path).state.n_pieces
    assert stops >= 4 and any(place % pieces for place in places), "a stop inside of an epoch"
    assert model.report.resumed_from == str(path)
    assert model.report.words_read == (model.report.words_trained + model.report.words_subsampled
                                       + model.report.words_unknown)


@pytest.mark.parametrize("threads", [2, 3])
def test_another_number_of_threads_goes_on_and_learns_as_much(corpus, interrupted, threads):
    before = Checkpoint.open(interrupted).state
    model = w2v.train(resume=interrupted, threads=threads, progress=False)
    assert model.report.threads == threads
    assert model.report.words_read == (model.report.words_trained + model.report.words_subsampled
                                       + model.report.words_unknown)
    whole = w2v.train(corpus, threads=threads, **OPTIONS)
    assert 0 < before.words_done < whole.report.words_read
    assert model.report.loss < 1.05 * whole.report.loss


def test_iterable_is_given_again(tmp_path):
    lines = [s for s in planted.sentences(6_000)]
    whole = content(w2v.train(lines, threads=1, **OPTIONS))
    w2v.train(iter(lines), threads=1, checkpoint=tmp_path / "k", checkpoint_every="30%", **OPTIONS)
    with pytest.raises(ValueError, match="was no file: give the same text again"):
        w2v.train(resume=tmp_path / "k")
    assert content(w2v.train(iter(lines), resume=tmp_path / "k", progress=False)) == whole


def test_epochs_are_told_once_in_all_lives(corpus, tmp_path):
    told, path = [], tmp_path / "k"
    for _ in range(50):
        with pytest.MonkeyPatch.context() as patch:
            done = Checkpoint.open(path).state.taken if path.exists() else 0
            stop_at(patch, done + 11)
            slowly(patch)
            try:
                w2v.train(corpus, resume=path if path.exists() else None, checkpoint=path, checkpoint_every=1e-6,
                          on_epoch_end=lambda view, stats: told.append(stats.epoch), **OPTIONS | {"threads": 1})
                break
            except Stop:
                pass
    # an epoch that ended after the last checkpoint is done again, and so told again
    assert sorted(set(told)) == [1, 2, 3, 4] and told == sorted(told) and len(told) <= 6


def test_a_checkpoint_is_a_file_of_vectors(interrupted):
    kv, saved = w2v.load(interrupted), Checkpoint.open(interrupted)
    assert len(kv) > 200 and kv.vector_size == 24 and np.isfinite(kv.vectors).all()
    assert json.loads(kv.metadata["training"])["epochs"] == 4
    assert saved.config == TrainConfig(vector_size=24, epochs=4) and 0 < saved.share < 1


def test_any_safetensors_reader_opens_a_checkpoint(interrupted):
    safetensors = pytest.importorskip("safetensors.numpy")
    assert set(safetensors.load_file(interrupted)) == {"vectors", "output_vectors", "words", "word_offsets", "counts",
                                                       "sha256"}


# ---- what is refused ------------------------------------------------------------------------------------------------

def refused(path, *options, code=1):
    done = cli.main(["train", "--resume", str(path), "-o", str(path) + ".bin", "-q", *map(str, options)])
    assert done == code
    assert not os.path.exists(str(path) + ".bin")


def test_damage_at_every_tenth_and_at_random_is_refused(interrupted):
    good = interrupted.read_bytes()
    for tenth in range(10):
        interrupted.write_bytes(good[:len(good) * tenth // 10])
        with pytest.raises(w2v.FormatError, match="run.w2v.*byte|no .safetensors|is empty"):
            Checkpoint.open(interrupted)
    rng = np.random.default_rng(0)
    places = [*range(0, 40), *rng.integers(0, len(good), 80).tolist(), *range(len(good) - 5, len(good))]
    for place in places:
        bad = bytearray(good)
        bad[place] ^= 1 << int(rng.integers(8))
        interrupted.write_bytes(bad)
        with pytest.raises(w2v.FormatError, match=r"run\.w2v, byte \d+: "):
            Checkpoint.open(interrupted)
    for bad in (good + b"\0", good + good, b"\0" + good):
        interrupted.write_bytes(bad)
        with pytest.raises(w2v.FormatError):
            Checkpoint.open(interrupted)
    interrupted.write_bytes(good)
    assert Checkpoint.open(interrupted).state.words_done > 0


def test_damage_is_one_line_and_the_file_stays(interrupted, capsys):
    bad = bytearray(interrupted.read_bytes())
    bad[-4000] ^= 4
    interrupted.write_bytes(bad)
    refused(interrupted)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "run.w2v" in error and "checksum" in error and "byte" in error
    assert interrupted.read_bytes() == bad


def test_other_files_are_refused(tmp_path, capsys):
    kv = w2v.KeyedVectors(["a", "b"], np.ones((2, 4), np.float32))
    for name in ("v.bin", "v.txt", "v.safetensors"):
        kv.save(tmp_path / name)
        refused(tmp_path / name)
        assert name in capsys.readouterr().err
    refused(tmp_path)
    assert "cannot read the checkpoint" in capsys.readouterr().err
    refused(tmp_path / "missing")
    assert "missing" in capsys.readouterr().err


@pytest.mark.parametrize("module, name, value", [("_version", "__version__", "99.0"), ("checkpoint", "LAYOUT", 2)])
def test_another_version_is_refused_with_both(interrupted, monkeypatch, module, name, value):
    monkeypatch.setattr("w2v.training.checkpoint." + name, value)
    with pytest.raises(w2v.FormatError, match=rf"of w2v {re.escape(w2v.__version__)}, layout 1, and this is .*{value}"):
        Checkpoint.open(interrupted)


@pytest.mark.parametrize("change, says", [
    (lambda lines: lines[:-1], "words in the vocabulary that occur"),
    (lambda lines: [*lines[1:], lines[0]], "another order"),
    (lambda lines: [" ".join(lines), *[]], "another order or other lines"),
    (lambda lines: [line.replace("male_", "mole_") for line in lines], "word number .* in the checkpoint"),
    (lambda lines: [lines[0].split()[0] + " " + lines[0].split()[0] + " " + " ".join(lines[0].split()[2:]),
                    *lines[1:]], "occurs .* in the checkpoint|word number"),
])
def test_another_text_is_refused_with_what_differs(interrupted, corpus, tmp_path, change, says):
    other = tmp_path / "other.txt"
    other.write_text("\n".join(change(corpus.read_text().splitlines())) + "\n")
    with pytest.raises(w2v.W2VError, match=f"run.w2v.*{says}"):
        w2v.train(other, resume=interrupted, progress=False)


def test_the_same_text_from_elsewhere_will_do(interrupted, corpus, tmp_path, unbroken):
    parts = tmp_path / "parts"
    parts.mkdir()
    lines = corpus.read_text().splitlines(keepends=True)
    (parts / "a.txt").write_text("".join(lines[:100]))
    (parts / "b.txt").write_text("".join(lines[100:]))
    model = w2v.train(parts, resume=interrupted, progress=False)
    assert model.wv.vectors.tobytes() == unbroken[:model.wv.vectors.nbytes]


OTHER_VALUES = {"max_vocab": 50, "minn": 1, "maxn": 4, "private_rows": 3, "seed": 9, "sample": 0.5, "alpha": 0.5,
                "min_alpha": 0.001, "ns_exponent": 0.5, "shared_windows": 1}


def typed(name, value):
    """An option as it is typed on the command line."""
    if name == "sg":
        return "--no-cbow" if value else "--cbow"
    option = name.replace("_", "-")
    return f"--{option} {value!r}" if not isinstance(value, bool) else f"--{option}" if value else f"--no-{option}"


@pytest.mark.parametrize("name", [spec.name for spec in dataclasses.fields(TrainConfig)])
def test_option_that_contradicts_is_refused_with_both_values(interrupted, capsys, name):
    stored = getattr(Checkpoint.open(interrupted).config, name)
    value = OTHER_VALUES.get(name, not stored if isinstance(stored, bool) else (stored or 0) + 1)
    with pytest.raises(ValueError, match=re.escape(f"{name} = {value!r} contradicts {name} = {stored!r}")):
        w2v.train(resume=interrupted, **{name: value})
    option = "--cbow" if name == "sg" else "--" + ("no-" if value is False else "") + name.replace("_", "-")
    refused(interrupted, option, *([] if isinstance(value, bool) else [value]), code=2)
    assert f" {typed(name, value)} contradicts {typed(name, stored)} of the run in " in capsys.readouterr().err


def test_a_default_that_is_given_and_contradicts_is_seen(interrupted, capsys):
    refused(interrupted, "--epochs", TrainConfig().epochs, code=2)
    assert "--epochs 5 contradicts --epochs 4" in capsys.readouterr().err
    with pytest.raises(ValueError, match="vector_size = 100 contradicts vector_size = 24"):
        w2v.train(resume=interrupted, config=TrainConfig())


@pytest.mark.parametrize("every", ["", "0s", "0%", "-5m", "101%", "10", "ten minutes", "10 m", "1d", "nan%", "infs",
                                   "5%%"])
def test_interval_that_is_none_is_refused(corpus, tmp_path, capsys, every):
    options = ["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--checkpoint", str(tmp_path / "k")]
    assert cli.main([*options, f"--checkpoint-every={every}"]) == 2
    assert "checkpoint-every" in capsys.readouterr().err
    with pytest.raises(ValueError, match="checkpoint_every"):
        w2v.train(corpus, checkpoint=tmp_path / "k", checkpoint_every=every)


@pytest.mark.parametrize("every", [0, -1.0, float("nan"), float("inf"), True, None])
def test_interval_as_a_number(every):
    with pytest.raises((ValueError, TypeError)):
        Interval.of(every, "checkpoint_every")


def test_intervals():
    assert Interval.of("10m", "x").seconds == 600 and Interval.of("1.5h", "x").seconds == 5400
    assert Interval.of(90, "x").seconds == 90 == Interval.of(Interval.of(90, "x").text, "x").seconds
    assert Interval.of("90s", "x").passed(90, 0, 0) and not Interval.of("90s", "x").passed(89, 0, 1)
    share = Interval.of("5%", "x")
    assert share.passed(0, 0.049, 0.051) and not share.passed(1e9, 0.051, 0.099)


def test_interval_without_a_checkpoint_and_a_place_that_cannot_be_written(corpus, tmp_path, capsys):
    base = ["train", str(corpus), "-o", str(tmp_path / "v.bin")]
    assert cli.main([*base, "--checkpoint-every", "5m"]) == 2
    assert "--checkpoint FILE" in capsys.readouterr().err
    with pytest.raises(ValueError, match="checkpoint_every"):
        w2v.train(corpus, checkpoint_every="5m")
    (tmp_path / "there").write_text("a run")
    for place, code in ((tmp_path, 1), (tmp_path / "no" / "k", 1), (tmp_path / "there", 1), (corpus, 2),
                        (tmp_path / "v.bin", 2)):
        assert cli.main([*base, "--checkpoint", str(place)]) == code
        assert os.path.basename(place) in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["there"]
    with pytest.raises(w2v.W2VError, match="no/k"):
        w2v.train(corpus, checkpoint=tmp_path / "no" / "k")


def test_full_disk_is_a_line_and_training_goes_on(corpus, tmp_path):
    """The limit on a file's size stands for a full disk; the vectors are smaller than a checkpoint."""
    (tmp_path / "k").write_bytes(b"old")
    code = f"""if True:
        import resource, w2v, w2v.training.run
        w2v.training.run.PIECE_IDS, w2v.training.run.POLL_SECONDS = 1 << 12, 0.001
        resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))
        m = w2v.train({str(corpus)!r}, checkpoint="k", checkpoint_every="10%", vector_size=24,
                      epochs=100, progress=False)
        print(m.report.checkpoints, m.report.words_trained > 0)"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "0 True\n"
    lines = done.stderr.splitlines()
    assert lines and all(line.startswith("no checkpoint, training goes on: cannot write k: ") for line in lines)
    assert (tmp_path / "k").read_bytes() == b"old" and os.listdir(tmp_path) == ["k"]


# ---- the command line, signals --------------------------------------------------------------------------------------

def start(folder, *arguments):
    return subprocess.Popen(  # in a background job, SIGINT would be ignored
        [sys.executable, "-m", "w2v", "train", *map(str, arguments)], cwd=folder, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def wait_for(path, process):
    end = time.monotonic() + 60
    while not os.path.exists(path):
        assert time.monotonic() < end and process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="no signal to one process on Windows")
def test_signals_write_a_checkpoint_and_the_command_goes_on_from_anywhere(corpus, tmp_path):
    options = ["--vector-size", "24", "--epochs", "600", "--threads", "1"]
    expected = start(tmp_path, corpus, "-o", "whole.safetensors", *options, "-q")
    process = start(tmp_path, corpus, "-o", "v.safetensors", *options, "--checkpoint", "k",
                    "--checkpoint-every", "0.1s", "--save-vocab", "vocab.txt")
    wait_for(tmp_path / "k", process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    last = errors.splitlines()[-1]
    assert re.fullmatch(r"w2v: interrupted; checkpoint at \d+\.\d% of the words; go on with: w2v train --resume k",
                        last)
    assert 0 < Checkpoint.open(tmp_path / "k").share < 1 and not (tmp_path / "v.safetensors").exists()
    (tmp_path / "elsewhere").mkdir()
    before = (tmp_path / "k").read_bytes()
    process = start(tmp_path / "elsewhere", "--resume", "../k", "-q")
    while (tmp_path / "k").read_bytes() == before:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 143 and errors.count("\n") == 1
    assert errors.startswith("w2v: terminated; checkpoint at") and "--resume ../k" in errors
    process = start(tmp_path, "--resume", "k", "--json")
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    report = json.loads(out)
    assert report["resumed_from"] == "k" and report["checkpoints"] >= 3 and report["threads"] == 1
    assert report["output"] == str(tmp_path / "v.safetensors")
    assert expected.wait(timeout=120) == 0
    assert (tmp_path / "v.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["elsewhere", "v.safetensors", "vocab.txt", "whole.safetensors"]


def test_sets_given_by_a_path_are_found_from_another_folder(corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.tsv").write_text("".join(f"{word}\tfemale_{word[5:]}\t{i}\n" for i, word in enumerate(
        sorted({word for word in corpus.read_text().split() if word.startswith("male_")}))))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, 30)
        slowly(patch)
        cli.main(["train", str(corpus), "-o", "v.safetensors", "--vector-size", "24", "--threads", "1", "-q",
                  "--checkpoint", "k", "--checkpoint-every", "1%", "--evaluate", "pairs.tsv"])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cli.main(["train", "--resume", "../k", "-q"]) == 0, capsys.readouterr().err
    assert "pairs" in json.loads(w2v.load(tmp_path / "v.safetensors").metadata["evaluation"])


@pytest.mark.skipif(sys.platform == "win32", reason="no signal to one process on Windows")
def test_second_signal_stops_at_once_and_the_old_checkpoint_is_whole(corpus, tmp_path):
    code = """if True:
        import sys, time, w2v.training.observers.checkpoints, w2v.cli
        write = w2v.training.observers.checkpoints.write_checkpoint
        def slow(file, *rest):
            write(file, *rest)
            if slow.calls:
                print("writing", flush=True)
                time.sleep(60)
            slow.calls += 1
            return 1
        slow.calls = 0
        w2v.training.observers.checkpoints.write_checkpoint = slow
        note = w2v.training.observers.checkpoints.Checkpoints._note
        def noted(self, number, frame):
            note(self, number, frame)
            print("noted", flush=True)
        w2v.training.observers.checkpoints.Checkpoints._note = noted
        sys.exit(w2v.cli.main(sys.argv[1:]))"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, "train", str(corpus), "-o", "v.bin", "--epochs", "100000", "--checkpoint", "k",
         "--checkpoint-every", "0.2s", "-q"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert process.stdout.readline() == "writing\n"  # the second one
    before = (tmp_path / "k").read_bytes()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "noted\n" and process.poll() is None, "the first one waits for the checkpoint"
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, errors = process.communicate(timeout=30)
    assert time.monotonic() - begun < 10 and process.returncode == 130 and errors == "w2v: interrupted\n"
    assert (tmp_path / "k").read_bytes() == before and os.listdir(tmp_path) == ["k"]
    assert Checkpoint.open(tmp_path / "k").share > 0


def test_a_program_that_handles_the_signal_itself_lives_on(corpus, unbroken, tmp_path):
    came = []
    former = signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))

    class Asks:
        calls = 0

        def __call__(self, view, stats):
            signal.raise_signal(signal.SIGTERM)

    try:
        with pytest.MonkeyPatch.context() as patch:
            slowly(patch)
            model = w2v.train(corpus, threads=1, checkpoint=tmp_path / "k", checkpoint_every="1h", on_epoch_end=Asks(),
                              **OPTIONS)
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, former)
    assert came and model.report.checkpoints == len(came)
    assert content(model) == unbroken


def test_second_run_does_not_write_over_a_checkpoint(interrupted, corpus, capsys):
    before = interrupted.read_bytes()
    assert cli.main(["train", str(corpus), "-o", str(corpus) + ".bin", "--checkpoint", str(interrupted)]) == 1
    assert "--resume" in capsys.readouterr().err and interrupted.read_bytes() == before
    other = interrupted.with_name("other")
    other.write_bytes(b"another run")
    refused(interrupted, "--checkpoint", other)
    assert "already exists" in capsys.readouterr().err and other.read_bytes() == b"another run"


def test_a_checkpoint_that_this_run_has_not_written_stays(corpus, tmp_path, monkeypatch):
    """Two runs were given one file; the other one is slower."""
    take = run.Run._take
    monkeypatch.setattr(run.Run, "_take", lambda self: (tmp_path / "k").write_bytes(b"another run") and take(self))
    assert cli.main(["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--vector-size", "8", "-q", "--checkpoint",
                     str(tmp_path / "k")]) == 0
    assert (tmp_path / "k").read_bytes() == b"another run" and (tmp_path / "v.bin").exists()


@pytest.mark.parametrize("of, place, hidden", [
    ("texts", "texts/k", "texts/.k"), ("texts", "texts/below/k", "texts/.runs/k"), ("texts/*", "texts/k", "texts/.k"),
    ("texts/**", "texts/below/k", "elsewhere"), (["a.txt", "texts"], "texts/k", "textsk"),
    ("a.txt", "a.txt", "texts/a.txt")])
@pytest.mark.parametrize("option", ["checkpoint", "log_json"])
def test_what_is_written_on_the_way_does_not_stand_in_the_corpus(tmp_path, monkeypatch, capsys, option, of, place,
                                                                 hidden):
    """It would be read as text when the run goes on, or by the same run."""
    monkeypatch.chdir(tmp_path)
    for folder in ("texts/below", "texts/.runs"):
        os.makedirs(folder)
    for name in ("a.txt", "texts/b.txt", "texts/below/c.txt"):
        (tmp_path / name).write_text("one two three\n" * 9)
    arguments = ["train", *([of] if isinstance(of, str) else of), "-o", "v.bin", "--vector-size", "4", "-q"]
    option_name = "--" + option.replace("_", "-")
    assert cli.main([*arguments, option_name, place]) == 2
    assert f"{option_name} {place} stands among the files of" in capsys.readouterr().err
    with pytest.raises(ValueError, match=f"{option} {place} stands among the files of"):
        w2v.train(of, **{option: place}, vector_size=4, progress=False)
    assert not os.path.exists("v.bin") and (tmp_path / "a.txt").read_text() == "one two three\n" * 9
    assert place == "a.txt" or not os.path.exists(place)
    assert cli.main([*arguments, option_name, hidden]) == 0


def test_a_resumed_run_knows_its_window_in_any_form(corpus, tmp_path):
    for given, same in (((5, 5), [[5, 5], (5, 5), 5]), ([3, 2], [(3, 2), [3, 2]])):
        with pytest.MonkeyPatch.context() as patch:
            slowly(patch)
            w2v.train(corpus, checkpoint=tmp_path / "k", checkpoint_every="30%", window=given, **OPTIONS)
        saved = Checkpoint.open(tmp_path / "k")
        for window in same:
            saved.agree({"window": window})
        with pytest.raises(ValueError, match="contradicts window"):
            saved.agree({"window": (5, 2)})


def test_notes_that_cannot_be_kept_are_refused_before_any_work(corpus, tmp_path):
    for notes in ({"path": tmp_path}, {"a": {"b": np.float32(1)}}):
        with pytest.raises(TypeError, match="checkpoint_notes must be plain values"):
            w2v.train(str(corpus) + " is not even looked for", checkpoint=tmp_path / "k", checkpoint_notes=notes)


def test_at_the_end_there_is_nothing_left_to_do(corpus, unbroken, tmp_path):
    """A checkpoint at 100 %, as of a signal that comes at the very end."""
    def last(view, stats):
        if stats.epoch == stats.epochs:
            signal.raise_signal(signal.SIGTERM)

    former = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        w2v.train(corpus, threads=1, checkpoint=tmp_path / "k", checkpoint_every="1h", on_epoch_end=last, **OPTIONS)
    finally:
        signal.signal(signal.SIGTERM, former)
    assert Checkpoint.open(tmp_path / "k").share == 1
    told = []
    model = w2v.train(resume=tmp_path / "k", progress=False, on_epoch_end=lambda view, stats: told.append(stats))
    assert content(model) == unbroken and told == []
    assert model.report.words_read == (model.report.words_trained + model.report.words_subsampled
                                       + model.report.words_unknown)
    # and once more, from where the command line would have failed to write the vectors
    assert content(w2v.train(resume=tmp_path / "k", progress=False)) == unbroken


@pytest.mark.parametrize("options", [
    {}, {"sg": False}, {"hs": True}, {"hs": True, "negative": 0}, {"hs": True, "negative": 0, "sg": False},
    {"minn": 1, "maxn": 2, "bucket": 50}, {"window": "line"}])
@pytest.mark.parametrize("lines", [[["a"] * 9] * 400, [["a", "b"] * 5] * 400], ids=["one word", "two words"])
def test_smallest_vocabularies_go_on_too(tmp_path, options, lines):
    options = {**OPTIONS, "min_count": 1, "threads": 1, **options}
    whole = content(w2v.train(lines, **options))
    with pytest.MonkeyPatch.context() as patch:
        slowly(patch)
        patch.setattr(run, "PIECE_IDS", 256)
        w2v.train(lines, checkpoint=tmp_path / "k", checkpoint_every=1e-6, **options)
        model = w2v.train(lines, resume=tmp_path / "k", progress=False)
        assert content(model) == content(w2v.train(lines, **options))
    assert len(w2v.load(tmp_path / "k")) == len(model.wv) and len(whole) > 0


def test_a_checkpoint_with_ngrams_is_a_file_of_vectors(corpus, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        slowly(patch)
        w2v.train(corpus, checkpoint=tmp_path / "k", checkpoint_every="20%", minn=2, maxn=3, bucket=100,
                  **OPTIONS | {"threads": 1})
    half = w2v.load(tmp_path / "k")
    model = w2v.train(corpus, resume=tmp_path / "k", progress=False, on_interval=None)
    assert len(half) == len(model.wv) and half.subwords.buckets == 100
    cosines = (half.vectors * model.wv.vectors).sum(1) / np.linalg.norm(half.vectors, axis=1) / np.linalg.norm(
        model.wv.vectors, axis=1)
    assert np.median(cosines) > 0.9, "nearly trained; own rows alone would be others"
    unseen = "zz" + half.index_to_key[0]
    assert np.isfinite(half[unseen]).all() and half[unseen].any()
    half.save(tmp_path / "half.safetensors")
    again = w2v.load(tmp_path / "half.safetensors")
    assert again.vectors.tobytes() == half.vectors.tobytes(), "the mean is taken once"
    with pytest.raises(w2v.FormatError, match="no checkpoint of a training run"):
        Checkpoint.open(tmp_path / "half.safetensors")


def test_results_are_not_written_into_a_checkpoint(interrupted, tmp_path, capsys):
    (tmp_path / "set.tsv").write_text("a\tb\t1\n")
    before = interrupted.read_bytes()
    assert cli.main(["evaluate", str(interrupted), "--similarity", str(tmp_path / "set.tsv"), "--save-results"]) == 1
    assert "checkpoint of a run" in capsys.readouterr().err and interrupted.read_bytes() == before


# ---- kill -9 --------------------------------------------------------------------------------------------------------

KILLER = """if True:
    import json, os, random, signal, sys, time
    import w2v, w2v.training.run
    from w2v.training.checkpoint import Checkpoint
    corpus, threads, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    w2v.training.run.PIECE_IDS, w2v.training.run.POLL_SECONDS = 1 << 12, 0.002
    options = dict(vector_size=24, epochs=40, threads=threads, progress=False)
    draw = random.Random(seed)

    def live():
        if os.path.exists("k"):
            model = w2v.train(corpus, resume="k", progress=False)
        else:
            model = w2v.train(corpus, checkpoint="k", checkpoint_every=0.002, **options)
        model.save("v.safetensors")

    killed, lives, resumed, ends = 0, 0, 0, 0
    while killed < kills or not ends:
        lives += 1
        resumed += os.path.exists("k")
        child = os.fork()
        if child == 0:
            try:
                live()
                os._exit(0)
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(9)
        if killed < kills:
            time.sleep(draw.uniform(0.0, 0.25))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a life failed"
        killed += os.WIFSIGNALED(status)
        if os.path.exists("k"):
            Checkpoint.open("k")  # never half
        if not os.WIFSIGNALED(status):
            ends += 1
            os.rename("v.safetensors", f"end{ends}.safetensors")
            os.unlink("k")
    left = [name for name in os.listdir() if name.endswith(".tmp")]
    print(json.dumps([killed, lives, resumed, ends, len(left)]))
"""


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="forks many lives of one program")
@pytest.mark.parametrize("threads", [1, 2])
def test_killed_at_fifty_random_moments_a_run_ends_as_if_nothing_had_been(tmp_path, threads):
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("\n".join(" ".join(s) for s in planted.sentences(8_000)) + "\n")
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", KILLER, str(corpus), str(threads), "50", "7"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    killed, lives, resumed, ends, left = json.loads(done.stdout)
    assert killed == 50 and lives == killed + ends and resumed > killed / 2
    # a file has a temporary name for some microseconds only
    assert left <= 3 or not has_unnamed(tmp_path)
    whole = w2v.train(corpus, vector_size=24, epochs=40, threads=threads, progress=False)
    for end in range(1, ends + 1):
        found = w2v.load(tmp_path / f"end{end}.safetensors")
        if threads == 1:
            assert found.vectors.tobytes() == whole.wv.vectors.tobytes()
        else:
            assert planted.neighbors_found(found) > 0.95 * planted.neighbors_found(whole.wv) > 0.8
