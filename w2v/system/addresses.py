"""Vectors by address: what an address must say before anything is fetched, and where the file lies then.

Place in the data flow: address -> path in the cache, for `KeyedVectors.load`; `w2v.system.download` does the fetching.
An address is `https://host/file`, with the SHA-256 of the file, or `hf://org/repo/file@revision`, a file of the
Hugging Face hub at one commit (40 hex digits) or, with a SHA-256, at any revision. What is fetched once stays in
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
from w2v.types import StrPath

_HUB = "https://huggingface.co"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FILE = re.compile(r"hf://([^/@]+/[^/@]+)/([^@]+)@([^@]+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_address(path: StrPath) -> bool:
    """Whether this is an address and no path."""
    return isinstance(path, str) and _ADDRESS.match(path) is not None


def locate(address: str, *, allowed: bool, sha256: str | None = None) -> Path:
    """The file at `address`, from the cache if it was fetched before.

    Parameters
    ----------
    address : `https://...` or `hf://org/repo/file@revision`; `http://` only to this machine itself.
    allowed : permission to use the network; without it this is an error, even if the file is in the cache.
    sha256 : 64 hex digits.

    Raises
    ------
    ValueError : no permission, no checksum or commit, or an address of another kind.
    W2VError : the network, the disk, or a checksum that does not match.
    """
    url, known = _resolve(address, sha256)
    if not allowed:
        raise ValueError(f"{address} is on the network: give download=True to fetch it")
    name = Path(urlsplit(url).path).name or "file"
    key = hashlib.sha256(f"{url} {known}".encode()).hexdigest()[:16]
    target = cache_folder() / f"{key}-{name[-100:]}"
    if not target.is_file():
        print(f"w2v: fetching {url}", file=sys.stderr)
    elif sha256 is not None and checksum(target) != sha256.lower():
        raise W2VError(f"{target}: the file in the cache is not what was fetched; delete it")
    return fetch(url, target, sha256)


def _resolve(address: str, sha256: str | None) -> tuple[str, str]:
    """The URL, and what says which content it must have."""
    if sha256 is not None and not _SHA256.fullmatch(sha256.lower()):
        raise ValueError(f"sha256 is 64 hex digits, not {sha256!r}")
    if address.startswith("hf://"):
        parts = _FILE.fullmatch(address)
        if parts is None:
            raise ValueError(f"{address}: give hf://org/repo/file@revision")
        if sha256 is None and not _COMMIT.fullmatch(parts[3]):
            raise ValueError(f"{address}: {parts[3]!r} may change; give a commit of 40 hex digits, or sha256=")
        hub = os.environ.get("HF_ENDPOINT", _HUB).rstrip("/")
        return f"{hub}/{parts[1]}/resolve/{quote(parts[3], safe='')}/{quote(parts[2])}", sha256 or parts[3]
    _check_scheme(address)
    if sha256 is None:
        raise ValueError(f"{address}: give sha256= of the file, so that nothing else is taken for it")
    return address, sha256.lower()


def _check_scheme(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")):
        raise ValueError(f"{url}: only https:// and hf:// addresses are fetched")
