"""Account security for a Python package index; `config.py` is the contents page."""

from importlib.metadata import version

__version__ = version("warehouse_mfa")
