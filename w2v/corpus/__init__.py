"""Reading and encoding of a corpus: from any input to a vocabulary and int32 ids."""
