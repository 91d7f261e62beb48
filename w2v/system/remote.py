"""Addresses on the network where a file is expected: an error that says how to copy the file.

Place in the data flow: called for every path that is read or written. Only `KeyedVectors.load(..., download=True)` and
`w2v datasets fetch` use the network.
"""

from __future__ import annotations

import os
import re

from w2v.errors import W2VError
from w2v.types import StrPath

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,3}([^/\s]\S*)")  # `Path` shortens // to /; file:///

_CURL = "curl -fL {} -o FILE"
_FETCH = {"http": _CURL, "https": _CURL, "ftp": _CURL, "s3": "aws s3 cp {} FILE", "gs": "gcloud storage cp {} FILE",
          "hdfs": "hdfs dfs -get {} FILE", "hf": "hf download REPOSITORY FILE"}
_SEND = {"s3": "aws s3 cp FILE {}", "gs": "gcloud storage cp FILE {}", "hdfs": "hdfs dfs -put FILE {}",
         "hf": "hf upload REPOSITORY FILE"}


def check_local(path: StrPath, what: str = "this", *, writing: bool = False) -> None:
    """Refuse an address such as https://host/file, also with a single slash.

    Parameters
    ----------
    path : a path to read or to write.
    what : what is read from it.
    writing : the path is to be written.

    Raises
    ------
    W2VError : it is an address, and there is no such file; says how to copy the file.
    """
    found = _ADDRESS.fullmatch(os.fspath(path))
    if found is None or os.path.exists(path):
        return
    scheme, rest = found[1].lower(), found[2]
    address = f"{scheme}://{rest}"
    if scheme == "file":
        raise W2VError(f"file:///{rest}: pass the path itself: /{rest.removeprefix('localhost/')}")
    command = (_SEND if writing else _FETCH).get(scheme)
    how = f", with: {command.format(address)}" if command else ""
    if writing:
        raise W2VError(f"cannot write {address}: it is an address; write a file and copy it{how}")
    raise W2VError(f"{address} is an address, and {what} is read from files: save it to a file first{how}")
