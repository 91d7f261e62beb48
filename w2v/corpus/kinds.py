"""Kinds of files that are not text, recognised by their first bytes, and what to do with each.

Place in the data flow: called by `w2v.corpus.blocks` with the start of the (decompressed) content of each file. The
signatures are those of the formats' specifications, as also listed in the file `magic` of file(1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from w2v.errors import FormatError

HEAD_BYTES = 1 << 14
"""Bytes from the start of a file that are enough to recognise it."""

_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")


class Kind(NamedTuple):
    """A kind of file: its name, how it begins, what to do with it, and whether its signature could begin a text, so
    that control characters must follow it."""

    name: str
    signature: re.Pattern[bytes]
    advice: str
    like_text: bool = False


def _kind(name: str, signature: bytes, advice: str, *, like_text: bool = False) -> Kind:
    return Kind(name, re.compile(signature, re.DOTALL), advice, like_text)


PARQUET, ARROW_FILE, ARROW_STREAM = "a Parquet file", "an Arrow file", "an Arrow stream"

_OFFICE = "save it as plain text, for example with: soffice --headless --convert-to txt:Text FILE"
_UNPACK = "unpack it and pass the folder of its text files"
_COLUMN = "name its column of texts or of lists of words: --column NAME (in Python: column=\"NAME\")"
_FRAME = "write it as Parquet, and name its column with --column NAME"
_NO_WORDS = "it has no words; pass a text, or leave it out"
_MODEL = "it holds a model; name the text to train on"

# Zip archives that are something else than a folder of files, by the names of their members.
_WORD = "an Office document (Word)", _OFFICE
_EXCEL = "an Office document (Excel)", "save its sheet of texts as a text file, a line for each"
_POWERPOINT = "an Office document (PowerPoint)", _OFFICE
_OTHER_OFFICE = "an Office document", _OFFICE
_OPEN_DOCUMENT = "an OpenDocument file", _OFFICE
_EPUB = "an EPUB book", "extract its text first: pandoc FILE -t plain"
_ARRAYS = ("an archive of NumPy arrays (.npz)",
           "pass one of its arrays from Python: w2v.train(numpy.load(path)[NAME])")
_PYTORCH = "a PyTorch file", _MODEL

KINDS = (
    # These zip archives are in a stream, where only their first bytes are known.
    _kind(_WORD[0], rb"PK\x03\x04.*word/", _WORD[1]),
    _kind(_EXCEL[0], rb"PK\x03\x04.*xl/", _EXCEL[1]),
    _kind(_POWERPOINT[0], rb"PK\x03\x04.*ppt/", _POWERPOINT[1]),
    _kind(_OTHER_OFFICE[0], rb"PK\x03\x04.{26}\[Content_Types\]\.xml", _OTHER_OFFICE[1]),
    _kind(_OPEN_DOCUMENT[0], rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis", _OPEN_DOCUMENT[1]),
    _kind(_EPUB[0], rb"PK\x03\x04.{26}mimetypeapplication/epub", _EPUB[1]),
    _kind(_ARRAYS[0], rb"PK\x03\x04.{26}[^/]{1,200}\.npy", _ARRAYS[1]),
    _kind(_PYTORCH[0], rb"PK\x03\x04.{26}[^/]{1,200}/data\.pkl", _PYTORCH[1]),
    _kind("a PDF document", rb"%PDF-", "extract its text first: pdftotext FILE text.txt"),
    _kind("a PostScript document", rb"%!PS-", "extract its text first: ps2ascii FILE > text.txt"),
    _kind("an RTF document", rb"\{\\rtf", _OFFICE),
    _kind("a zip archive", rb"PK(\x03\x04|\x05\x06|\x07\x08)", _UNPACK),
    _kind("a tar archive", rb".{257}ustar[\0 ]", _UNPACK + ": tar -xf FILE"),
    _kind("a 7z archive", rb"7z\xbc\xaf\x27\x1c", _UNPACK),
    _kind("a RAR archive", rb"Rar!\x1a\x07", _UNPACK),
    _kind("an old Office document (.doc, .xls, .ppt)", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),
    _kind("an lz4 file", rb"\x04\x22\x4d\x18", "pipe its text: lz4 -dc FILE | w2v train - ..."),
    _kind("a .Z file", rb"\x1f\x9d", "pipe its text: gzip -dc FILE | w2v train - ..."),
    _kind("an lzip file", rb"LZIP[\0\1]", "pipe its text: lzip -dc FILE | w2v train - ..."),
    _kind("a Snappy file", rb"\xff\x06\0\0sNaPpY", "decompress it first"),
    _kind("an .lzma file", rb"\x5d\0\0.{2}(\xff{8}|.{4}\0{4})", "pipe its text: xz -dc FILE | w2v train - ..."),
    _kind("a file that is compressed twice",
          rb"\x1f\x8b\x08|BZh[1-9]1AY&SY|\xfd7zXZ\0|\x28\xb5\x2f\xfd", "decompress it once"),
    _kind(PARQUET, rb"PAR[1E]", _COLUMN, like_text=True),
    _kind(ARROW_FILE, rb"ARROW1\0\0", _COLUMN, like_text=True),
    _kind("a Feather file of version 1", rb"FEA1", _FRAME, like_text=True),
    _kind(ARROW_STREAM, rb"\xff\xff\xff\xff.{2}[\0-\x0f]\0", _COLUMN),
    _kind("an ORC file", rb"ORC", _FRAME, like_text=True),
    _kind("an Avro file", rb"Obj\x01", "write its texts to a file, a line for each"),
    _kind("an SQLite database", rb"SQLite format 3\0",
          "export its texts first: sqlite3 FILE \"SELECT text FROM table\" > text.txt"),
    _kind("an HDF5 file", rb"\x89HDF\r\n\x1a\n", "pass an array of it from Python"),
    _kind("a NumPy array (.npy)", rb"\x93NUMPY", "an array of integers is read if the name ends in .npy and "
          "the file is not compressed"),
    _kind("a pickle", rb"\x80[\x02-\x05][\x28-\x98]|[\]}]q\0|\(l?p0\n|\(dp0\n|ccopy_reg\n",
          "a pickle can run any code and is never loaded; if you trust it, load it and pass the sentences from Python"),
    _kind("an image", rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF.{4}WEBP|BM.{4}\0\0\0\0|"
          rb"AT&TFORM.{4}DJV", _NO_WORDS + " (text in an image needs OCR, such as tesseract)", like_text=True),
    _kind("audio or video", rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]|fLaC|OggS|RIFF.{4}(WAVE|AVI )|.{4}ftyp|\x1aE\xdf\xa3|"
          rb"MThd", _NO_WORDS + " (speech needs a transcript)", like_text=True),
    _kind("a file of vectors (word2vec binary)", rb"\d{1,10} \d{1,5}\n[^ \n]{1,200} .{0,4000}\0", _MODEL),
    _kind("a fastText model", rb"\xba\x16\x4f\x2f", _MODEL),
    _kind("a .safetensors file", rb".{3}[\0-\x7f]\0\0\0\0\{\"", _MODEL),
    _kind("a GGUF model", rb"GGUF[\1-\x09]\0", _MODEL),
    _kind("a program", rb"\x7fELF|MZ.{58}[\0-\xff]{2}\0\0|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe|\0asm", _NO_WORDS,
          like_text=True),
    _kind("an Apple binary property list", rb"bplist0", "convert it first: plutil -convert xml1 FILE"),
)


_OFFICE_FOLDERS = {"word": _WORD, "xl": _EXCEL, "ppt": _POWERPOINT}
_OFFICE_MARKS = frozenset({"[Content_Types].xml", "_rels/.rels"})
_MIMETYPES = {b"application/vnd.oasis": _OPEN_DOCUMENT, b"application/epub": _EPUB}


def is_zip(head: bytes) -> bool:
    """Return whether a file begins like a zip archive."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_tar(head: bytes) -> bool:
    """Return whether a file begins like a tar archive; `head` needs 263 bytes."""
    return head[257:263] in (b"ustar\0", b"ustar ")


