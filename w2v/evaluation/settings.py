"""Options of an evaluation.

Place in the data flow: options of `w2v.evaluate` or of the command line -> `Settings` -> the measure of each kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from w2v.evaluation.sets.links import KnownEdges
from w2v.evaluation.statistics.bootstrap import DRAWS, SEED

SENTENCE_METHODS = ("mean", "sif", "sif-1")  # `w2v.evaluation.measures.sentences`
RESTRICT_VOCAB = 30_000  # candidates of an analogy by default, as in word2vec's compute-accuracy
TRAIN_SHARE = 0.5  # of the labelled nodes
SPLITS = 10


@dataclass(frozen=True)
class Settings:
    """Options of an evaluation.

    Attributes
    ----------
    methods : analogy methods, of `w2v.evaluation.measures.analogies.METHODS`.
    restrict_vocab : how many of the most frequent words are candidates of an analogy, 1 or more; None for all words.
        Kinds that do not search the vocabulary use all words.
    case_insensitive : whether words are compared in upper case.
    draws : number of bootstrap replicates, 0 for no intervals.
    seed : of the bootstrap, of k-means, of LRCos, of pairs that are no edges, and of the splits of labelled nodes.
    sentence_methods : methods that make vectors of sentences, of SENTENCE_METHODS.
    known_edges : edges that are not drawn as pairs without a link, and whose nodes are no candidates; None for none.
    train_share : share of the labelled nodes from which labels are learned, above 0 and below 1.
    splits : number of random splits of the labelled nodes, 1 or more.
    """

    methods: tuple[str, ...] = ("3cosadd",)
    restrict_vocab: int | None = RESTRICT_VOCAB
    case_insensitive: bool = True
    draws: int = DRAWS
    seed: int = SEED
    sentence_methods: tuple[str, ...] = SENTENCE_METHODS
    known_edges: KnownEdges | None = field(default=None, compare=False)
    train_share: float = TRAIN_SHARE
    splits: int = SPLITS

    def __post_init__(self) -> None:
        if not 0 < self.train_share < 1:
            raise ValueError(f"train_share = {self.train_share} is out of range: above 0 and below 1")
        if self.splits < 1:
            raise ValueError(f"splits = {self.splits} is out of range: 1 or more")


DEFAULTS = Settings()
