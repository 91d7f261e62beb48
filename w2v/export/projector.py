"""Files for the TensorBoard projector: numbers, words (and counts), and a folder that a local TensorBoard lists.

Layout: numbers, one row per line with tabs between them, without a header; metadata, one word per line, with a header
only if there are counts in a second column. A path NAME.tsv makes these two files, NAME.tsv and NAME.metadata.tsv, for
"Load" of the projector's page. Any other path makes the folder NAME with `vectors.tsv`, `metadata.tsv` and
`projector_config.pbtxt`, for `tensorboard --logdir NAME`. Both are read by `w2v.formats.projector`. Source:
tensorboard/plugins/projector/projector_plugin.py and projector_config.proto.
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
        with atomic_write(folder / "projector_config.pbtxt") as file:
            file.write(_CONFIG)


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
