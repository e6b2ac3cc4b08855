"""Limits on attempts: reserved before the check, given back on success.

Counters of an account stand in the database, so that losing Redis never revives guesses; windows by
network address live in Redis, or in this process when there is none. `config.add_rate_limiter`
declares one; its subject is hashed with a key, so that unknown names leave no list of names.
`config.add_delaying_rate_limiter` declares one that takes an attempt now and then after a full
window, and `config.add_streak_limiter` one of failures in a row that no time ends.
"""

from datetime import timedelta

from pyramid.config import Configurator

from warehouse_mfa.rate_limiting.directives import (
    add_delaying_rate_limiter,
    add_rate_limiter,
    add_streak_limiter,
)
from warehouse_mfa.rate_limiting.interfaces import TooManyAttempts
from warehouse_mfa.rate_limiting.stores import open_storage
from warehouse_mfa.rate_limiting.tasks import purge
from warehouse_mfa.rate_limiting.views import too_many_attempts


def includeme(config: Configurator) -> None:
    config.add_directive("add_rate_limiter", add_rate_limiter)
    config.add_directive("add_delaying_rate_limiter", add_delaying_rate_limiter)
    config.add_directive("add_streak_limiter", add_streak_limiter)
    config.add_exception_view(too_many_attempts, context=TooManyAttempts)
    config.action(None, open_storage, args=(config,), order=10)
    config.add_task("rate_limiting.purge", purge, every=timedelta(hours=1))
