"""Addresses on the network given as a corpus: an error that says how to get the file.

Place in the data flow: called by `w2v.corpus.listing` for a path that does not exist. A corpus is never downloaded.
"""

from __future__ import annotations

import re

from w2v.errors import W2VError

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,3}([^/\s]\S*)")  # `Path` shortens // to /; file:///

_COMMANDS = {"http": "curl -fL {} -o FILE", "https": "curl -fL {} -o FILE", "ftp": "curl -fL {} -o FILE",
             "s3": "aws s3 cp {} FILE", "gs": "gcloud storage cp {} FILE", "hdfs": "hdfs dfs -get {} FILE",
             "hf": "hf download REPOSITORY FILE --repo-type dataset"}


def is_address(path: str) -> bool:
    """Return whether a path is an address, such as https://host/file, also with a single slash."""
    return _ADDRESS.fullmatch(path) is not None


def check_local(path: str) -> None:
    """Refuse an address.

    Raises
    ------
    W2VError : says how to fetch the file.
    """
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return
    scheme, rest = found[1].lower(), found[2]
    address = f"{scheme}://{rest}"
    if scheme == "file":
        raise W2VError(f"{address}: pass the path itself: /{rest.removeprefix('localhost/')}")
    command = _COMMANDS.get(scheme)
    how = f", with: {command.format(address)}" if command else ""
    raise W2VError(f"{address} is an address, and a corpus is read from files: save it to a file first{how}")
