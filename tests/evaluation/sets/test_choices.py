"""Multiple-choice analogies: both formats, and broken files, whose errors name the file and the line."""

import pytest
from helpers.evaluation import write

from w2v.errors import FormatError
from w2v.evaluation.loading import guess_kind
from w2v.evaluation.sets.choices import read_choices
from w2v.evaluation.sets.reading import LeftOut, Reading

SAT = """# about

KS 1
lull trust v:n
balk fortitude v:n
betray loyalty v:n
cajole compliance v:n
c

190 FROM REAL SATs
a b n:n
c d n:n
e f n:n
A
"""


def test_choices_are_read_in_both_formats(tmp_path):
    first, second = read_choices(write(tmp_path / "sat.txt", SAT))
    assert first.stem == ("lull", "trust") and first.right == 2 and first.choices[2] == ("cajole", "compliance")
    assert second.stem == ("a", "b") and second.right == 0 and second.line == 10
    path = write(tmp_path / "u2.jsonl", '{"stem": ["a", "b"], "answer": 1, "choice": [["c", "d"], ["e", "f"]]}\n')
    (only,) = read_choices(path)
    assert only.choices == (("c", "d"), ("e", "f")) and only.right == 1 and guess_kind(path) == "choices"


@pytest.mark.parametrize(("text", "line", "message"), [
    (SAT.replace("\nA\n", "\nd\n"), 14, "not the letter of one of the 2 choices"),
    ("KS 1\na b\nc d\na\n", 1, "two choices or more"),
    ("", 1, "no questions"),
    ('{"stem": ["a", "b"], "answer": 2, "choice": [["c", "d"], ["e", "f"]]}\n', 1, "not the index of one of the 2"),
    ('{"stem": ["a", "b", "c"], "answer": 0, "choice": [["c", "d"]]}\n', 1, '"stem", "choice"'),
])
def test_broken_files_are_named_with_their_line(tmp_path, text, line, message):
    path = write(tmp_path / "x.txt", text)
    with pytest.raises(FormatError, match=message) as caught:
        read_choices(path)
    assert caught.value.line == line and f"{path}, line {line}: " in str(caught.value)


GOOD = '{"stem": ["a", "b"], "answer": 1, "choice": [["c", "d"], ["e", "f"]]}'


@pytest.mark.parametrize("line", [
    "[" * 100_000, '{"stem": ' + "[" * 100_000, "{", "3", "null", GOOD.replace("1", "2"),
    GOOD.replace("1", "-1"), GOOD.replace("1", "true"),
    GOOD.replace("1", "1.0"), GOOD.replace("1", "1e999"), GOOD.replace("1", "9" * 5000),
    GOOD.replace('["a", "b"]', '"ab"'),
    GOOD.replace('"a"', "1"), GOOD.replace('"a"', '""'), GOOD.replace("[[", "[[[]],["),
    GOOD.replace('"stem"', '"stam"')])
def test_broken_json_lines_are_left_out_and_reported(tmp_path, line):
    path = write(tmp_path / "q.jsonl", f"{GOOD}\n{line}\n")
    left_out = LeftOut()
    (question,) = read_choices(path, Reading(on_problem=left_out.add))
    assert question.right == 1 and left_out.count == 1 and left_out.first.line == 2 and len(left_out.message()) < 1000
    with pytest.raises(FormatError, match="line 2: "):
        read_choices(path)


def test_broken_blocks_are_left_out_and_reported(tmp_path):
    left_out = LeftOut()
    path = write(tmp_path / "sat.txt", SAT.replace("\nc\n", "\nz\n"))
    (question,) = read_choices(path, Reading(on_problem=left_out.add))
    assert question.stem == ("a", "b") and "not the letter" in left_out.message()
