"""Waiting for a training run in another process."""

import time


def wait_until_training(process, log):
    """Wait until the log of `w2v train --log-json` has its first interval; fail if the process ends before."""
    while not log.exists() or b'"interval"' not in log.read_bytes():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
