"""The p package."""

from importlib.metadata import version

from p.greeting import greet

__all__ = ["__version__", "greet"]
__version__ = version("p")
