"""Addresses where a file is expected."""

from pathlib import Path

import pytest

import w2v
from w2v import cli
from w2v.errors import W2VError
from w2v.system.remote import address_of, check_allowed, check_local, redacted, shown_path, without_file_scheme


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


# --- addresses and paths -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "address"), [
    ("s3://bucket/a b.txt", "s3://bucket/a b.txt"), (Path("s3://bucket/part-*.gz"), "s3://bucket/part-*.gz"),
    ("HTTPS://host/x", "https://host/x"), ("hf://datasets/a/b@main/c", "hf://datasets/a/b@main/c"),
    ("memory://a", "memory://a"), ("abfs://c@a.dfs.core.windows.net/x", "abfs://c@a.dfs.core.windows.net/x"),
    ("https://host/x y z", None), ("see https://host/x", None), ("s3://a\nb", None), ("file:///a", None), ("a/b", None),
    ("C:/x", None), ("-", None), ("", None), ("https://", None)])
def test_addresses_are_told_from_paths_and_texts(given, address):
    assert address_of(given) == address


@pytest.mark.parametrize(("given", "path"), [
    ("file:///a/b.txt", "/a/b.txt"), ("file://localhost/a/b", "/a/b"), ("file:/a/b", "/a/b"), ("FILE:///a%20b", "/a b"),
    ("file:///a%C3%A9", "/aé"), ("/a/b", "/a/b"), ("a%20b", "a%20b"), ("s3://b/x", "s3://b/x")])
def test_address_of_a_local_file_is_its_path(given, path):
    assert without_file_scheme(given) == path


def test_file_of_another_machine_is_refused():
    with pytest.raises(W2VError, match="file://server/share/x: this names a file of the machine server"):
        without_file_scheme("file://server/share/x")


@pytest.mark.parametrize(("given", "shown"), [
    ("https://user:secret@host/x", "https://...@host/x"), ("https://user:se/cr:et@host/x", "https://...@host/x"),
    ("https://secret@host:80/x", "https://...@host:80/x"), ("s3://key:secret@bucket/x", "s3://...@bucket/x"),
    ("sftp://user:secret@host/x", "sftp://...@host/x"), ("https:/user:secret@host/x", "https:/...@host/x"),
    ("https://host/x?X-Amz-Signature=secret&b=1", "https://host/x?..."), ("https://host/x#secret", "https://host/x#..."),
    ("https://host/?token=secret", "https://host/?..."), ("HTTPS://host?secret", "HTTPS://host?..."),
    ("az://c/x?sv=1&sig=secret", "az://c/x?..."), ("s3://b/x?versionId=secret", "s3://b/x?..."),
    ("403 for url='https://u:secret@h/x?secret' and https://h/y?secret",
     "403 for url='https://...@h/x?...' and https://h/y?..."),
    ("abfs://container@account.dfs.core.windows.net/x", None), ("ssh://user@host/x", None), ("s3://b/part-?.txt", None),
    ("https://host:8080/a@b", None), ("hf://datasets/org/name@v1:2/x", None), ("/a/b?c=d", None), ("C:/x@y", None)])
def test_secrets_are_not_shown(given, shown):
    assert redacted(given) == (given if shown is None else shown)
    assert redacted(redacted(given)) == redacted(given)


def test_paths_are_shown_as_they_are():
    assert shown_path("/a/https:/u:p@h?q") == "/a/https:/u:p@h?q"
    assert shown_path(Path("https://h/x?secret")) == "https://h/x?..."


def test_address_needs_permission():
    check_allowed("s3://b/x", True)
    with pytest.raises(W2VError, match=r"s3://b/x is an address on the network.*download=True \(--download\).*aws s3"):
        check_allowed("s3://b/x", False)
    with pytest.raises(W2VError) as caught:
        check_allowed("https://u:secret@h/x?secret", False)
    assert "secret" not in str(caught.value) and "curl -fL https://...@h/x?... -o FILE" in str(caught.value)


@pytest.mark.parametrize("call", [
    lambda address: check_local(address), lambda address: check_local(address, writing=True),
    lambda address: w2v.KeyedVectors.load(address), lambda address: w2v.KeyedVectors.load(address, download=True),
    lambda address: w2v.KeyedVectors.load(address, download=True, sha256="0" * 64),
    lambda address: w2v.train(address, progress=False), lambda address: w2v.plan(address),
    lambda address: w2v.train([["a", "b"]] * 9, min_count=1, held_out=address, progress=False),
    lambda address: w2v.train([["a", "b"]] * 9, min_count=1, checkpoint=address, progress=False),
    lambda address: w2v.KeyedVectors(["a"], [[1.0]]).save(address)])
@pytest.mark.parametrize("address", ["https://user:secret@127.0.0.1:1/x?token=secret", "ftp://user:secret@host/x"])
def test_errors_have_no_secrets(call, address):
    with pytest.raises((W2VError, ValueError)) as caught:
        call(address)
    assert "secret" not in str(caught.value)
