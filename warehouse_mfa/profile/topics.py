"""What a history can be narrowed down to."""

from enum import StrEnum
from typing import Any

from warehouse_mfa.i18n import _


class Topic(StrEnum):
    WARNINGS = "warnings"
    LOGINS = "logins"
    PASSWORD = "password"  # noqa: S105 - a name
    FACTORS = "factors"
    ADDRESSES = "addresses"
    SESSIONS = "sessions"
    ACCOUNT = "account"


NAMES: dict[str, Any] = {
    "": _("Everything"),
    Topic.WARNINGS: _("What was refused, or needs a look"),
    Topic.LOGINS: _("Logins"),
    Topic.PASSWORD: _("Password"),
    Topic.FACTORS: _("Second factors and recovery codes"),
    Topic.ADDRESSES: _("Email addresses"),
    Topic.SESSIONS: _("Sessions and browsers"),
    Topic.ACCOUNT: _("The account as a whole"),
}
