"""Training of word vectors; see README.md in this folder."""
