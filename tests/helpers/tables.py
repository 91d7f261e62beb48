"""Tables in all formats, and what is read of them. pyarrow is imported where it is used, by tests that require it."""

import bz2
import gzip
import json
import lzma
from pathlib import Path
from typing import Any

from w2v.corpus.encode import encode
from w2v.corpus.encoded import EncodedCorpus
from w2v.corpus.paths import CorpusInput

TEXTS = ["red green blue", "", "green red\nblue blue", None, "x" * 50 + " é 我", " red  "] * 7
TOKENS = [["new york", "red"], [], ["green", None, "red", ""], None, ["blue"], ["blue", "red"]] * 7
NUMBERS = [[1, 2, 3], [], [2, None, 2**40], None, [7], [5, 6]] * 7

FORMATS = ("parquet", "arrow", "arrows", "csv", "tsv", "jsonl")
PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def read(corpus: Any, *, block_size: int = 1 << 19, threads: int = 2, **options: Any) -> EncodedCorpus:
    """Encode a corpus with options."""
    return encode(CorpusInput.of(corpus, options), min_count=1, threads=threads, block_size=block_size)


def found(corpus: Any, **options: Any) -> tuple[list[str], list[int]]:
    """The words and ids of a corpus."""
    encoded = read(corpus, **options)
    return encoded.vocabulary.words, encoded.ids.tolist()


def lines(corpus: Any, **options: Any) -> list[list[str]]:
    """The lines of a corpus that have words."""
    words, ids = found(corpus, **options)
    result: list[list[str]] = [[]]
    for one in ids:
        if one < 0:
            result.append([])
        else:
            result[-1].append(words[one])
    return result[:-1]


def write(path: Path, table: Any, **options: Any) -> Path:
    """Write a table in the format of the suffix of a path."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    form = path.suffix[1:]
    if form == "parquet":
        pa.parquet.write_table(table, path, **options)
    elif form in ("arrow", "arrows"):
        new = pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        size = options.pop("row_group_size", None)
        with new(path, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as file:
            file.write_table(table, size)
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in table.to_pylist()))
    else:
        pa.csv.write_csv(table, path, pa.csv.WriteOptions(delimiter="\t" if form == "tsv" else ","))
    return path


def as_text(path: Path, texts: list[str | None]) -> Path:
    """Write texts as a plain file, a line for each."""
    path.write_text("".join(f"{text}\n" for text in texts if text is not None), encoding="utf-8")
    return path


def as_sentences(rows: list[list[Any] | None]) -> list[list[Any]]:
    """Rows of lists as sentences: without what is missing."""
    return [[item for item in row if item is not None] for row in rows if row is not None]
