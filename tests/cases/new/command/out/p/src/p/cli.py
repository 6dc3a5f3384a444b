"""The command line."""

import argparse
from collections.abc import Sequence

from p import __version__
from p.greeting import greet


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with the arguments *argv*, by default those of the process.

    Return the exit status.
    """
    parser = argparse.ArgumentParser(
        prog="p",
        description="Greet someone.",
    )
    parser.add_argument("name", help="whom to greet")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(argv)
    try:
        print(greet(options.name))
    except ValueError as error:
        parser.error(str(error))
    return 0
