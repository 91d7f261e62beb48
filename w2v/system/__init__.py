"""Files, resources, network, display: what does not know word vectors."""
