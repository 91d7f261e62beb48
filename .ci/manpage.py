#!/usr/bin/env python3
"""Write the man page, made from the parser of the command line: `python .ci/manpage.py w2v.1`.

Needs argparse-manpage (the extra `release`) and w2v installed. The page has all commands with their options. It is for
packages of distributions, and not in the wheel: it would be 13 kB of what `w2v COMMAND --help` prints.
"""

import os
import sys
import time
from pathlib import Path

from argparse_manpage.manpage import Manpage  # type: ignore[import-untyped]

from w2v import __version__
from w2v.cli.completion import documented


def page() -> str:
    """Return the page as roff."""
    os.environ["COLUMNS"] = "80"
    parser = documented()
    date = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    parser.man_short_description = "train, query, evaluate and analyse word vectors"  # type: ignore[attr-defined]
    parser.epilog = None  # the list of commands, which the page has anyway
    return str(Manpage(parser, {"date": time.strftime("%Y-%m-%d", date), "version": __version__,
                                "manual_title": "w2v", "project_name": "w2v"}))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
