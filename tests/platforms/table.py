"""Write the lines that the checks of this folder printed into the table of tests/README.md.

    bash tests/platforms/check_aarch64.sh | tee log
    python tests/platforms/table.py log ...

A line is `platform | compiles | links | runs | passed | skipped`. It replaces the line of the same platform; the others
stay.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- platforms: begin -->", "<!-- platforms: end -->"
HEADER = ["platform", "compiles", "links", "runs", "tests passed", "tests skipped"]


def cells(line: str) -> list[str] | None:
    """Return the cells of a line of the table; None for other lines."""
    line = line.strip().removeprefix("|").removesuffix("|")
    found = [cell.strip() for cell in line.split("|")]
    if len(found) != len(HEADER) or not all(found) or found == HEADER or set(found[0]) == {"-"}:
        return None
    return found


def with_results(text: str, lines: Iterable[str]) -> str:
    """Return the text of the README with these lines in its table, which is sorted by platform.

    Raises
    ------
    ValueError : the text does not have both markers, once and in this order.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"the text must have the lines {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    rows = {row[0]: row for row in map(cells, [*old.splitlines(), *lines]) if row is not None}
    table = [HEADER, ["---"] * len(HEADER), *(rows[name] for name in sorted(rows, key=str.casefold))]
    return before + BEGIN + "\n" + "".join(f"| {' | '.join(row)} |\n" for row in table) + END + after


def main(logs: list[str]) -> int:
    if not logs:
        print(__doc__, file=sys.stderr)
        return 2
    lines = [line for log in logs for line in Path(log).read_text(encoding="utf-8").splitlines()]
    new = [row for row in map(cells, lines) if row is not None]
    if not new:
        print(f"no line of a check in {', '.join(logs)}", file=sys.stderr)
        return 1
    README.write_text(with_results(README.read_text(encoding="utf-8"), lines), encoding="utf-8")
    print(f"{README.name}: {', '.join(row[0] for row in new)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
