"""Somebody with an account, and what they have: password, authenticator app, security key."""

from dataclasses import dataclass, field
from uuid import UUID

import pyotp

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.clock import FrozenClock

PASSWORD = "correct horse battery staple 9"


@dataclass
class Person:
    """A person. `codes` hold the Base32 secrets of their applications, the first one first."""

    username: str
    clock: FrozenClock
    password: str = PASSWORD
    user_id: UUID | None = None
    codes: list[str] = field(default_factory=list)
    recovery_codes: list[str] = field(default_factory=list)
    """As the page showed them; those that were used are taken out."""
    key: SoftwareAuthenticator = field(default_factory=SoftwareAuthenticator)

    @property
    def address(self) -> str:
        return f"{self.username.lower()}@example.org"

    @property
    def name(self) -> str:
        return f"{self.username.title()} Example"

    def code(self, steps: int = 0, application: int = 0) -> str:
        """Return the code that an application shows now, or `steps` steps from now."""
        at = int(self.clock.now().timestamp()) + 30 * steps
        return pyotp.TOTP(self.codes[application]).at(at)

    def wrong_code(self) -> str:
        """Return six digits that are no code near now."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in (f"{n:06d}" for n in range(10)) if code not in near)
