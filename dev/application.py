"""The application, configured for development and not served: for commands that look at it."""

from pyramid.config import Configurator

from warehouse_mfa import settings
from warehouse_mfa.config import configure
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy


def configured(database_url: str) -> Configurator:
    """Return the configurator, with keys that nobody keeps. The database is not connected yet."""
    given = {
        "ENVIRONMENT": "development",
        "DATABASE_URL": database_url,
        "SECRET_KEYS": generate_key(SystemEntropy(), "passing"),
    }
    return configure(
        settings.load({f"{settings.PREFIX}{name}": value for name, value in given.items()})
    )
