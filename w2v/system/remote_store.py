"""Stores on the network, reached through fsspec: file systems, their listings, and what their errors mean.

Place in the data flow: address -> names and sizes for `w2v.corpus.listing`; address -> file system for
`w2v.system.remote_files`. The only module that imports fsspec, which brings the protocols: s3 (package s3fs), gs
(gcsfs), az and abfs (adlfs), hf (huggingface_hub), http and https (aiohttp). Credentials are those that these packages
find by themselves, and fsspec's configuration (FSSPEC_S3_ANON=true, for example) applies.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypeAlias

from w2v._version import __version__
from w2v.errors import W2VError
from w2v.system.plain import printable_line
from w2v.system.remote import redacted

MOST_PAGES = 10_000
"""Folders of HTTP that are listed: the links of a page may have no end."""

_STALLED = 60.0  # seconds without a byte after which a connection of HTTP counts as broken

_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs",
             "abfss": "adlfs", "hf": "huggingface_hub", "http": "aiohttp", "https": "aiohttp"}

# Protocols of fsspec that are no network, store files on the disk, or wrap another protocol.
_REFUSED = frozenset({"asynclocal", "blockcache", "cached", "data", "dir", "file", "filecache", "generic", "libarchive",
                      "local", "reference", "simplecache", "tar", "zip"})

_TRY_AGAIN = (408, 425, 429)  # answers 4xx of HTTP that are not final


class Entry(NamedTuple):
    """File below an address: its own address, its size in bytes (None if unknown), and its path below the folder that
    was asked for."""

    address: str
    size: int | None
    below: str


# --- listing -------------------------------------------------------------------------------------------------------


def find_files(address: str) -> list[Entry]:
    """List the files that an address names: the file itself, those below a folder, or those that match a pattern.

    An address of HTTP is a folder only with a slash at its end; its page of links is then read. There, wildcards are
    read only in the last part, since fsspec leaves out folders that it cannot list.

    Raises
    ------
    W2VError : there is nothing, access is denied, the network fails, or a package is missing.
    """
    fs, path = filesystem(address)
    http, shown = is_http(address), redacted(address)
    with _reported(shown, None):
        fs.invalidate_cache()  # fsspec keeps listings of the same process
        if (folder := _above_pattern(address)) is not None:
            found = _matching_links(fs, path, shown) if http else _matching(fs, path)
            if found:
                return _entries(fs, folder, found)
        if not (http and path.endswith("/")):
            info = fs.info(path)
            if info["type"] != "directory":
                return [Entry(address, info.get("size"), address.rpartition("/")[2])]
        found = _linked_files(fs, path, shown) if http else dict(fs.find(path, detail=True))
        return _entries(fs, address.rstrip("/"), found)


_Found: TypeAlias = dict[str, dict[str, Any]]  # what fsspec says about files and folders, by name


def _matching(fs: Any, path: str) -> _Found:
    """Return the files that match a pattern, and those below the folders that match it."""
    found: _Found = dict(fs.glob(path, detail=True))
    for name in [name for name, info in found.items() if info["type"] == "directory"]:
        found.update(fs.find(name, detail=True))
    return found


def _matching_links(fs: Any, path: str, shown: str) -> _Found:
    """Return the files on a page of links that match the last part of an address."""
    folder, _, pattern = path.rpartition("/")
    if "*" in folder:
        raise W2VError(f"{shown}: of HTTP, wildcards are read only in the last part of an address")
    return {name: info for name, info in _links(fs, folder + "/").items()
            if fnmatchcase(name.rpartition("/")[2], pattern)}


def _links(fs: Any, page: str) -> _Found:
    """Return the files and folders that a page links to, without links that sort the page, for example."""
    return {info["name"]: info for info in fs.ls(page, detail=True)
            if not ("?" in info["name"] or "#" in info["name"] or {".", ".."} & set(info["name"].split("/")))}


def _linked_files(fs: Any, path: str, shown: str) -> _Found:
    """Return the files that the pages of a folder on HTTP link to. fsspec's `find` leaves out folders with errors."""
    found: _Found = {}
    waiting, pages = [path], {path}
    while waiting:
        for name, info in _links(fs, waiting.pop()).items():
            if info["type"] != "directory":
                found[name] = info
            elif name not in pages:
                pages.add(name)
                waiting.append(name)
        if len(pages) > MOST_PAGES:
            raise W2VError(f"{shown}: more than {MOST_PAGES:,} folders: name a pattern or the files")
    return found


def _above_pattern(address: str) -> str | None:
    """Return the folder above the first component with a wildcard; None if there is none."""
    http = is_http(address)  # where "?" begins the query, and [::1] is a host
    scheme, _, rest = address.partition("://")
    parts = (rest.partition("?")[0] if http else rest).split("/")
    for number, part in enumerate(parts[1:], 1):
        if any(mark in part for mark in ("*" if http else "*?[")):
            return f"{scheme}://{'/'.join(parts[:number])}"
    return None


