"""Tables of results."""

from __future__ import annotations

from pathlib import Path

from helpers.evaluation import cased_vectors, make_questions, write_pairs, write_questions

from w2v import evaluate


def test_table_is_aligned_and_complete(tmp_path: Path) -> None:
    kv = cased_vectors()
    path = write_questions(
        tmp_path / "q.txt", {"long section name": make_questions(kv, 30), "gram9": make_questions(kv, 9)})
    results = [evaluate.analogies(kv, path), evaluate.similarity(kv, write_pairs(tmp_path / "p.tsv", kv, 40))]
    table = evaluate.format_table(results)
    first, second = table.split("\n\n")
    *lines, note = first.splitlines()
    assert len({len(line) for line in lines}) == 1 and note.startswith("3cosadd among the first 30,000 words")
    assert [line.split("  ")[0] for line in lines] == [
        "analogies: q", "long section name", "gram9", lines[3], "semantic", "syntactic", "all"]
    assert set(lines[3]) == {"-"}
    assert f"{results[0].correct}/{results[0].questions}" in lines[-1]
    assert f"{100 * results[0].honest / results[0].questions:.1f} %" in lines[-1]
    assert second.splitlines()[1].split()[-2:] == [str(results[1].pairs), str(results[1].unknown)]
    assert evaluate.format_table([]) == ""
