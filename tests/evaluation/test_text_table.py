"""Tables of text."""

from w2v.evaluation.text_table import latex


def test_latex_escapes_special_characters():
    assert latex(r"50 % of a_b & {c} #1 ~ ^ \ $") == (
        r"50 \% of a\_b \& \{c\} \#1 \textasciitilde{} \textasciicircum{} \textbackslash{} \$")
