"""Rules and hashes of passwords."""

from dataclasses import dataclass
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.accounts.interfaces.accounts import AccountRefusal
from warehouse_mfa.crypto import PasswordMatch


class PasswordRefused(AccountRefusal):
    """The password breaks a rule; `message` says which."""

    field = "new_password"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class PasswordHolder:
    """Whose password is to be changed."""

    user_id: UUID
    username: str
    address: str
    """The primary address, empty when there is none."""
    stored: str | None
    """The hash, `None` while no password can be entered."""


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What a page can say of a new password while it is typed. `check` has the last word."""

    least: int
    """Code points after NFKC."""
    most: int
    words: tuple[str, ...]
    """What an attacker tries first here, whoever the person is."""
    too_short: str
    too_long: str
    is_about_you: str
    """The sentences of `check`, marked strings."""


class IPasswordService(Interface):
    """Rules and hashes of passwords. `hash`, `verify`, `is_breached`: with no transaction open."""

    def rules() -> PasswordRules:
        """Return the rules that can be told beforehand."""

    def check(password: str, *, username: str, address: str) -> None:
        """Check a new password against the rules. :raises PasswordRefused: with the one it breaks."""

    def refuse_breached(password: str) -> None:
        """Pause, and refuse a new password that has become known. :raises PasswordRefused:"""

    def is_breached(password: str) -> bool:
        """Tell whether a password has become known, which may take a second."""

    def mark_breached(user_id: UUID, stored: str) -> bool:
        """Note that the password of a hash has become known; tell whether this is news."""

    def hash(password: str) -> str:
        """Return the hash of a password, normalized. NIST SP 800-63B-4 §3.1.1.2."""

    def verify(password: str, stored: str | None) -> PasswordMatch:
        """Compare a typed password with a stored hash; with `None` it takes as long."""

    def holder(user_id: UUID) -> PasswordHolder:
        """Return whose password it is. :raises AccountChanged: when the account is gone."""

    def replace(holder: PasswordHolder, hashed: str) -> None:
        """Replace the hash by that of another password.

        :raises AccountChanged: when it was replaced meanwhile.
        """

    def upgrade(user_id: UUID, stored: str, upgraded: str) -> None:
        """Replace a hash by a stronger one of the same password, unless it changed meanwhile."""
