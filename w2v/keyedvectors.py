"""`KeyedVectors`: words and their vectors, with files, queries and evaluation; names and meanings as in gensim 4.

Place in the data flow: files and the trainer -> `KeyedVectors` -> answers. Its parts, each a class on top of the one
before: `w2v.vectors.table` (lookup), `w2v.vectors.similarity` (cosines of given words), `w2v.vectors.queries`
(searches), and here files, evaluation and gensim.

The matrix is held once, as it is stored (`w2v.formats.rows`), with only the lengths of its rows in addition. Searches
read it in tiles (`w2v.vectors.search`), so memory does not grow with the number of queries.

The cosine with a zero vector is 0. A row with NaN or infinity is broken: its cosines are NaN, and it is never an
answer.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, overload

import numpy as np

from w2v.errors import W2VError
from w2v.formats import read_vectors, write_vectors
from w2v.formats.registry import format_to_save
from w2v.formats.subwords import Subwords
from w2v.formats.vectorfile import FASTTEXT_BINARY
from w2v.types import Matrix, StrPath
from w2v.vectors.description import Described

if TYPE_CHECKING:
    from gensim.models import KeyedVectors as GensimKeyedVectors  # pyright: ignore[reportMissingImports]

    from w2v.evaluation.results import Evaluation, Result
    from w2v.evaluation.suite import Paths


class EvaluateOptions(TypedDict, total=False):
    """Keywords of `KeyedVectors.evaluate`; those of `w2v.evaluate`, which explains them."""

    analogies: Paths
    similarity: Paths
    degrees: Paths
    choices: Paths
    categories: Paths
    outliers: Paths
    sentences: Paths
    sessions: Paths
    links: Paths
    labels: Paths
    datasets: StrPath | None
    delimiter: str | None
    method: str | Sequence[str] | None
    methods: str | Sequence[str] | None
    restrict_vocab: int | None
    case_sensitive: bool
    case_insensitive: bool
    draws: int
    seed: int
    sentence_method: str | Sequence[str] | None
    known_edges: StrPath | None
    train_share: float
    splits: int


class KeyedVectors(Described):
    """Words with one vector each: load and save, look up, compare, search, evaluate.

    Parameters and attributes as in `w2v.vectors.table.Table`. Overview of the methods:

    ==============  ===================================================================================================
    files           `load`, `save`, `load_word2vec_format`, `save_word2vec_format`, `save_fasttext_format`, `to_gensim`
    lookup          `kv["word"]`, `"word" in kv`, `get_vector`, `get_index`, `key_to_index`, `get_vecattr`
    compare         `similarity`, `distances`, `n_similarity`, `doesnt_match`, `outliers`, `centroid`, `closer_than`,
                    `rank`, `wmdistance`
    search          `most_similar`, `most_similar_cosmul`, `most_similar_batch`, `most_similar_arrays`, `nearest`,
                    `neighbor_graph`, `index`
    texts           `tokenize`, `sentence_vectors`, `sentence_encoder`
    change, select  `add_vectors`, `subset`, `vectors_for_all`, `sort_by_descending_frequency`
    evaluate        `evaluate`, `evaluate_word_analogies`, `evaluate_word_pairs`
    describe        `to_dict`, `to_frame`
    ==============  ===================================================================================================

    Example
    -------
    >>> kv = KeyedVectors.load("vectors.bin")
    >>> kv["paris"].shape
    (300,)
    >>> kv.most_similar(positive=["king", "woman"], negative=["man"], topn=1)
    [('queen', 0.73)]
    >>> mine = KeyedVectors(["a", "b"], np.eye(2, dtype=np.float32), counts=[7, 5])
    >>> mine.save("mine.safetensors")
    """

    def to_gensim(self) -> GensimKeyedVectors:
        """Return a `gensim.models.KeyedVectors` over the same memory, for programs that need that class.

        float32 and float16 vectors are shared, other types are converted to float32. Counts and attributes are passed
        on, `subwords` are not. Where integers are keys, the keys there are of type int.

        Raises
        ------
        W2VError : gensim is not installed.
        """
        try:
            from gensim.models import KeyedVectors as Gensim  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise W2VError("to_gensim needs gensim: pip install 'w2v[gensim]'") from None
        theirs = Gensim(self.vector_size)
        keys = [_integer(word) for word in self.index_to_key] if self.integer_keys else list(self.index_to_key)
        theirs.index_to_key, theirs.key_to_index = keys, {key: row for row, key in enumerate(keys)}
        theirs.vectors, theirs.next_index = np.asarray(self.vectors), len(self)
        theirs.expandos = {**self._attributes, **({} if self.counts is None else {"count": self.counts})}
        return theirs

    # --- files -------------------------------------------------------------------------------------------------------

    @classmethod
    def load(
        cls, path: StrPath, limit: int | None = None, *, only: Iterable[str | int] | StrPath | None = None,
        dtype: str | None = None, mmap: bool | str | None = None, strict: bool = False, words: StrPath | None = None,
        tensor: str | None = None, part: str | None = None, encoding: str | None = None,
        unicode_errors: str | None = None, download: bool = False, sha256: str | None = None,
    ) -> KeyedVectors:
        """Read word vectors of any supported format, which is recognised from the content.

        The formats are word2vec binary and text, fastText `.bin` and `.vec`, GloVe, gensim's `save()`, NumPy `.npy`,
        the TensorBoard projector, and `.safetensors` of w2v and of other programs, such as model2vec and language
        models; plain, compressed with gzip, bzip2, xz or zstd, or the only file of vectors in a `.zip` or `.tar`.

        Parameters
        ----------
        path : a file or pipe, or a folder of model2vec or of the projector; with `download` also an address
            `https://...` or `hf://org/repo/file@revision`, which is fetched once and kept (`w2v.system.addresses`).
        limit : read only the first `limit` words of the file, >= 1; None for all. Files are usually in order of
            frequency.
        only : keep only these words: an iterable of str or integers, or the path of a file with one word per line.
        dtype : "float32", "float16", "bf16" or "int8", the type in memory: half or a quarter of the memory of float32.
            None keeps the type in the file.
        mmap : True maps the matrix from the disk, which needs `.safetensors` or `.npy`; False reads it into memory;
            None, or "r" as in gensim, maps it where possible. Mapped vectors are read-only.
        strict : refuse duplicate words, words with blanks or invalid UTF-8, NaN and infinity, a wrong number of words
            in the header, and unusual line ends; otherwise they are accepted or repaired, and counted in `report`.
        words : word list of a matrix that has no words in its file; None looks next to the file.
        tensor : name of the tensor with the words' rows in a `.safetensors` of another program; None for its only
            matrix, or one of the usual names.
        part : "words" or "docs", for gensim's `Doc2Vec`; None for the words.
        encoding : of the words, such as "latin-1", if it is not UTF-8.
        unicode_errors : what to do with words that are not valid in the encoding: "strict" (a UnicodeDecodeError),
            "ignore", "replace" and others of `bytes.decode`; None keeps their bytes as surrogate escapes.
        download : allow the use of the network.
        sha256 : checksum that the file must have; required for `https://`, and replaced by the revision in `hf://`.

        Returns
        -------
        KeyedVectors : with counts, metadata, output vectors and n-grams where the file has them.

        Raises
        ------
        FormatError : the file is broken or of an unknown format; gives the byte or line.
        W2VError : the file is missing or unreadable, cannot be mapped or downloaded, or needs more memory than is free.
        ValueError : an option out of range, or an option for addresses with a path.

        Example
        -------
        >>> kv = KeyedVectors.load("cc.en.300.bin", limit=200_000, dtype="float16")
        >>> kv = KeyedVectors.load("vectors.safetensors", mmap=True)
        >>> kv = KeyedVectors.load("glove.6B.100d.txt.gz", only=["king", "queen"])
        """
        from w2v.system.addresses import is_address, locate

        if is_address(path):
            path = locate(os.fspath(path), allowed=download, sha256=sha256)
        elif sha256 is not None or download:
            raise ValueError(f"download and sha256 are only for addresses, but {os.fspath(path)} is a path")
        if isinstance(mmap, str):
            if mmap != "r":
                raise ValueError(f'mmap must be True, False, None or "r", not {mmap!r}')
            mmap = None
        return cls.from_file(read_vectors(path, limit=limit, only=only, dtype=dtype, mmap=mmap, strict=strict,
                                          words=words, tensor=tensor, part=part, encoding=encoding,
                                          unicode_errors=unicode_errors))

    def save(
        self, path: StrPath, *, metadata: Mapping[str, str] | None = None, output_vectors: Matrix | None = None,
        dtype: str | None = None,
    ) -> None:
        """Write the vectors in the format of the suffix; the file appears complete or not at all.

        Parameters
        ----------
        path : `.bin` (word2vec binary), `.txt`, `.vec` and no suffix (word2vec text) keep words and vectors.
            `.safetensors` keeps everything, and so do `.kv` and other names that programs for gensim choose, unless the
            suffix belongs to another kind of file. `.gz`, `.bz2`, `.xz` or `.zst` after it compresses the file.
        metadata : text by name instead of the attribute `metadata`.
        output_vectors : (n, d) float32, to be saved too; `.safetensors` only.
        dtype : "float32", "float16", "bf16" or "int8" in `.safetensors`; None as in memory.

        Raises
        ------
        ValueError : suffix of another kind of file, wrong shape, or a word or type that the format cannot hold.
        W2VError : a vector contains NaN or infinity, or the file cannot be written.

        Example
        -------
        >>> kv.save("vectors.safetensors", dtype="int8")
        >>> kv.save("vectors.bin.gz")
        """
        write_vectors(path, self.index_to_key, self.rows, self.counts, format=format_to_save(path), dtype=dtype,
                      output_vectors=output_vectors, metadata=self.metadata if metadata is None else metadata,
                      subwords=self._stored_subwords(), integer_keys=self.integer_keys,
                      text_options=self.text_options)

    def save_fasttext_format(self, fname: StrPath, *, output_vectors: Matrix | None = None) -> None:
        """Write a model that fastText can load (`fasttext.load_model`), with the n-grams if there are any.

        Parameters
        ----------
        fname : the file, usually `.bin`. (`save` writes word2vec's format to `.bin`.)
        output_vectors : (n, d) float32 output matrix, or the (n - 1, d) nodes of hierarchical softmax; fastText needs
            it only to continue training.

        Raises
        ------
        ValueError, W2VError : as in `save`.
        """
        write_vectors(fname, self.index_to_key, self.rows, self.counts, format=FASTTEXT_BINARY, metadata=self.metadata,
                      output_vectors=output_vectors, subwords=self._stored_subwords())

    def _stored_subwords(self) -> Subwords | None:
        """Return the n-grams that files can hold; None for other sources of vectors, which are objects of a program."""
        return self.subwords if isinstance(self.subwords, Subwords) else None

    # --- evaluation --------------------------------------------------------------------------------------------------

    @overload
    def evaluate(
        self, suite: Literal["standard"] | None = None, **options: Unpack[EvaluateOptions]
    ) -> Evaluation: ...
    @overload
    def evaluate(self, suite: str, **options: Unpack[EvaluateOptions]) -> Result | Evaluation: ...
    @overload
    def evaluate(
        self, suite: list[str] | tuple[str, ...], **options: Unpack[EvaluateOptions]
    ) -> Evaluation: ...
    def evaluate(
        self, suite: str | Sequence[str] | None = None, **options: Unpack[EvaluateOptions]
    ) -> Result | Evaluation:
        """Evaluate the vectors on one set or several.

        Parameters
        ----------
        suite : the name or path of a set; a list of these; or "standard", all sets of `w2v datasets list` that are
            found. None: the sets of the options; "standard" if there are none.
        options : those of `w2v.evaluate`: sets by kind, such as `analogies` and `similarity`; `datasets`, folder with
            sets; `delimiter` of their fields; `method` of analogies; `restrict_vocab`, number of most frequent words
            among which analogies are answered; `case_sensitive`; `draws` and `seed` of the bootstrap intervals;
            `sentence_method`; `known_edges` of links; `train_share` and `splits` of labels.

        Returns
        -------
        The result of one set; an `Evaluation` for a list, for "standard", and for one set by several methods.

        Raises
        ------
        W2VError : the single set is not found, is broken, or has no known word. For several sets this is in the
            `failures` of the evaluation.
        ValueError : an option out of range.

        Warns
        -----
        UserWarning : broken lines of the single set are left out.

        Example
        -------
        >>> print(kv.evaluate())
        >>> print(kv.evaluate("google", restrict_vocab=None))
        """
        from w2v.evaluation.calls import run
        from w2v.evaluation.kinds import KINDS

        found = run(self, suite, **options)
        if not isinstance(suite, str) or suite == "standard" or not KINDS.keys().isdisjoint(options):
            return found
        for failure in found.failures:
            if not failure.scored:
                raise W2VError(failure.message)
            warnings.warn(failure.message, stacklevel=2)
        return found.results[0] if len(found.results) == 1 else found

    def evaluate_word_analogies(
        self, analogies: StrPath, restrict_vocab: int | None = 300_000, case_insensitive: bool = True,
        dummy4unknown: bool = False, similarity_function: str = "most_similar",
    ) -> tuple[float, list[dict[str, Any]]]:
        """Answer analogy questions, with the result in gensim's form; see also `w2v.evaluate.analogies`.

        Parameters
        ----------
        analogies : a file like Google's questions-words.txt.
        restrict_vocab : answer among the first `restrict_vocab` words; None for all.
        case_insensitive : compare words in upper case.
        dummy4unknown : count questions with unknown words as wrong; otherwise leave them out.
        similarity_function : "most_similar" (3CosAdd) or "most_similar_cosmul" (3CosMul).

        Returns
        -------
        accuracy over all sections, 0 to 1, and a dict per section: "section", and "correct" and "incorrect" lists of
        four words. The last one is "Total accuracy".

        Raises
        ------
        FormatError, W2VError : the file has no analogies or cannot be read.
        ValueError : another `similarity_function`.

        Warns
        -----
        UserWarning : broken lines are left out.
        """
        from w2v.evaluation.gensim_results import word_analogies

        return word_analogies(self, analogies, restrict_vocab, case_insensitive, dummy4unknown, similarity_function)

    def evaluate_word_pairs(
        self, pairs: StrPath, delimiter: str | None = None, encoding: str = "utf-8",
        restrict_vocab: int | None = 300_000, case_insensitive: bool = True, dummy4unknown: bool = False,
    ) -> tuple[tuple[float, float], tuple[float, float], float]:
        """Correlate cosines of word pairs with human scores, with the result in gensim's form.

        Parameters
        ----------
        pairs : a file of lines `word word score`.
        delimiter : between the columns; None recognises it.
        encoding : of the file.
        restrict_vocab, case_insensitive : as in `evaluate_word_analogies`.
        dummy4unknown : give pairs with an unknown word the cosine 0; otherwise leave them out.

        Returns
        -------
        ((Pearson, p), (Spearman, p), percentage of pairs with an unknown word). p is two-sided, by the normal
        approximation of Fisher's z, which is inexact for few pairs.

        Raises
        ------
        FormatError, W2VError : the file has no pairs or cannot be read, or no pair is known.
        ValueError : unknown `encoding`.

        Warns
        -----
        UserWarning : broken lines are left out.
        """
        from w2v.evaluation.gensim_results import word_pairs

        return word_pairs(self, pairs, delimiter, encoding, restrict_vocab, case_insensitive, dummy4unknown)


def _integer(word: str) -> str | int:
    """Return the integer whose decimal digits a word is, else the word."""
    return int(word) if word.removeprefix("-").isdecimal() and str(int(word)) == word else word
