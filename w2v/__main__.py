"""`python -m w2v`: the same as the command `w2v`."""

import sys

from w2v.cli import main

sys.exit(main())
