"""Old import path of `w2v.Word2Vec`, kept for existing programs and pickles."""

from w2v.compat.word2vec import Word2Vec as Word2Vec
