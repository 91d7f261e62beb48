"""When and where checkpoints are written: intervals, refused paths, signals, kill -9, a full disk."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from helpers import planted
from helpers.checkpoints import OPTIONS, content, refused
from helpers.stops import each_shard
from helpers.unnamed import has_unnamed

import w2v
from w2v import cli
from w2v.system.interval import Interval
from w2v.training.checkpoint import Checkpoint
from w2v.training.run import paced

pytestmark = pytest.mark.usefixtures("short_shards")


# ---- intervals and paths --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("every", ["", "0s", "0%", "-5m", "101%", "10", "ten minutes", "10 m", "1d", "nan%", "infs",
                                   "5%%"])
def test_invalid_interval_is_refused(corpus, tmp_path, capsys, every):
    options = ["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--checkpoint", str(tmp_path / "k")]
    assert cli.main([*options, f"--checkpoint-every={every}"]) == 2
    assert "checkpoint-every" in capsys.readouterr().err
    with pytest.raises(ValueError, match="checkpoint_every"):
        w2v.train(corpus, checkpoint=tmp_path / "k", checkpoint_every=every)


@pytest.mark.parametrize("every", [0, -1.0, float("nan"), float("inf"), True, None])
def test_invalid_number_as_interval_is_refused(every):
    with pytest.raises((ValueError, TypeError)):
        Interval.of(every, "checkpoint_every")


def test_interval_from_text_and_number():
    assert Interval.of("10m", "x").seconds == 600 and Interval.of("1.5h", "x").seconds == 5400
    assert Interval.of(90, "x").seconds == 90 == Interval.of(Interval.of(90, "x").text, "x").seconds
    assert Interval.of("90s", "x").passed(90, 0, 0) and not Interval.of("90s", "x").passed(89, 0, 1)
    share = Interval.of("5%", "x")
    assert share.passed(0, 0.049, 0.051) and not share.passed(1e9, 0.051, 0.099)


def test_interval_without_checkpoint_and_unwritable_paths_are_refused(corpus, tmp_path, capsys):
    base = ["train", str(corpus), "-o", str(tmp_path / "v.bin")]
    assert cli.main([*base, "--checkpoint-every", "5m"]) == 2
    assert "--checkpoint FILE" in capsys.readouterr().err
    with pytest.raises(ValueError, match="checkpoint_every is set without checkpoint; pass checkpoint=PATH"):
        w2v.train(corpus, checkpoint_every="5m")
    (tmp_path / "there").write_text("a run")
    for place, code in ((tmp_path, 1), (tmp_path / "no" / "k", 1), (tmp_path / "there", 1), (corpus, 2),
                        (tmp_path / "v.bin", 2)):
        assert cli.main([*base, "--checkpoint", str(place)]) == code
        assert os.path.basename(place) in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["there"]
    with pytest.raises(w2v.W2VError, match="no.k"):
        w2v.train(corpus, checkpoint=tmp_path / "no" / "k")


def test_checkpoint_of_another_run_is_not_overwritten(interrupted, corpus, capsys):
    before = interrupted.read_bytes()
    assert cli.main(["train", str(corpus), "-o", str(corpus) + ".bin", "--checkpoint", str(interrupted)]) == 1
    assert "--resume" in capsys.readouterr().err and interrupted.read_bytes() == before
    other = interrupted.with_name("other")
    other.write_bytes(b"another run")
    refused(interrupted, "--checkpoint", other)
    assert "already exists" in capsys.readouterr().err and other.read_bytes() == b"another run"


def test_checkpoint_that_this_run_did_not_write_is_kept(corpus, tmp_path):
    """Two runs have the same checkpoint path, and the other one is slower."""
    with paced(after_shard=lambda run: (tmp_path / "k").write_bytes(b"another run")):
        assert cli.main(["train", str(corpus), "-o", str(tmp_path / "v.bin"), "--vector-size", "8", "-q",
                         "--checkpoint", str(tmp_path / "k")]) == 0
    assert (tmp_path / "k").read_bytes() == b"another run" and (tmp_path / "v.bin").exists()


@pytest.mark.parametrize("of, place, hidden", [
    ("texts", "texts/k", "texts/.k"), ("texts", "texts/below/k", "texts/.runs/k"), ("texts/*", "texts/k", "texts/.k"),
    ("texts/**", "texts/below/k", "elsewhere"), (["a.txt", "texts"], "texts/k", "textsk"),
    ("a.txt", "a.txt", "texts/a.txt")])
@pytest.mark.parametrize("option", ["checkpoint", "log_json"])
def test_checkpoint_or_log_inside_the_corpus_is_refused(tmp_path, monkeypatch, capsys, option, of, place, hidden):
    """It would be read as text when the run is resumed, or by the same run."""
    monkeypatch.chdir(tmp_path)
    for folder in ("texts/below", "texts/.runs"):
        os.makedirs(folder)
    for name in ("a.txt", "texts/b.txt", "texts/below/c.txt"):
        (tmp_path / name).write_text("one two three\n" * 9)
    arguments = ["train", *([of] if isinstance(of, str) else of), "-o", "v.bin", "--vector-size", "4", "-q"]
    option_name = "--" + option.replace("_", "-")
    assert cli.main([*arguments, option_name, place]) == 2
    assert f"w2v: {option_name} {place} " in (err := capsys.readouterr().err) and "choose another path" in err
    with pytest.raises(ValueError, match=f"{option} {place} .*; choose another path"):
        w2v.train(of, **{option: place}, vector_size=4, progress=False)
    assert not os.path.exists("v.bin") and (tmp_path / "a.txt").read_text() == "one two three\n" * 9
    assert place == "a.txt" or not os.path.exists(place)
    assert cli.main([*arguments, option_name, hidden]) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_full_disk_is_a_warning_and_training_continues(corpus, tmp_path):
    """A limit on the size of files replaces a full disk."""
    (tmp_path / "k").write_bytes(b"old")
    code = f"""if True:
        import resource, w2v
        from w2v.training.run import paced
        resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))
        with paced(shard_ids=1 << 12, after_shard=lambda run: None):
            m = w2v.train({str(corpus)!r}, checkpoint="k", checkpoint_every="10%", vector_size=24,
                          epochs=10, progress=False)
        print(m.report.checkpoints, m.report.words_trained > 0)"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "0 True\n"
    lines = done.stderr.splitlines()
    start = "no checkpoint was written, training continues: cannot write k: "
    assert len(lines) == 9 and all(line.startswith(start) for line in lines)
    assert (tmp_path / "k").read_bytes() == b"old" and os.listdir(tmp_path) == ["k"]


