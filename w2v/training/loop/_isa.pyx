"""The kernels of each instruction set, and the choice between them.

The only extension that links `csrc/kernels/`; the others get a table of kernels from `find_kernels`.
"""

import os

from w2v.training.loop._csrc cimport W2V_ROW_FLOATS, w2v_kernels, w2v_kernels_available

ROW_FLOATS = W2V_ROW_FLOATS

cdef enum:
    MOST = 8

cdef const w2v_kernels *KERNELS[MOST]  # of this machine; CPUID is slow under a hypervisor, so it is asked once


cdef list found():
    cdef int n = 0
    while n < MOST and w2v_kernels_available(n) != NULL:
        KERNELS[n] = w2v_kernels_available(n)
        n += 1
    return [KERNELS[i].name.decode() for i in range(n)]


cdef list ISAS = found()


def available_isas() -> list[str]:
    """Names of the instruction sets whose kernels this machine can run, best first."""
    return list(ISAS)


def chosen_isa(name: str | None = None) -> str:
    """Return the instruction set to use: `name`, else the environment variable W2V_ISA, else the best one.

    Raises
    ------
    ValueError
        This machine or this build does not have the requested instruction set.
    """
    asked = name or os.environ.get("W2V_ISA") or ISAS[0]
    if asked not in ISAS:
        raise ValueError(f"the instruction set {asked!r} is not available here; this machine can run {', '.join(ISAS)}")
    return asked


cdef const w2v_kernels *find_kernels(str isa) except NULL:
    """The kernels of an instruction set, or of the one that `chosen_isa` returns for None."""
    return KERNELS[<int> ISAS.index(chosen_isa(isa))]
