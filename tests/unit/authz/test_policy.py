"""The tables of permissions, and the policy over them: closed when in doubt."""

import itertools
from dataclasses import replace
from uuid import UUID

import pytest
from pyramid.authorization import Allow, Authenticated, Everyone
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.security import Allowed
from zope.interface import implementer

from tests.common.routes import NOWHERE, doors
from tests.common.site import HTTPS, environment
from warehouse_mfa import settings
from warehouse_mfa.authz import (
    CredentialKind,
    Denial,
    Identity,
    IIdentitySource,
    Permission,
    Refusal,
)
from warehouse_mfa.authz.permissions import CREDENTIALS, FOR_ANYBODY, REQUIREMENTS, Requirement
from warehouse_mfa.authz.policy import SecurityPolicy
from warehouse_mfa.login.views import denied

ALICE = Identity(
    credential=CredentialKind.SESSION,
    user_id=UUID(int=1),
    username="alice",
    security_epoch=0,
    is_verified=True,
    factor="totp",
    session_id=UUID(int=2),
    family_id=UUID(int=3),
)
PERSONAL = sorted(set(Permission) - FOR_ANYBODY)


@implementer(IIdentitySource)
class Known:
    """Always the same identity."""

    def __init__(self, identity: Identity | None) -> None:
        self.known = identity
        self.asked = 0

    def identity(self, request: Request) -> Identity | None:
        self.asked += 1
        return self.known


class Place:
    """A resource that grants whatever the test says."""

    def __init__(self, *grants: tuple[str, str, object]) -> None:
        self.__acl__ = grants


def policy_of(*sources: Known, second_factor: str = "required") -> SecurityPolicy:
    registry = Registry("tests")
    registry["settings"] = settings.load(environment(NOWHERE, HTTPS, second_factor=second_factor))
    registry["identity_sources"] = list(sources)
    return SecurityPolicy(registry)


@pytest.fixture
def request_() -> Request:
    return Request.blank("/")


GRANTS_ALL = Place((Allow, Everyone, tuple(Permission)))


def denial_of(
    policy: SecurityPolicy, request: Request, permission: str, place: object = GRANTS_ALL
) -> Denial | None:
    answer = policy.permits(request, place, permission)
    if isinstance(answer, Allowed):
        assert answer
        return None
    assert isinstance(answer, Refusal)
    assert not answer
    return answer.reason


# The tables


def test_every_permission_is_in_both_tables_or_for_anybody() -> None:
    assert set(REQUIREMENTS) == set(CREDENTIALS) == set(PERSONAL)
    assert set(Permission) >= FOR_ANYBODY


def test_only_a_session_may_be_used_for_a_page_of_an_account() -> None:
    assert set(CREDENTIALS.values()) == {frozenset({CredentialKind.SESSION})}


def test_every_door_names_a_permission_that_there_is_or_is_open_on_purpose() -> None:
    named = {door.permission for door in doors()}

    assert named <= {*Permission, "__no_permission_required__"}


def test_the_doors_that_are_open_are_these() -> None:
    """A new open door is added here, by somebody who thought about it."""
    opened = {door.route for door in doors() if door.permission == "__no_permission_required__"}

    assert opened == {
        "accounts.register",
        "accounts.verify-email",
        "notifications.not-me",
        "login.lost",
        "login.lost.confirm",
        "login.confirm",
        "login.logout",
        "login.passkey.options",
        "login.passkey.validate",
        "login.password",
        "login.request-reset",
        "login.reset",
        "login.reset.options",
        "login.reset.validate",
        "mail.mailbox",
        "site.change-password",
        "site.home",
        "site.language",
        "site.live",
        "site.passkey-endpoints",
        "site.ready",
        "site.security-txt",
    }


# The policy


@pytest.mark.parametrize("permission", PERSONAL)
def test_a_stranger_may_use_nothing_personal(request_: Request, permission: str) -> None:
    policy = policy_of(Known(None))

    assert denial_of(policy, request_, permission) is Denial.NOT_LOGGED_IN


@pytest.mark.parametrize("permission", PERSONAL)
def test_a_full_session_may_use_what_the_resource_grants(
    request_: Request, permission: str
) -> None:
    mine = Place((Allow, f"user:{ALICE.user_id}", permission))
    theirs = Place((Allow, f"user:{UUID(int=9)}", permission))
    policy = policy_of(Known(ALICE))

    assert denial_of(policy, request_, permission, mine) is None
    assert denial_of(policy, request_, permission, theirs) is Denial.FORBIDDEN
    assert denial_of(policy, request_, permission, Place()) is Denial.FORBIDDEN
    assert denial_of(policy, request_, permission, object()) is Denial.FORBIDDEN


