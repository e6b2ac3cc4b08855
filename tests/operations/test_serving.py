"""`serve` as a process: its start, its answers to clients of every kind, and its end."""

import json
import os
import re
import resource
import select
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from threading import Event

import pyotp
import pytest
from sqlalchemy import Engine, text

from tests.common.commands import Operator, Running
from tests.common.guest import Guest
from tests.common.people import PASSWORD
from warehouse_mfa.cli.channels import LONGEST_WAIT_SECONDS
from warehouse_mfa.cli.serve import THREADS
from warehouse_mfa.db import create_engine
from warehouse_mfa.http.headers import HEADERS, STRICT_TRANSPORT

LIVE = "/_health/live"
LOG_IN = "/account/login/"
LARGE = 20 * 1024 * 1024
PIECE = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
KEPT = "Connection: keep-alive\r\n"
TELL = """
import os, signal, sys
pid = int(sys.argv[1])
while True:
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGINT)
    for _ in range(100):
        pass
"""
ALICE = ("--username", "alice", "--email", "alice@example.org", "--verified", "--password-stdin")
SECOND = (
    "Error: Another process serves this database. Without REDIS_URL only one may: "
    "limits by network address live in its memory.\n"
)


@pytest.fixture
def database(developer: Operator) -> Iterator[Engine]:
    engine = create_engine(developer.settings["database_url"])
    yield engine
    engine.dispose()


