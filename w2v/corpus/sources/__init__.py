"""Sources of text: one module for each kind of corpus; `w2v.corpus.source` opens the right one."""