def _entries(fs: Any, folder: str, found: _Found) -> list[Entry]:
    """Return the files of a listing, sorted; folders, and the empty objects that stand for them, are left out."""
    base = fs._strip_protocol(folder).rstrip("/")
    entries = []
    for name, info in sorted(found.items()):
        if info["type"] == "file" and not name.endswith("/"):
            below = name.removeprefix(base).lstrip("/")
            if is_http(folder):
                below = below.replace(" ", "%20")
            entries.append(Entry(f"{folder}/{below}", info.get("size"), below))
    return entries


# --- file systems and their errors ---------------------------------------------------------------------------------


def _scheme(address: str) -> str:
    return address.partition(":")[0]


def is_http(address: str) -> bool:
    """Return whether an address is one of HTTP or HTTPS."""
    return _scheme(address) in ("http", "https")


def filesystem(address: str) -> tuple[Any, str]:
    """Return the file system of fsspec for an address, and the path in it.

    Raises
    ------
    W2VError : a package is missing, or the protocol is unknown or not one of the network.
    """
    shown, scheme = redacted(address), _scheme(address)
    if scheme in _REFUSED or "::" in address.replace("[::", "["):
        raise W2VError(f"{shown}: w2v does not read such addresses; pass the path of a file, or the plain address")
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise W2VError(f"{shown}: addresses are read with the package fsspec: pip install 'w2v[remote]'") from None
    try:
        fs, path = url_to_fs(address, **(_http_options(address) if is_http(address) else {}))
    except ImportError as error:
        package = _PACKAGES.get(scheme)
        how = f"pip install {package}" if package else printable_line(str(error))
        raise W2VError(f"{shown}: {scheme}:// needs another package: {how}") from None
    except ValueError:
        raise W2VError(f"{shown}: w2v knows no addresses that begin with {scheme}://") from None
    except Exception as error:  # packages log in while they are set up, with errors of their own
        raise failure(shown, error, None) from None
    return fs, path


def _http_options(address: str) -> dict[str, Any]:
    import aiohttp  # as a dependency of fsspec's HTTP

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_STALLED, sock_read=_STALLED)
    return {"client_kwargs": {"timeout": timeout, "trust_env": True},  # proxies of the environment
            "encoded": "%" in address and address.isascii(),  # signed addresses must stay as they are
            "headers": {"Accept-Encoding": "identity", "User-Agent": f"w2v/{__version__}"}}


@contextlib.contextmanager
def _reported(shown: str, byte: int | None) -> Iterator[None]:
    """Turn the errors of fsspec into W2VError."""
    try:
        yield
    except W2VError:
        raise
    except Exception as error:
        raise failure(shown, error, byte) from None  # the cause would show the whole address in a traceback


def failure(shown: str, error: BaseException, byte: int | None, attempts: int = 1) -> W2VError:
    """Return the error for a failed request, without the secrets of its address."""
    place = f" at byte {byte:,}" if byte else ""
    tried = f" ({attempts} attempts)" if attempts > 1 else ""
    return W2VError(f"{shown}: cannot read{place}: {reason(error)}{tried}")


def reason(error: BaseException) -> str:
    """Return what an error says, in words and without secrets."""
    status = _status(error)
    if status in (401, 403) or isinstance(error, PermissionError):
        return f"access is denied{f' ({status})' if status else ''}: check the address and the credentials"
    if status in (404, 410) or (isinstance(error, FileNotFoundError) and is_final(error)):
        return f"there is no such file{f' ({status})' if status else ''}"
    while isinstance(error, FileNotFoundError) and error.__cause__ is not None:  # fsspec's wrapper for HTTP
        error = error.__cause__
    said = printable_line(redacted(str(error)))
    return f"the server answers {status}" if status else f"{said[:300] or type(error).__name__}"


def _status(error: BaseException | None) -> int | None:
    """Return the status of HTTP that an error, or its cause, has."""
    while error is not None:
        response = getattr(error, "response", None)
        status = getattr(error, "status", None) or getattr(response, "status_code", None)
        if isinstance(status, int):
            return status
        error = error.__cause__
    return None


def is_final(error: BaseException) -> bool:
    """Return whether another attempt is useless."""
    if (status := _status(error)) is not None:
        return 400 <= status < 500 and status not in _TRY_AGAIN
    if isinstance(error, FileNotFoundError):  # fsspec raises it for HTTP when the connection fails, too
        cause = error.__cause__
        return not (isinstance(cause, OSError) or type(cause).__module__.startswith("aiohttp"))
    return isinstance(error, (PermissionError, ImportError, NotImplementedError, TypeError, ValueError))
