"""Results for people and programs: repr, text, HTML, plain values, data frames."""

import dataclasses
from dataclasses import dataclass

import pytest

import w2v
from w2v.errors import W2VError
from w2v.system.report import Report, frame


@dataclass(frozen=True, repr=False)
class Example(Report):
    name: str
    words_read: int
    share: float

    def brief(self) -> str:
        return f"{self.name}: {self.words_read}"


EXAMPLE = Example("a\udcff<b>", 1234567, 0.25)


def test_repr_is_short_and_printable():
    assert repr(EXAMPLE) == "Example<a\ufffd<b>: 1234567>"
    assert repr([EXAMPLE]) == f"[{EXAMPLE!r}]"


def test_text_shows_all_values():
    assert [line.split() for line in str(EXAMPLE).splitlines()] == [
        ["name", "a\ufffd<b>"], ["words", "read", "1,234,567"], ["share", "0.25"]]


def test_html_is_a_table_and_escapes_words():
    html = EXAMPLE._repr_html_()
    assert "&lt;b&gt;" in html and "<b>" not in html and "\udcff" not in html
    assert html.count("<tr>") == 3 and "1,234,567</td>" in html


def test_plain_values_have_two_names():
    assert EXAMPLE.to_dict() == EXAMPLE.as_dict() == dataclasses.asdict(EXAMPLE)


def test_frame_without_pandas_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(W2VError, match=r"w2v\[pandas\]"):
        EXAMPLE.to_frame()


def test_frame_has_a_column_for_each_value():
    pytest.importorskip("pandas")
    found = frame([{"a": 1, "b": {"c": 2}}], flat=True)
    assert list(found.columns) == ["a", "b.c"] and found["b.c"].tolist() == [2]
    assert EXAMPLE.to_frame()["words_read"].tolist() == [1234567]


@pytest.fixture(scope="module")
def model():
    return w2v.train([["river", "lake", "sea"], ["king", "queen"]] * 200, vector_size=8, min_count=1, threads=1,
                     epochs=2, progress=False)


def public_results(model: w2v.Model) -> list[Report]:
    """One result of each kind that training and drift return."""
    return [model, model.report, model.report.corpus, model.config, w2v.drift(model.wv, model.wv)]


def test_every_result_is_short_as_repr_and_has_tables(model):
    for result in public_results(model):
        name = type(result).__name__
        assert repr(result).startswith(name) and len(repr(result)) < 200
        assert "<table>" in result._repr_html_() and "\n" in str(result)
        assert result.to_dict() == result.as_dict()


def test_repr_of_a_config_is_an_expression_with_the_changed_values():
    config = w2v.TrainConfig(sg=False, epochs=3, window=(5, 2))
    assert repr(config) == "TrainConfig(window=(5, 2), epochs=3, sg=False)"
    assert eval(repr(config), {"TrainConfig": w2v.TrainConfig}) == config
    assert repr(w2v.TrainConfig()) == "TrainConfig()"
    assert repr(w2v.TrainConfig(alpha=0.05)) == "TrainConfig(alpha=0.05)"


def test_drift_frame_has_the_moved_words(model):
    pytest.importorskip("pandas")
    assert w2v.drift(model.wv, model.wv, topn=2).to_frame().columns.tolist() == ["word", "cosine"]


def test_vectors_describe_themselves(model):
    kv = w2v.KeyedVectors(["a<b>", "b"], [[1, 2], [3, 4]], counts=[7, 5], source="made")
    assert repr(kv) == str(kv) == "KeyedVectors<2 words x 2, made>"
    assert kv.to_dict() == {"source": "made", "words": 2, "vector_size": 2, "dtype": "float32",
                            "first_words": ["a<b>", "b"], "tokens": 12}
    assert "a&lt;b&gt;, b" in kv._repr_html_() and "<table>" in kv._repr_html_()
    assert model.wv.to_dict()["metadata"]["training"]["vector_size"] == 8


def test_vectors_are_a_frame_with_the_words_as_index():
    pytest.importorskip("pandas")
    found = w2v.KeyedVectors(["a", "b", "c\udcff"], [[1, 2], [3, 4], [5, 6]]).to_frame()
    assert found.loc["b"].tolist() == [3, 4] and found.index[2] == "c\ufffd"
    assert found.dtypes.tolist() == ["float32", "float32"]
