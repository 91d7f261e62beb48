"""`python -m w2v` is the command `w2v`."""

import sys

from w2v.cli import main

sys.exit(main())
