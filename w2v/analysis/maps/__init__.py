"""Maps of words in two dimensions: `w2v.map`."""
