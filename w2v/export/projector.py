"""Files for the TensorBoard projector: numbers, words (and counts), and a folder that a local TensorBoard lists.

Layout: numbers, one row per line with tabs between them, without a header; metadata, one word per line, with a header
only if there are counts in a second column. A path NAME.tsv makes these two files, NAME.tsv and NAME.metadata.tsv, for
"Load" of the projector's page. Any other path makes the folder NAME with `vectors.tsv`, `metadata.tsv`,
`projector_config.pbtxt` and a file of events, for `tensorboard --logdir` of NAME or of a folder above it. Both are read
by `w2v.formats.projector`. Source: tensorboard/plugins/projector/projector_plugin.py and projector_config.proto; for
the events, TFRecord and event.proto.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from w2v.export.common import ExportData, atomic_folder, check_folder
from w2v.formats._formats import write_text_rows
from w2v.system.files import atomic_write, atomic_writes, check_writable

_CONFIG = b"""embeddings {
  tensor_name: "w2v"
  tensor_path: "vectors.tsv"
  metadata_path: "metadata.tsv"
}
"""

# TensorBoard takes a folder below its --logdir for a run only if it has a file of events with at least one record. This
# is the record that each such file begins with, {wall_time: 0, file_version: "brain.Event:2"}, with its length before
# it and a masked CRC-32C after each of the two.
_EVENTS = "events.out.tfevents.0.w2v"
_FIRST_EVENT = b"\x18\0\0\0\0\0\0\0\xa3\x7fK\"\t\0\0\0\0\0\0\0\0\x1a\rbrain.Event:2\xee\xdf(\xa3"


def _is_file(path: str) -> bool:
    return path.lower().endswith(".tsv")


def _metadata_path(path: str) -> Path:
    return Path(path).with_suffix(".metadata.tsv")


def check(path: str) -> None:
    """Check that both files, or the folder, can be written."""
    if not _is_file(path):
        check_folder(path)
        return
    check_writable(path, compress=False)
    check_writable(_metadata_path(path))


def write(path: str, data: ExportData) -> None:
    """Write the files or the folder."""
    if _is_file(path):
        with atomic_writes(path, _metadata_path(path), compress=False) as (vectors, metadata):
            _write_vectors(vectors, path, data)
            _write_metadata(metadata, data)
        return
    with atomic_folder(path) as folder:
        with atomic_writes(*(folder / name for name in ("vectors.tsv", "metadata.tsv"))) as (vectors, metadata):
            _write_vectors(vectors, path, data)
            _write_metadata(metadata, data)
        for name, content in (("projector_config.pbtxt", _CONFIG), (_EVENTS, _FIRST_EVENT)):
            with atomic_write(folder / name) as file:
                file.write(content)


def _write_vectors(file: BinaryIO, path: str, data: ExportData) -> None:
    for _, block in data.blocks(path):
        text = bytes(write_text_rows([b""] * len(block), block))  # rows " v1 v2 ... \n"
        file.write(text.replace(b" \n ", b"\n")[1:-2].replace(b" ", b"\t") + b"\n")


def _write_metadata(file: BinaryIO, data: ExportData) -> None:
    if data.counts is None:
        file.writelines(f"{word}\n".encode() for word in data.words)
        return
    file.write(b"word\tcount\n")
    file.writelines(f"{word}\t{count}\n".encode() for word, count in zip(data.words, data.counts, strict=True))
