"""`config.add_rate_limiter`, `add_delaying_rate_limiter` and `add_streak_limiter`."""

from enum import StrEnum
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, IStreakLimiter
from warehouse_mfa.rate_limiting.services.committing import CommittingRateLimiter
from warehouse_mfa.rate_limiting.services.delayed_windows import DelayingWindowRateLimiter
from warehouse_mfa.rate_limiting.services.delays import growing_delays
from warehouse_mfa.rate_limiting.services.sql import SQLRateLimiter, Statements, fixed_windows
from warehouse_mfa.rate_limiting.services.streak import StreakLimiter
from warehouse_mfa.rate_limiting.services.windows import WindowRateLimiter


class Store(StrEnum):
    SQL = "sql"
    """In the database: for what belongs to an account."""
    WINDOW = "window"
    """In Redis or memory: for network addresses."""


def add_rate_limiter(config: Configurator, name: str, *, store: Store | str) -> None:
    """Declare the limiter `name`; the setting `LIMIT_<NAME>` has its windows.

    A full window takes no attempt until it is over.
    """
    items = _setting(config, name)

    def create(context: object, request: Request) -> CommittingRateLimiter:
        limiter = WindowRateLimiter(
            name,
            items,
            request.registry["limits_storage"],
            request.find_service(IKeyRing),
            request.find_service(IClock),
        )
        return CommittingRateLimiter(limiter, request.tm)

    if Store(store) is Store.SQL:
        _register_sql(config, name, fixed_windows(len(items)))
    else:
        config.register_service_factory(create, IRateLimiter, name=name)


def add_delaying_rate_limiter(config: Configurator, name: str, *, store: Store | str) -> None:
    """Declare the limiter `name`, as `add_rate_limiter` does.

    After a full window it takes one attempt after each of the delays of `LOGIN_DELAYS`.
    """
    items, delays = _setting(config, name), config.registry["settings"].login_delays

    def create(context: object, request: Request) -> CommittingRateLimiter:
        limiter = DelayingWindowRateLimiter(
            name,
            items,
            delays,
            request.registry["limits_storage"],
            request.find_service(IKeyRing),
            request.find_service(IClock),
        )
        return CommittingRateLimiter(limiter, request.tm)

    if Store(store) is Store.SQL:
        _register_sql(config, name, growing_delays(len(items), delays))
    else:
        config.register_service_factory(create, IRateLimiter, name=name)


def add_streak_limiter(config: Configurator, name: str) -> None:
    """Declare the limiter `name` of failures in a row; `LIMIT_<NAME>` says how many."""
    allowed = _setting(config, name)

    def create(context: object, request: Request) -> StreakLimiter:
        return StreakLimiter(name, allowed, request.db)

    config.register_service_factory(create, IStreakLimiter, name=name)


def _setting(config: Configurator, name: str) -> Any:
    return getattr(config.registry["settings"], f"limit_{name.replace('.', '_')}")


def _register_sql(config: Configurator, name: str, statements: Statements) -> None:
    items = _setting(config, name)

    def create(context: object, request: Request) -> SQLRateLimiter:
        return SQLRateLimiter(
            name,
            items,
            statements,
            request.db,
            request.find_service(IKeyRing),
            request.find_service(IClock),
        )

    config.register_service_factory(create, IRateLimiter, name=name)
