"""Options that a run does not use are errors, in Python and on the command line."""

import pytest

import w2v
from w2v import cli
from w2v.config import TrainConfig
from w2v.corpus.paths import CorpusInput
from w2v.corpus_options import CORPUS_OPTIONS
from w2v.training.request import RunRequest
from w2v.training.unused import USES

UNUSED = [
    ({"cbow_mean": True}, ["--cbow-mean"], "--cbow-mean has no effect with skip-gram; it needs --cbow"),
    ({"cbow_mean": False, "sg": True}, ["--no-cbow-mean", "--no-cbow"], "--no-cbow-mean has no effect with skip-gram"),
    ({"ns_exponent": 0.5, "hs": True, "negative": 0}, ["--ns-exponent", "0.5", "--hs", "--negative", "0"],
     "--ns-exponent 0.5 has no effect without noise words; it needs --negative 5"),
    ({"shared_windows": 2, "hs": True}, ["--shared-windows", "2", "--hs"],
     "--shared-windows 2 has no effect with --hs"),
    ({"shared_contexts": 3, "sg": False}, ["--shared-contexts", "3", "--cbow"],
     "--shared-contexts 3 has no effect with --cbow"),
    ({"minn": 3}, ["--minn", "3"], "--minn 3 has no effect without --maxn"),
    ({"minn": 3, "maxn": 0}, ["--minn", "3", "--maxn", "0"], "--minn 3 has no effect without --maxn"),
    ({"bucket": 50}, ["--bucket", "50"], "--bucket 50 has no effect without n-grams"),
    ({"shrink_windows": True, "window": "line"}, ["--shrink-windows", "--window", "line"],
     "--shrink-windows has no effect with --window line"),
    ({"harmonic_windows": True, "window": "line"}, ["--harmonic-windows", "--window", "line"],
     "--harmonic-windows has no effect with --window line"),
]


@pytest.mark.parametrize("options, typed, problem", UNUSED)
def test_hyper_parameter_without_effect_is_refused_before_any_work(options, typed, problem, tmp_path, capsys,
                                                                   monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"{next(iter(options))} = .* has no effect"):
        w2v.train("no-such-text", **options)
    assert cli.main(["train", "no-such-text", "-o", "v.safetensors", *typed]) == 2
    assert problem in capsys.readouterr().err and not list(tmp_path.iterdir())
    (tmp_path / "text").write_text("a b c\n" * 9)
    assert cli.main(["plan", "text", *typed]) == 2
    assert problem in capsys.readouterr().err
    with pytest.raises(ValueError, match="has no effect"):
        w2v.plan("text", **options)


def test_sentences_of_weighted_lines_are_refused_before_any_work(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = {"split_lines_at": "sentences", "line_weights": True}
    with pytest.raises(ValueError, match="split_lines_at = 'sentences' cannot be used with line_weights"):
        w2v.train("no-such-text", **options)
    (tmp_path / "text").write_text("1 a b c\n" * 9)
    with pytest.raises(ValueError, match="each sentence would need a weight"):
        w2v.plan("text", **options)
    typed = ["--split-lines-at", "sentences", "--line-weights"]
    for command in (["train", "text", "-o", "v.safetensors"], ["plan", "text"], ["phrases", "text", "-o", "p.tsv"]):
        assert cli.main([*command, *typed]) == 2
        assert "--split-lines-at 'sentences' cannot be used with --line-weights" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


@pytest.mark.parametrize("options", [
    {}, {"cbow_undivided": False}, {"minn": 0, "maxn": 0}, {"shared_windows": 1, "hs": True},
    {"shrink_windows": False, "window": "line"}, {"sg": False, "cbow_mean": True}, {"negative": 5, "hs": False},
    {"ns_exponent": 0.5, "hs": True}, {"minn": 2, "maxn": 3, "bucket": 7}, {"max_vocab": None, "private_rows": None}])
def test_options_that_are_used_or_say_what_happens_anyway_are_accepted(options):
    run = RunRequest(corpus=CorpusInput.of([["a"]]), options=options, anchor=0.0).resolve()
    assert run.config == TrainConfig(**options)


def test_presets_set_options_without_being_refused():
    """A preset states the defaults of a tool; only what was given besides it must have an effect."""
    assert RunRequest(corpus=CorpusInput.of([["a"]]), preset="fasttext", options={"maxn": 0}).resolve().config.minn == 3


def test_each_row_has_a_message_that_names_its_option():
    known = {*TrainConfig.__dataclass_fields__, *RunRequest.__dataclass_fields__, *CORPUS_OPTIONS}
    assert all(use.option in known and use.problem.format(1).startswith(use.option) for use in USES)