@contextmanager
def writing_stopped(engine: Engine) -> Iterator[None]:
    """Keep everybody else from counting an attempt, so that their requests stay in flight."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE attempt_counters IN ACCESS EXCLUSIVE MODE"))
        yield


def raw(site: Running) -> socket.socket:
    return socket.create_connection((site.host, site.port), timeout=60)


def request(method: str = "GET", path: str = LIVE, more: str = "", body: str = "") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}{length}\r\n{body}".encode()


def everything(connection: socket.socket) -> bytes:
    """Return what the server sends until it closes the connection."""
    received = b""
    with connection:
        while chunk := connection.recv(65536):
            received += chunk
    return received


def status_of(answer: bytes) -> bytes:
    return answer.split(b"\r\n", 1)[0]


def headers_of(answer: bytes) -> Message:
    """Return the headers of the first answer."""
    _, _, rest = answer.partition(b"\r\n")
    return message_from_bytes(rest.partition(b"\r\n\r\n")[0])


def lacking(answer: bytes, wanted: Mapping[str, str] = HEADERS) -> set[str]:
    """Return the names of headers of every answer that this one lacks or has otherwise."""
    found = headers_of(answer)
    return {name for name, value in wanted.items() if found.get_all(name) != [value]}


def memory_of(site: Running) -> int:
    """Return the most memory that the process has had so far, in bytes."""
    status = Path(f"/proc/{site.process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+([0-9]+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def let_it_read(site: Running) -> None:
    """Return when the server has read what clients sent before: it reads in the order of arrival."""
    assert site.get(LIVE).status == 200


def wrong_login(site: Running) -> bytes:
    """Return a request that counts a failed attempt, ready to be sent."""
    guest = Guest(site)
    fields = guest.fields(LOG_IN, "login-form")
    body = f"csrf_token={fields['csrf_token']}&username=nobody&password=wrong&next="
    cookies = "; ".join(f"{name}={value}" for name, value in guest.cookies.items())
    more = f"Cookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return request("POST", LOG_IN, more, body)


@contextmanager
def told_on_and_on(site: Running) -> Iterator[None]:
    """Have a process tell it to end, about as fast as it could hear it, until it is gone."""
    with subprocess.Popen([sys.executable, "-c", TELL, str(site.process.pid)]) as teller:
        try:
            yield
            os.waitid(os.P_PID, site.process.pid, os.WEXITED | os.WNOWAIT)
        finally:
            teller.kill()


# Starting


def test_it_starts_in_an_empty_folder(newcomer: Operator) -> None:
    with newcomer.serve() as site:
        page = Guest(site).get("/")
        ready = site.get("/_health/ready")
        status = site.end()

    assert (page.status, ready.status, status) == (200, 200, 0)
    assert "Package Index" in page.text
    origin = f"http://localhost:{site.port}"
    assert site.output == f"Open {origin}/ - mails arrive at {origin}/dev/mail/\n"
    assert (newcomer.folder / "var" / "warehouse_mfa.sqlite3").exists()


def test_keys_are_written_once_for_their_owner_only(newcomer: Operator) -> None:
    file = newcomer.folder / "var" / "keys"

    with newcomer.serve() as site:
        site.end()
    written, mode = file.read_text(), stat.S_IMODE(file.stat().st_mode)
    file.chmod(0o644)
    with newcomer.serve() as site:
        site.end()

    assert mode == 0o600
    assert re.fullmatch(r"development:[A-Za-z0-9+/]{43}=\n", written)
    assert file.read_text() == written
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.glob("keys*")) == [file]


def test_accounts_and_their_apps_survive_a_restart(newcomer: Operator) -> None:
    newcomer.run("db", "upgrade")
    newcomer.run("user", "create", *ALICE, given=PASSWORD)

    with newcomer.serve() as site:
        alice = Guest(site)
        alice.submit(LOG_IN, "login-form", username="alice", password=PASSWORD)
        page = alice.get("/manage/account/totp-provision").page
        app = pyotp.TOTP(page.select_one(".secret bdi").text.replace(" ", ""))
        code, form = app.now(), "totp-provision-form"
        enrolled = alice.submit(
            "/manage/account/totp-provision", form, label="Phone", totp_value=code
        )
        site.end()
    with newcomer.serve(port=site.port) as site:
        kept = alice.get("/manage/account/")
        again = Guest(site)
        again.submit(LOG_IN, "login-form", username="alice", password=PASSWORD)
        spent = again.submit("/account/two-factor/", "totp-auth-form", totp_value=code)
        code = app.at(int(time.time()) + 30)
        right = again.submit("/account/two-factor/", "totp-auth-form", totp_value=code)

    assert enrolled.status == 303
    assert kept.status == 200, "a session outlives the process"
    assert spent.status == 422, "what is spent stays spent"
    assert right.status == 303


@pytest.mark.attack("P-107")
def test_what_was_acknowledged_survives_being_killed(developer: Operator) -> None:
    with developer.serve() as site:
        alice = Guest(site)
        registered = alice.register("alice", PASSWORD)
        site.kill()
    with developer.serve(port=site.port) as site:
        overview = alice.get("/manage/unverified-account/")
        taken = Guest(site).register("alice", PASSWORD)

    assert registered.status == 303
    assert overview.status == 200
    assert taken.status == 422


def test_a_second_process_on_the_same_database_says_why_it_ends(developer: Operator) -> None:
    with developer.serve() as site:
        second = developer.run("serve", "--port", "0")
        assert site.get(LIVE).status == 200
        site.end()
    with developer.serve() as third:
        assert third.get(LIVE).status == 200

    assert (second.returncode, second.stdout, second.stderr) == (1, "", SECOND)


def test_production_is_told_every_setting_that_it_needs(newcomer: Operator) -> None:
    newcomer.settings = {}

    done = newcomer.run("serve")

    assert (done.returncode, done.stdout) == (1, "")
    for name in ("ORIGIN", "SECRET_KEYS", "SMTP_URL", "MAIL_FROM", "SECURITY_CONTACT"):
        assert f"WAREHOUSE_MFA_{name} " in done.stderr
    assert "Traceback" not in done.stderr
    assert list(newcomer.folder.iterdir()) == []


def test_a_port_that_is_taken_is_told(newcomer: Operator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = newcomer.run("serve", "--port", str(port))

    assert done.returncode == 1
    assert f"Error: Cannot listen on 127.0.0.1, port {port}: Address already in use" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["::1", "[::1]", "localhost"])
def test_it_listens_on_the_address_that_is_asked_for(newcomer: Operator, host: str) -> None:
    with newcomer.serve("--host", host) as site:
        found = socket.getaddrinfo(host.strip("[]"), site.port, type=socket.SOCK_STREAM)
        for family, _, _, _, address in found:
            with socket.socket(family) as connection:
                connection.connect(address)
                connection.sendall(request(more="Connection: close\r\n"))
                assert status_of(everything(connection)) == b"HTTP/1.1 200 OK"
        assert site.end() == 0


# Clients


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site for clients that change nothing."""
    newcomer = Operator(tmp_path_factory.mktemp("running"), environment="development")
    with newcomer.serve() as site:
        yield site
        assert site.end() == 0


