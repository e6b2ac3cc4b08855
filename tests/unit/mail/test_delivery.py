"""The outbox is emptied: each mail once, later when the server says so, never when it says no."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import DateTime, Uuid, bindparam, text
from zope.interface.verify import verifyObject

from tests.common.clock import START
from tests.common.mailing import MailingSite
from tests.common.site import Site
from tests.common.smtp import MailSink
from tests.common.transports import RecordingTransport
from warehouse_mfa.db import new_id
from warehouse_mfa.mail.interfaces import (
    IMailer,
    ITransport,
    PermanentFailure,
    TemporaryFailure,
)

ALICE, BOB = "alice@example.org", "bob@example.org"


def state(site: MailingSite, recipient: str = ALICE) -> Any:
    """Return what the outbox says about the mail to somebody."""
    columns = "attempts, lease, due_at, sent_at, failed_at, last_error"
    statement = text(f"SELECT {columns} FROM mails WHERE recipient = :recipient").columns(
        due_at=DateTime(), sent_at=DateTime(), failed_at=DateTime()
    )
    with site.registry["engine"].connect() as connection:
        return connection.execute(statement, {"recipient": recipient}).one()


def moment(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def recipients(sink: MailSink) -> list[str]:
    return sorted(recipient for (recipient,) in sink.recipients)


def put(site: MailingSite, recipient: str, subject: str = "Hello", **more: Any) -> None:
    """Put a row into the outbox behind the mailer's back."""
    statement = text(
        "INSERT INTO mails (id, recipient, subject, text, html, created_at, due_at, attempts) "
        "VALUES (:id, :recipient, :subject, :text, 'html', :at, :at, 0)"
    ).bindparams(bindparam("id", type_=Uuid()), bindparam("at", type_=DateTime(timezone=True)))
    values = {"id": new_id(), "recipient": recipient, "subject": subject, "text": "text"}
    with site.registry["engine"].begin() as connection:
        connection.execute(statement, {**values, "at": START, **more})


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


# Delivered


def test_a_mail_is_handed_over_once(site: MailingSite, sink: MailSink) -> None:
    site.queue(ALICE)

    for _ in range(3):
        site.deliver()
        site.clock.advance(hours=5)

    assert recipients(sink) == [ALICE]
    found = state(site)
    assert (found.attempts, found.lease, found.last_error) == (1, None, None)
    assert moment(found.sent_at) == START


def test_a_mail_says_who_sends_it_to_whom_and_that_nobody_need_answer(
    site: MailingSite, sink: MailSink
) -> None:
    site.queue(ALICE)
    site.clock.advance(minutes=3)

    site.deliver()

    (message,) = sink.messages
    assert message["From"] == "Índex & Co <noreply@localhost>"
    assert message["To"] == ALICE
    assert message["Subject"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]) == START, "when it was written"
    assert message["Message-ID"] == f"<{_id(site)}@localhost>"


def test_a_mail_has_a_plain_and_a_rich_part(site: MailingSite, sink: MailSink) -> None:
    site.queue(ALICE, username="álice")

    site.deliver()

    (message,) = sink.messages
    assert message.get_content_type() == "multipart/alternative"
    assert "álice" in part(message, "plain")
    assert "álice" in part(message, "html")
    assert "<p" in part(message, "html")
    assert "<" not in part(message, "plain")


def _id(site: MailingSite) -> str:
    with site.registry["engine"].connect() as connection:
        return str(connection.scalar(text("SELECT id FROM mails").columns(id=Uuid())))


