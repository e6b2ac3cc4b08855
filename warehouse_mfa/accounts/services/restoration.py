"""After a backup was restored."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import DatabaseRestored, IRestorationService, IUserService
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.i18n import _


@implementer(IRestorationService)
class RestorationService:
    def __init__(
        self,
        users: IUserService,
        events: IEventService,
        steps: Sequence[tuple[str, Callable[[], int]]],
    ) -> None:
        """`steps` are those of the capabilities: what they do, and doing it."""
        self._users = users
        self._events = events
        self._steps = steps

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(IUserService),
            request.find_service(IEventService),
            [
                (step.what, partial(step.run, request))
                for step in request.registry["restoration_steps"]
            ],
        )

    def restored(self) -> dict[str, int]:
        accounts = self._users.raise_security_epochs()
        done = {_("Accounts made safe"): accounts}
        for what, run in self._steps:
            done[what] = run()
        self._events.record(None, DatabaseRestored(accounts))
        return done
