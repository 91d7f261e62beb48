"""What only Windows needs: opening a file so that it can be replaced meanwhile, and free memory.

Place in the data flow: `resources` and the readers of vectors and checkpoints ask here.
Everything is asked of kernel32 by ctypes, which is imported only there.
"""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    class _MemoryStatus(ctypes.Structure):
        _fields_ = [("length", wintypes.DWORD), ("load", wintypes.DWORD), *(
            (name, ctypes.c_uint64) for name in ("installed", "available", "page_total", "page_available", "total",
                                                 "virtual_available", "extended"))]

    def free_memory() -> int | None:
        """Return the bytes of memory that the system can still give, by GlobalMemoryStatusEx: in RAM, and below the
        commit limit. None if it does not tell."""
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        if not ctypes.WinDLL("kernel32").GlobalMemoryStatusEx(ctypes.byref(status)):
            return None
        return min(int(status.available), int(status.page_available))

    def open_shared(path: str, flags: int) -> int:
        """Open a file for reading, an opener for `open`: it may be renamed and removed while it is open or mapped.

        Python's own `open` lets nobody rename it until the last mapping ends.
        """
        everyone, existing, normal, read = 0x7, 3, 0x80, 0x80000000
        create = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
        create.argtypes = [wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID, wintypes.DWORD,
                           wintypes.DWORD, wintypes.HANDLE]
        create.restype = wintypes.HANDLE
        handle = create(os.fspath(path), read, everyone, None, existing, normal, None)
        if handle is None or handle == wintypes.HANDLE(-1).value:
            raise ctypes.WinError(ctypes.get_last_error())
        return msvcrt.open_osfhandle(handle, flags | os.O_RDONLY | os.O_NOINHERIT)
else:
    def free_memory() -> int | None:
        """Return None: only Windows is asked here."""
        return None

    def open_shared(path: str, flags: int) -> int:
        """Open a file for reading, as `open` does without an opener."""
        return os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
