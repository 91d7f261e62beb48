"""Available memory."""

from pathlib import Path

from w2v.system import resources


def test_available_memory_is_plausible(tmp_path: Path) -> None:
    assert 1 << 20 < resources.available_memory() < 1 << 50
    (tmp_path / "max").write_text("1000\n")
    (tmp_path / "now").write_text("400\n")
    assert resources._rest(tmp_path / "max", tmp_path / "now") == 600
    (tmp_path / "max").write_text("max\n")
    assert resources._rest(tmp_path / "max", tmp_path / "now") is None
    assert resources._rest(tmp_path / "none", tmp_path / "now") is None
