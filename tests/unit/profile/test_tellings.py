"""Every event that this application records has a sentence for the person it happened to."""

import re
from collections import Counter
from dataclasses import fields
from uuid import UUID

import pytest

from tests.common.clock import START
from tests.common.happenings import events
from tests.common.routes import NOWHERE
from tests.common.site import HTTP, environment
from warehouse_mfa import settings
from warehouse_mfa.config import configure
from warehouse_mfa.events.interfaces import Circumstances, HistoryEntry
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.profile.history import TAGS, WAYS, line_of
from warehouse_mfa.profile.telling import Telling
from warehouse_mfa.profile.tellings import BY_TOPIC, TELLINGS
from warehouse_mfa.profile.topics import NAMES, Topic
from warehouse_mfa.tasks import open_scope

ID = UUID(int=1)
PLACE = re.compile(r"\$\{(\w+)\}")


def entry(tag: str, /, factor: str | None = None, **facts: object) -> HistoryEntry:
    return HistoryEntry(ID, tag, facts, START, Circumstances(None, None, factor, None, None))


def test_every_event_has_a_sentence() -> None:
    # A release brings all its events with its configuration.
    configure(settings.load(environment(NOWHERE, HTTP)))

    assert {telling.event for telling in TELLINGS.values()} == events()


def test_no_two_events_have_the_same_tag() -> None:
    tags = [event.tag for event in events()]

    assert len(tags) == len(set(tags)) == len(TELLINGS)


def test_every_event_is_of_one_topic_and_every_topic_has_a_name() -> None:
    of_topics = Counter(telling.event for several in BY_TOPIC.values() for telling in several)

    assert set(of_topics.values()) == {1}
    assert set(TAGS) == set(Topic) == set(NAMES) - {""}


@pytest.mark.parametrize("telling", TELLINGS.values(), ids=TELLINGS.keys())
def test_a_sentence_names_facts_that_its_event_has(telling: Telling) -> None:
    facts = {one.name for one in fields(telling.event)}

    for sentence in (telling.sentence, *telling.by_factor.values()):
        assert set(PLACE.findall(sentence)) <= facts, sentence


def test_sentences_for_a_factor_are_for_factors_that_there_are() -> None:
    config = configure(settings.load(environment(NOWHERE, HTTP)))
    with open_scope(config.registry) as request:
        names = {factor.name for factor in request.find_service(IFactorService).all()}

    for telling in TELLINGS.values():
        assert set(telling.by_factor) <= names | set(WAYS)


def test_a_factor_that_came_later_has_the_general_sentence_and_its_name() -> None:
    line = line_of(entry("account:login:completed", "smart-card", credential="Blue"), titles={})

    assert line.sentence.interpolate() == "You logged in with Blue."
    assert line.factor == "smart-card"


def test_a_factor_is_called_by_its_title() -> None:
    line = line_of(entry("account:logout", "totp"), titles={"totp": "Authenticator app"})

    assert line.factor == "Authenticator app"


def test_a_fact_cannot_take_the_place_of_the_tag() -> None:
    line = line_of(entry("account:later", tag="account:logout"), titles={})

    assert str(line.sentence.interpolate()).endswith(": account:later")
