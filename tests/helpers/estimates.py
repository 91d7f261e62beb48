"""A text for estimates and plans, and its true numbers."""

from pathlib import Path

from helpers import zipf
from w2v.corpus.encode import encode
from w2v.corpus.estimate.estimate import TextEstimate
from w2v.corpus.estimate.sample import take_sample
from w2v.planning.plan import MIN_COUNTS


def write_text(folder: Path) -> Path:
    """Write 600,000 words with the frequencies of a language."""
    path = folder / "corpus.txt"
    path.write_bytes(zipf.text(600_000))
    return path


def true_vocabulary(corpus: Path) -> dict[int, int]:
    """The number of distinct words by min_count."""
    counts = encode(corpus, min_count=1).vocabulary.counts
    return {least: int((counts >= least).sum()) for least in MIN_COUNTS}


def estimate(path: Path | list[Path], **options: float) -> TextEstimate:
    """Estimate a text from a sample, without a time limit that a machine could reach."""
    return TextEstimate(take_sample(path, seconds=60.0, **options))  # type: ignore[arg-type]