@pytest.mark.parametrize("permission", PERSONAL)
def test_a_macaroon_opens_no_page_whatever_the_resource_grants(
    request_: Request, permission: str
) -> None:
    policy = policy_of(Known(replace(ALICE, credential=CredentialKind.MACAROON)))

    assert denial_of(policy, request_, permission) is Denial.FORBIDDEN


@pytest.mark.parametrize("unknown", ["account:unheard-of", "", "view", "account:read "])
def test_a_permission_that_is_in_no_table_can_be_used_with_nothing(
    request_: Request, unknown: str
) -> None:
    place = Place((Allow, Everyone, unknown), (Allow, Authenticated, unknown))

    for identity in (None, ALICE):
        policy = policy_of(Known(identity))
        assert denial_of(policy, Request.blank("/"), unknown, place) is not None


@pytest.mark.parametrize(
    ("permission", "is_verified", "has_factor"),
    list(itertools.product(PERSONAL, [True, False], [True, False])),
)
def test_what_is_missing_is_named_the_address_before_the_factor(
    request_: Request, permission: str, is_verified: bool, has_factor: bool
) -> None:
    identity = replace(ALICE, is_verified=is_verified, factor="totp" if has_factor else None)
    policy = policy_of(Known(identity))

    required = REQUIREMENTS[permission]
    expected = None
    if Requirement.VERIFIED in required and not is_verified:
        expected = Denial.NOT_VERIFIED
    elif Requirement.FACTOR in required and not has_factor:
        expected = Denial.NO_FACTOR
    assert denial_of(policy, request_, permission) is expected


def test_where_the_second_factor_is_optional_none_is_missing(request_: Request) -> None:
    policy = policy_of(Known(replace(ALICE, factor=None)), second_factor="optional")

    assert denial_of(policy, request_, Permission.ACCOUNT_READ) is None


def test_where_it_is_optional_the_address_still_has_to_be_verified(request_: Request) -> None:
    identity = replace(ALICE, factor=None, is_verified=False)
    policy = policy_of(Known(identity), second_factor="optional")

    assert denial_of(policy, request_, Permission.ACCOUNT_READ) is Denial.NOT_VERIFIED


@pytest.mark.parametrize("identity", [None, ALICE])
def test_the_step_of_a_login_is_open_to_whom_the_resource_opens_it(
    request_: Request, identity: Identity | None
) -> None:
    policy = policy_of(Known(identity))
    closed = Place()
    closed.denial = Denial.NO_PENDING_LOGIN  # type: ignore[attr-defined]

    assert denial_of(policy, request_, Permission.LOGIN_COMPLETE) is None
    refused = denial_of(policy, request_, Permission.LOGIN_COMPLETE, closed)
    assert refused is Denial.NO_PENDING_LOGIN


# Sources of identity


def test_the_first_source_that_knows_counts_and_is_asked_once(request_: Request) -> None:
    nobody, first = Known(None), Known(ALICE)
    second = Known(replace(ALICE, username="bob"))
    policy = policy_of(nobody, first, second)

    answers = [policy.identity(request_) for _ in range(3)]

    assert {answer.username for answer in answers if answer} == {"alice"}
    assert (nobody.asked, first.asked, second.asked) == (1, 1, 0)


def test_a_page_that_must_not_ask_knows_who_was_asked_for_before(request_: Request) -> None:
    source = Known(ALICE)
    policy = policy_of(source)

    before = policy.known_identity(request_)
    policy.identity(request_)

    assert (before, policy.known_identity(request_)) == (None, ALICE)


def test_who_changed_is_asked_for_again(request_: Request) -> None:
    source = Known(None)
    policy = policy_of(source)
    policy.identity(request_)
    source.known = ALICE

    policy.forget_identity(request_)

    assert policy.identity(request_) is ALICE


def test_the_policy_hands_out_no_headers(request_: Request) -> None:
    policy = policy_of(Known(ALICE))

    assert policy.remember(request_, "alice") == policy.forget(request_) == []
    assert policy.authenticated_userid(request_) == str(ALICE.user_id)


# What is said


def test_every_denial_that_can_be_helped_has_a_page_and_a_sentence() -> None:
    helped = set(Denial) - {Denial.FORBIDDEN}

    assert set(denied.ROUTES) == set(denied.MESSAGES) == helped
    assert set(denied.ROUTES.values()) <= {door.route for door in doors(method="GET")}
