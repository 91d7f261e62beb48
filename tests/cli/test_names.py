"""Parameter names in messages become the options of the command line."""

import pytest

from w2v import cli
from w2v.cli.names import as_options


@pytest.mark.parametrize("message, translated", [
    ("vector_size = 0 is out of range: 1 to 65536", "--vector-size 0 is out of range: 1 to 65536"),
    ("negative = 0 leaves nothing; use 1 or more, or hs=True", "--negative 0 leaves nothing; use 1 or more, or --hs"),
    ("cbow_undivided=True needs sg=False and cbow_mean=True", "--cbow-undivided needs --cbow and --cbow-mean"),
    ("sg = True contradicts sg = False of the run", "--no-cbow contradicts --cbow of the run"),
    ("hs = False contradicts hs = True of the run", "--no-hs contradicts --hs of the run"),
    ("checkpoint_every is set without checkpoint; pass checkpoint=PATH",
     "--checkpoint-every is set without --checkpoint; pass --checkpoint FILE"),
    ("probe has no effect without progress, log_json or on_interval",
     "--probe has no effect without progress (no --quiet) or --log-json"),
    ("x.txt is given twice, with output and save_vocab", "x.txt is given twice, with -o and --save-vocab"),
    ("output v.bin is also an input", "-o v.bin is also an input"),
    ("window must be a whole number", "--window must be a whole number"),
    ("min_alpha = 1 is above alpha = 0.5", "--min-alpha 1 is above --alpha 0.5"),
    ("anchor = 50 is out of range: 0 to 40 (1 / alpha)", "--anchor 50 is out of range: 0 to 40 (1 / alpha)"),
    ("format='fasttext' and binary=1 contradict each other",
     "--format 'fasttext' and -binary 1 contradict each other"),
])
def test_message_is_translated(message, translated):
    assert as_options(message) == translated


@pytest.mark.parametrize("message", [
    "cannot read /data/log_json/min_count.txt", "the words of this text", "'held_out' is not in the vocabulary",
    "no word has a window of this size", "read 5 epochs of the output"])
def test_other_words_stay(message):
    assert as_options(message) == message


@pytest.mark.parametrize("arguments, problem", [
    (["--vector-size", "0"], "--vector-size 0 is out of range: 1 to 65536"),
    (["--minn", "4", "--maxn", "3"], "--minn 4 and --maxn 3: n-grams need 1 <= minn <= maxn (fastText uses 3 and 6); "
                                     "use --maxn 0 for whole words only"),
    (["--cbow-undivided"], "--cbow-undivided applies to CBOW with the mean only: it needs --cbow and --cbow-mean"),
    (["--threads", "0"], "--threads '0' is out of range: expected 1 to 1024, or auto"),
    (["--checkpoint-every", "5m"], "--checkpoint-every is set without --checkpoint; pass --checkpoint FILE"),
    (["--probe", "x", "-q"], "--probe has no effect without progress (no --quiet) or --log-json"),
    (["--log-every", "5s"], "--log-every has no effect without --log-json, --probe or --held-out"),
    (["--anchor", "1"], "--anchor applies to the words of the initial vectors: it needs --init"),
    (["--format", "fasttext", "-binary", "1"], "--format 'fasttext' and -binary 1 contradict each other; pass one of "
                                               "them"),
    (["--save-output-vectors"], "--save-output-vectors needs an output that ends in .safetensors, not v.bin; other "
                                "formats cannot store the output matrix"),
])
def test_usage_errors_name_what_was_typed(arguments, problem, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["train", "no-such-text", "-o", "v.bin", *arguments]) == 2
    assert capsys.readouterr().err == f"w2v: {problem}\n" and not list(tmp_path.iterdir())


def test_plan_translates_too(tmp_path, capsys):
    assert cli.main(["plan", str(tmp_path), "--epochs", "0", "--preset", "gensim"]) == 2
    assert capsys.readouterr().err == "w2v: --epochs 0 is out of range: 1 to 1e+06\n"