# ---- signals --------------------------------------------------------------------------------------------------------

# `w2v train` that waits after a given shard for its first signal, which it handles after the next one.
HELD = """if True:
    import signal, sys, time, w2v.cli
    from w2v.training.run import paced

    def hold(run):
        if run.pieces_taken == int(sys.argv[1]):
            handler = signal.getsignal(signal.SIGINT)
            print("holding", flush=True)
            while signal.getsignal(signal.SIGINT) is handler:
                time.sleep(0.01)

    with paced(shard_ids=1 << 12, after_shard=hold):
        sys.exit(w2v.cli.main(["train", *sys.argv[2:]]))"""


def start(folder, *arguments, hold_after=-1):
    process = subprocess.Popen(  # in a background job, SIGINT would be ignored
        [sys.executable, "-c", HELD, str(hold_after), *map(str, arguments)], cwd=folder, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    if hold_after >= 0:
        assert process.stdout.readline() == "holding\n", process.communicate()
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="no signal to one process on Windows")
@pytest.mark.slow
def test_signals_write_a_checkpoint_and_the_command_resumes_from_any_folder(corpus, tmp_path):
    options = ["--vector-size", "24", "--epochs", "10", "--threads", "1"]
    expected = start(tmp_path, corpus, "-o", "whole.safetensors", *options, "-q")
    process = start(tmp_path, corpus, "-o", "v.safetensors", *options, "--checkpoint", "k",
                    "--checkpoint-every", "5%", "--save-vocab", "vocab.txt", hold_after=20)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    last = errors.splitlines()[-1]
    assert re.fullmatch(r"w2v: interrupted; checkpoint at \d+\.\d% of the words; resume with: w2v train --resume k",
                        last)
    assert Checkpoint.open(tmp_path / "k").state.taken == 21 and not (tmp_path / "v.safetensors").exists()
    (tmp_path / "elsewhere").mkdir()
    process = start(tmp_path / "elsewhere", "--resume", "../k", "-q", hold_after=60)
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


