"""Transactions that begin when somebody joins them end as those that begin at once."""

import pytest
from transaction.interfaces import AlreadyInTransaction, NoTransaction

from warehouse_mfa.db.manager import LateManager


@pytest.fixture
def manager() -> LateManager:
    return LateManager()


@pytest.mark.parametrize("end", ["commit", "abort"])
def test_what_nobody_joins_is_never_begun(manager: LateManager, end: str) -> None:
    manager.begin().note("/account/login/")
    assert not manager.isDoomed()

    getattr(manager, end)()

    with pytest.raises(NoTransaction):
        manager.get()


@pytest.mark.parametrize(("end", "is_committed"), [("commit", True), ("abort", False)])
def test_what_somebody_joins_ends_as_it_is_told(
    manager: LateManager, end: str, is_committed: bool
) -> None:
    told: list[bool] = []
    manager.begin()
    manager.get().addAfterCommitHook(told.append)

    getattr(manager, end)()

    assert told == ([True] if is_committed else [])
    with pytest.raises(NoTransaction):
        manager.get()


def test_one_transaction_is_had_by_all_who_ask(manager: LateManager) -> None:
    manager.begin()

    assert manager.get() is manager.get()


def test_one_that_is_doomed_says_so(manager: LateManager) -> None:
    manager.begin()
    manager.doom()

    assert manager.isDoomed()


@pytest.mark.parametrize("is_joined", [True, False])
def test_it_does_not_begin_twice(manager: LateManager, is_joined: bool) -> None:
    manager.begin()
    if is_joined:
        manager.get()

    with pytest.raises(AlreadyInTransaction):
        manager.begin()


@pytest.mark.parametrize("act", ["get", "commit", "abort", "isDoomed"])
def test_there_is_none_before_it_may_begin(manager: LateManager, act: str) -> None:
    with pytest.raises(NoTransaction):
        getattr(manager, act)()