def reject_zipped_kinds(path: str, names: Sequence[str], mimetype: bytes) -> None:
    """Refuse a zip archive that is a document, an archive of arrays or a model.

    Parameters
    ----------
    path : for the message.
    names : of the members.
    mimetype : content of the member of this name, if it is the first one.

    Raises
    ------
    FormatError : names the kind and says what to do.
    """
    found = next((kind for start, kind in _MIMETYPES.items() if mimetype.startswith(start)), None)
    if _OFFICE_MARKS & set(names):
        folders = {name.partition("/")[0] for name in names}
        found = next((kind for folder, kind in _OFFICE_FOLDERS.items() if folder in folders), _OTHER_OFFICE)
    elif names and all(name.endswith(".npy") for name in names):
        found = _ARRAYS
    elif any(name.endswith("/data.pkl") and name.count("/") == 1 for name in names):
        found = _PYTORCH
    if found is not None:
        raise FormatError(path, f"this is {found[0]}, not text: {found[1]}", offset=0)


def reject_other_kinds(path: str, head: bytes) -> None:
    """Refuse a file that begins like a known kind that is not text, or is encoded in UTF-16 or UTF-32.

    Parameters
    ----------
    path : for the message.
    head : the first bytes of the content, up to HEAD_BYTES.

    Raises
    ------
    FormatError : names the kind and says what to do.
    """
    _reject_wide_encodings(path, head)
    if kind := known_kind(head):
        raise FormatError(path, f"this is {kind.name}, not text: {kind.advice}", offset=0)


def known_kind(head: bytes) -> Kind | None:
    """Return the kind of a file that begins like this; None if it may be text."""
    return next((kind for kind in KINDS
                 if kind.signature.match(head) and (not kind.like_text or _CONTROL.search(head))), None)


# --- UTF-16 and UTF-32 ---------------------------------------------------------------------------------------------

_MARKS = ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def _reject_wide_encodings(path: str, head: bytes) -> None:
    for mark, name in _MARKS:
        if head.startswith(mark):
            raise _wide(path, name)
    if b"\0" in head and (name := _without_mark(head)):
        raise _wide(path, name)


def _wide(path: str, name: str) -> FormatError:
    return FormatError(path, f"this is {name}; convert it first: iconv -f {name} -t UTF-8 FILE > NEW", offset=0)


def _without_mark(head: bytes) -> str:
    """Return the encoding of a text in UTF-16 or UTF-32 without a byte order mark; "" if it is none."""
    for name, unit in (("UTF-32LE", 4), ("UTF-32BE", 4), ("UTF-16LE", 2), ("UTF-16BE", 2)):
        whole = head[: len(head) // unit * unit]
        try:
            text = whole.decode(name)
        except UnicodeDecodeError as error:
            if error.start < len(whole) - 2:  # a surrogate pair may be cut at the end
                continue
            text = whole[: error.start].decode(name)
        # Bytes of ASCII text make Chinese characters in pairs, but no blanks and line ends.
        blanks = sum(map(text.count, " \n\u3000"))
        printable = sum(char.isprintable() or char in "\t\n\r\f\v\u3000" for char in text)
        if blanks > 0.002 * len(text) and printable > 0.97 * len(text):
            return name
    return ""