def test_an_address_is_sent_to_the_name_that_keys_know(running: Running) -> None:
    answer = running.get("/account/login/?next=/manage/account/")

    assert answer.status == 307
    assert answer.headers["Location"] == (
        f"http://localhost:{running.port}/account/login/?next=/manage/account/"
    )


def test_the_server_does_not_say_what_it_is(running: Running) -> None:
    for path in ("/", LIVE, "/nowhere", "/static/css/site.css"):
        headers = Guest(running).get(path).headers
        assert "Server" not in headers
        assert "Via" not in headers


def test_the_methods_that_an_address_takes_are_told(running: Running) -> None:
    connection = raw(running)
    connection.sendall(request("DELETE", LOG_IN, "Connection: close\r\n"))

    answer = everything(connection)

    assert status_of(answer) == b"HTTP/1.1 405 Method Not Allowed"
    assert headers_of(answer)["Allow"] == "GET, HEAD, POST"


# The server closes as soon as it has read too much: exactly as much is sent here, because what it has
# not read by then would make its system reset the connection before the answer is read.


@pytest.mark.parametrize(
    ("size", "status"), [(15_000, b"200 OK"), (16 * 1024, b"431 Request Header Fields Too Large")]
)
def test_headers_of_16_kib_are_refused(running: Running, size: int, status: bytes) -> None:
    rest = len(request(more="X-Long: \r\nConnection: close\r\n"))
    connection = raw(running)
    connection.sendall(request(more=f"X-Long: {'x' * (size - rest)}\r\nConnection: close\r\n"))

    assert status_of(everything(connection)).endswith(status)


@pytest.mark.parametrize("size", [65 * 1024, 128 * 1024, 20 * 1024 * 1024])
def test_a_body_that_is_announced_as_too_large_is_refused(running: Running, size: int) -> None:
    """The smaller one arrives and is refused by the page; the others are refused unread."""
    head = f"Content-Length: {size}\r\nConnection: close\r\n"
    connection = raw(running)
    connection.sendall(request("POST", LOG_IN, head))
    if size < 128 * 1024:
        connection.sendall(b"x" * size)

    answer = everything(connection)

    assert b" 413 " in status_of(answer)
    assert lacking(answer) == set()
    assert not {"Server", "Via"} & set(headers_of(answer))


def test_a_body_that_grows_too_large_is_refused(running: Running) -> None:
    connection = raw(running)
    connection.sendall(request("POST", LOG_IN, "Transfer-Encoding: chunked\r\n"))
    for size in [0x4000] * 7 + [0x3FC0]:
        connection.sendall(b"%X\r\n" % size + b"x" * size + b"\r\n")

    answer = everything(connection)

    assert b" 413 " in status_of(answer)
    assert lacking(answer) == set()


@pytest.mark.attack("P-007")
@pytest.mark.parametrize(
    "header", [f"Content-Length: {LARGE}\r\n", "Transfer-Encoding: chunked\r\n"]
)
def test_bodies_of_20_mib_take_no_memory(running: Running, header: str) -> None:
    def send(_: int) -> int:
        """Send until the server closes; return how many pieces it took."""
        with raw(running) as connection:
            connection.sendall(request("POST", LOG_IN, header))
            for sent in range(LARGE // len(PIECE)):
                try:
                    connection.sendall(PIECE)
                except OSError:
                    return sent
            return LARGE // len(PIECE)

    let_it_read(running)
    before = memory_of(running)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(send, range(8)))

    assert max(taken) < LARGE // len(PIECE)
    assert memory_of(running) - before < LARGE // 2
    assert running.get(LIVE).status == 200


def test_what_is_refused_unread_on_https_asks_for_https(administrator: Operator) -> None:
    with administrator.serve("--migrate") as site:
        connection = raw(site)
        connection.sendall(request("POST", LOG_IN, f"Content-Length: {LARGE}\r\n"))

        answer = everything(connection)

    assert headers_of(answer).get_all("Strict-Transport-Security") == [STRICT_TRANSPORT]


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n\0\xff\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nbad header\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_hurts_nobody(running: Running, sent: bytes) -> None:
    connection = raw(running)
    connection.sendall(sent)
    connection.shutdown(socket.SHUT_WR)

    answer = everything(connection)

    assert not answer or re.match(rb"HTTP/1\.[01] (4\d\d|501) ", answer)
    assert not answer or lacking(answer) == set()
    assert running.get(LIVE).status == 200


