"""Every permission, what it takes to use it, and the credentials that may ever use it."""

from enum import Flag, StrEnum, auto

from warehouse_mfa.authz.interfaces import CredentialKind


class Permission(StrEnum):
    ACCOUNT_SET_UP = "account:set-up"
    """Verify the address: all that a new account can do."""
    FACTORS_ENROLL = "account:factors:enroll"
    """See and add second factors."""
    FACTORS_CHANGE = "account:factors:change"
    """Rename and remove second factors, and make recovery codes."""
    PASSWORD_CHANGE = "account:password:change"  # noqa: S105 - a name
    ADDRESSES_CHANGE = "account:addresses:change"
    SESSIONS_END = "account:sessions:end"
    """End sessions and forget browsers: it takes rights away only."""
    PUBLISHING_RELEASE = "account:publishing:release"
    """Let go on what was held after "this was not me"."""
    PROFILE_CHANGE = "account:profile:change"
    """Name, language and the like, which no security rests on."""
    ACCOUNT_READ = "account:read"
    """Everything behind a full login that changes nothing."""
    ACCOUNT_DELETE = "account:delete"
    ACT_CONFIRM = "account:act:confirm"
    """Confirm an act of high impact that one has asked for."""
    LOGIN_COMPLETE = "login:complete"
    """Answer the second step of a login; held by the pending login, not by a person."""


class Requirement(Flag):
    """What an identity must be, beyond being known."""

    NOTHING = 0
    VERIFIED = auto()
    FACTOR = auto()


REQUIREMENTS: dict[str, Requirement] = {
    Permission.ACCOUNT_SET_UP: Requirement.NOTHING,
    Permission.FACTORS_ENROLL: Requirement.VERIFIED,
    Permission.FACTORS_CHANGE: Requirement.VERIFIED | Requirement.FACTOR,
    Permission.PASSWORD_CHANGE: Requirement.VERIFIED | Requirement.FACTOR,
    Permission.ADDRESSES_CHANGE: Requirement.VERIFIED | Requirement.FACTOR,
    Permission.SESSIONS_END: Requirement.VERIFIED | Requirement.FACTOR,
    Permission.PUBLISHING_RELEASE: Requirement.VERIFIED | Requirement.FACTOR,
    Permission.PROFILE_CHANGE: Requirement.VERIFIED | Requirement.FACTOR,
    Permission.ACCOUNT_READ: Requirement.VERIFIED | Requirement.FACTOR,
    Permission.ACCOUNT_DELETE: Requirement.VERIFIED | Requirement.FACTOR,
    Permission.ACT_CONFIRM: Requirement.VERIFIED | Requirement.FACTOR,
}

FOR_ANYBODY = frozenset({Permission.LOGIN_COMPLETE})
"""Permissions that no identity is asked for: the resource alone decides."""

# A permission that is not named here can be used with nothing: a new one must be added on purpose.
CREDENTIALS: dict[str, frozenset[CredentialKind]] = {
    Permission.ACCOUNT_SET_UP: frozenset({CredentialKind.SESSION}),
    Permission.FACTORS_ENROLL: frozenset({CredentialKind.SESSION}),
    Permission.FACTORS_CHANGE: frozenset({CredentialKind.SESSION}),
    Permission.PASSWORD_CHANGE: frozenset({CredentialKind.SESSION}),
    Permission.ADDRESSES_CHANGE: frozenset({CredentialKind.SESSION}),
    Permission.SESSIONS_END: frozenset({CredentialKind.SESSION}),
    Permission.PUBLISHING_RELEASE: frozenset({CredentialKind.SESSION}),
    Permission.PROFILE_CHANGE: frozenset({CredentialKind.SESSION}),
    Permission.ACCOUNT_READ: frozenset({CredentialKind.SESSION}),
    Permission.ACCOUNT_DELETE: frozenset({CredentialKind.SESSION}),
    Permission.ACT_CONFIRM: frozenset({CredentialKind.SESSION}),
}
