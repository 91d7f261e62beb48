"""Limits of this machine: fused multiply-adds, random rows and streaming, on one core.

Rows are read, changed and written at random places in working sets of several sizes, with and without prefetching some
rows ahead. Training uses memory in this way.
"""

from __future__ import annotations

import common

from w2v.training.loop._isa import ROW_FLOATS
from w2v.training.matrices import allocate_rows

SIZES = {"L1": 24 << 10, "L2": 512 << 10, "L3": 8 << 20, "L3 and more": 24 << 20, "memory": 512 << 20}


def main() -> None:
    options = common.arguments(__doc__).parse_args()
    library = common.limits_library()
    result: dict = {"fma": {}, "rows": {}, "streaming": {}}
    isas = [isa for isa in common.machine()["isas"] if isa != "scalar"]
    peaks = common.in_turn({isa: lambda isa=isa: common.peak_fma(isa) for isa in isas}, options.repeats)
    result["fma"] = {isa: common.summary(values) for isa, values in peaks.items()}
    for dim in (100, 300):
        floats = -(-dim // ROW_FLOATS) * ROW_FLOATS
        for name, size in SIZES.items():
            rows = allocate_rows(max(size // (4 * floats), 8), dim)
            rows += 1.0  # touch every page before the measurement
            for ahead in (0, 4):
                values = [
                    1e9 / library.random_rows(rows.ctypes.data, len(rows), floats, ahead, 0.1)
                    for _ in range(options.repeats)
                ]
                result["rows"][f"d={dim} {name}{', prefetched' if ahead else ''}"] = {
                    "bytes": rows.nbytes,
                    **common.summary(values),
                }
    for name in ("L2", "memory"):
        rows = allocate_rows(SIZES[name] // 448, 100)
        rows += 1.0
        values = [library.streaming(rows.ctypes.data, rows.size, 0.1) / 1e9 for _ in range(options.repeats)]
        result["streaming"][name] = common.summary(values)
    lanes = {"avx512": 16, "avx2": 8, "neon": 4}
    print(
        common.table(
            [
                [isa, f"{s['median'] / 1e9:.2f}", f"{2 * lanes[isa] * s['median'] / 1e9:.0f}"]
                for isa, s in result["fma"].items()
            ],
            ["multiply-adds", "G vectors/s", "GFLOP/s"],
        ),
        end="\n\n",
    )
    print(
        common.table(
            [[name, f"{s['median']:.1f}"] for name, s in result["rows"].items()],
            ["a random row, read and written", "ns"],
        ),
        end="\n\n",
    )
    print(
        common.table(
            [[name, f"{s['median']:.1f}"] for name, s in result["streaming"].items()],
            ["streaming, read and written", "GB/s"],
        )
    )
    common.write("limits", options, result)


if __name__ == "__main__":
    main()
