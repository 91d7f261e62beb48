"""Lines for `logging`: the logger `w2v`, without a handler of the package."""

import logging
import subprocess
import sys

import pytest

import w2v
from w2v.system import display, log
from w2v.system.display import Display

SENTENCES = [["river", "lake", "sea"], ["king", "queen"]] * 200
OPTIONS = dict(vector_size=8, min_count=1, threads=1, epochs=2, progress=False)


def messages(caplog: pytest.LogCaptureFixture) -> str:
    assert {record.name for record in caplog.records} <= {"w2v"}
    assert {record.levelno for record in caplog.records} <= {logging.INFO}
    return "\n".join(record.getMessage() for record in caplog.records)


def test_training_logs_the_vocabulary_each_epoch_and_the_end(caplog, tmp_path):
    with caplog.at_level(logging.INFO, logger="w2v"):
        model = w2v.train(SENTENCES, **OPTIONS)
        model.save(tmp_path / "v.bin")
        w2v.load(tmp_path / "v.bin")
    text = messages(caplog)
    assert "read 1,000 words in 400 lines of the iterable: 5 distinct words; 5 of them in the vocabulary, 10" in text
    assert "epoch 2 of 2: " in text and " words/s, loss " in text
    assert f"trained {model.report.words_trained:,} words and subsampled {model.report.words_subsampled:,}" in text
    assert f"wrote 5 vectors of 8 dimensions to {tmp_path / 'v.bin'} (word2vec binary)" in text
    assert f"read 5 vectors of 8 dimensions from {tmp_path / 'v.bin'} (word2vec binary)" in text


def test_classes_of_gensim_log_too(caplog):
    with caplog.at_level(logging.INFO):
        w2v.Word2Vec(SENTENCES, vector_size=8, min_count=1, workers=1)
    assert "epoch 5 of 5: " in messages(caplog)


def test_nothing_is_logged_above_info(caplog):
    with caplog.at_level(logging.WARNING, logger="w2v"):
        w2v.train(SENTENCES, **OPTIONS)
    assert not caplog.records


def test_progress_is_logged_whether_it_is_shown_or_not(caplog, monkeypatch):
    now = 0.0
    monkeypatch.setattr(display.time, "monotonic", lambda: now)
    with caplog.at_level(logging.INFO, logger="w2v"), Display("training", 100, "word", enabled=False) as shown:
        for now in (0.5, 1.5, 2.0, 3.0):
            shown.update(int(10 * now), loss="2.5")
    assert [line.split("  ")[0:2] for line in messages(caplog).splitlines()] == [
        ["training:", " 15.0%"], ["training:", " 30.0%"]]


def test_vectors_are_the_same_with_logging(caplog):
    quiet = w2v.train(SENTENCES, **OPTIONS).wv.vectors
    with caplog.at_level(logging.INFO, logger="w2v"):
        assert (w2v.train(SENTENCES, **OPTIONS).wv.vectors == quiet).all()


def test_package_adds_no_handler_and_does_not_import_logging(tmp_path):
    code = ("import sys, w2v\nfrom w2v.system import log\nassert log.logger() is None\n"
            "assert 'logging' not in sys.modules\nimport logging\nw2v.train\nlogger = logging.getLogger('w2v')\n"
            "print(logger.handlers, logger.level, logger.propagate)")
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=tmp_path) == "[] 0 True\n"


def test_lines_name_the_function_that_sent_them(caplog):
    with caplog.at_level(logging.INFO, logger="w2v"):
        log.info("100 % of it")
    assert caplog.records[0].funcName == "test_lines_name_the_function_that_sent_them"
    assert caplog.records[0].getMessage() == "100 % of it"
