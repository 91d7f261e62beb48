"""Number of threads: affinity mask and cgroup quotas."""

import os
from collections.abc import Iterator
from itertools import islice

import pytest

from w2v.errors import W2VError
from w2v.system import threads
from w2v.system.threads import read_ahead


def test_threads_follow_affinity_and_cgroup_quota(tmp_path):
    assert threads.resolve_threads("auto") >= 1 and threads.resolve_threads("3") == 3
    if hasattr(os, "sched_getaffinity"):
        assert threads.resolve_threads("auto") <= len(os.sched_getaffinity(0))
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "cpu.max").write_text("250000 100000\n")
    (tmp_path / "a" / "b" / "cpu.max").write_text("max 100000\n")
    (tmp_path / "self").write_text("0::/a/b\n")
    assert threads._cgroup_quota(tmp_path, tmp_path / "self") == 3
    old = tmp_path / "cpu" / "job"
    old.mkdir(parents=True)
    (old / "cpu.cfs_quota_us").write_text("100000")
    (old / "cpu.cfs_period_us").write_text("100000")
    (tmp_path / "self").write_text("4:memory:/job\n3:cpu,cpuacct:/job\n")
    assert threads._cgroup_quota(tmp_path, tmp_path / "self") == 1
    assert threads._cgroup_quota(tmp_path, tmp_path / "missing") == 1024


@pytest.mark.parametrize("bad", [0, -1, 1025, "0", "many", "", 2.0, True, None])
def test_other_values_are_refused(bad):
    with pytest.raises(ValueError, match="threads = .* is out of range: expected 1 to 1024, or auto"):
        threads.resolve_threads(bad)


@pytest.mark.parametrize("allowed", [1, 2])
def test_pool_works_with_the_threads_that_start(few_threads, allowed):
    few_threads(allowed)
    with threads.Pool(5) as pool:
        assert [one.result() for one in [pool.submit(pow, 2, k) for k in range(20)]] == [2**k for k in range(20)]


def test_pool_without_threads_gives_one_error_or_does_the_work_at_once(few_threads):
    few_threads(0)
    with threads.Pool(2) as pool, pytest.raises(W2VError, match="no thread could be started.*ulimit -u"):
        pool.submit(pow, 2, 3)
    done = []
    with threads.Pool(2) as pool:
        assert [pool.start(done.append, k).result() for k in range(3)] == [None] * 3
    assert done == [0, 1, 2]


def test_read_ahead_keeps_order_and_errors_and_closes() -> None:
    closed: list[int] = []

    def items(n: int) -> Iterator[int]:
        try:
            yield from range(n)
            raise ValueError("after the last")
        finally:
            closed.append(n)

    ahead = read_ahead(items(5))
    assert list(islice(ahead, 3)) == [0, 1, 2]
    ahead.close()
    assert closed == [5]
    found = []
    with pytest.raises(ValueError, match="after the last"):
        for item in read_ahead(items(3)):
            found.append(item)
    assert found == [0, 1, 2] and closed == [5, 3]
    assert list(read_ahead(iter([None, 1]))) == [None, 1]
