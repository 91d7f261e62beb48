"""w2v: train, load, query and evaluate word vectors."""

from w2v._version import __version__

__all__ = ["__version__"]
