"""Addresses of vectors on the network: check of the address, and the path of the file in the cache.

Place in the data flow: address -> path in the cache -> `KeyedVectors.load`; `w2v.system.download` fetches the file. An
address is `https://host/file`, with the SHA-256 of the file, or `hf://org/repo/file@revision`, a file of the Hugging
Face hub at a commit (40 hex digits) or, with a SHA-256, at any revision. A fetched file stays in the folder
`W2V_CACHE`, or the user's cache folder, under a name made of the address and the checksum.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

from w2v.errors import W2VError
from w2v.system.download import cache_folder, checksum, fetch
from w2v.system.plain import printable_line
from w2v.system.remote import check_local, redacted
from w2v.types import StrPath

_HUB = "https://huggingface.co"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FILE = re.compile(r"hf://([^/@]+/[^/@]+)/([^@]+)@([^@]+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_address(path: StrPath) -> bool:
    """Return whether a path is an address, such as https://... or hf://..."""
    return isinstance(path, str) and _ADDRESS.match(path) is not None


def locate(address: str, *, allowed: bool, sha256: str | None = None) -> Path:
    """Return the path of the file at an address; it is fetched unless it is in the cache.

    Parameters
    ----------
    address : `https://...` or `hf://org/repo/file@revision`; `http://` only for this machine itself.
    allowed : permission to use the network; without it this is an error, even if the file is in the cache.
    sha256 : checksum of the file, 64 hex digits.

    Raises
    ------
    ValueError : no permission, no checksum or commit, or another kind of address.
    W2VError : the network or the disk failed, or the checksum does not match.
    """
    if not allowed:
        if not address.lower().startswith(("https:", "hf:")):
            check_local(address, "a model")
        raise ValueError(f"{redacted(address)} is on the network: save it to a file first; in Python, w2v.load with "
                         "download=True fetches it")
    url, known = _resolve(address, sha256)
    name = Path(urlsplit(url).path).name or "file"
    key = hashlib.sha256(f"{url} {known}".encode()).hexdigest()[:16]
    target = cache_folder() / f"{key}-{name[-100:]}"
    if not target.is_file():
        print(printable_line(f"w2v: fetching {redacted(url)}"), file=sys.stderr)
    elif sha256 is not None and checksum(target) != sha256.lower():
        raise W2VError(f"{target}: this file in the cache has changed since it was fetched; delete it and try again")
    return fetch(url, target, sha256)


def _resolve(address: str, sha256: str | None) -> tuple[str, str]:
    """Return the URL, and the checksum or commit that determines its content."""
    if sha256 is not None and not _SHA256.fullmatch(sha256.lower()):
        raise ValueError(f"sha256 must be 64 hex digits, not {sha256!r}")
    if address.startswith("hf://"):
        parts = _FILE.fullmatch(address)
        if parts is None:
            raise ValueError(f"{redacted(address)}: expected hf://org/repo/file@revision")
        if sha256 is None and not _COMMIT.fullmatch(parts[3]):
            raise ValueError(f"{redacted(address)}: the revision {parts[3]!r} may change; give a commit of 40 hex "
                             "digits, or pass sha256=")
        hub = os.environ.get("HF_ENDPOINT", _HUB).rstrip("/")
        return f"{hub}/{parts[1]}/resolve/{quote(parts[3], safe='')}/{quote(parts[2])}", sha256 or parts[3]
    _check_scheme(address)
    if sha256 is None:
        raise ValueError(f"{redacted(address)}: pass sha256=, the checksum of the file, so that no other content is "
                         "accepted")
    return address, sha256.lower()


def _check_scheme(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")):
        raise ValueError(f"{redacted(url)}: only https:// and hf:// addresses can be fetched")