@pytest.mark.skipif(sys.platform == "win32", reason="no signal to one process on Windows")
@pytest.mark.slow
def test_second_signal_stops_at_once_and_keeps_the_old_checkpoint(corpus, tmp_path):
    code = """if True:
        import signal, sys, time, w2v.training.observers.checkpoints, w2v.cli
        write = w2v.training.observers.checkpoints.write_checkpoint
        def slow(file, *rest):
            write(file, *rest)
            if slow.calls:
                handler = signal.getsignal(signal.SIGINT)
                print("writing", flush=True)
                while signal.getsignal(signal.SIGINT) is handler:
                    time.sleep(0.01)
                print("received", flush=True)
                time.sleep(60)
            slow.calls += 1
            return 1
        slow.calls = 0
        w2v.training.observers.checkpoints.write_checkpoint = slow
        sys.exit(w2v.cli.main(sys.argv[1:]))"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, "train", str(corpus), "-o", "v.bin", "--epochs", "100000", "--checkpoint", "k",
         "--checkpoint-every", "0.2s", "-q"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert process.stdout.readline() == "writing\n"  # the second one
    before = (tmp_path / "k").read_bytes()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "received\n" and process.poll() is None, "it waits for the checkpoint"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)  # half of the time that the checkpoint takes
    assert process.returncode == 130 and errors == "w2v: interrupted\n"
    assert (tmp_path / "k").read_bytes() == before and os.listdir(tmp_path) == ["k"]
    assert Checkpoint.open(tmp_path / "k").share > 0


def test_program_with_its_own_signal_handler_continues(corpus, unbroken, tmp_path):
    came = []
    former = signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))

    class Asks:
        calls = 0

        def __call__(self, view, stats):
            signal.raise_signal(signal.SIGTERM)

    try:
        with paced(after_shard=each_shard):
            model = w2v.train(corpus, threads=1, checkpoint=tmp_path / "k", checkpoint_every="1h", on_epoch_end=Asks(),
                              **OPTIONS)
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, former)
    assert len(came) == 4 and model.report.checkpoints == len(came)
    assert content(model) == unbroken


# ---- kill -9 --------------------------------------------------------------------------------------------------------

KILLER = """if True:
    import json, os, random, signal, sys, time
    import w2v
    from w2v.training.checkpoint import Checkpoint
    from w2v.training.run import paced
    corpus, threads, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    options = dict(vector_size=24, epochs=40, threads=threads, progress=False)
    draw = random.Random(seed)

    def train():
        if os.path.exists("k"):
            model = w2v.train(corpus, resume="k", progress=False)
        else:
            model = w2v.train(corpus, checkpoint="k", checkpoint_every=0.002, **options)
        model.save("v.safetensors")

    def newest():
        return (os.stat("k").st_ino, os.stat("k").st_mtime_ns) if os.path.exists("k") else None

    def wait_for_checkpoint(child):
        before = newest()
        while newest() == before and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            time.sleep(0.0005)

    killed, lives, resumed, ends = 0, 0, 0, 0
    while killed < kills or not ends:
        lives += 1
        resumed += os.path.exists("k")
        child = os.fork()
        if child == 0:
            try:
                with paced(shard_ids=1 << 12, poll_seconds=0.002):
                    train()
                os._exit(0)
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(9)
        if killed < kills:
            for _ in range(draw.randrange(0 if os.path.exists("k") else 1, 5)):
                wait_for_checkpoint(child)
            time.sleep(draw.uniform(0.0, 0.02))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a run failed"
        killed += os.WIFSIGNALED(status)
        if os.path.exists("k"):
            Checkpoint.open("k")  # always complete
        if not os.WIFSIGNALED(status):
            ends += 1
            os.rename("v.safetensors", f"end{ends}.safetensors")
            os.unlink("k")
    left = [name for name in os.listdir() if name.endswith(".tmp")]
    print(json.dumps([killed, lives, resumed, ends, len(left)]))
"""


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="forks")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.slow
def test_run_killed_at_fifty_random_moments_ends_with_the_same_vectors(tmp_path, threads):
    corpus = tmp_path / "corpus.txt"
    planted.write_corpus(corpus, 8_000)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", KILLER, str(corpus), str(threads), "50", "7"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    killed, lives, resumed, ends, left = json.loads(done.stdout)
    assert killed == 50 and lives == killed + ends and resumed >= killed - 1
    # A checkpoint has a temporary name for some microseconds of the milliseconds that writing it takes, so few kills
    # leave such a file. If it had the name while it is written, about every third kill would (12 to 26 of 50).
    assert left <= 10 or not has_unnamed(tmp_path)
    whole = w2v.train(corpus, vector_size=24, epochs=40, threads=threads, progress=False)
    for end in range(1, ends + 1):
        found = w2v.load(tmp_path / f"end{end}.safetensors")
        if threads == 1:
            assert found.vectors.tobytes() == whole.wv.vectors.tobytes()
        else:
            assert planted.neighbors_found(found) > 0.95 * planted.neighbors_found(whole.wv) > 0.8
