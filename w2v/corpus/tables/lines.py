"""Tables in text files: CSV, TSV and JSON lines, plain or compressed.

Place in the data flow: used by `w2v.corpus.tables.files`. The readers are those of pyarrow, which use several threads.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from w2v.corpus.kinds import reject_other_kinds
from w2v.corpus.tables.arrow import arrow, brief, damage
from w2v.corpus.tables.base import Content, TableFile
from w2v.errors import FormatError

CSV_BLOCK = 4 << 20  # bytes that become a batch; a row cannot be longer. pyarrow reads up to 32 blocks ahead
JSON_BLOCK = 4 << 20
JSON_PART = 1 << 20  # bytes of a block that a thread parses
LONGEST_LINE = 256 << 20
HEADER_BYTES = 1 << 20
JSON_HEAD = 1 << 16  # bytes from which the types are found
DELIMITERS = (",", "\t", ";", "|")
_MARK = b"\xef\xbb\xbf"


class CsvFile(TableFile):
    """CSV or TSV with a header. Values may be quoted (RFC 4180), and quoted values may have line ends.

    Where the usual delimiter gives one column, another one that gives several is used.
    """

    position: int

    def __init__(self, place: str, head: bytes, delimiter: str) -> None:
        super().__init__(place)
        reject_other_kinds(self.path, head)
        self._delimiter = delimiter

    def _read_types(self) -> dict[str, Any]:
        with Content(self.place) as content:
            text = content.read(HEADER_BYTES).removeprefix(_MARK).decode("utf-8", "replace")
        if not text.strip():
            raise FormatError(self.path, "the file is empty: a table begins with the names of its columns")
        rows = {delimiter: self._header(text, delimiter)
                for delimiter in dict.fromkeys((self._delimiter, *DELIMITERS))}
        if len(rows[self._delimiter]) == 1:
            self._delimiter = max(rows, key=lambda delimiter: len(rows[delimiter]))
        names = rows[self._delimiter]
        return {name: arrow().string() if names.count(name) == 1 else None for name in names}

    def _header(self, text: str, delimiter: str) -> list[str]:
        try:
            return next((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row), [])
        except csv.Error as error:
            raise FormatError(self.path, f"the header cannot be read: {error}", line=1) from error

    def batches(self, columns: Sequence[str], texts: Sequence[str] = ()) -> Iterator[Any]:
        module, pa = arrow("csv"), arrow()
        assert self.types  # finds the delimiter
        with Content(self.place) as content:
            plain = content.reader is content.raw and not self.is_remote
            file = pa.OSFile(self.place) if plain else pa.PythonFile(content, "r")
            with self._errors():
                reader = module.open_csv(
                    file, module.ReadOptions(block_size=CSV_BLOCK),
                    module.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
                    module.ConvertOptions(include_columns=list(columns), check_utf8=False,
                                          column_types={name: pa.string() for name in texts}))
            number = 0
            while True:
                try:
                    with self._errors():
                        batch = reader.read_next_batch()
                except StopIteration:
                    break
                number += 1
                packed = 1.0 if plain else content.raw.position / max(content.offset, 1)
                self.position = max(self.position, min(int(number * CSV_BLOCK * packed), self.size))
                yield batch
        self.position = self.size

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with damage(self.path, "the CSV"):
                yield
        except FormatError as error:
            if "straddl" not in error.problem:
                raise
            raise FormatError(self.path, f"a row of more than {CSV_BLOCK >> 20} MiB, which is the limit of CSV: is a "
                                         "quotation mark not closed?") from error


class JsonFile(TableFile):
    """JSON lines: an object on each line. The types are those of the first lines."""

    position: int

    def __init__(self, place: str, head: bytes) -> None:
        super().__init__(place)
        reject_other_kinds(self.path, head)
        if head.removeprefix(_MARK).lstrip()[:1] == b"[":
            raise FormatError(self.path, "this is a JSON array; JSON lines have an object on each line: "
                                         "jq -c '.[]' FILE > NEW.jsonl")

    def _read_types(self) -> dict[str, Any]:
        pa = arrow()
        with Content(self.place) as content:
            first, _ = next(self._chunks(content, JSON_HEAD), (b"", 0))
        if not first.strip():
            raise FormatError(self.path, "the file is empty")
        schema = self._parsed(first, 0, None).schema
        with damage(self.path, "the names of the columns"):
            return {name: _text_if_unsure(pa, schema.field(name).type) for name in schema.names}

    def batches(self, columns: Sequence[str], texts: Sequence[str] = ()) -> Iterator[Any]:
        schema = arrow().schema([(name, self.types[name]) for name in columns])
        with Content(self.place) as content:
            for chunk, offset in self._chunks(content, JSON_BLOCK):
                self.position = content.raw.position
                yield from self._parsed(chunk, offset, schema).to_batches()
        self.position = self.size

    def _chunks(self, content: Content, size: int) -> Iterator[tuple[bytes, int]]:
        """Yield complete lines, and the byte of the content at which they begin."""
        rest, offset = b"", 0
        while data := content.read(size):
            whole = rest + data if rest else data
            end = whole.rfind(b"\n") + 1
            if end:
                if whole[:end].strip():
                    yield whole[:end], offset
                offset += end
            elif len(whole) > LONGEST_LINE:
                raise FormatError(self.path, f"a line of more than {LONGEST_LINE >> 20} MiB: are these JSON lines?",
                                  offset=offset)
            rest = whole[end:]
        if rest.strip():
            yield rest, offset

    def _parsed(self, lines: bytes, offset: int, schema: Any) -> Any:
        """Return a table of some lines; of the columns of a schema, or of all."""
        module = arrow("json")
        options = module.ParseOptions(explicit_schema=schema,
                                      unexpected_field_behavior="infer" if schema is None else "ignore")
        for size in (JSON_PART, len(lines)):
            try:
                return module.read_json(arrow().BufferReader(lines), module.ReadOptions(block_size=size), options)
            except (arrow().ArrowException, ValueError) as error:
                if size == JSON_PART < len(lines) and "straddl" in str(error):  # a line longer than a part
                    continue
                raise FormatError(self.path, f"these lines are not JSON objects of the same types ({brief(error)})",
                                  offset=offset) from error


def _text_if_unsure(pa: Any, kind: Any) -> Any:
    """Return string for values that are missing, and for texts that look like a time."""
    if pa.types.is_list(kind):
        return pa.list_(_text_if_unsure(pa, kind.value_type))
    return pa.string() if pa.types.is_null(kind) or pa.types.is_temporal(kind) else kind
