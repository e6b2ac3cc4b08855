"""`config.add_keyed_table`."""

from collections.abc import Callable

from pyramid.config import Configurator
from pyramid.request import Request

from warehouse_mfa.keys.interfaces import IKeyedTable


def add_keyed_table(
    config: Configurator, create: Callable[[object, Request], IKeyedTable], *, name: str
) -> None:
    """Join a table whose rows hang on keys; `name` is that of the table."""
    config.register_service_factory(create, IKeyedTable, name=name)
    config.action(("keyed table", name), lambda: config.registry["keyed_tables"].append(name))
