"""Download of files: the only module that opens a connection, and only if the user names a file.

Place in the data flow: address -> file in the user's cache folder, for data sets and vectors. A file gets its final
name only if it is complete and has the expected SHA-256.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2v._version import __version__
from w2v.errors import W2VError
from w2v.system.files import atomic_write
from w2v.system.plain import printable_line
from w2v.system.remote import redacted
from w2v.types import StrPath

if TYPE_CHECKING:
    from http.client import HTTPResponse

Show = Callable[[int, "int | None"], None]  # bytes done, total bytes if the server reports them

_KINDS = ("https://", "http://")
_BLOCK = 1 << 18
_TIMEOUT = 30.0  # seconds without a byte


def cache_folder() -> Path:
    """Return the folder of fetched files, which may not exist: `W2V_CACHE`, or `w2v` in the user's cache folder."""
    if named := os.environ.get("W2V_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        parent = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        parent = Path.home() / "Library" / "Caches"
    else:
        parent = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(parent) / "w2v"


def fetch(address: str, path: StrPath, sha256: str | None = None, *, show: Show | None = None) -> Path:
    """Fetch the file at an address, unless it exists already.

    Parameters
    ----------
    address : begins with https:// or http://; other schemes, file:// in particular, are refused.
    path : the file to write; missing folders are created.
    sha256 : expected checksum, 64 hex digits. An existing file with another checksum is fetched again; without
        `sha256` an existing file is accepted.
    show : called while bytes arrive, with their number so far and in total (None if the server does not report it).

    Returns
    -------
    `path`, which has the complete content.

    Raises
    ------
    W2VError : no connection, an error of the server, an incomplete file, a wrong checksum, or `path` cannot be written.
        An existing file is unchanged.
    """
    target = Path(path)
    if target.is_file() and (sha256 is None or checksum(target) == sha256.lower()):
        return target
    with _open(address) as response:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise W2VError(f"cannot create the folder {target.parent}: {error.strerror or error}") from error
        with atomic_write(target, compress=None) as file:
            digest, done, total = hashlib.sha256(), 0, _length(response)
            while block := _read(response, address, done):
                file.write(block)
                digest.update(block)
                done += len(block)
                if show is not None:
                    show(done, total)
            if total is not None and done != total:
                raise W2VError(f"cannot fetch {redacted(address)}: the connection broke after {done:,} of {total:,} "
                               "bytes; try again")
            if sha256 is not None and digest.hexdigest() != sha256.lower():
                raise W2VError(f"{redacted(address)}: the content has changed or was damaged in transfer: its SHA-256 "
                               f"is {digest.hexdigest()}, not {sha256.lower()}; nothing was kept")
    return target


def checksum(path: StrPath) -> str:
    """Return the SHA-256 of a file as 64 hex digits; raises W2VError if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise W2VError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error


def _open(address: str) -> HTTPResponse:
    if not address.startswith(_KINDS):
        raise W2VError(f"cannot fetch {redacted(address)}: the address must begin with https:// or http://")
    if "@" in address.split("/")[2]:
        raise W2VError(f"cannot fetch {redacted(address)}: a user or a password in an address is not supported; save "
                       "the file first")
    import http.client
    import urllib.error
    import urllib.request

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            if not newurl.startswith(_KINDS) or (req.full_url.startswith("https:") and newurl.startswith("http:")):
                raise ValueError(f"it is redirected to {redacted(newurl)}, which is not safe to follow")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    try:
        request = urllib.request.Request(address, headers={"User-Agent": f"w2v/{__version__}"})
        opener = urllib.request.build_opener(Redirects)
        response: HTTPResponse = opener.open(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        reason = printable_line(str(error.reason))
        raise W2VError(f"cannot fetch {redacted(address)}: the server answers {error.code} {reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = printable_line(str(getattr(error, "reason", None) or error))
        raise W2VError(f"cannot fetch {redacted(address)}: {reason}") from error
    return response


def _read(response: HTTPResponse, address: str, done: int) -> bytes:
    """Return the next bytes. A broken connection has a separate message, since `atomic_write` would report a write
    error."""
    import http.client

    try:
        return response.read(_BLOCK)
    except (OSError, http.client.HTTPException) as error:
        problem = f"the connection broke after {done:,} bytes ({error}); try again"
        raise W2VError(f"cannot fetch {redacted(address)}: {problem}") from error


def _length(response: HTTPResponse) -> int | None:
    text = response.headers.get("Content-Length") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None  # else the length is unknown
