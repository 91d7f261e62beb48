"""The table of objectives: names, rows, untrained loss, and the losses of the records against the reference."""

import math

import numpy as np
import pytest

import w2v
from w2v.config import TrainConfig
from w2v.corpus.vocabulary import Vocabulary
from w2v.training import reference
from w2v.training.objectives.layout import layout_of
from w2v.training.objectives.table import OBJECTIVES, objective_of

CONFIGS = [TrainConfig(sg=sg, hs=hs, negative=negative) for sg in (True, False)
           for hs, negative in ((False, 5), (True, 0), (True, 5))]


def name(config):
    return config.objective


def test_table_has_a_row_for_each_configuration():
    assert sorted(OBJECTIVES) == sorted({config.objective for config in CONFIGS}) and len(OBJECTIVES) == 6
    for key, objective in OBJECTIVES.items():
        assert objective.name == key


@pytest.mark.parametrize("config", CONFIGS, ids=name)
def test_rows_are_those_that_the_model_has(config):
    words = [f"w{k}" for k in range(30)]
    layout = layout_of(config, Vocabulary.from_words(words, range(60, 30, -1)))
    model = w2v.train([words] * 20, vector_size=8, sg=config.sg, hs=config.hs, negative=config.negative, min_count=1,
                      epochs=1, progress=False)
    sizes = {key: rows.stop - rows.start for key, rows in layout.outputs.items()}
    assert sizes.get("output_vectors", 0) == (30 if config.negative else 0) and layout.input_rows == 30
    assert sizes.get("nodes", 0) == (29 if config.hs else 0) == (len(model.node_vectors) if config.hs else 0)
    assert layout.output_rows == sum(sizes.values()) and len(model.output_vectors) == [*sizes.values()][-1]
    parts = layout.parts(np.zeros((30, 16), np.float32), np.zeros((layout.output_rows, 16), np.float32))
    assert {key: len(rows) for key, rows in parts.items()} == {"vectors": 30, **sizes}


def test_parts_of_one_word_have_rows():
    layout = layout_of(TrainConfig(hs=True, negative=0), Vocabulary.from_words(["a"], [9]))
    parts = layout.parts(np.zeros((1, 16), np.float32), np.zeros((layout.output_rows, 16), np.float32))
    assert layout.output_rows == 1 and list(parts) == ["vectors"]


@pytest.mark.parametrize("config", CONFIGS, ids=name)
def test_untrained_loss_counts_the_decisions_of_a_pair(config):
    """With equal counts every path in the tree of 32 words has 5 nodes."""
    vocabulary = Vocabulary.from_words([f"w{k:02}" for k in range(32)], [7] * 32)
    negatives = 0 if not config.negative else 1 + (5 if config.hs else 6)
    expected = math.log(2) * ((5 if config.hs else 0) + negatives)
    assert layout_of(config, vocabulary).untrained_loss == pytest.approx(expected)


@pytest.mark.parametrize("config", [config for config in CONFIGS if objective_of(config).held_out], ids=name)
def test_held_out_scores_are_those_of_the_reference_step(config):
    """The step changes output rows by minus the learning rate times the derivative of the loss of these scores."""
    rng = np.random.default_rng(3)
    inputs, outputs = rng.normal(size=(2, 9, 8))
    contexts, rows, alpha = [1, 4, 6], [2, 0, 7, 8], 1e-3
    objective = objective_of(config)

    def loss(matrix):
        x = objective.scores(inputs[contexts], matrix[rows])
        return np.logaddexp(0, x * [-1, 1, 1, 1]).sum()

    after = outputs.copy()
    objective.inputs.reference(inputs.copy(), after, contexts, rows, alpha)
    for row, column in [(2, 0), (0, 3), (8, 7)]:
        step = np.zeros_like(outputs)
        step[row, column] = 1e-6
        derivative = (loss(outputs + step) - loss(outputs - step)) / 2e-6
        assert (after - outputs)[row, column] == pytest.approx(-alpha * derivative, rel=1e-4)


def test_reference_of_each_input_layer_is_a_step_of_the_reference():
    assert {objective.inputs.reference for objective in OBJECTIVES.values()} == {reference.train_window,
                                                                                 reference.train_cbow}
