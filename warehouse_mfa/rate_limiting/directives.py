"""`config.add_rate_limiter`."""

from enum import StrEnum

from pyramid.config import Configurator
from pyramid.request import Request

from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter
from warehouse_mfa.rate_limiting.services.sql import SQLRateLimiter, upsert_for
from warehouse_mfa.rate_limiting.services.windows import WindowRateLimiter


class Store(StrEnum):
    SQL = "sql"
    """In the database: for what belongs to an account."""
    WINDOW = "window"
    """In Redis or memory: for network addresses."""


def add_rate_limiter(config: Configurator, name: str, *, store: Store | str) -> None:
    """Declare the limiter `name`; the setting `LIMIT_<NAME>` has its windows."""
    settings = config.registry["settings"]
    items = getattr(settings, f"limit_{name.replace('.', '_')}")

    if Store(store) is Store.SQL:
        statement = upsert_for(len(items))

        def create_sql(context: object, request: Request) -> SQLRateLimiter:
            return SQLRateLimiter(
                name,
                items,
                statement,
                request.db,
                request.find_service(IKeyRing),
                request.find_service(IClock),
            )

        config.register_service_factory(create_sql, IRateLimiter, name=name)
        return

    def create_window(context: object, request: Request) -> WindowRateLimiter:
        return WindowRateLimiter(
            name,
            items,
            request.registry["limits_storage"],
            request.find_service(IKeyRing),
            request.find_service(IClock),
        )

    config.register_service_factory(create_window, IRateLimiter, name=name)
