"""Phrases: words that occur together so often that they are joined to one word ("new_york", "bank_of_america").

Place in the data flow: a text -> `Phrases` -> joined words in lists of str, in another text, or before training
(`w2v.train(..., phrases=...)`). Names are those of gensim's Phrases where the meaning is the same.

>>> from w2v.phrases import ENGLISH_CONNECTOR_WORDS, Phrases
>>> phrases = Phrases("corpus.txt", min_count=5, threshold=10, connector_words=ENGLISH_CONNECTOR_WORDS)
>>> phrases["machine learning at the bank of america".split()]
['machine_learning', 'at', 'the', 'bank_of_america']
>>> phrases.save("phrases.tsv")
>>> model = w2v.train("corpus.txt", phrases="phrases.tsv")
"""

from w2v.phrases.encode import encode_joined, load_phrases
from w2v.phrases.frozen import FrozenPhrases, Phraser
from w2v.phrases.model import ENGLISH_CONNECTOR_WORDS, Phrases, learn
from w2v.phrases.report import PhraseReport

# Pickles name a class by this path, from which it must stay importable.
FrozenPhrases.__module__ = Phrases.__module__ = PhraseReport.__module__ = __name__

__all__ = ["ENGLISH_CONNECTOR_WORDS", "FrozenPhrases", "PhraseReport", "Phraser", "Phrases", "encode_joined", "learn",
           "load_phrases"]
