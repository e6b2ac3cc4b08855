"""What the site depends on goes away and comes back."""

import pytest

from dev.faults import database_restarts, limits_stores, mail_servers


@pytest.mark.attack("P-110")
def test_a_database_that_restarts_costs_some_answers_and_no_change(kind: str) -> None:
    outcome = database_restarts.run(kind, database_restarts.SHORT)

    assert outcome.broken == []
    assert outcome.counts["people who went on"] > 0


@pytest.mark.attack("P-109")
def test_nobody_waits_for_a_mail_server_and_each_mail_leaves_once(kind: str) -> None:
    outcome = mail_servers.run(kind, mail_servers.SHORT)

    assert outcome.broken == []
    assert outcome.counts["mails delivered once"] == 4 * mail_servers.SHORT


@pytest.mark.attack("P-108")
def test_without_valkey_no_guess_is_free_and_public_pages_go_on(kind: str) -> None:
    outcome = limits_stores.run(kind, limits_stores.SHORT)

    assert outcome.broken == []
    assert outcome.counts["guesses refused with 503"] == 2 * limits_stores.SHORT
