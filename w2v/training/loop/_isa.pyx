"""The kernels of each instruction set, and the choice between them.

The only extension that links `csrc/kernels/`; the others get a table of kernels from `find_kernels`.
"""

import os

from w2v.training.loop._csrc cimport W2V_ROW_FLOATS, w2v_kernels, w2v_kernels_available

ROW_FLOATS = W2V_ROW_FLOATS


def available_isas() -> list[str]:
    """Names of the instruction sets whose kernels this machine can run, best first."""
    names = []
    while w2v_kernels_available(<int> len(names)) != NULL:
        names.append(w2v_kernels_available(<int> len(names)).name.decode())
    return names


def chosen_isa(name: str | None = None) -> str:
    """Return the instruction set to use: `name`, else the environment variable W2V_ISA, else the best one.

    Raises
    ------
    ValueError
        This machine or this build does not have the requested instruction set.
    """
    isas = available_isas()
    asked = name or os.environ.get("W2V_ISA") or isas[0]
    if asked not in isas:
        raise ValueError(f"the instruction set {asked!r} is not available here; this machine can run {', '.join(isas)}")
    return asked


cdef const w2v_kernels *find_kernels(str isa) except NULL:
    """The kernels of an instruction set, or of the one that `chosen_isa` returns for None."""
    return w2v_kernels_available(<int> available_isas().index(chosen_isa(isa)))
