"""Tables of text."""

import pytest

from w2v.system.text_table import WIDTH, TextTable, latex, markdown


def test_latex_escapes_special_characters():
    assert latex(r"50 % of a_b & {c} #1 ~ ^ \ $") == (
        r"50 \% of a\_b \& \{c\} \#1 \textasciitilde{} \textasciicircum{} \textbackslash{} \$")


def test_html_has_headings_rows_and_notes_and_escapes_all_of_them():
    html = TextTable(("a <", "b"), [("<script>", "1")], 0, ["x & y"]).render("html")
    assert "<th style=\"text-align: left\">a &lt;</th>" in html and "<td style=\"text-align: right\">1</td>" in html
    assert "&lt;script&gt;" in html and "<p>x &amp; y</p>" in html


def test_table_without_headings_has_only_its_rows():
    table = TextTable((), [("words", "12"), ("lines", "3")])
    assert table.render() == "words  12\nlines   3" and "<thead>" not in table.render("html")


def test_a_wide_table_is_narrowed_and_then_divided():
    cells = ("a set", *("12.34 %",) * 8)
    assert TextTable(cells, [cells]).render().splitlines()[0] == "  ".join(cells)
    wider = TextTable((*cells, "12.34"), [(*cells, "1")] * 2, 1, ["a note " * 20])
    assert wider.render().splitlines()[0] == " ".join(wider.head)
    blocks = TextTable((*cells, *cells[1:]), [(*cells, *cells[1:])] * 2, 1).render().split("\n\n")
    assert len(blocks) == 2 and all(block.splitlines()[0].startswith("a set ") for block in blocks)
    assert all(block.splitlines()[2] == "-" * len(block.splitlines()[0]) for block in blocks)
    for table in (wider.render(), *blocks):
        assert max(map(len, table.splitlines())) <= WIDTH
    assert TextTable(("x" * 100, "y"), []).render() == "x" * 100 + " y"


@pytest.mark.parametrize(("cell", "shown"), [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"), ("a|b", r"a\|b"), ("a & b", "a &amp; b"),
    ("a\nb", "a b"), ('"plain"', '"plain"')])
def test_markdown_escapes_html_and_tables(cell, shown):
    table = TextTable((cell, "x"), [(cell, "1")], 0, [cell]).render("markdown")
    assert table.splitlines()[0] == f"| {shown} | x |" and table.splitlines()[2] == f"| {shown} | 1 |"
    assert table.splitlines()[-1] == shown == markdown(cell)
