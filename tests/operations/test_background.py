"""Mails that leave in the background: by the scheduler inside `serve`, or by Celery workers."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, text

from dev.services import Valkey
from tests.common.commands import Operator, Running, variables
from tests.common.guest import Guest
from tests.common.people import PASSWORD
from tests.common.smtp import MailSink
from warehouse_mfa import settings
from warehouse_mfa.config import configure
from warehouse_mfa.db import create_engine, migrations
from warehouse_mfa.mail.interfaces import IMailer
from warehouse_mfa.tasks import open_scope

LOG_IN = "/account/login/"
READY = "/_health/ready"
QUICK_SECONDS = 10.0  # what waits for a mail server takes twice as long


@pytest.fixture
def embedded(developer: Operator, sink: MailSink) -> Operator:
    """Somebody whose one process does everything."""
    developer.settings["smtp_url"] = sink.url
    return developer


@pytest.fixture
def scaled_out(embedded: Operator, valkey: Valkey) -> Operator:
    """Somebody with a Valkey, several machines that serve, and workers."""
    embedded.settings["redis_url"] = valkey.url
    return embedded


@pytest.fixture
def database(embedded: Operator) -> Iterator[Engine]:
    engine = create_engine(embedded.settings["database_url"])
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


def is_ready(record: dict[str, object]) -> bool:
    return "ready" in str(record["event"])


def queue_mails(operator: Operator, recipients: list[str]) -> float:
    """Put mails into the outbox; return how many seconds it took."""
    config = configure(settings.load(variables(**operator.settings)))
    began = time.monotonic()
    with open_scope(config.registry) as request:
        mailer = request.find_service(IMailer)
        for recipient in recipients:
            mailer.send(recipient, "address-taken", locale="en", username="alice")
    seconds = time.monotonic() - began
    config.registry["engine"].dispose()
    return seconds


def waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        number: int = connection.scalar(text("SELECT count(*) FROM mails WHERE sent_at IS NULL"))
        return number


# Embedded


def test_the_mail_of_a_new_person_leaves_from_the_process_that_serves(
    embedded: Operator, sink: MailSink
) -> None:
    with embedded.serve() as site:
        assert Guest(site).register("newton", PASSWORD).status == 303

        (mail,) = sink.wait_for(1, timeout=30)

        assert site.end() == 0
    assert mail["To"] == "newton@example.org"
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"http://localhost:{site.port}/account/verify-email/?token=" in body.get_content()


def test_what_waits_when_the_process_starts_leaves(
    embedded: Operator, sink: MailSink, database: Engine
) -> None:
    queue_mails(embedded, ["alice@example.org", "bob@example.org"])

    with embedded.serve():
        mails = sink.wait_for(2, timeout=30)

    assert sorted(mail["To"] for mail in mails) == ["alice@example.org", "bob@example.org"]


@pytest.mark.attack("P-109")
def test_without_a_mail_server_people_register_as_fast_as_before(
    embedded: Operator, sink: MailSink, database: Engine
) -> None:
    sink.stop()

    with embedded.serve() as site:
        guest = Guest(site)
        guest.get("/account/register/")
        began = time.monotonic()
        registered = guest.register("newton", PASSWORD)
        seconds = time.monotonic() - began

    assert registered.status == 303
    assert seconds < QUICK_SECONDS
    assert waiting(database) == 1


@pytest.mark.attack("P-109")
def test_a_mail_server_that_hangs_does_not_hold_requests(
    embedded: Operator, sink: MailSink, database: Engine
) -> None:
    sink.hang()
    queue_mails(embedded, ["alice@example.org"])

    with embedded.serve() as site:
        sink.wait_for_refused(1, timeout=30)
        began = time.monotonic()
        registered = Guest(site).register("newton", PASSWORD)
        seconds = time.monotonic() - began

    assert registered.status == 303
    assert seconds < QUICK_SECONDS


# Scaled out


def test_the_mail_of_a_new_person_leaves_from_a_worker(
    scaled_out: Operator, sink: MailSink, database: Engine
) -> None:
    with scaled_out.serve() as site, scaled_out.start("worker") as worker:
        assert Guest(site).register("newton", PASSWORD).status == 303

        (mail,) = sink.wait_for(1, timeout=60)

        assert worker.end() == 0
        assert site.end() == 0
    assert mail["To"] == "newton@example.org"
    assert waiting(database) == 0
    assert all(json.loads(line) for line in worker.lines)


def test_with_valkey_two_processes_serve_one_database_and_none_sends_mail(
    scaled_out: Operator, sink: MailSink, database: Engine
) -> None:
    with scaled_out.serve() as one, scaled_out.serve() as other:
        registered = [
            Guest(site).register(name, PASSWORD).status
            for site, name in ((one, "alice"), (other, "bob"))
        ]
        ready = [site.get(READY).status for site in (one, other)]
        ended = [site.end() for site in (one, other)]

    assert (registered, ready, ended) == ([303, 303], [200, 200], [0, 0])
    assert sink.messages == []
    assert waiting(database) == 2


def test_two_workers_send_each_mail_once(
    scaled_out: Operator, sink: MailSink, database: Engine
) -> None:
    recipients = [f"person{number}@example.org" for number in range(60)]
    queue_mails(scaled_out, recipients)

    with ExitStack() as stack:
        workers: list[Running] = [
            stack.enter_context(scaled_out.start("worker", "--concurrency", "4")) for _ in range(2)
        ]
        sink.wait_for(len(recipients), timeout=90)
        assert [worker.end() for worker in workers] == [0, 0]

    mails = sink.messages
    assert sorted(mail["To"] for mail in mails) == sorted(recipients)
    assert len({mail["Message-ID"] for mail in mails}) == len(recipients)
    assert waiting(database) == 0


@pytest.mark.attack("P-108")
def test_without_the_broker_a_mail_is_queued_fast_and_leaves_when_it_is_back(
    scaled_out: Operator, sink: MailSink, valkey: Valkey, database: Engine
) -> None:
    with scaled_out.start("worker") as worker:
        queue_mails(scaled_out, ["alice@example.org"])
        sink.wait_for(1, timeout=60)
        valkey.interrupt()

        seconds = queue_mails(scaled_out, ["bob@example.org"])
        valkey.resume()

        mails = sink.wait_for(2, timeout=90)
        assert worker.end() == 0
    assert seconds < QUICK_SECONDS
    assert [mail["To"] for mail in mails] == ["alice@example.org", "bob@example.org"]


@pytest.mark.attack("P-108")
def test_losing_the_broker_in_the_middle_of_a_task_ends_no_worker(
    scaled_out: Operator, valkey: Valkey
) -> None:
    registry = configure(settings.load(variables(**scaled_out.settings))).registry
    registry["celery"].send_task("mail.deliver")
    channel = registry["celery"].connection().default_channel
    assert channel.basic_get("celery") is not None
    valkey.interrupt()
    channel.connection.client = None  # as a lost connection is when Celery closes it again

    channel.close()

    assert channel.closed
    registry["engine"].dispose()


@pytest.mark.attack("P-108")
def test_without_valkey_nobody_logs_in_and_public_pages_go_on(
    scaled_out: Operator, valkey: Valkey, database: Engine
) -> None:
    with scaled_out.serve() as site:
        guest = Guest(site)
        wrong = {"username": "nobody", "password": "wrong"}
        before = guest.submit(LOG_IN, "login-form", **wrong)
        valkey.interrupt()

        began = time.monotonic()
        refused = guest.submit(LOG_IN, "login-form", **wrong)
        registration = guest.register("newton", PASSWORD)
        seconds = time.monotonic() - began
        home, live, ready = (guest.get(path).status for path in ("/", "/_health/live", READY))
        valkey.resume()
        after = guest.submit(LOG_IN, "login-form", **wrong)

    assert (before.status, refused.status, after.status) == (422, 503, 422)
    assert int(refused.headers["Retry-After"]) > 0
    assert registration.status == 503
    assert (home, live, ready) == (200, 200, 503)
    assert seconds < QUICK_SECONDS
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM users")) == 0


# Refusals


def test_a_worker_without_valkey_is_told_who_runs_the_tasks(embedded: Operator) -> None:
    done = embedded.run("worker")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: WAREHOUSE_MFA_REDIS_URL is not set; without it `serve` runs the tasks.\n"
    )


def test_a_worker_does_not_work_on_a_database_that_is_behind(
    embedded: Operator,
) -> None:
    embedded.settings["redis_url"] = "redis://localhost:1"

    done = embedded.run("worker")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The database is behind this release. Run `warehouse-mfa db upgrade`.\n"
    )
