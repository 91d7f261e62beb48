"""`Table`: words with one vector each, and their lookup.

Place in the data flow: files and the trainer -> words and `w2v.formats.rows` -> `Table`, the base of `KeyedVectors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from w2v.corpus.segmenter import words_of_text
from w2v.corpus_options import TextOptions, Tokenizer
from w2v.formats.keys import Key, as_key, integer_of, integers_of, is_key
from w2v.formats.rows import Rows
from w2v.types import Counts, Indices, Matrix, Scores
from w2v.vectors.lengths import Lengths, row_lengths, unit_length
from w2v.vectors.lookup import Lookup, Oov, SubwordSource


class Table:
    """Words with one vector each.

    Parameters
    ----------
    words : n distinct words, or integers of any type, by falling count where counts are known.
    vectors : (n, d) float32 or float16, or `Rows` of any stored type; may be strided (padded rows). Kept, not copied.
    counts : (n,) int64, occurrences of each word, or None.
    source : one line that says where the vectors come from.
    vector_size : given alone (or as the first argument, as in gensim) it makes an empty object, to be filled with
        `add_vectors`.
    distinct : the words are known to be distinct and to be str, and are not checked; a list is then kept, and words
        that are added are appended to it. Otherwise it is copied.

    Attributes
    ----------
    rows : (n, d) `Rows`, the vectors as they are stored.
    integer_keys : whether integers are keys: True for a vocabulary that was learned from integers, read from a file
        with integer keys, or made of integers here. An integer of any type then is the word of its decimal digits
        (`kv[5]` is `kv["5"]`), and never the number of a row. Words of answers and of `index_to_key` are always str.
        It may be set, for example for vectors in a text file, which cannot say that its words are integers.
    text_options : `TextOptions` of the corpus, how its text became words; None if words are what is between white
        space, or if that is not known. Set by training and kept by `.safetensors`. A key that is not a word, but of
        which these options make exactly one word, stands for that word in `kv[key]`, `key in kv` and all other methods:
        `kv["King"]` is `kv["king"]` after training with lower case. Words that are added are taken as they are.
        `key_to_index` has the words only.
    counts, source : as given.
    metadata : text by name, from the file or the training.
    oov : policy for unknown words: "error" (UnknownWordError), "skip" (left out of a list), "zero" (a zero vector),
        "nearest" (the known word with the nearest spelling), or a function of the word that returns a vector (d,),
        another word, or None to leave it out.
    output_vectors : (n, d) float32, the output matrix of the training (syn1neg elsewhere), or None. Words that are
        added have zeros there, as before training.

    Raises
    ------
    ValueError : the shapes do not fit, or a word occurs twice.
    """

    rows: Rows

    def __init__(
        self, words: Sequence[Key] | int = (), vectors: npt.ArrayLike | Rows | None = None,
        counts: npt.ArrayLike | None = None, *, source: str = "", vector_size: int | None = None,
        distinct: bool = False,
    ) -> None:
        if (size := integer_of(words)) is not None:
            vector_size, words = size, ()
        assert not isinstance(words, int)
        if vectors is None:
            if len(words) or vector_size is None:
                raise ValueError(f"{len(words)} words need vectors; for an empty object pass only vector_size")
            vectors = np.empty((0, vector_size), dtype=np.float32)
        if not isinstance(vectors, Rows) and np.ndim(vectors) != 2:
            raise ValueError(f"vectors must have two dimensions (words, numbers), not shape {np.shape(vectors)}")
        self.rows = Rows.of(vectors)
        self._lookup = Lookup(words, self.rows.shape[1], distinct)
        self.counts: Counts | None = None if counts is None else np.asarray(counts, dtype=np.int64)
        self.source = source
        self.metadata: dict[str, str] = {}
        self._report: dict[str, int] = {}
        self.output_vectors: Matrix | None = None
        self.oov: Oov = "error"
        n = len(self.index_to_key)
        if len(self.rows) != n:
            raise ValueError(f"{n} words need vectors of shape ({n}, d), not {self.rows.shape}")
        if self.counts is not None and self.counts.shape != (n,):
            raise ValueError(f"counts of shape {self.counts.shape} do not fit {n} words")
        self._attributes: dict[str, npt.NDArray[Any]] = {}  # `w2v.vectors.attributes`
        self._lengths: Lengths | None = None

    # --- words and rows ----------------------------------------------------------------------------------------------

    @property
    def index_to_key(self) -> list[str]:
        """Word of each row."""
        return self._lookup.words

    @property
    def index_to_integer(self) -> Indices:
        """(n,) int64, the integer of each row, where integers are keys.

        Raises
        ------
        ValueError : integers are no keys here (`integer_keys`), or a word is no integer of 64 bits.
        """
        if not self.integer_keys:
            raise ValueError("these words are text: integer_keys is False")
        return integers_of(self.index_to_key)

    @property
    def key_to_index(self) -> dict[str, int]:
        """Row of each word; built on first use. Unlike `key in kv` it has no other spelling that `text_options` allow.
        """
        return self._lookup.index

    @property
    def integer_keys(self) -> bool:
        """Whether integers are keys; see the class."""
        return self._lookup.integer_keys

    @integer_keys.setter
    def integer_keys(self, integer_keys: bool) -> None:
        self._lookup.integer_keys = integer_keys

    @property
    def text_options(self) -> TextOptions | None:
        """How the text became words; see the class."""
        return self._lookup.text_options

    @text_options.setter
    def text_options(self, text_options: TextOptions | None) -> None:
        if not isinstance(text_options, TextOptions | None):
            raise TypeError(f"text_options must be TextOptions or None, not {text_options!r:.80}")
        self._lookup.text_options = text_options

    def tokenize(self, text: str, *, tokenizer: Tokenizer | None = None) -> list[str]:
        """Return the words of a text as training would see them, by `text_options`; known and unknown ones.

        Parameters
        ----------
        text : one line or more. Without `text_options` words are what is between ASCII white space.
        tokenizer : the tokenizer of the training, which vectors from a file know only by its name.

        Raises
        ------
        ValueError : the words were made by a tokenizer, which has to be passed; or they were not.
        TypeError : `text` is not a str; or the tokenizer returns something else than words.

        Example
        -------
        >>> kv = w2v.train("raw.txt", lowercase=True, tokenize="words").wv
        >>> kv.tokenize("The King's speech.")
        ["the", "king's", "speech"]
        >>> kv.get_mean_vector(kv.tokenize("The King's speech."))
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {text!r:.80}")
        return words_of_text(text, self._options_of_text(tokenizer))

    def _options_of_text(self, tokenizer: Tokenizer | None) -> TextOptions:
        """Return how a text becomes words; parameters and errors as in `tokenize`."""
        options = self.text_options or TextOptions()
        if tokenizer is None:
            return options
        if options.tokenizer is None:
            raise ValueError("the words of these vectors were not made by a tokenizer: leave out tokenizer=")
        return replace(options, tokenizer=tokenizer)

    @property
    def subwords(self) -> SubwordSource | None:
        """Source of vectors for words outside the vocabulary; None for most models."""
        return self._lookup.subwords

    @subwords.setter
    def subwords(self, subwords: SubwordSource | None) -> None:
        self._lookup.subwords = subwords

    @property
    def report(self) -> dict[str, int]:
        """Flaws of the file that were repaired, by name, with their number.

        "not_finite" counts the words with NaN, infinity or too large numbers in their vectors, for which the lengths of
        all rows are computed.
        """
        if broken := len(self.fill_norms().broken):
            self._report["not_finite"] = broken
        return self._report

    @report.setter
    def report(self, report: dict[str, int]) -> None:
        self._report = report

    @property
    def vectors(self) -> npt.NDArray[Any] | Rows:
        """(n, d) float32 or float16 array; for bf16 and int8 the `Rows`, which are read as float32.

        After a change in place call `fill_norms(force=True)`. Mapped vectors are read-only; `kv.vectors =
        kv.vectors.copy()` reads them into memory, where they can be changed.
        """
        return self.rows.data if self.rows.dtype_name in ("float32", "float16") else self.rows

    @vectors.setter
    def vectors(self, vectors: npt.ArrayLike | Rows) -> None:
        rows = Rows.of(vectors)
        if rows.shape != self.rows.shape:
            raise ValueError(f"these words have vectors of shape {self.rows.shape}, not {rows.shape}")
        self.rows, self._lengths = rows, None

    @property
    def vector_size(self) -> int:
        """Numbers per vector, d."""
        return self.rows.shape[1]

    @property
    def norms(self) -> Scores:
        """(n,) float32 lengths of the rows; 1 for a zero vector, so that division is safe."""
        return self.fill_norms().norms

    def fill_norms(self, force: bool = False) -> Lengths:
        """Compute the lengths of the rows if necessary, and return them.

        Parameters
        ----------
        force : compute them again, after the vectors were changed in place.
        """
        lengths = self._lengths  # read once: another thread may compute them too, or drop them
        if lengths is None or force:
            lengths = self._lengths = row_lengths(self.rows)
        return lengths

    def _own_rows(self) -> Rows:
        """Return the rows, to be changed in place. Mapped ones are copied into memory first.

        They are a new object, from which an approximate index notices the change. Lengths are computed again.
        """
        data, scale = self.rows.data, self.rows.scale
        if data.flags.writeable and (scale is None or scale.flags.writeable):
            self.rows = Rows(data, scale)
        else:
            self.rows = self.rows.take(slice(0, len(self.rows)))
        self._lengths = None
        return self.rows

    def __len__(self) -> int:
        """Number of words."""
        return len(self.index_to_key)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the words."""
        return iter(self.index_to_key)

    def __contains__(self, key: object) -> bool:
        """Whether a key has a vector: it is known, or `subwords` can make one."""
        return self._lookup.has_vector(key)

    def has_index_for(self, key: object) -> bool:
        """Return whether a key has a row."""
        return self._lookup.find(key) is not None

    def get_index(self, key: Key, default: int | None = None) -> int:
        """Return the row of a key.

        Parameters
        ----------
        key : a word, or an integer of any type: a word where integers are keys (`integer_keys`), otherwise a row.
        default : for a key without a row.

        Raises
        ------
        UnknownWordError : (a KeyError) there is no such word or row, and no default.
        TypeError : the key is neither a str nor an integer.
        """
        return self._lookup.row(key, default)

    def __getitem__(self, key: Key | Sequence[Key]) -> Matrix:
        """Return the vector (d,) of a key, or the vectors (k, d) of a list of keys, as float32."""
        return self.get_vector(key) if is_key(key) else self.get_vectors(cast("Sequence[Key]", key))

    def get_vector(self, key: Key, norm: bool = False, *, oov: Oov | None = None) -> Matrix:
        """Return the vector of a key: (d,) float32, read-only.

        Parameters
        ----------
        key : a word, or an integer of any type: a word where integers are keys (`integer_keys`), otherwise a row.
        norm : scale the vector to length 1.
        oov : policy for an unknown word instead of the attribute `oov`; "skip" is an error here.

        Raises
        ------
        UnknownWordError : (a KeyError) the key has no vector.
        TypeError : the key is neither a str nor an integer.
        """
        item = self._lookup.resolve(key, self.oov if oov is None else oov)
        if item is None:
            raise self._lookup.unknown(as_key(key))
        if isinstance(item, int):
            vector = self._unit_rows([item])[0] if norm else self.rows[item]
        else:
            vector = unit_length(item) if norm else item[:]  # a view: the array that a function returned stays writable
        vector.flags.writeable = False
        return vector

    def get_vectors(self, keys: Sequence[Key], norm: bool = False, *, oov: Oov | None = None) -> Matrix:
        """Return the vectors of a list of keys: (k, d) float32, without the words that the policy leaves out.

        Parameters and errors as in `get_vector`; "skip" is allowed here.
        """
        return self._gather(keys, norm, self.oov if oov is None else oov)[1]

    def _gather(
        self, keys: Sequence[Key | npt.NDArray[Any]], norm: bool, oov: Oov
    ) -> tuple[list[int], Matrix]:
        """Return the positions in `keys` that have a vector, and the vectors (k, d).

        Vectors among the keys are taken as they are; with `norm` those of words are scaled to length 1.
        """
        if isinstance(keys, bytearray) or is_key(keys):
            raise TypeError(f"keys must be a list of words or integers, not {keys!r}")
        positions: list[int] = []
        rows: list[int] = []  # of each vector; -1 if it has none
        made: dict[int, Matrix] = {}
        for position, key in enumerate(keys):
            item = self._lookup.resolve(key, oov) if is_key(key) else np.asarray(key, dtype=np.float32)
            if item is None:
                continue
            if not isinstance(item, int):
                if item.shape != (self.vector_size,):
                    raise ValueError(f"a vector of shape {item.shape} does not fit dimension {self.vector_size}")
                made[len(rows)] = unit_length(item) if norm and is_key(key) else item
            rows.append(item if isinstance(item, int) else -1)
            positions.append(position)
        vectors = np.empty((len(rows), self.vector_size), dtype=np.float32)
        known = np.array(rows, dtype=np.int64) >= 0
        own = np.array(rows, dtype=np.int64)[known]
        vectors[known] = self._unit_rows(own) if norm else self.rows[own]
        for place, vector in made.items():
            vectors[place] = vector
        return positions, vectors

    def _unit_rows(self, indices: Sequence[int] | Indices) -> Matrix:
        rows = self.rows[np.asarray(indices, dtype=np.int64)]
        with np.errstate(invalid="ignore", over="ignore"):
            rows *= self.fill_norms().inverse[indices, None]
        return rows

    def get_normed_vectors(self) -> Matrix:
        """Return a copy of all vectors scaled to length 1: (n, d) float32."""
        return self._unit_rows(np.arange(len(self)))
