"""`Sentences`: vectors of texts. Adds them to `Word2VecFiles`.

Place in the data flow: texts -> `w2v.vectors.sentence_encoder` -> one vector for each text.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy.typing as npt

from w2v.corpus_options import Tokenizer
from w2v.types import Matrix
from w2v.vectors.sentence_encoder import SentenceEncoder, Text, Weights
from w2v.vectors.sentence_means import SIF_A
from w2v.vectors.word2vec_files import Word2VecFiles


class Sentences(Word2VecFiles):
    """Words with one vector each, and vectors of texts; parameters and attributes as in `Table`."""

    def sentence_vectors(
        self, texts: Iterable[Text], weights: Weights = "mean", a: float = SIF_A, remove: int = 0, *,
        components: npt.ArrayLike | None = None, frequencies: str | npt.ArrayLike | None = None,
        pre_normalize: bool | None = None, tokenizer: Tokenizer | None = None,
    ) -> Matrix:
        """Return one vector for each text: the weighted mean of the vectors of its words.

        Words without a vector are left out; n-grams give vectors of unknown words where the model has them. The
        attribute `oov` may name another policy. `sentence_encoder(...).encode(texts)` also says how many words were
        left out.

        Parameters
        ----------
        texts : m texts; each a str, which `tokenize` splits by the stored text options (without them at white space),
            or a list of words or integers. An iterable is read once.
        weights : "mean" (1 for each word); "sif", a / (a + p) for a word of probability p, which makes frequent words
            count less; an array (n,), one for each row; or a function of the word. The sum of weight times vector is
            divided by the number of words whose weight is not 0. Words that are made of n-grams have p = 0, or the
            largest weight of an array.
        a : of "sif", above 0. Higher values are nearer to the mean.
        remove : number of first components (singular vectors, not centred) of all these sentence vectors that are
            removed from each; the paper of SIF removes 1. The result for a text then depends on the other texts; see
            `sentence_encoder` for a fixed set.
        components : (r, d), directions to remove instead, such as `encoder.components`.
        frequencies : for "sif": None for `counts`; "zipf" to estimate them from the order of the words; or an array
            (n,) of counts.
        pre_normalize : scale the vectors of words to length 1 first. None: as usual for the weights, False for "sif"
            (Arora et al.), else True (fastText, and `get_mean_vector`).
        tokenizer : the tokenizer of the training, as in `tokenize`.

        Returns
        -------
        (m, d) float32; zeros for a text without a known word.

        Raises
        ------
        TypeError : `texts` is one str, or an item is neither a str nor a list of keys; names it by its number.
        ValueError : an option is out of range, SIF without counts, or not more texts than components to remove.

        Warns
        -----
        UserWarning : texts without a known word.

        Source
        ------
        Arora, Liang & Ma 2017 (SIF); Joulin et al. 2017, fastText's `get_sentence_vector`, for the mean.

        Example
        -------
        >>> kv.sentence_vectors(["A dog barks.", "The cat is asleep."], weights="sif").shape
        (2, 100)
        """
        encoder = SentenceEncoder(self, weights=weights, a=a, frequencies=frequencies, pre_normalize=pre_normalize,
                                  components=components, tokenizer=tokenizer)
        if remove and components is not None:
            raise ValueError("remove and components contradict each other: give one of them")
        found = encoder.encode(texts, remove)
        if found.empty:
            warnings.warn(f"{found.empty:,} of {found.texts:,} texts have no known word: their vectors are zeros",
                          stacklevel=2)
        return found.vectors

    def sentence_encoder(
        self, texts: Iterable[Text] | None = None, weights: Weights = "mean", a: float = SIF_A, remove: int = 0, *,
        components: npt.ArrayLike | None = None, frequencies: str | npt.ArrayLike | None = None,
        pre_normalize: bool | None = None, tokenizer: Tokenizer | None = None,
    ) -> SentenceEncoder:
        """Return an encoder that treats texts of different calls alike.

        Parameters
        ----------
        texts : texts whose first `remove` components are removed from all that is encoded; None without `remove`.
        weights, a, remove, components, frequencies, pre_normalize, tokenizer : as in `sentence_vectors`.

        Raises
        ------
        TypeError, ValueError : as in `sentence_vectors`; `remove` without texts.

        Example
        -------
        >>> encoder = kv.sentence_encoder(many_texts, weights="sif", remove=1)
        >>> found = encoder.encode(["A dog barks."])
        >>> found.vectors.shape, found.unknown
        ((1, 100), 0)
        """
        encoder = SentenceEncoder(self, weights=weights, a=a, frequencies=frequencies, pre_normalize=pre_normalize,
                                  components=components, tokenizer=tokenizer)
        if (texts is None) != (not remove) or (remove and components is not None):
            raise ValueError("texts and remove belong together, without components: the components of the texts are "
                             "removed from all that is encoded")
        return encoder if texts is None else encoder.fit(texts, remove)
