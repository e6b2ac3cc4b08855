"""`config.add_personal_data`."""

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from sqlalchemy import Select


def add_personal_data(config: Configurator, sections: Mapping[str, Select[Any]]) -> None:
    """Join statements that select what is kept about the account `user_id`, by their section."""
    config.action(
        ("personal data", *sections),
        lambda: config.registry["personal_data"].update(sections),
    )
