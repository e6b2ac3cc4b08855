"""Real servers for development and tests, started from wheels, without root's help and without TCP.

`python -m dev.services` runs both and prints their addresses; the test suite starts `PostgreSQL`
and `Valkey` itself. Each server lives in a temporary directory, belongs to the process that started
it and ends with that process.
"""

from dev.services.postgresql import PostgreSQL
from dev.services.process import ServiceError
from dev.services.valkey import Valkey

__all__ = ["PostgreSQL", "ServiceError", "Valkey"]
