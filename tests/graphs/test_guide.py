"""The guide of w2v/graphs/README.md, run as it stands there."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "w2v" / "graphs" / "README.md"


def test_guide_finds_the_groups_of_the_novel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("networkx")
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    run: dict[str, object] = {"__name__": "guide"}
    exec(compile(code, str(README), "exec"), run)
    assert "nodes, 254 edges, weights 1 to 31" in capsys.readouterr().out
    assert (tmp_path / "miserables.png").read_bytes().startswith(b"\x89PNG")
    kv = run["model"].wv  # type: ignore[attr-defined]
    students = {"Combeferre", "Courfeyrac", "Grantaire", "Joly", "Prouvaire", "Feuilly", "Bahorel", "Bossuet"}
    assert len({word for word, _ in kv.most_similar("Enjolras", topn=8)} & students) >= 6
