"""The guides of w2v/corpus/GUIDES.md as scripts, run on small data."""

import gzip
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v import cli

GUIDES = Path(__file__).parents[2] / "w2v" / "corpus" / "GUIDES.md"
PROSE = ["The King's horses left the city, and the Queen stayed.",
         "A \u201cKing\u201d and a Queen: two rulers of one city!",
         "The horses of the city are old; the Queen's are older."]


def scripts(section: str) -> list[tuple[str, str]]:
    """Language and text of each block of code in a section."""
    text = GUIDES.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)


def run_section(section: str) -> None:
    """Run all blocks of a section in the current folder."""
    blocks = scripts(section)
    assert blocks
    for language, code in blocks:
        if language == "python":
            exec(compile(code, str(GUIDES), "exec"), {"__name__": "guide"})
            continue
        for line in code.replace("\\\n", " ").splitlines():
            words = shlex.split(line)
            assert words[0] == "w2v"
            assert cli.main([*words[1:]]) == 0, line


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_raw_text(capsys: pytest.CaptureFixture[str]) -> None:
    Path("raw.txt").write_text("\n".join(PROSE * 40), encoding="utf-8")
    Path("chinese.txt").write_text("\u6771\u4eac\u90fd\n\u4eac\u90fd\u5e02\n" * 20, encoding="utf-8")
    run_section("Raw text")
    shown = capsys.readouterr().out
    assert shown.startswith("the king's horses left the city and the queen stayed\n")
    assert "['the', \"king's\", 'speech']" in shown and "queen" in shown


@pytest.mark.slow
def test_sessions(capsys: pytest.CaptureFixture[str]) -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    rng = np.random.default_rng(1)
    sessions = np.repeat(np.arange(200), 5)
    items = 10 * (sessions % 2) + rng.integers(10, 20, len(sessions))
    items[::5] = 17
    order = rng.permutation(len(sessions))
    pd.DataFrame({"session": sessions, "time": np.arange(len(sessions)), "item": items}).iloc[order].to_parquet(
        "events.parquet")
    run_section("Sessions")
    kv = w2v.load("items.safetensors")
    assert 17 in kv and kv.integer_keys and int(kv.get_vecattr(17, "count")) >= 200


@pytest.mark.slow
def test_hugging_face_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    pytest.importorskip("datasets")
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"text": PROSE * 40}), "texts.parquet")
    run_section("A Hugging Face dataset")
    kv = w2v.load("vectors.safetensors")
    assert "king's" in kv and kv.key_to_index["the"] == 0


@pytest.mark.slow
def test_two_terabytes_in_s3(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    s3fs = pytest.importorskip("s3fs")
    server.start()
    request.addfinalizer(server.stop)
    host, port = server.get_host_and_port()
    for name, value in {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "test",
                        "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    files = s3fs.S3FileSystem(skip_instance_cache=True)
    files.mkdir("bucket")
    for number in range(3):
        files.pipe(f"bucket/texts/part-{number}.txt.gz", gzip.compress("\n".join(PROSE * 40).encode()))
    run_section("Two terabytes in S3")
    all_lines, half = w2v.load("vectors.safetensors"), w2v.load("half.safetensors")
    counts = [int(kv.get_vecattr("the", "count")) for kv in (all_lines, half)]
    assert counts[0] == 3 * 40 * 6 and 0.3 < counts[1] / counts[0] < 0.7
