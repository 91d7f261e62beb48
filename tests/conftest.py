"""Fixtures that several test files use, and the marks `slow` and `interop`."""

import ast
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from w2v.phrases import Phrases

TESTS = Path(__file__).parent

# Tests that take about a second or more, all their parameters together, unless they are the main check of their module.
# `pytest -m "not slow"` leaves them out and still covers every folder; `pytest --durations=0 -vv` shows the durations.
SLOW = {
    "cli/test_bad_input.py::test_line_of_ten_million_words",
    "cli/test_cli.py::test_cbow_by_both_names",
    "cli/test_cli.py::test_sigterm_stops_training_and_leaves_nothing",
    "cli/test_cli.py::test_streams_that_are_closed_or_not_utf8",
    "cli/test_cli.py::test_suffix_decides_the_format",
    "cli/test_cli.py::test_training_from_standard_input_equals_training_from_the_file",
    "corpus/test_encode.py::test_any_number_of_threads_gives_the_same",
    "corpus/test_encode.py::test_several_threads_equal_one_wherever_blocks_are_cut",
    "corpus/test_integers.py::test_every_source_equals_the_text",
    "corpus/test_line_weights.py::test_random_texts_equal_split",
    "corpus/test_tokenizer.py::test_random_texts_equal_split",
    "corpus/test_tokenizer.py::test_words_of_all_lengths_at_all_positions_are_found",
    "evaluation/test_evaluate.py::test_answers_match_a_naive_loop",
    "formats/test_broken_files.py::test_broken_files_are_format_errors_or_read_well",
    "formats/test_broken_files.py::test_broken_packed_files_are_format_errors_or_read_well",
    "formats/test_foreign.py::test_compressed_rows_larger_than_the_first_guess",
    "formats/test_formats.py::test_file_cut_anywhere_is_a_format_error",
    "phrases/test_phrases.py::test_random_texts_agree_with_the_twin",
    "planning/test_plan.py::test_a_plan_for_lines_with_weights_is_one_for_their_words",
    "planning/test_plan.py::test_a_small_text_is_read_whole_and_nothing_is_an_estimate",
    "planning/test_plan.py::test_compressed_files_are_read_from_the_start",
    "planning/test_plan.py::test_one_endless_line_is_noticed",
    "planning/test_plan.py::test_truncated_archives_and_pipes_are_refused",
    "training/test_checkpoint.py::test_killed_at_fifty_random_moments_a_run_ends_as_if_nothing_had_been",
    "training/test_checkpoint.py::test_option_that_contradicts_is_refused_with_both_values",
    "training/test_checkpoint.py::test_second_signal_stops_at_once_and_the_old_checkpoint_is_whole",
    "training/test_checkpoint.py::test_signals_write_a_checkpoint_and_the_command_goes_on_from_anywhere",
    "training/test_checkpoint.py::test_smallest_vocabularies_go_on_too",
    "training/test_divergence.py::test_the_checkpoint_of_another_run_is_not_taken_for_ones_own",
    "training/test_held_out_text.py::test_another_text_is_refused_before_the_corpus_is_read",
    "training/test_initial.py::test_frozen_old_words_do_not_change_and_new_ones_learn_from_them",
    "training/test_initial.py::test_going_on_keeps_what_was_learned_and_learns_the_rest",
    "training/test_intervals.py::test_a_resumed_run_goes_on_with_its_log_and_its_lines_held_out",
    "training/test_intervals.py::test_held_out_loss_is_what_its_definition_says",
    "training/test_intervals.py::test_intervals_cover_the_run_and_their_losses_make_up_that_of_the_report",
    "training/test_intervals.py::test_mean_loss_is_the_same_with_any_number_of_threads",
    "training/test_needs.py::test_a_plan_refuses_with_the_numbers_of_training",
    "training/test_objectives.py::test_frozen_rows_stay_and_the_others_learn_from_them",
    "training/test_objectives.py::test_hierarchical_softmax_equals_its_twin",
    "training/test_objectives.py::test_subwords_equal_their_twin",
    "training/test_private_rows.py::test_planted_structure_is_learned_by_threads_with_private_rows",
    "training/test_subword_models.py::test_planted_structure_is_learned_with_subwords",
    "training/test_train.py::test_interrupt_stops_within_a_second_and_leaves_the_old_file",
    "training/test_train.py::test_planted_structure_is_learned_by_hierarchical_softmax",
    "training/test_windows.py::test_long_line_in_many_blocks_equals_the_twin",
    "training/test_windows.py::test_weights_equal_the_twin",
    "training/test_windows.py::test_windows_equal_the_twin",
}
# Modules that tests import if they are there, but that are not other programs to compare with.
NOT_INTEROP = {"hypothesis"} | sys.stdlib_module_names


@functools.cache
def optional_imports(path: Path) -> dict[str, set[str]]:
    """Modules that each function of a test file asks for by `pytest.importorskip`, by the name of the function."""
    found: dict[str, set[str]] = {}
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)
                     and isinstance(node.func, ast.Attribute) and node.func.attr == "importorskip"]
            if calls:
                found[function.name] = {str(ast.literal_eval(call.args[0])) for call in calls}
    return found


def needs_other_programs(path: Path, names: set[str]) -> bool:
    """Whether one of these functions, a test or its fixtures, imports another program."""
    modules = set().union(*(optional_imports(path).get(name, set()) for name in names))
    return any(module.split(".")[0] not in NOT_INTEROP for module in modules)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function):
            if f"{item.path.relative_to(TESTS).as_posix()}::{item.originalname}" in SLOW:
                item.add_marker("slow")
            if needs_other_programs(item.path, {item.originalname, *item.fixturenames}):
                item.add_marker("interop")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Function that runs one w2v command and returns its exit code, stdout and stderr."""
    from w2v import cli

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def phrase_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[list[str]], "Phrases"]:
    """A text, its phrase model, its sentences, and the model as an object."""
    from helpers import phrases_twin

    return phrases_twin.files_in(tmp_path_factory.mktemp("phrases"))