def test_a_mail_of_a_transaction_that_rolls_back_never_leaves(
    site: MailingSite, sink: MailSink
) -> None:
    def fail() -> None:
        with site.scope() as request:
            request.find_service(IMailer).send(ALICE, "address-taken", locale="en", username="a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    site.deliver()

    assert sink.messages == []


def test_many_mails_leave_in_batches(recorded: MailingSite, transport: RecordingTransport) -> None:
    recorded.queue(*(f"person{number}@example.org" for number in range(45)))

    sent = []
    for _ in range(4):
        recorded.deliver()
        sent.append(len(transport.messages))

    assert sent == [20, 40, 45, 45]


def test_in_development_a_mail_stays_where_the_mailbox_page_shows_it(database_url: str) -> None:
    site = Site(database_url)
    with site.scope() as request:
        request.find_service(IMailer).send(ALICE, "address-taken", locale="en", username="a")

    site.run_task("mail.deliver")

    assert site.value("SELECT count(*) FROM mails WHERE sent_at IS NOT NULL") == 1
    site.reset()
    site.close()


# At once


def test_two_deliveries_at_once_send_each_mail_once(site: MailingSite, sink: MailSink) -> None:
    everybody = [f"person{number:02}@example.org" for number in range(40)]
    site.queue(*everybody)
    barrier = Barrier(4)

    def work(_: int) -> None:
        barrier.wait(30)
        for _ in range(3):
            site.deliver()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert recipients(sink) == everybody
    assert len({message["Message-ID"] for message in sink.messages}) == len(everybody)


# Later


@pytest.mark.attack("P-109")
def test_what_is_refused_for_now_is_tried_again_after_a_minute(
    site: MailingSite, sink: MailSink
) -> None:
    sink.answer_with(451, "Try again later")
    site.queue(ALICE)

    site.deliver()
    assert "451" in state(site).last_error
    site.clock.advance(seconds=59)
    site.deliver()
    assert (sink.refused, sink.messages) == (1, [])
    site.clock.advance(seconds=1)
    site.deliver()

    assert recipients(sink) == [ALICE]
    assert state(site).last_error is None


def test_the_delay_grows_to_four_hours_and_the_24th_failure_is_the_last(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    def refuse() -> None:
        raise TemporaryFailure("451 later")

    transport.acts = [refuse] * 30
    recorded.queue(ALICE)

    delays = []
    while True:
        recorded.deliver()
        found = state(recorded)
        if found.failed_at:
            break
        delay = moment(found.due_at) - recorded.clock.now()
        delays.append(delay)
        recorded.clock.advance(seconds=delay.total_seconds())

    minutes = [1, 2, 4, 8, 16, 32, 64, 128, *[240] * 15]
    assert delays == [timedelta(minutes=number) for number in minutes]
    assert len(transport.messages) == 24
    assert len({message["Message-ID"] for message in transport.messages}) == 1


@pytest.mark.attack("P-109")
def test_a_server_that_is_gone_gets_the_mail_when_it_is_back(
    site: MailingSite, sink: MailSink
) -> None:
    site.queue(ALICE)
    sink.stop()

    site.deliver()
    sink.start()
    site.clock.advance(minutes=1)
    site.deliver()

    assert recipients(sink) == [ALICE]
    assert state(site).attempts == 2


@pytest.mark.attack("P-109")
def test_a_server_that_never_answers_is_not_waited_for_and_asked_again(
    site: MailingSite, sink: MailSink
) -> None:
    sink.hang()
    site.queue(ALICE)

    site.deliver()
    assert "timed out" in state(site).last_error
    site.clock.advance(minutes=1)
    site.deliver()

    (message,) = sink.messages
    assert message["To"] == ALICE


def test_one_that_is_refused_keeps_no_other_waiting(site: MailingSite, sink: MailSink) -> None:
    sink.answer_with(451, "Try again later")
    site.queue(ALICE, BOB)

    site.deliver()

    assert len(sink.messages) == 1


# Never


@pytest.mark.parametrize("code", [550, 552, 554])
def test_what_is_refused_for_good_is_never_tried_again_and_stays_visible(
    site: MailingSite, sink: MailSink, code: int
) -> None:
    sink.answer_with(code, "No such person here")
    site.queue(ALICE)

    for _ in range(3):
        site.deliver()
        site.clock.advance(days=8)
        site.run_task("mail.purge")

    assert (sink.refused, sink.messages) == (1, [])
    found = state(site)
    assert moment(found.failed_at) == START
    assert found.last_error == f"{code} No such person here"
    assert found.sent_at is None


def test_what_is_refused_for_good_is_forgotten_after_a_month(
    site: MailingSite, sink: MailSink
) -> None:
    sink.answer_with(550, "No such person here")
    site.queue(ALICE)
    site.deliver()
    site.clock.advance(days=30, seconds=1)

    site.run_task("mail.purge")

    assert site.value("SELECT count(*) FROM mails") == 0


def test_a_failure_for_good_is_logged_without_what_the_mail_says(
    site: MailingSite, sink: MailSink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.answer_with(550, "No")
    site.queue(ALICE, username="confidential")

    site.deliver()

    (record,) = [one for one in caplog.records if "failed for good" in str(one.msg)]
    assert "550 No" in str(record.msg)
    assert "confidential" not in json.dumps(str(record.msg))


@pytest.mark.attack("P-102")
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028"])
def test_no_name_adds_a_header_or_a_recipient(site: MailingSite, sink: MailSink, end: str) -> None:
    site.queue(ALICE, username=f"alice{end}Bcc: mallory@example.org{end}{end}evil")
    name = f"x{end}Bcc: mallory@example.org"
    with site.scope() as request:
        request.find_service(IMailer).send(
            BOB, "verify-address", locale="en", username=name, link="https://localhost/", hours=24
        )

    site.deliver()

    assert recipients(sink) == [ALICE, BOB]
    for message in sink.messages:
        assert "Bcc" not in message
        assert len(message.get_all("Subject")) == len(message.get_all("To")) == 1
        assert len(str(message["Subject"]).splitlines()) == 1


def test_a_row_that_is_no_mail_fails_and_keeps_no_other_waiting(
    site: MailingSite, sink: MailSink
) -> None:
    put(site, "mallory@example.org", "Hello\r\nBcc: everybody@example.org")
    put(site, "mallory@example.org\nBcc: everybody@example.org")
    site.queue(ALICE, BOB)

    site.deliver()

    assert recipients(sink) == [ALICE, BOB]
    assert "not a mail" in state(site, "mallory@example.org").last_error
    assert state(site, "mallory@example.org").failed_at


# The lease


def die() -> None:
    raise SystemExit


def test_a_mail_whose_sender_died_is_taken_up_when_the_lease_ends(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    transport.acts = [die]
    recorded.queue(ALICE)
    with pytest.raises(SystemExit):
        recorded.deliver()

    recorded.clock.advance(minutes=9, seconds=59)
    recorded.deliver()
    assert len(transport.messages) == 1
    recorded.clock.advance(seconds=1)
    recorded.deliver()

    first, second = transport.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert moment(state(recorded).sent_at) == recorded.clock.now()


def test_what_was_sent_before_a_death_is_not_sent_again(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    transport.acts = [lambda: None, die]
    recorded.queue(ALICE, BOB)
    with pytest.raises(SystemExit):
        recorded.deliver()

    recorded.clock.advance(minutes=10)
    recorded.deliver()

    first, second, third = transport.messages
    assert second["To"] == third["To"] != first["To"]


def test_no_transaction_is_open_while_a_mail_is_handed_over(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    transport.acts = [lambda: put(recorded, BOB)]
    recorded.queue(ALICE)

    recorded.deliver()

    assert state(recorded).sent_at
    assert state(recorded, BOB).sent_at is None


def test_who_lost_the_lease_does_not_change_what_the_next_one_wrote(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    def be_overtaken_and_fail() -> None:
        recorded.clock.advance(minutes=11)
        recorded.deliver()
        raise PermanentFailure("550 too late")

    transport.acts = [be_overtaken_and_fail]
    recorded.queue(ALICE)

    recorded.deliver()

    found = state(recorded)
    assert found.sent_at
    assert (found.failed_at, found.last_error) == (None, None)


def test_a_slow_server_gets_no_mail_that_could_outlast_the_lease(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    transport.acts = [lambda: recorded.clock.advance(minutes=3)] * 3
    everybody = [f"person{number}@example.org" for number in range(5)]
    recorded.queue(*everybody)

    recorded.deliver()
    assert len(transport.messages) == 3
    recorded.deliver()
    assert len(transport.messages) == 3, "the lease is not over"
    recorded.clock.advance(minutes=1)
    recorded.deliver()

    assert sorted(message["To"] for message in transport.messages) == everybody


def test_a_clock_that_steps_back_sends_nothing_twice(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    transport.acts = [lambda: recorded.clock.advance(hours=-1)]
    recorded.queue(ALICE)

    recorded.deliver()
    recorded.clock.advance(hours=2)
    recorded.deliver()

    assert len(transport.messages) == 1


# Forgotten


def test_mails_that_were_sent_are_forgotten_after_a_week(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    recorded.queue(ALICE)
    recorded.deliver()
    recorded.clock.advance(days=7)
    recorded.run_task("mail.purge")
    assert recorded.value("SELECT count(*) FROM mails") == 1

    recorded.clock.advance(seconds=1)
    recorded.run_task("mail.purge")

    assert recorded.value("SELECT count(*) FROM mails") == 0


def test_mails_that_wait_are_kept_however_old_they_are(
    recorded: MailingSite, transport: RecordingTransport
) -> None:
    recorded.queue(ALICE)
    recorded.clock.advance(days=30)

    recorded.run_task("mail.purge")
    recorded.deliver()

    assert len(transport.messages) == 1


def test_links_are_forgotten_a_week_after_their_end(recorded: MailingSite) -> None:
    erin = recorded.person("erin", verified=False)
    visitor = recorded.visitor()
    visitor.give_password(erin)
    page = visitor.get("/manage/unverified-account/")
    page.forms["send-again-form"].submit(status=303)
    assert recorded.value("SELECT count(*) FROM mailed_tokens") == 1

    recorded.clock.advance(days=8)
    recorded.run_task("mail.purge")
    assert recorded.value("SELECT count(*) FROM mailed_tokens") == 1, "a link lives for a day"
    recorded.clock.advance(seconds=1)
    recorded.run_task("mail.purge")

    assert recorded.value("SELECT count(*) FROM mailed_tokens") == 0


def test_the_double_is_a_transport(transport: RecordingTransport) -> None:
    assert verifyObject(ITransport, transport)
