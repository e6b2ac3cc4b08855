"""What the documents show works: every command is run, every piece of Python, every example."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dev.services import PostgreSQL, Valkey
from tests.common.commands import Operator
from tests.common.documents import DOCUMENTS, ROOT, Document, write_files
from tests.common.shell import commands
from tests.common.site import HTTPS, KEYS, fields
from tests.common.smtp import MailSink

ALL = [Document(name) for name in DOCUMENTS]
COMMANDS = dict(commands())


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgreSQL]:
    """A PostgreSQL as in production: with one that may forget, `doctor` finds fault."""
    with PostgreSQL(durable=True) as server:
        yield server


@pytest.fixture
def operator(
    tmp_path: Path,
    durable: PostgreSQL,
    valkey: Valkey,
    sink: MailSink,
    request: pytest.FixtureRequest,
) -> Operator:
    """Somebody who runs a site in production, before the first command."""
    name = "".join(letter for letter in request.node.name if letter.isalnum())[:50].lower()
    return Operator(
        tmp_path,
        origin=HTTPS,
        secret_keys=KEYS,
        database_url=durable.create_database(name),
        redis_url=valkey.url,
        smtp_url=sink.url,
        mail_from="noreply@pypi.example",
        security_contact="mailto:security@pypi.example",
    )


def run(operator: Operator, words: list[str]) -> None:
    """Run `warehouse-mfa` as a document shows it; what would run for ever is ended."""
    if words[0] == "serve":
        # The port of the document may be taken on this machine.
        with operator.serve() as site:
            assert site.get("/_health/ready").status == 200
            assert site.end() == 0
        return
    # A worker takes no requests that would tell when it is there; its options are looked at.
    done = operator.run(*words, *(["--help"] if words[0] == "worker" else []))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "document",
    [each for each in ALL if any(words[0] == "warehouse-mfa" for words in each.commands())],
    ids=lambda document: document.name,
)
def test_the_commands_of_an_operator_work_in_their_order(
    document: Document, operator: Operator
) -> None:
    for program, *words in document.commands():
        if program == "warehouse-mfa":
            run(operator, words)


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_the_commands_of_a_developer_exist(document: Document) -> None:
    for program, *words in document.commands():
        assert program in ("make", "warehouse-mfa")
        if program == "make":
            subprocess.run(["make", "-n", *words], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_a_command_that_a_sentence_names_exists(document: Document) -> None:
    for program, *words in document.quoted():
        if program == "make":
            subprocess.run(["make", "-n", words[0]], cwd=ROOT, check=True, capture_output=True)
            continue
        named = [word for word in words if word.isalpha() or "-" in word.strip("-")]
        assert tuple(named[:1]) in COMMANDS
        if isinstance(COMMANDS[tuple(named[:1])], click.Group) and len(named) > 1:
            assert tuple(named[:2]) in COMMANDS


@pytest.mark.parametrize(
    "document", [each for each in ALL if each.snippets()], ids=lambda document: document.name
)
def test_python_in_a_document_runs(document: Document, tmp_path: Path) -> None:
    developer = Operator(tmp_path, **fields(f"sqlite:///{tmp_path}/index.sqlite3"))
    assert developer.run("db", "upgrade").returncode == 0

    for snippet in document.snippets():
        done = developer.python("-c", snippet)
        assert done.returncode == 0, done.stderr


TRY_THE_PAGE = """
from webtest import TestApp
from warehouse_mfa import settings
from warehouse_mfa.wsgi import make_application
page = TestApp(make_application(
    settings.load(settings.from_process()), lambda config: config.include("counting")
))
print(page.get("/manage/account/open-sessions/").location)
"""


def test_the_page_of_the_example_asks_to_log_in(tmp_path: Path) -> None:
    write_files(Document("dev/pages.md"), tmp_path)
    developer = Operator(tmp_path, **fields(f"sqlite:///{tmp_path}/index.sqlite3"))
    assert developer.run("db", "upgrade").returncode == 0

    done = developer.python("-c", TRY_THE_PAGE)

    assert "/account/login/?next=%2Fmanage%2Faccount%2Fopen-sessions%2F" in done.stdout, done.stderr
