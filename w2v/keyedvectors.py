"""`KeyedVectors`: words and their vectors, with lookup, neighbours and analogies; names and meanings as in gensim 4.

Place in the data flow: vectors -> queries. The matrix is held once, as it is stored (`w2v.formats.rows`): only the lengths of
its rows are kept beside it, and every search goes over tiles of it (`w2v.vectors.search`), so memory does not grow with the
number of queries. Lookup is in `w2v.vectors.table`, what needs no search in `w2v.vectors.queries`.

The cosine with a zero vector is 0. A row with a number that is not finite has no cosine: it is NaN, and such a row is
never the answer to a search.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from w2v.errors import W2VError
from w2v.formats import format_for, read_vectors, write_vectors
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import FASTTEXT_BINARY, SAFETENSORS, WORD2VEC_BINARY, WORD2VEC_TEXT, VectorFile
from w2v.types import Matrix, StrPath
from w2v.vectors.queries import Queries

if TYPE_CHECKING:
    from w2v.evaluation.results import Evaluation


class KeyedVectors(Queries):
    """Words with one vector each, and what can be asked of them; parameters and attributes as `w2v.vectors.table.Table`."""

    vectors_lockf: Any = np.broadcast_to(np.float32(1), 1)  # of gensim: 0 for words that `Word2Vec` leaves as they are

    def to_gensim(self) -> Any:
        """A `gensim.models.KeyedVectors` over the same memory (float32 and float16; the others become float32), for
        programs that ask for that class. Counts and attributes go along, `subwords` does not. Needs gensim."""
        try:
            from gensim.models import KeyedVectors as Gensim
        except ImportError:
            raise W2VError("to_gensim needs gensim: pip install 'w2v[gensim]'") from None
        theirs = Gensim(self.vector_size)
        theirs.index_to_key, theirs.key_to_index = list(self.index_to_key), dict(self.key_to_index)
        theirs.vectors, theirs.next_index = np.asarray(self.vectors), len(self)
        theirs.expandos = {**self._attributes, **({} if self.counts is None else {"count": self.counts})}
        return theirs

    # ------------------------------------------------------------------------------------------ files, evaluation

    @classmethod
    def load(
        cls, path: StrPath, limit: int | None = None, *, only: Iterable[str] | StrPath | None = None,
        dtype: str | None = None, mmap: bool | None = None, strict: bool = False, words: StrPath | None = None,
        download: bool = False, sha256: str | None = None,
    ) -> KeyedVectors:
        """Read vectors of any format that `w2v.formats.read_vectors` knows; options and errors as there.

        Parameters
        ----------
        path : a file; or, only with `download`, an address `https://...` or `hf://org/repo/file@revision`, which is
            fetched once and kept (`w2v.system.addresses`).
        download : permission to use the network.
        sha256 : what the file must have; an `https://` address needs it, for `hf://` a revision does.
        """
        from w2v.system.addresses import is_address, locate

        if is_address(path):
            path = locate(os.fspath(path), allowed=download, sha256=sha256)
        elif sha256 is not None or download:
            raise ValueError(f"download and sha256 are for addresses, and {os.fspath(path)} is a path")
        return cls.from_file(read_vectors(path, limit=limit, only=only, dtype=dtype, mmap=mmap, strict=strict,
                                          words=words))

    def intersect_word2vec_format(self, fname: StrPath, lockf: float = 0.0, binary: bool = False) -> None:
        """Take the vectors of the words that are known here from a file (of any format, also where `binary` is wrong);
        no word joins. In `Word2Vec`, 0 as `lockf` keeps them from changing, 1 lets them learn on.

        Raises
        ------
        ValueError : the dimension is another.
        """
        file = read_vectors(fname)
        if file.rows.shape[1] != self.vector_size:
            raise ValueError(f"{file.source}: these vectors have {self.vector_size} dimensions")
        index = self.key_to_index
        pairs = [(index[word], place) for place, word in enumerate(file.words) if word in index]
        rows, places = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        factors = np.broadcast_to(np.asarray(self.vectors_lockf, dtype=np.float32), len(self)).copy()
        self.rows[rows], factors[rows] = file.rows[places], lockf
        self.vectors_lockf = factors
        self.fill_norms(force=True)

    @classmethod
    def from_file(cls, file: VectorFile) -> KeyedVectors:
        kv = cls(file.words, file.rows, file.counts, source=file.source, distinct=True)
        kv.metadata, kv.report, kv.subwords = file.metadata, file.report, file.subwords
        kv.output_vectors = file.output_vectors
        return kv

    @classmethod
    def load_word2vec_format(cls, fname: StrPath, binary: bool = False, limit: int | None = None) -> KeyedVectors:
        """As `load`; `binary` is accepted for gensim's sake and not needed: the content says what it is."""
        return cls.load(fname, limit)

    def save(
        self, path: StrPath, *, metadata: dict[str, str] | None = None, output_vectors: Matrix | None = None,
        dtype: str | None = None,
    ) -> None:
        """Write in the format of the suffix: .bin, .txt, .vec or .safetensors; errors as `write_vectors`."""
        own = format_for(path) == SAFETENSORS
        write_vectors(path, self.index_to_key, self.rows, self.counts, dtype=dtype, output_vectors=output_vectors,
                      metadata=self.metadata if metadata is None else metadata,
                      subwords=self.subwords if own and isinstance(self.subwords, Subwords) else None)

    def save_word2vec_format(self, fname: StrPath, binary: bool = False) -> None:
        write_vectors(fname, self.index_to_key, self.rows, format=WORD2VEC_BINARY if binary else WORD2VEC_TEXT)

    def save_fasttext_format(self, fname: StrPath, *, output_vectors: Matrix | None = None) -> None:
        """Write a model that fastText loads (`fasttext.load_model`), with the n-grams if there are any; `save` writes
        word2vec's format where the suffix is `.bin`. `output_vectors` (n, d) serve fastText to go on training."""
        write_vectors(fname, self.index_to_key, self.rows, self.counts, format=FASTTEXT_BINARY, metadata=self.metadata,
                      output_vectors=output_vectors,
                      subwords=self.subwords if isinstance(self.subwords, Subwords) else None)

    @overload
    def evaluate(self, suite: str, **options: Any) -> Any: ...
    @overload
    def evaluate(self, suite: Sequence[str], **options: Any) -> Evaluation: ...
    def evaluate(self, suite: str | Sequence[str] = "standard", **options: Any) -> Any:
        """Evaluate on one set, by name or path (`kv.evaluate("google")`): its result; or on a list of them, on
        "standard", or by several methods: an `Evaluation`. Options as `w2v.evaluate`.

        Raises
        ------
        W2VError : the one set is not found, is broken, or has no known word. With several sets this is in the
        `failures` of the evaluation.
        """
        from w2v import evaluate

        found = evaluate.run(self, suite, **options)
        if not isinstance(suite, str) or suite == "standard":
            return found
        if found.failures:
            raise W2VError(found.failures[0].message)
        return found.results[0] if len(found.results) == 1 else found

    def evaluate_word_analogies(
        self, analogies: StrPath, restrict_vocab: int | None = 300_000, case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[float, list[dict[str, Any]]]:
        """Accuracy and questions by section in gensim's form; `w2v.evaluate.analogies` gives the table.

        Returns
        -------
        accuracy of all sections, and a dict a section: "section", "correct" and "incorrect" lists of four words; the
        last one is "Total accuracy". With `dummy4unknown` questions with unknown words are wrong, otherwise left out.
        """
        from w2v.evaluation.gensim_results import word_analogies

        return word_analogies(self, analogies, restrict_vocab, case_insensitive, dummy4unknown)

    def evaluate_word_pairs(
        self, pairs: StrPath, delimiter: str | None = None, restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True, dummy4unknown: bool = False,
    ) -> tuple[tuple[float, float], tuple[float, float], float]:
        """((Pearson, p), (Spearman, p), percentage of pairs with an unknown word), as gensim returns it.

        `p` is two-sided, by the normal approximation of Fisher's z: good to read, not for publication with few pairs.

        Raises
        ------
        W2VError : no pair is known.
        """
        from w2v.evaluation.gensim_results import word_pairs

        return word_pairs(self, pairs, delimiter, restrict_vocab, case_insensitive, dummy4unknown)
