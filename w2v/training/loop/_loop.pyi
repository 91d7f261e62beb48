from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from w2v.training.loop._copies import Copies
from w2v.training.loop._ngrams import Ngrams
from w2v.training.loop._progress import Progress
from w2v.training.loop._sampler import Sampler
from w2v.training.loop._tree import HuffmanTree
from w2v.training.loop.settings import LoopSettings

MERGED_AFTER: int
BLOCK_CENTRES: int

_Floats = npt.NDArray[np.float32]

class Tally(NamedTuple):
    trained: int
    subsampled: int
    loss_sum: float
    loss_pairs: int

class TrainingLoop:
    sampler: Sampler
    progress: Progress
    alpha: float
    min_alpha: float
    slice_steps: int
    def __init__(
        self, input_vectors: _Floats, output_vectors: _Floats, keep: npt.NDArray[np.uint32],
        sampler: Sampler, settings: LoopSettings, *,
        tree: HuffmanTree | None = None, ngrams: Ngrams | None = None, frozen: npt.NDArray[np.uint8] | None = None,
        anchors: tuple[_Floats, npt.NDArray[np.uint8]] | None = None,
    ) -> None: ...
    def alpha_at(self, words_done: int) -> float: ...
    def train(
        self, ids: npt.NDArray[np.int32], epoch: int, shard: int, line_weight: float = 1.0
    ) -> tuple[int, int]: ...
    def train_copies(
        self, ids: npt.NDArray[np.int32], epoch: int, shard: int, line_weight: float, copies: Copies,
        words_before: int, workers: int, counted: bool = True,
    ) -> Tally: ...
