"""Logs: a JSON object on one line for whatever anybody logs."""

import json
import subprocess
import sys
from typing import Any

import pytest

from warehouse_mfa import paths

HEAD = "import logging, sys, warnings\nfrom warehouse_mfa import logs\nlogs.configure()\n"


def logged(code: str) -> list[dict[str, Any]]:
    """Run code in a process whose logs are configured; return its records."""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + code],
        cwd=paths.PACKAGE.parent,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert done.stderr.isascii()
    return [json.loads(line) for line in done.stderr.decode().splitlines()]


def test_a_record_says_what_who_when_and_how_bad() -> None:
    (record,) = logged('logs.get("warehouse_mfa.test").warning("happened", address="192.0.2.1")')

    assert record.pop("timestamp").endswith("Z")
    assert record == {
        "event": "happened",
        "logger": "warehouse_mfa.test",
        "level": "warning",
        "address": "192.0.2.1",
    }


def test_records_of_libraries_look_the_same() -> None:
    (record,) = logged('logging.getLogger("library").error("%s of %d", "one", 2)')

    assert record["event"] == "one of 2"
    assert (record["logger"], record["level"]) == ("library", "error")
    assert "timestamp" in record


@pytest.mark.attack("P-102")
@pytest.mark.parametrize(
    "text",
    [
        'x\n{"event": "forged"}',
        "x\r\n\r\nforged",
        "\x1b[31mred\x1b[0m",
        "\0\x07\x08\x7f\x85\u2028\u202e",
        "${jndi:ldap://evil.example/}",
        "\ud800",
        '"\\',
        "x" * 10_000,
    ],
)
def test_nothing_that_is_logged_leaves_its_line(text: str) -> None:
    code = f"text = {text!a}\n"
    code += 'logs.get("a").info("seen", agent=text)\nlogging.getLogger("b").info(text)'

    ours, theirs = logged(code)

    assert ours["agent"] == text
    assert theirs["event"] == text


def test_an_exception_is_one_record_with_its_traceback() -> None:
    code = """
try:
    raise RuntimeError("what went wrong")
except RuntimeError as error:
    logs.get("a").exception("failed", task="test")
    logs.get("a").error("failed", exc_info=error)
    logging.getLogger("b").exception("failed")
"""

    records = logged(code)

    assert len(records) == 3
    for record in records:
        assert record["event"] == "failed"
        assert "RuntimeError: what went wrong" in record["exception"]
        assert "Traceback" in record["exception"]


def test_a_value_that_is_no_json_is_shown_all_the_same() -> None:
    (record,) = logged('logs.get("a").info("seen", value={1, 2}, other=object)')

    assert record["value"] == "{1, 2}"
    assert "object" in record["other"]


def test_a_warning_is_a_record() -> None:
    (record,) = logged('warnings.warn("old\\nthing", DeprecationWarning)')

    assert "old\nthing" in record["event"]
    assert record["logger"] == "py.warnings"


def test_what_says_nothing_to_an_operator_is_left_out() -> None:
    code = "\n".join(
        f'logging.getLogger("{name}").info("noise")'
        for name in ("apscheduler.scheduler", "alembic.runtime.migration", "waitress.queue")
    )
    code += '\nlogging.getLogger("a").debug("noise")\nlogging.getLogger("apscheduler").error("no")'

    (record,) = logged(code)

    assert (record["logger"], record["level"]) == ("apscheduler", "error")


def test_configuring_twice_logs_once() -> None:
    assert len(logged('logs.configure()\nlogs.get("a").info("seen")')) == 1
