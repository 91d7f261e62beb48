"""How fast does text become ids? Words and megabytes a second of reading, counting and encoding, by threads."""

from __future__ import annotations

import time
from pathlib import Path

import common

from w2v.corpus import encode


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--corpus", type=Path, help="plain text (default: the development corpus)")
    options = parser.parse_args()
    path = options.corpus or common.corpus_path()
    words = encode(path).report.words

    def run(threads: int) -> float:
        start = time.perf_counter()
        encode(path, threads=threads)
        return words / (time.perf_counter() - start)

    threads = sorted({1, common.machine()["cores"]})
    results = common.in_turn(
        {f"{n} thread{'s' if n > 1 else ''}": lambda n=n: run(n) for n in threads}, options.repeats
    )
    result = {name: common.summary(values) for name, values in results.items()}
    megabytes = path.stat().st_size / 1e6
    print(
        common.table(
            [
                [
                    name,
                    f"{s['median'] / 1e6:.1f}",
                    f"{s['median'] * megabytes / words:.0f}",
                    f"{100 * s['spread']:.0f} %",
                ]
                for name, s in result.items()
            ],
            ["ingest", "M words/s", "MB/s", "spread"],
        )
    )
    common.write("ingest", options, {"corpus": {"sha256": common.checksum(path), "words": words}, "ingest": result})


if __name__ == "__main__":
    main()
