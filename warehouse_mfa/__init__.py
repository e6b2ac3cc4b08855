"""Account security for a Python package index; `config.py` is the contents page."""

import warnings
from importlib.metadata import version

# Pyramid 2.1 imports pkg_resources, and setuptools says so on every start. An operator cannot change
# that; our `setuptools<82` keeps it working.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)

__version__ = version("warehouse_mfa")
