"""Addresses on the network: how they are told from paths, shown without secrets, and refused where a file is expected.

Place in the data flow: called for every path that is read or written. The network is used only for a corpus with
`download=True` (`w2v.system.remote_store`), by `KeyedVectors.load(..., download=True)` and by `w2v datasets fetch`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from w2v.errors import W2VError

if TYPE_CHECKING:
    from w2v.types import StrPath

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)(:/{1,3})([^/\s][^\r\n]*)")  # `Path` shortens // to /; file:///
_WINDOWS_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:\\")  # a drive has one letter
_WITHOUT_BLANKS = ("http", "https", "ftp")  # schemes whose addresses have none: with blanks it is a text

_CURL = "curl -fL {} -o FILE"
_FETCH = {"http": _CURL, "https": _CURL, "ftp": _CURL, "s3": "aws s3 cp {} FILE", "gs": "gcloud storage cp {} FILE",
          "hdfs": "hdfs dfs -get {} FILE", "hf": "hf download REPOSITORY FILE"}
_SEND = {"s3": "aws s3 cp FILE {}", "gs": "gcloud storage cp FILE {}", "hdfs": "hdfs dfs -put FILE {}",
         "hf": "hf upload REPOSITORY FILE"}

# Secrets in an address: a user with a password, a user of HTTP, which may be a token, and the query (of other schemes
# than HTTP only with "=": their names may contain "?"). A name before @ alone is not a secret: abfs://container@account,
# ssh://user@host. A number after : is a port.
_PASSWORD = re.compile(r"(:/{1,3})[^\s/?#@]*:(?!\d*(?:[/?#\s]|$))[^\s@]*@")
_USER = re.compile(r"(\b(?:https?|ftp):/{1,3})[^\s/?#@]+@", re.IGNORECASE)
_QUERY = re.compile(r"(\bhttps?:/{1,3}[^\s?#'\"]+[?#])[^\s'\"]+|"
                    r"(\b[a-z][a-z0-9+.-]+:/{1,3}[^\s?'\"]+\?)[^\s'\"]*=[^\s'\"]*", re.IGNORECASE)


def _with_slashes(text: str) -> str:
    """Return an address that `pathlib` has written with the separators of Windows, https:\\host\\file, with slashes;
    another path as it is."""
    return text.replace("\\", "/") if os.sep == "\\" and _WINDOWS_ADDRESS.match(text) else text


def address_of(path: StrPath) -> str | None:
    """Return the address that a path is, such as https://host/file; None for a path of this machine, also file:///.

    An address with a single slash, to which `pathlib.Path` shortens it, is one if there is no such file.
    """
    text = os.fspath(path)
    found = _ADDRESS.fullmatch(_with_slashes(text)) if isinstance(text, str) else None
    if found is None:
        return None
    scheme = found[1].lower()
    if scheme == "file" or (scheme in _WITHOUT_BLANKS and len(text.split()) > 1):
        return None
    if found[2] == ":/" and os.path.lexists(text):
        return None
    return f"{scheme}://{found[3]}"


def without_file_scheme(path: str) -> str:
    """Return the path that an address of a local file names: file:///home/a%20b is /home/a b; another path as it is.

    Raises
    ------
    W2VError : the file is on another machine.
    """
    found = re.fullmatch(r"file:(?://([^/]*))?(/.*)", _with_slashes(path), re.IGNORECASE | re.DOTALL)
    if found is None or os.path.lexists(path):
        return path
    if found[1] not in (None, "", "localhost"):
        raise W2VError(f"{path}: this names a file of the machine {found[1]}; the path of a file of this machine has "
                       "three slashes: file:///path")
    local = unquote(found[2])
    return local[1:] if os.sep == "\\" and re.match("/[A-Za-z]:", local) else local  # file:///C:/folder


def redacted(text: StrPath) -> str:
    """Return an address, or a text with addresses, for people: passwords, tokens and queries become three dots."""
    shown = _USER.sub(r"\1...@", _PASSWORD.sub(r"\1...@", _with_slashes(os.fspath(text))))
    return _QUERY.sub(r"\1\2...", shown)


def shown_path(path: StrPath) -> str:
    """Return a path for messages: an address without its secrets, another path as it is."""
    address = address_of(path)
    return os.fspath(path) if address is None else redacted(address)


def check_allowed(address: str, download: bool, what: str = "a corpus") -> None:
    """Refuse an address of a corpus unless the network may be used.

    Raises
    ------
    W2VError : says how to allow it, and how to save the file instead.
    """
    if not download:
        raise W2VError(f"{redacted(address)} is an address on the network, which is used only if you ask for it: to "
                       f"read {what} from there, pass download=True (--download), or save it to a file first"
                       f"{_copying(address, writing=False)}")


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
    if os.path.exists(path):
        return
    if (local := without_file_scheme(os.fspath(path))) != os.fspath(path):
        raise W2VError(f"file://{local}: pass the path itself: {local}")
    address = address_of(path)
    if address is None:
        return
    how = _copying(address, writing)
    if writing:
        raise W2VError(f"cannot write {redacted(address)}: it is an address; write a file and copy it{how}")
    raise W2VError(f"{redacted(address)} is an address, and {what} is read from files: save it to a file first{how}")


def _copying(address: str, writing: bool) -> str:
    """Return the command that copies a file from or to an address, as the end of a message."""
    command = (_SEND if writing else _FETCH).get(address.split(":")[0])
    return f", with: {command.format(redacted(address))}" if command else ""
