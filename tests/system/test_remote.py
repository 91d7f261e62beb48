"""Addresses where a file is expected."""

from pathlib import Path

import pytest

import w2v
from w2v import cli
from w2v.errors import W2VError
from w2v.system.remote import check_local


@pytest.mark.parametrize("address, command", [
    ("https://host/v.bin", "curl -fL https://host/v.bin -o FILE"), ("hf://org/repo/v.bin", "hf download"),
    ("s3://bucket/v.bin", "aws s3 cp s3://bucket/v.bin FILE"), ("gs://bucket/v.bin", "gcloud storage cp"),
    ("dbfs://x/v.bin", "dbfs://x/v.bin"),
    (Path("s3://bucket/v.bin"), "s3://bucket/v.bin"), ("FTP://host/v.bin", "ftp://host/v.bin")])
def test_address_to_read_is_refused_in_full(address, command):
    with pytest.raises(W2VError, match="is an address") as caught:
        check_local(address)
    assert command in str(caught.value)


def test_address_to_write_is_refused_with_the_command_to_copy():
    with pytest.raises(W2VError, match="cannot write s3://bucket/v.bin.*aws s3 cp FILE s3://bucket/v.bin"):
        check_local("s3://bucket/v.bin", writing=True)


def test_address_of_a_local_file_names_its_path():
    with pytest.raises(W2VError, match="file:///home/v.bin: pass the path itself: /home/v.bin"):
        check_local("file:///home/v.bin")


def test_paths_are_no_addresses(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:").mkdir()
    (tmp_path / "s3:" / "v.bin").write_text("x")
    for path in ("v.bin", "/a/b.bin", "a:b.txt", "12:/x", "C:/x", Path("x/y"), "s3:/v.bin"):
        check_local(path)


@pytest.mark.parametrize("address", ["https://host/v.bin", "http://host/v.bin", "s3://bucket/v.bin", "hf://o/r/v.bin@x"])
def test_commands_that_read_vectors_name_the_address(run, tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.txt").write_text("a b c d\n" * 50)
    for command in (["neighbors", address, "a"], ["analogy", address, "a", "b", "c"], ["info", address],
                    ["convert", address, "o.txt"], ["train", "c.txt", "-o", "o.bin", "--init", address]):
        code, out, err = run(*command)
        assert code in (1, 2) and out == "" and address in err and "file first" in err, command
    assert [path.name for path in tmp_path.iterdir()] == ["c.txt"]


@pytest.mark.parametrize("address", ["s3://bucket/v.bin", "hf://org/repo/v.safetensors", "https://host/v.txt"])
def test_commands_that_write_name_the_address_before_any_work(run, tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("w2v.training.train.train_resolved", lambda *a, **k: pytest.fail("training began"))
    (tmp_path / "c.txt").write_text("a b c d\n" * 50)
    w2v.KeyedVectors(["a", "b"], [[1, 2], [3, 4]]).save("v.bin")
    for command in (["train", "c.txt", "-o", address], ["convert", "v.bin", address], ["demo", "-o", address],
                    ["phrases", "c.txt", "-o", address], ["train", "c.txt", "-o", "o.bin", "--checkpoint", address]):
        code, out, err = run(*command)
        assert code == 1 and out == "" and f"cannot write {address}: it is an address" in err, command
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.txt", "v.bin"]
    assert cli.main(["info", "v.bin"]) == 0
