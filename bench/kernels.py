"""Speed of the kernels of one step and of its parts, with all rows in the first-level cache.

The cases differ in dimension, contexts, negatives and instruction set. The results are GFLOP/s of the multiply-adds
done, padding included, and their share of the machine's own peak. `two` is the step that training makes: two
neighbouring windows with joint contexts. Padding is what the kernels compute: rows are rounded up to 8 floats.
"""

from __future__ import annotations

import time

import common
import numpy as np

from w2v.training.loop import _slots
from w2v.training.loop.settings import shared_negatives
from w2v.training.matrices import allocate_rows

DIMENSIONS = (50, 100, 200, 300, 512)
CONTEXTS = (1, 2, 4, 6, 8, 10, 20)
NEGATIVES = (5, 10, 15)
FLOATS = 8  # to which kernels round the dimension up (w2v_used_floats)
SLOTS = {"scores": 1, "rank_update": 2, "window": 3, "two": 3}  # multiply-adds for each pair of rows


def outputs_of(slot: str, negative: int) -> int:
    return shared_negatives(negative) + 2 if slot == "two" else negative + 1


def seconds_a_call(kernels: _slots.Kernels, slot: str, dim: int, n_inputs: int, negative: int, times: int) -> float:
    kernels.vector_size = dim
    rng = np.random.default_rng(1)
    rows_in, rows_out = allocate_rows(64, dim), allocate_rows(64, dim)
    rows_in[:, :dim], rows_out[:, :dim] = rng.normal(0, 0.1, (64, dim)), rng.normal(0, 0.1, (64, dim))
    n_outputs = outputs_of(slot, negative)
    inputs, outputs = list(range(n_inputs)), list(range(n_outputs))
    g = np.zeros((n_inputs, n_outputs), np.float32)
    kinds = bytes([3] * n_inputs) if slot == "two" else None
    start = time.perf_counter()
    if slot == "scores":
        kernels.scores(rows_in, rows_out, inputs, outputs, g, times)
    elif slot == "rank_update":
        kernels.rank_update(rows_in, rows_out, inputs, outputs, g, times)
    else:
        kernels.window_update(rows_in, rows_out, inputs, outputs, 1e-6, kinds, times)
    return (time.perf_counter() - start) / times


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--isa", action="append", help="only these instruction sets")
    parser.add_argument("--milliseconds", type=float, default=4.0, help="duration of one measurement")
    options = parser.parse_args()
    rows, result = [], []
    for isa in options.isa or [isa for isa in common.machine()["isas"] if isa != "scalar"]:
        kernels, peak = _slots.Kernels(isa), common.peak_fma(isa)
        for slot, factor in SLOTS.items():
            for dim, n_inputs, negative in [(d, c, k) for d in DIMENSIONS for k in NEGATIVES for c in CONTEXTS]:
                once = seconds_a_call(kernels, slot, dim, n_inputs, negative, 200)
                times = max(int(options.milliseconds * 1e-3 / once), 100)
                took = common.summary(
                    [seconds_a_call(kernels, slot, dim, n_inputs, negative, times) for _ in range(options.repeats)]
                )
                fma = factor * n_inputs * outputs_of(slot, negative) * (-(-dim // FLOATS) * FLOATS / kernels.lanes)
                entry = {
                    "isa": isa,
                    "slot": slot,
                    "dim": dim,
                    "contexts": n_inputs,
                    "negative": negative,
                    "nanoseconds": took["median"] * 1e9,
                    "spread": took["spread"],
                    "gflops": 2 * fma * kernels.lanes / took["median"] / 1e9,
                    "share": fma / took["median"] / peak,
                }
                result.append(entry)
                if negative == 5 and n_inputs in (2, 6, 8, 10) and dim in (100, 300):
                    rows.append(
                        [
                            f"{isa} {slot} d={dim} C={n_inputs}",
                            f"{entry['nanoseconds']:.0f}",
                            f"{entry['gflops']:.0f}",
                            common.percent(entry["share"]),
                        ]
                    )
    print(common.table(rows, ["with 5 negatives", "ns", "GFLOP/s", "of the peak"]))
    common.write("kernels", options, {"kernels": result})


if __name__ == "__main__":
    main()