@pytest.mark.attack("P-112")
def test_slow_clients_keep_nobody_waiting(running: Running) -> None:
    """More than `select` can watch, and more than there are threads."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4000, hard)), hard))
    half = request("POST", LOG_IN, "Content-Length: 1000\r\n")
    with ExitStack() as slow:
        for number in range(1100):
            connection = slow.enter_context(raw(running))
            connection.sendall(half if number % 2 else half[:40])
        reader = slow.enter_context(raw(running))
        reader.sendall(request(path="/static/css/site.css", more=KEPT) * 50)

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: running.get(LIVE).status, range(40)))

    assert found == [200] * 40


@pytest.mark.attack("P-112")
def test_what_waited_too_long_for_a_thread_is_told_to_come_back(
    developer: Operator, database: Engine
) -> None:
    with developer.serve() as site, ExitStack() as stack:
        logins = [wrong_login(site) for _ in range(THREADS)]
        busy, others = (
            [stack.enter_context(raw(site)) for _ in range(number)] for number in (THREADS, 2)
        )
        with writing_stopped(database):
            for connection, login in zip(busy, logins, strict=True):
                connection.sendall(login)
            for connection, path in zip(others, ("/", LIVE), strict=True):
                connection.sendall(request(path=path, more="Connection: close\r\n"))
            answered, _, _ = select.select([*busy, *others], [], [], LONGEST_WAIT_SECONDS + 1)
        page, live = (everything(connection) for connection in others)
        statuses = {status_of(connection.recv(1000)) for connection in busy}

    assert answered == []
    assert status_of(page) == b"HTTP/1.1 503 Service Unavailable"
    assert int(headers_of(page)["Retry-After"]) > 0
    assert b"<h1>Not available right now</h1>" in page
    assert lacking(page) == set()
    assert status_of(live) == b"HTTP/1.1 200 OK"
    assert statuses == {b"HTTP/1.1 422 Unprocessable Entity"}


def test_a_client_that_goes_away_in_the_middle_is_forgotten(running: Running) -> None:
    for sent in (request("POST", LOG_IN, "Content-Length: 1000\r\n"), request(path="/")):
        for _ in range(20):
            with raw(running) as connection:
                connection.sendall(sent)

    assert running.get(LIVE).status == 200


@pytest.mark.attack("P-102")
def test_every_line_of_the_log_is_json_and_no_client_writes_one(newcomer: Operator) -> None:
    evil = "/nowhere%0A%7B%22event%22:%22forged%22%7D%1B[31m"
    with newcomer.serve() as site:
        guest = Guest(site)
        guest.get(evil)
        guest.get("/account/verify-email/?token=confidential-token-1")
        guest.submit(LOG_IN, "login-form", username="mallory\n{}", password="confidential")
        site.end()

    records = [json.loads(line) for line in site.lines]
    assert all({"event", "level", "timestamp", "logger"} <= set(record) for record in records)
    assert [record["event"] for record in records][-2:] == ["ending", "ended"]
    answered = [record for record in records if record["event"] == "answered"]
    assert [(one["method"], one["path"], one["status"]) for one in answered][:2] == [
        ("GET", '/nowhere\n{"event":"forged"}\x1b[31m', 404),
        ("GET", "/account/verify-email/", 303),
    ]
    assert answered[0]["address"] == "127.0.0.1"
    assert "confidential" not in "".join(site.lines)
    assert not any("\x1b" in line for line in site.lines)


# Ending


def test_a_request_in_flight_is_finished(developer: Operator, database: Engine) -> None:
    with developer.serve() as site:
        login = wrong_login(site)
        connection = raw(site)
        with writing_stopped(database):
            connection.sendall(login)
            let_it_read(site)
            site.send(signal.SIGTERM)
            site.wait_for(lambda record: record.get("event") == "ending")
        answer = everything(connection)
        status = site.wait()

    assert status_of(answer) == b"HTTP/1.1 422 Unprocessable Entity"
    assert answer.endswith(b"</html>")
    assert status == 0
    with database.connect() as reader:
        assert reader.scalar(text("SELECT count(*) FROM attempt_counters")) > 0


@pytest.mark.attack("P-107")
def test_under_load_whatever_was_done_was_also_answered(developer: Operator) -> None:
    developer.settings |= {
        "limit_register_address": "100000 per hour",
        "limit_mail_address": "100000 per hour",
    }

    def register(site: Running, who: int) -> list[str]:
        """Register one person after another until nobody answers any more."""
        made: list[str] = []
        while True:
            name = f"person{who}n{len(made)}"
            try:
                reply = Guest(site).register(name, PASSWORD)
            except OSError:
                return made
            assert reply.status == 303
            made.append(name)
            if len(made) == 3:
                busy[who].set()

    busy = [Event() for _ in range(8)]
    with developer.serve() as site, ThreadPoolExecutor(8) as pool:
        people = [pool.submit(register, site, who) for who in range(8)]
        assert all(one.wait(60) for one in busy)
        status = site.end()
        answered = sorted(name for one in people for name in one.result())

    engine = create_engine(developer.settings["database_url"])
    with engine.connect() as reader:
        done = sorted(reader.scalars(text("SELECT username FROM users")))
    engine.dispose()
    assert status == 0
    assert done == answered


def test_an_idle_connection_does_not_delay_the_end(newcomer: Operator) -> None:
    with newcomer.serve() as site, ExitStack() as idle:
        for _ in range(5):
            connection = idle.enter_context(raw(site))
            connection.sendall(request(more=KEPT))
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        status = site.end()
        seconds = time.monotonic() - began

    assert status == 0
    assert seconds < 15, "the grace time is for those who wait for an answer"


def test_a_request_that_arrives_in_pieces_is_finished(developer: Operator) -> None:
    with developer.serve() as site:
        login = wrong_login(site)
        connection = raw(site)
        connection.sendall(login[:-10])
        let_it_read(site)
        site.send(signal.SIGTERM)
        site.wait_for(lambda record: record.get("event") == "ending")
        connection.sendall(login[-10:])
        answer = everything(connection)
        status = site.wait()

    assert status_of(answer) == b"HTTP/1.1 422 Unprocessable Entity"
    assert status == 0


def test_a_request_that_never_arrives_does_not_hold_the_end(newcomer: Operator) -> None:
    with newcomer.serve() as site, raw(site) as connection:
        connection.sendall(request("POST", LOG_IN, "Content-Length: 1000\r\n"))
        let_it_read(site)
        began = time.monotonic()
        status = site.end()
        seconds = time.monotonic() - began

    assert status == 0
    assert seconds < 25


def test_control_c_ends_it_as_well_and_twice_is_no_harm(newcomer: Operator) -> None:
    with newcomer.serve() as site:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            site.send(number)
        status = site.wait()

    assert status == 0
    assert "Traceback" not in "".join(site.lines)


def test_however_often_it_is_told_it_ends_in_order(newcomer: Operator) -> None:
    with newcomer.serve() as site:
        login = wrong_login(site)
        connection = raw(site)
        connection.sendall(login[:-10])
        let_it_read(site)
        with told_on_and_on(site):
            site.wait_for(lambda record: record.get("event") == "ending")
            connection.sendall(login[-10:])
            answer = everything(connection)
        status = site.wait()

    assert status == 0
    assert status_of(answer) == b"HTTP/1.1 422 Unprocessable Entity"
    events = [json.loads(line)["event"] for line in site.lines]
    assert (events.count("ending"), events[-1]) == (1, "ended")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nobody_is_interrupted_by_what_tells_it_to_end(running: Running, number: int) -> None:
    """What is blocked runs no handler, which could fail, and does nothing when there is none left."""
    blocked = [
        int(found[1], 16)
        for status in Path(f"/proc/{running.process.pid}/task").glob("*/status")
        if (found := re.search(r"^SigBlk:\s+([0-9a-f]+)$", status.read_text(), re.MULTILINE))
    ]

    assert len(blocked) > THREADS
    # It stands open in the one thread that waits for it.
    assert [mask & 1 << (number - 1) for mask in blocked].count(0) == 1


def test_told_while_it_starts_it_ends_in_order(newcomer: Operator) -> None:
    keys = newcomer.folder / "var" / "keys"
    with newcomer.start("serve", "--port", "0") as site:
        while not keys.exists():  # its database comes after them
            assert site.process.poll() is None
        site.send()
        status = site.wait()
    with newcomer.serve() as again:
        assert again.get("/_health/ready").status == 200

    assert status == 0
    assert [json.loads(line)["event"] for line in site.lines][-3:] == ["serving", "ending", "ended"]


def test_after_the_end_nobody_is_let_in(newcomer: Operator) -> None:
    with newcomer.serve() as site:
        site.end()

    with pytest.raises(ConnectionRefusedError):
        raw(site)
