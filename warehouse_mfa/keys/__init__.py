"""What hangs on the keys of the ring: which rows, how they move to another key, how they end.

A capability whose rows are made with a key says so by `config.add_keyed_table`; each row names its
key in a column `key_id`. There are two kinds. A sealed value can be encrypted again under the
current key: its table is an `ISealedTable` (authenticator applications). A keyed digest cannot, its
input being gone: its table is an `IKeyedTable` (recovery codes), and its rows stay with their key
until they are used up or revoked.

Some things hang on a key and stand in no row that names it, because they live for minutes. Cookies,
challenges and CSRF tokens are read with every key of the ring; when a key is taken out of it, what
was made with that key ends, and people press again. Counters of attempts are found by a digest with
the current key: with another one in front they begin at nothing, once.
"""

from pyramid.config import Configurator

from warehouse_mfa.keys.directives import add_keyed_table
from warehouse_mfa.keys.interfaces import IKeyService
from warehouse_mfa.keys.services import KeyService


def includeme(config: Configurator) -> None:
    config.registry["keyed_tables"] = []
    config.add_directive("add_keyed_table", add_keyed_table)
    config.register_service_factory(KeyService.create, IKeyService)
