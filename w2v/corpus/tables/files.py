"""Opening of a table in a file, recognised by its content (Parquet, Arrow) or its name (CSV, JSON lines).

Place in the data flow: path -> `TableFile` -> `w2v.corpus.tables.table`.
"""

from __future__ import annotations

import os

from w2v.corpus.kinds import ARROW_FILE, ARROW_STREAM, HEAD_BYTES, PARQUET, known_kind
from w2v.corpus.tables.base import Content, TableFile
from w2v.corpus.tables.binary import ArrowFile, ArrowStream, ParquetFile
from w2v.corpus.tables.lines import CsvFile, JsonFile
from w2v.errors import FormatError
from w2v.system.remote import shown_path
from w2v.system.remote_store import is_http

SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
PACKED = (".gz", ".bz2", ".xz", ".zst")


def suffix_of(path: str) -> str:
    """Return the suffix that tells the format, without that of a compression, and without the query of an address."""
    name = path.lower()
    if is_http(name):
        name = name.partition("?")[0].partition("#")[0]
    for packed in PACKED:
        name = name.removesuffix(packed)
    return os.path.splitext(name)[1]


def open_file(place: str) -> TableFile:
    """Recognise a table at a path or an address.

    Raises
    ------
    FormatError : this is not a table.
    W2VError : the file cannot be read, or pyarrow is missing.
    """
    path = shown_path(place)
    with Content(place) as content:
        packed = content.reader.compression
        head = content.read(HEAD_BYTES)
    kind = known_kind(head)
    name = kind.name if kind else ""
    if name in (PARQUET, ARROW_FILE) and packed:
        raise FormatError(path, f"this is {name} in {packed}, which cannot be read at any position: decompress it "
                                "first; the format has a compression of its own")
    if name == PARQUET:
        return ParquetFile(place)
    if name == ARROW_FILE:
        return ArrowFile(place)
    if name == ARROW_STREAM:
        return ArrowStream(place)
    form = SUFFIXES.get(suffix_of(place))
    if form and kind is None:
        return JsonFile(place, head) if form == "json" else CsvFile(place, head, "\t" if form == "tsv" else ",")
    what = f"this is {name}" if name else "this is not a table"
    raise FormatError(path, f"{what}, but the name of a column was given; a table is Parquet, Arrow, CSV (.csv, .tsv) "
                            f"or JSON lines ({', '.join(sorted(s for s, f in SUFFIXES.items() if f == 'json'))})")
