"""Reading what is kept about a person."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import Select
from zope.interface import implementer

from warehouse_mfa.db import Session
from warehouse_mfa.personal_data.interfaces import IPersonalData


@implementer(IPersonalData)
class PersonalData:
    def __init__(self, session: Session, statements: Mapping[str, Select[Any]]) -> None:
        self._session = session
        self._statements = statements

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db, request.registry["personal_data"])

    def of(self, user_id: UUID) -> dict[str, list[dict[str, Any]]]:
        return {
            section: [
                {name: _plain(value) for name, value in row.items()}
                for row in self._session.execute(statement, {"user_id": user_id}).mappings()
            ]
            for section, statement in self._statements.items()
        }


def _plain(value: Any) -> Any:
    """Return a value of a column as JSON knows it."""
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case UUID():
            return str(value)
        case bytes():
            return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
        case _:
            return value
