"""`w2v datasets`: list the sets that have a name, and fetch them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2v.cli.common import UsageError, complain, print_json
from w2v.errors import W2VError

if TYPE_CHECKING:
    from w2v.evaluation.sets.registry import SetInfo


def arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `w2v datasets`."""
    sub.epilog = ("Sets are looked for in the folder of --datasets, in that of W2V_DATASETS, and in the cache folder "
                  "(W2V_CACHE, or w2v in the user's cache folder). Only fetch uses the network.")
    sub.add_argument("action", choices=["list", "fetch"], nargs="?", default="list",
                     help="list (default): show all sets; fetch: fetch sets into the cache folder, checked by SHA-256")
    sub.add_argument("names", nargs="*", metavar="NAME", help="sets to fetch, or all")
    sub.add_argument("--datasets", metavar="DIR", help="folder in which sets are looked for first")


def run(options: argparse.Namespace) -> None:
    """List all sets, or fetch some."""
    if options.action == "fetch":
        _fetch(options)
    elif options.names:
        raise UsageError("w2v datasets list takes no names; w2v datasets fetch does")
    else:
        _list(options)


def _list(options: argparse.Namespace) -> None:
    from w2v.evaluation.sets.finding import find_set
    from w2v.evaluation.sets.registry import SETS
    from w2v.system.text_table import TextTable

    found = {name: find_set(name, options.datasets) for name in SETS}
    if options.json:
        print_json({"datasets": [_plain(name, found[name]) for name in SETS]})
        return
    rows = [(info.name, info.kind, str(found[info.name]) if found[info.name]
             else "can be fetched" if info.fetchable else f"by hand: {info.hint}", info.title)
            for info in SETS.values()]
    print(TextTable(("set", "kind", "where", "what"), rows).render())


def _plain(name: str, path: Path | None) -> dict[str, Any]:
    """Return the facts about a set as plain values, for JSON."""
    from w2v.evaluation.sets.registry import SETS

    info = SETS[name]
    return {"name": name, "kind": info.kind, "title": info.title, "citation": info.citation, "licence": info.licence,
            "address": info.address, "sha256": info.sha256, "fetchable": info.fetchable, "hint": info.hint,
            "path": None if path is None else str(path)}


def _fetch(options: argparse.Namespace) -> None:
    from w2v.evaluation.sets.finding import known_set
    from w2v.evaluation.sets.registry import SETS

    if not options.names:
        raise UsageError("name the sets to fetch, or all")
    names = [name for name, info in SETS.items() if info.fetchable] if options.names == ["all"] else options.names
    for name in names:
        known_set(name)  # raises before anything is fetched
    fetched, failed = [], 0
    for name in names:
        info = known_set(name)
        try:
            path = _fetch_one(info)
        except W2VError as error:
            if len(names) == 1:
                raise
            complain(error)  # and fetch the others
            failed += 1
            continue
        fetched.append({"name": info.name, "path": str(path)})
        if not options.json:
            print(f"{info.name}: {path}")
            print(f"  {info.title}. Cite: {info.citation}. Licence: {info.licence}.", file=sys.stderr)
    if options.json:
        print_json({"fetched": fetched})
    if failed:
        raise W2VError(f"{failed} of {len(names)} sets could not be fetched")


def _fetch_one(info: SetInfo) -> Path:
    """Fetch a set; show its progress on stderr: a bar on a terminal, elsewhere one line at the beginning."""
    from w2v.evaluation.sets.finding import fetch_set
    from w2v.system.display import Display

    with Display(f"fetching {info.name}", None, "B") as display:
        begun = False

        def show(done: int, total: int | None) -> None:
            nonlocal begun
            if not begun and display.bar is None:
                size = "" if total is None else f", {total:,} bytes"
                display.note(f"fetching {info.name} from {info.address}{size}")
            begun = True
            display.resize(total)
            display.update(done)

        return fetch_set(info.name, show=show)
