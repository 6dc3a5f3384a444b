"""The << name >> package."""

from importlib.metadata import version

from << package >>.greeting import greet

__all__ = ["__version__", "greet"]
__version__ = version("<< name >>")
