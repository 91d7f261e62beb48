"""Draw the pictures of documents, in bench/pictures: what `w2v demo --map` makes as a picture and as a page, for
README.md, and the map of a graph, for w2v/graphs/README.md.

Needs Chromium, and a Python with networkx and matplotlib (the extra plot), which brings Pillow. The model of the first
two is that of `w2v demo` with one thread, and texts come from the running Python, so the same command writes the same
bytes on the same machine.

PNG with a palette, 36 kB: the map as SVG has 168 kB, because matplotlib writes letters as paths. A palette by median
cut gives the points wrong colours, since most pixels are grey.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import common

import w2v
from w2v.cli.demo import DEMO_CONFIG, demo_map
from w2v.cli.demo_text import PROBES, python_sentences
from w2v.system.figures import save_figure, whole_figure

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER = common.BENCH / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1",
         "--force-color-profile=srgb", "--force-prefers-reduced-motion", "--virtual-time-budget=5000",
         "--run-all-compositor-stages-before-draw")
SHOWN = "january"  # the word that is chosen on the page
DPI, WINDOW, COLOURS = 106, (1000, 560), 128  # the map is 800 pixels wide, as GitHub shows it
MOST_BYTES = 60_000


def map_picture(kv: w2v.KeyedVectors) -> bytes:
    """PNG of a static map."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.png"
        save_figure(whole_figure(demo_map(kv, PROBES, page=False).plot()), path, dpi=DPI)
        return path.read_bytes()


def page_picture(kv: w2v.KeyedVectors, browser: str) -> bytes:
    """PNG of a page on which a word is chosen."""
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder) / "map.html", Path(folder) / "page.png"
        demo_map(kv, PROBES, page=True).save(page)
        width, height = WINDOW
        subprocess.run([browser, *FLAGS, f"--user-data-dir={folder}/profile", f"--window-size={width},{height}",
                        f"--screenshot={shot}", f"{page.as_uri()}#{SHOWN}"], check=True, capture_output=True)
        return shot.read_bytes()


def graph_picture() -> bytes:
    """PNG of the guide in w2v/graphs/README.md."""
    import networkx

    model = w2v.train(graph=networkx.les_miserables_graph(), vector_size=16, walks=20, walk_length=20, epochs=20,
                      seed=1, threads=1, progress=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.png"
        save_figure(whole_figure(w2v.map(model.wv, top=40, clusters=6).plot()), path, dpi=DPI)
        return path.read_bytes()


def with_a_palette(png: bytes) -> bytes:
    """The same picture with few colours."""
    from PIL import Image

    picture: Image = Image.open(io.BytesIO(png)).convert("RGB").quantize(
        COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("Chromium is not installed (Debian: apt install chromium)")
    kv = w2v.train(python_sentences(), threads=1, config=DEMO_CONFIG, progress=False).wv
    FOLDER.mkdir(exist_ok=True)
    for name, png in (("map", map_picture(kv)), ("page", page_picture(kv, browser)), ("graph", graph_picture())):
        small = with_a_palette(png)
        if len(small) > MOST_BYTES:
            sys.exit(f"{name}.png has {len(small):,} bytes, {MOST_BYTES:,} at most: choose fewer words or colours")
        (FOLDER / f"{name}.png").write_bytes(small)
        print(f"written: {FOLDER / name}.png, {len(small):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
