"""Tables as a corpus: files of Parquet, Arrow, CSV and JSON lines, and objects with the Arrow interface."""
