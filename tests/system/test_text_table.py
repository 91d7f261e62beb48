"""Tables of text."""

from w2v.system.text_table import TextTable, latex


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
