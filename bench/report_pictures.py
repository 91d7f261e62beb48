"""The pictures of `report.py`, as SVG: bars of training speed, and scores against the time of training."""

from __future__ import annotations

import math
import statistics
from typing import Any

from tables import Summary, steady


def speeds(trainers: dict[str, Summary]) -> str:
    """Bars of training speed with d=100, as SVG."""
    bars = {name: speed["median"] / 1e6 for name, speed in trainers.items() if steady(speed)}
    bars = dict(sorted(bars.items(), key=lambda bar: -bar[1]))
    left, width, row, most = 110, 430, 26, max(bars.values())
    height = 44 + row * len(bars)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{height}" viewBox="0 0 640 {height}" '
        'font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" rx="6" fill="#ffffff"/>',
        '<text x="14" y="24" font-weight="bold" fill="#222222">Skip-gram training, million words a second '
        "(d=100, 1 thread)</text>",
    ]
    for k, (name, speed) in enumerate(bars.items()):
        y, length = 38 + row * k, max(2.0, width * speed / most)
        colour = "#2b6cb0" if name.startswith("w2v") else "#9aa5b1"
        lines += [
            f'<text x="{left - 8}" y="{y + 14}" text-anchor="end" fill="#222222">{name}</text>',
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="18" fill="{colour}"/>',
            f'<text x="{left + length + 6:.1f}" y="{y + 14}" fill="#222222">{speed:.2f}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def scores_against_time(trainers: dict[str, Any]) -> str:
    """Google analogies against seconds, the latter on a logarithmic axis, as SVG."""
    points = {name: (statistics.median(entry["whole_command_seconds"]),
                     statistics.mean(scores[0] for scores in entry["scores"])) for name, entry in trainers.items()}
    left, top, width, height = 60, 44, 560, 300
    seconds = [20, 50, 100, 200, 500, 1000, 2000]
    levels = range(0, 70, 10)

    def x(value: float) -> float:
        return left + width * math.log(value / seconds[0]) / math.log(seconds[-1] / seconds[0])

    def y(value: float) -> float:
        return top + height * (1 - value / levels[-1])

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{top + height + 50}" '
        f'viewBox="0 0 760 {top + height + 50}" font-family="sans-serif" font-size="13" fill="#222222">',
        '<rect width="100%" height="100%" rx="6" fill="#ffffff"/>',
        '<text x="14" y="24" font-weight="bold">Google analogies (per cent) against seconds of the whole command, '
        "17 million words, 2 threads</text>",
    ]
    for value in levels:
        lines += [f'<path d="M{left} {y(value):.1f}h{width}" stroke="#e2e8f0"/>',
                  f'<text x="{left - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value}</text>']
    for value in seconds:
        lines += [f'<path d="M{x(value):.1f} {top}v{height}" stroke="#e2e8f0"/>',
                  f'<text x="{x(value):.1f}" y="{top + height + 20}" text-anchor="middle">{value:,}</text>']
    for name, (took, score) in points.items():
        colour = "#2b6cb0" if name.startswith("w2v") else "#718096"
        lines += [f'<circle cx="{x(took):.1f}" cy="{y(score):.1f}" r="5" fill="{colour}"/>',
                  f'<text x="{x(took) + 9:.1f}" y="{y(score) + 4:.1f}" fill="{colour}">{name}</text>']
    return "\n".join([*lines, "</svg>"]) + "\n"
