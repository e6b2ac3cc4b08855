"""What is logged: one line for every answer, and nothing secret in any."""

import json
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.common.registering import register
from tests.common.site import Site
from tests.common.submissions import LOG_IN
from tests.common.visitor import Visitor
from tests.common.walk import walk
from warehouse_mfa import logs


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """Return the records of ours, as they are before they become JSON."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


def test_no_line_of_a_long_walk_holds_a_secret(
    site: Site, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = walk(site, visitor)

    written = "\n".join(record.getMessage() for record in caplog.records)
    assert len(secrets) > 15
    assert len(lines(caplog)) > 40
    assert [secret for secret in secrets if secret in written] == []


@pytest.mark.attack("P-096")
def test_the_token_of_a_mailed_link_is_not_in_the_line_of_its_request(
    site: Site, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    register(visitor)
    (mail,) = site.mails()
    caplog.clear()

    visitor.get(mail.link, status=303)

    (line,) = lines(caplog)
    assert line["path"] == "/account/verify-email/"
    assert "token" not in str(line)


def test_every_answer_has_one_line(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    visitor.get("/", status=200)
    visitor.get("/nowhere?a=b", status=404)
    visitor.post(LOG_IN, {}, status=400)

    told = [(line["method"], line["path"], line["status"]) for line in lines(caplog)]
    assert told == [("GET", "/", 200), ("GET", "/nowhere", 404), ("POST", LOG_IN, 400)]
    assert {line["address"] for line in lines(caplog)} == {"192.0.2.1"}


@pytest.mark.attack("P-102")
@pytest.mark.parametrize(
    "path", ["/a%0d%0ab", "/%1b%5b31m", "/%00", "/$%7bjndi:x%7d", "/%ff", "/" + "a" * 10_000]
)
def test_a_line_is_one_line_whatever_was_asked(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    visitor.extra_environ["HTTP_USER_AGENT"] = "a\r\nb\x1b[31m"
    visitor.lint = False
    visitor.get(path, status="*")
    (record,) = [record for record in caplog.records if isinstance(record.msg, dict)]

    line = formatter().format(record)

    assert json.loads(line)["event"] == "answered"
    assert line.isprintable()
    assert line.isascii()


@pytest.mark.attack("P-102")
def test_a_name_with_line_breaks_and_escapes_stays_on_its_line(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    fields = {"username": "a\r\n{}\x1b[31m${jndi:x}", "password": "wrong"}

    visitor.post_form(LOG_IN, fields, status=422)

    written = [formatter().format(each) for each in caplog.records if isinstance(each.msg, dict)]
    assert len(written) > 0
    assert all(line.isprintable() for line in written)


def test_an_error_of_the_database_does_not_show_what_was_to_be_stored(site: Site) -> None:
    statement = text("SELECT :secret FROM a_table_that_is_not_there")

    with site.registry["engine"].connect() as connection, pytest.raises(DBAPIError) as error:
        connection.execute(statement, {"secret": "a-secret-inside"})

    assert "a-secret-inside" not in str(error.value)


def formatter() -> logging.Formatter:
    """Return the formatter of production, and leave the logging of the tests as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure()
    made = root.handlers[0].formatter
    root.handlers[:] = handlers
    root.setLevel(level)
    assert made is not None
    return made
