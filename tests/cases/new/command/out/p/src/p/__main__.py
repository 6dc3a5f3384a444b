"""Runs the command for ``python -m``."""

import sys

from p.cli import main

if __name__ == "__main__":
    sys.exit(main())
