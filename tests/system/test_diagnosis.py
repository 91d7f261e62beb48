import json

import pytest

from w2v.system.diagnosis import SEVERITIES, Diagnosis, Finding, Measure
from w2v.system.text_table import TextTable


def finding(check="zero vectors", severity="ok", **more):
    return Finding(check, severity, "No vector is zero.", **more)


def diagnosis(*findings):
    return Diagnosis("vectors", "a.bin", {"words": 1000, "sample": "none"}, findings)


@pytest.mark.parametrize("measure, text", [
    (Measure("zero vectors", 3, whole=74000), "3 of 74,000 zero vectors"),
    (Measure("mean", 0.25, (0.2, 0.3), 0.0), "mean 0.25 [0.2 - 0.3], by chance 0"),
    (Measure("share", 0.25, (0.2, 0.3), 0.00001, share=True),
     "share 25 % [20 - 30], by chance 0.001 %"),
    (Measure("chi", 12345.6, p=0.0), "chi 12,346, p <0.0001"),
    (Measure("mean", float("nan"), (0.2, 0.3)), "mean -"),
    (Measure("mean", None), "mean -"),
    (Measure("dimensions", 100.0), "dimensions 100"),
    (Measure("small", 0.00012), "small 0.00012"),
    (Measure("infinite", float("inf")), "infinite inf"),
])
def test_measure_as_text(measure, text):
    assert str(measure) == text


def test_measure_as_plain_values_has_null_for_nan():
    found = Measure("mean", float("nan"), (float("nan"), 1.0), p=0.5).to_dict()
    assert found == {"name": "mean", "value": None, "interval": [None, 1.0], "p": 0.5}
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_passed_unless_there_is_a_problem(severity):
    found = diagnosis(finding(), finding("norms", severity))
    assert found.severity == severity
    assert found.passed == (severity != "problem")
    assert found.to_dict()["passed"] == found.passed


def test_no_findings_pass():
    assert diagnosis().passed and diagnosis().summary() == "no checks" and str(diagnosis())


def test_summary_counts_findings_with_the_worst_first():
    found = diagnosis(finding(), finding("a", "note"), finding("b", "problem"), finding("c", "note"))
    assert found.summary() == "1 problem (b), 2 notes (a, c), 1 ok"


def test_findings_by_name():
    found = diagnosis(finding(), finding("norms", measures=(Measure("a", 1.0), Measure("b", 2.0))))
    assert found["norms"]["b"].value == 2.0
    with pytest.raises(KeyError, match="the checks are zero vectors, norms"):
        found["hubs"]


def test_text_shows_meaning_advice_examples_and_details_on_request():
    table = TextTable(("band", "words"), [("rank 1 - 100", "100")])
    found = diagnosis(finding(severity="problem", advice="leave them out", examples=("a\nb", "\x1b[2J", "x" * 99),
                              measures=(Measure("words", 3, whole=1000),), group="words", table=table))
    text = str(found)
    assert "3 of 1,000 words; for example a\\x0ab, \\x1b[2J, " in " ".join(text.split()) and "x" * 40 + "..." in text
    assert "No vector is zero." in text and "To do: leave them out" in text and "1 problem" in text
    assert "rank 1" not in text
    assert any("rank 1" in part.render() for part in found.tables(details=True))
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "<table>" in found._repr_html_()


def test_frame_has_a_row_for_each_number():
    pytest.importorskip("pandas")
    found = diagnosis(finding(), finding("norms", measures=(Measure("a", 1.0, (0.5, 1.5)), Measure("b", 2.0))))
    rows = found.to_frame().to_dict("records")
    assert [(row["check"], row["name"]) for row in rows] == [("zero vectors", ""), ("norms", "a"), ("norms", "b")]
    assert rows[1]["low"] == 0.5 and rows[1]["high"] == 1.5
