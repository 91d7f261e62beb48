"""Old import path of `w2v.Word2Vec`, kept for existing programs and pickles."""

from w2v.compat.word2vec import Word2Vec as Word2Vec
from w2v.corpus.line_sentences import LineSentence as LineSentence
from w2v.corpus.line_sentences import PathLineSentences as PathLineSentences
