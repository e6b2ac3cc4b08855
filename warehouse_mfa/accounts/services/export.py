"""All that is kept about a person, handed out."""

from typing import Any, Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountExported, IAccountExportService
from warehouse_mfa.authz import Identity
from warehouse_mfa.clock import IClock
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.personal_data import IPersonalData


@implementer(IAccountExportService)
class AccountExportService:
    def __init__(
        self, clock: IClock, data: IPersonalData, events: IEventService, origin: str
    ) -> None:
        self._clock = clock
        self._data = data
        self._events = events
        self._origin = origin

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(IClock),
            request.find_service(IPersonalData),
            request.find_service(IEventService),
            request.registry["settings"].origin,
        )

    def export(self, identity: Identity) -> dict[str, Any]:
        self._events.record(identity.user_id, AccountExported())
        return {
            "site": self._origin,
            "exported_at": self._clock.now().isoformat().replace("+00:00", "Z"),
            **self._data.of(identity.user_id),
        }
