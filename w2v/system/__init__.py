"""Files, resources, network and display: code that is independent of word vectors."""
