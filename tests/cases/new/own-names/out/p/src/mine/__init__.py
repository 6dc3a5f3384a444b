"""The My-Dist package."""

from importlib.metadata import version

from mine.greeting import greet

__all__ = ["__version__", "greet"]
__version__ = version("My-Dist")
