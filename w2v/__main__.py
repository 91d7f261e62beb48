"""The command `w2v`, also as `python -m w2v`: signals first, then everything else is imported."""

import sys

from w2v.system import signals


def main() -> int:
    """Run the command line and return its exit code."""
    signals.begin()
    from w2v import cli

    code = cli.main()
    if code in (signals.INTERRUPTED, signals.TERMINATED):
        cli.drop_output()
    return code


if __name__ == "__main__":
    sys.exit(main())
