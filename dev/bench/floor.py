"""The floor: the same requests, answered with no framework by plain WSGI and plain SQL.

It keeps what a login here cannot do without - attempts reserved before they are checked, a pending
login of its own, codes and challenges spent once, known devices, an event with its personal fields
apart, CSRF tokens - and nothing that makes a program pleasant to change. Its schema is its own and
never grows, so that ratios of different releases can be compared.
"""

import base64
import hashlib
import hmac
import json
import re
import sqlite3
import struct
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import argon2
import psycopg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.engine import make_url

from dev.bench.databases import libpq
from dev.bench.flows import ACCOUNT, CODE, KEY, LOGIN
from dev.bench.subject import ORIGIN, Counts
from tests.common import cose
from tests.common.clock import FrozenClock
from tests.common.people import Person
from warehouse_mfa.crypto import equal
from warehouse_mfa.http.front import Environ

RP_ID = ORIGIN.removeprefix("https://")
SPAN, ALLOWED, PENDING_LIFE, SESSION_LIFE = 300, 10, 300, 43_200
STEP = 30
TABLES = """
CREATE TABLE users (id {bytes} PRIMARY KEY, name TEXT UNIQUE, address TEXT, password TEXT, epoch INT);
CREATE TABLE applications (id {bytes} PRIMARY KEY, user_id {bytes}, label TEXT, secret {bytes},
    last_step BIGINT, last_used BIGINT);
CREATE INDEX applications_user ON applications (user_id);
CREATE TABLE credentials (id {bytes} PRIMARY KEY, user_id {bytes}, label TEXT, public_key {bytes},
    sign_count BIGINT, last_used BIGINT);
CREATE INDEX credentials_user ON credentials (user_id);
CREATE TABLE counters (key {bytes} PRIMARY KEY, count INT, ends BIGINT);
CREATE TABLE devices (digest {bytes} PRIMARY KEY, user_id {bytes}, last_used BIGINT);
CREATE TABLE pending (digest {bytes} PRIMARY KEY, user_id {bytes}, epoch INT, ends BIGINT, used INT);
CREATE TABLE nonces (nonce {bytes} PRIMARY KEY, ends BIGINT);
CREATE TABLE sessions (digest {bytes} PRIMARY KEY, family {bytes}, user_id {bytes}, epoch INT,
    factor TEXT, seen BIGINT, ends BIGINT);
CREATE TABLE events (id {bytes} PRIMARY KEY, tag TEXT, user_id {bytes}, at BIGINT, facts TEXT);
CREATE TABLE private (event_id {bytes}, field TEXT, value TEXT, salt {bytes},
    PRIMARY KEY (event_id, field));
"""
FIND_ACCOUNT = """
SELECT id, password, epoch, d.digest,
    (SELECT count(*) FROM credentials c WHERE c.user_id = u.id)
FROM users u LEFT JOIN devices d ON d.user_id = u.id AND d.digest = %s WHERE u.name = %s
"""
RESERVE = """
INSERT INTO counters (key, count, ends) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counters.ends <= %s THEN 1 ELSE counters.count + 1 END,
    ends = CASE WHEN counters.ends <= %s THEN excluded.ends ELSE counters.ends END
WHERE counters.ends <= %s OR counters.count < %s RETURNING count
"""
GIVE_BACK = "UPDATE counters SET count = count - 1 WHERE key = %s AND count > 0"
PEND = "INSERT INTO pending VALUES (%s, %s, %s, %s, 0)"
RECORD = "INSERT INTO events VALUES (%s, %s, %s, %s, %s)"
RECORD_PRIVATE = "INSERT INTO private VALUES (%s, %s, %s, %s), (%s, %s, %s, %s)"
OF_PENDING = """
FROM pending p JOIN users u ON u.id = p.user_id AND u.epoch = p.epoch
LEFT JOIN devices d ON d.user_id = u.id AND d.digest = %s
"""
STILL_PENDING = " WHERE p.digest = %s AND p.used = 0 AND p.ends > %s"
FIND_PENDING = f"SELECT u.id, u.name, u.epoch {OF_PENDING} {STILL_PENDING}"
FIND_APPLICATION = (
    f"SELECT u.id, u.epoch, d.digest, a.id, a.label, a.secret {OF_PENDING}"
    f" JOIN applications a ON a.user_id = u.id {STILL_PENDING}"
)
FIND_CREDENTIALS = (
    f"SELECT u.id, u.epoch, c.id {OF_PENDING}"
    f" JOIN credentials c ON c.user_id = u.id {STILL_PENDING}"
)
FIND_CREDENTIAL = (
    f"SELECT u.id, u.epoch, d.digest, c.label, c.public_key {OF_PENDING}"
    f" JOIN credentials c ON c.user_id = u.id AND c.id = %s {STILL_PENDING}"
)
SPEND_STEP = (
    "UPDATE applications SET last_step = %s, last_used = %s WHERE id = %s AND last_step < %s"
)
SPEND_NONCE = "INSERT INTO nonces VALUES (%s, %s)"
USE_CREDENTIAL = (
    "UPDATE credentials SET sign_count = %s, last_used = %s WHERE id = %s AND sign_count < %s"
)
COMPLETE = "UPDATE pending SET used = 1 WHERE digest = %s AND used = 0 AND ends > %s"
START = "INSERT INTO sessions VALUES (%s, %s, %s, %s, %s, %s, %s)"
USE_DEVICE = "UPDATE devices SET last_used = %s WHERE digest = %s"
ADMIT_DEVICE = "INSERT INTO devices VALUES (%s, %s, %s)"
IDENTITY = """
SELECT u.id, u.name, u.address, s.factor, s.family FROM sessions s
JOIN users u ON u.id = s.user_id AND u.epoch = s.epoch
WHERE s.digest = %s AND s.ends > %s AND s.seen > %s
"""
OVERVIEW = """
SELECT 'totp', label, last_used FROM applications WHERE user_id = %s
UNION ALL SELECT 'webauthn', label, last_used FROM credentials WHERE user_id = %s
"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>%s</title></head>
<body><header><a href="/">Package Index</a></header><main><h1>%s</h1>%s</main></body></html>"""
FORM = """<form method="post" action="%s">
<input type="hidden" name="csrf_token" value="%s">%s<button>Log in</button></form>"""
PASSWORD_FIELDS = """<label for="username">Username</label><input id="username" name="username">
<label for="password">Password</label><input id="password" name="password" type="password">"""
CODE_FIELD = '<label for="totp_value">Code</label><input id="totp_value" name="totp_value">'
KEY_FIELD = '<input name="credential" data-first-options="%s">'
HTML = [
    ("Content-Type", "text/html; charset=UTF-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("Cache-Control", "no-store"),
]
JSON = [("Content-Type", "application/json"), *HTML[1:]]
CHALLENGE = struct.Struct(">16sQ")


class Refused(Exception):
    """Anything that is not right. The floor measures the walk that goes well."""


class Connection:
    """One connection, which counts what is asked of it."""

    def __init__(self, url: str) -> None:
        self.counts = Counts()
        self._is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._begin = "BEGIN IMMEDIATE" if self._is_sqlite else "BEGIN"
        self._connection: Any
        if self._is_sqlite:
            self._connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                self._connection.execute(f"PRAGMA {pragma}")
        else:
            self._connection = psycopg.connect(libpq(url), autocommit=True)
        tables = TABLES.format(bytes="BLOB" if self._is_sqlite else "BYTEA")
        for table in tables.strip().removesuffix(";").split(";"):
            self.run(table)

    def run(self, statement: str, *values: Any) -> Any:
        self.counts.statements += 1
        if self._is_sqlite:
            statement = statement.replace("%s", "?")
        return self._connection.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.counts.transactions += 1
        self._connection.execute(self._begin)
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def read(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement in a transaction of its own."""
        self.counts.transactions += 1
        return list(self.run(statement, *values).fetchall())

    def close(self) -> None:
        self._connection.close()


class Call:
    """One request and what is answered to it."""

    def __init__(self, environ: Environ) -> None:
        self.environ = environ
        pairs = (pair.split("=", 1) for pair in environ.get("HTTP_COOKIE", "").split("; ") if pair)
        self.cookies = dict(pairs)
        self.headers: list[tuple[str, str]] = []

    def fields(self) -> dict[str, str]:
        length = int(self.environ["CONTENT_LENGTH"])
        return dict(parse_qsl(self.environ["wsgi.input"].read(length).decode("ascii")))

    def digest(self, cookie: str) -> bytes:
        return hashlib.sha256(self.cookies.get(cookie, "").encode()).digest()

    def set(self, cookie: str, value: str, life: int | None = None) -> None:
        age = "" if life is None else f"; Max-Age={life}"
        flags = f"; Path=/; Secure; HttpOnly; SameSite=Lax{age}"
        self.headers.append(("Set-Cookie", f"{cookie}={value}{flags}"))


class Floor:
    """The WSGI application of the floor, and the people in it."""

    def __init__(self, database_url: str, cost: tuple[int, int, int]) -> None:
        self.clock = FrozenClock()
        self.application = self._answer
        self._database = Connection(database_url)
        self._hasher = argon2.PasswordHasher(cost[1], cost[0], cost[2])
        self._key = b"floor" * 8
        self._cipher = AESGCM(self._key[:32])
        self._windows: dict[str, int] = {}
        self._routes: dict[tuple[str, str], Callable[[Call], tuple[str, str]]] = {
            ("GET", LOGIN): self._login_page,
            ("POST", LOGIN): self._password,
            ("GET", CODE): self._code_page,
            ("POST", CODE): self._code,
            ("GET", KEY): self._key_page,
            ("POST", f"{KEY}validate"): self._assertion,
            ("GET", ACCOUNT): self._account,
        }

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def counted(self) -> Iterator[Counts]:
        counts = self._database.counts = Counts()
        yield counts

    def person(self, username: str, *, totp: bool = False, key: bool = False) -> Person:
        person = Person(username, clock=self.clock)
        person.user_id = uuid.uuid4()
        user_id, run = person.user_id.bytes, self._database.run
        password = self._hasher.hash(person.password)
        run(
            "INSERT INTO users VALUES (%s, %s, %s, %s, 0)",
            user_id,
            username,
            person.address,
            password,
        )
        if totp:
            application_id, secret = uuid.uuid4().bytes, uuid.uuid4().bytes + b"four"
            person.codes.append(base64.b32encode(secret).decode())
            nonce = uuid.uuid4().bytes[:12]
            sealed = nonce + self._cipher.encrypt(nonce, secret, application_id)
            values = (application_id, user_id, "Phone", sealed, 0, 0)
            run("INSERT INTO applications VALUES (%s, %s, %s, %s, %s, %s)", *values)
        if key:
            person.key.create(
                {
                    "rp": {"id": RP_ID},
                    "user": {"id": base64.urlsafe_b64encode(user_id).decode()},
                    "pubKeyCredParams": [{"alg": cose.EDDSA}],
                    "challenge": "",
                },
                ORIGIN,
            )
            (credential,) = person.key.credentials.values()
            public = credential.private_key.public_key()
            raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
            values = (credential.id, user_id, "Key", raw, 0, 0)
            run("INSERT INTO credentials VALUES (%s, %s, %s, %s, %s, %s)", *values)
        return person

    # WSGI

    def _answer(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        request = Call(environ)
        status, text = self._routes[environ["REQUEST_METHOD"], environ["PATH_INFO"]](request)
        body = text.encode()
        kind = JSON if text.startswith("{") else HTML
        length = ("Content-Length", str(len(body)))
        start_response(status, [*kind, length, *request.headers])
        return [body]

    def _now(self) -> int:
        return int(self.clock.now().timestamp())

    def _token(self, request: Call, binding: bytes | None = None) -> str:
        if binding is None:
            if "csrf" not in request.cookies:
                request.cookies["csrf"] = uuid.uuid4().hex
                request.set("csrf", request.cookies["csrf"])
            binding = request.cookies["csrf"].encode()
        return hmac.digest(self._key, binding, "sha256").hex()

    def _checked_fields(self, request: Call) -> dict[str, str]:
        fields = request.fields()
        if request.environ["HTTP_SEC_FETCH_SITE"] != "same-origin":
            raise Refused("site")
        if not equal(fields["csrf_token"].encode(), self._token(request).encode()):
            raise Refused("token")
        return fields

    # The steps of a login

    def _login_page(self, request: Call) -> tuple[str, str]:
        form = FORM % (LOGIN, self._token(request), PASSWORD_FIELDS)
        return "200 OK", PAGE % ("Log in", "Log in", form)

    def _password(self, request: Call) -> tuple[str, str]:
        fields, now, run = self._checked_fields(request), self._now(), self._database.run
        device = request.digest("device")
        with self._database.transaction():
            account = run(FIND_ACCOUNT, device, fields["username"].strip().lower()).fetchone()
            if account is None:
                raise Refused("name")
            user_id, password, epoch, known, keys = account
            budget = self._reserve(request, b"password", known or user_id, now)
        self._hasher.verify(password, fields["password"])
        if self._hasher.check_needs_rehash(password):
            raise Refused("cost")
        secret = uuid.uuid4().hex
        with self._database.transaction():
            self._give_back(request, budget)
            self._record(request, "account:password:accepted", user_id, {}, now)
            digest = hashlib.sha256(secret.encode()).digest()
            run(PEND, digest, user_id, epoch, now + PENDING_LIFE)
        request.set("login", secret)
        request.headers.append(("Location", KEY if keys else CODE))
        return "303 See Other", ""

    def _code_page(self, request: Call) -> tuple[str, str]:
        return self._second_step(request, CODE, CODE_FIELD)

    def _key_page(self, request: Call) -> tuple[str, str]:
        return self._second_step(request, KEY, KEY_FIELD % escape(self._options(request)))

    def _second_step(self, request: Call, path: str, field: str) -> tuple[str, str]:
        ((_, name, _),) = self._database.read(FIND_PENDING, *self._pending(request))
        body = f"<p>{escape(name)}</p>" + FORM % (path, self._token(request), field)
        return "200 OK", PAGE % ("Second factor", "Second factor", body)

    def _code(self, request: Call) -> tuple[str, str]:
        fields, now, run = self._checked_fields(request), self._now(), self._database.run
        code = fields["totp_value"]
        if re.fullmatch("[0-9]{6}", code) is None:
            raise Refused("code")
        with self._database.transaction():
            found = run(FIND_APPLICATION, *self._pending(request)).fetchone()
            user_id, epoch, known, application_id, label, sealed = found
            budget = self._reserve(request, b"code", known or user_id, now)
            sealed = bytes(sealed)
            secret = self._cipher.decrypt(sealed[:12], sealed[12:], application_id)
            step = _matching_step(secret, code, now)
            spent = run(SPEND_STEP, step, now, application_id, step)
            if spent.rowcount != 1:
                raise Refused("spent")
            self._give_back(request, budget)
            self._start_session(request, user_id, epoch, known, "totp", label)
        request.headers.append(("Location", ACCOUNT))
        return "303 See Other", ""

    def _options(self, request: Call) -> str:
        found = self._database.read(FIND_CREDENTIALS, *self._pending(request))
        body = CHALLENGE.pack(uuid.uuid4().bytes, self._now() + PENDING_LIFE)
        challenge = body + self._challenge_mac(request, body)
        options = {
            "challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "timeout": PENDING_LIFE * 1000,
            "rpId": RP_ID,
            "allowCredentials": [
                {"type": "public-key", "id": base64.urlsafe_b64encode(row[2]).decode().rstrip("=")}
                for row in found
            ],
            "userVerification": "discouraged",
        }
        return json.dumps(options)

    def _challenge_mac(self, request: Call, body: bytes) -> bytes:
        return hmac.digest(self._key, body + request.digest("login"), "sha256")

    def _assertion(self, request: Call) -> tuple[str, str]:
        fields, now, run = self._checked_fields(request), self._now(), self._database.run
        credential = json.loads(fields["credential"])
        response = credential["response"]
        credential_id = _decoded(credential["id"])
        client_data_json = _decoded(response["clientDataJSON"])
        data, signature = _decoded(response["authenticatorData"]), _decoded(response["signature"])
        client_data = json.loads(client_data_json)
        challenge = _decoded(client_data["challenge"])
        body, mac = challenge[: CHALLENGE.size], challenge[CHALLENGE.size :]
        nonce, ends = CHALLENGE.unpack(body)
        is_ours = equal(mac, self._challenge_mac(request, body)) and ends > now
        if not is_ours or client_data["type"] != "webauthn.get" or client_data["origin"] != ORIGIN:
            raise Refused("client data")
        if data[:32] != hashlib.sha256(RP_ID.encode()).digest() or not data[32] & 1:
            raise Refused("authenticator data")
        device, login, now = self._pending(request)
        with self._database.transaction():
            found = run(FIND_CREDENTIAL, device, credential_id, login, now).fetchone()
            user_id, epoch, known, label, public_key = found
            budget = self._reserve(request, b"key", known or user_id, now)
            run(SPEND_NONCE, nonce, ends)
        signed = data + hashlib.sha256(client_data_json).digest()
        try:
            Ed25519PublicKey.from_public_bytes(bytes(public_key)).verify(signature, signed)
        except InvalidSignature as error:
            raise Refused("signature") from error
        count = int.from_bytes(data[33:37], "big")
        with self._database.transaction():
            used = run(USE_CREDENTIAL, count, now, credential_id, count)
            if used.rowcount != 1:
                raise Refused("count")
            self._give_back(request, budget)
            self._start_session(request, user_id, epoch, known, "webauthn", label)
        return "200 OK", json.dumps({"success": "You are logged in.", "redirect_to": ACCOUNT})

    def _account(self, request: Call) -> tuple[str, str]:
        now, run = self._now(), self._database.run
        with self._database.transaction():
            identity = run(IDENTITY, request.digest("session"), now, now - 3600).fetchone()
            user_id, name, address, factor, family = identity
            factors = run(OVERVIEW, user_id, user_id).fetchall()
        rows = "".join(
            f"<li>{kind}: {escape(label)}, {time.strftime('%d %b %Y', time.gmtime(used))}</li>"
            for kind, label, used in factors
        )
        body = f"<p>{escape(name)}, {escape(address)}, {factor}</p><ul>{rows}</ul>"
        form = FORM % ("/account/logout/", self._token(request, family), "")
        return "200 OK", PAGE % ("Account", "Account", body + form)

    # What the steps share

    def _pending(self, request: Call) -> tuple[bytes, bytes, int]:
        return request.digest("device"), request.digest("login"), self._now()

    def _reserve(self, request: Call, name: bytes, subject: bytes, now: int) -> bytes:
        address = request.environ["REMOTE_ADDR"]
        if self._windows.get(address, 0) >= ALLOWED:
            raise Refused("limit")
        self._windows[address] = self._windows.get(address, 0) + 1
        key = hmac.digest(self._key, name + subject, "sha256")
        values = (key, now + SPAN, now, now, now, ALLOWED)
        if self._database.run(RESERVE, *values).fetchone() is None:
            raise Refused("limit")
        return key

    def _give_back(self, request: Call, key: bytes) -> None:
        self._windows[request.environ["REMOTE_ADDR"]] -= 1
        self._database.run(GIVE_BACK, key)

    def _record(
        self, request: Call, tag: str, user_id: bytes, facts: dict[str, Any], now: int
    ) -> None:
        event_id, environ = uuid.uuid4().bytes, request.environ
        self._database.run(RECORD, event_id, tag, user_id, now, json.dumps(facts))
        address = (event_id, "address", environ["REMOTE_ADDR"], uuid.uuid4().bytes)
        agent = (event_id, "agent", environ["HTTP_USER_AGENT"], uuid.uuid4().bytes)
        self._database.run(RECORD_PRIVATE, *address, *agent)

    def _start_session(
        self,
        request: Call,
        user_id: bytes,
        epoch: int,
        known: bytes | None,
        factor: str,
        label: str,
    ) -> None:
        now, run = self._now(), self._database.run
        if run(COMPLETE, request.digest("login"), now).rowcount != 1:
            raise Refused("pending")
        secret = uuid.uuid4().hex
        digest = hashlib.sha256(secret.encode()).digest()
        run(START, digest, uuid.uuid4().bytes, user_id, epoch, factor, now, now + SESSION_LIFE)
        request.set("session", secret)
        request.set("login", "", life=0)
        self._note_device(request, user_id, known, now)
        facts = {"credential": label, "is_known_device": known is not None}
        self._record(request, "account:login:completed", user_id, facts, now)

    def _note_device(self, request: Call, user_id: bytes, known: bytes | None, now: int) -> None:
        if known is not None:
            self._database.run(USE_DEVICE, now, known)
            return
        device = uuid.uuid4().hex
        digest = hashlib.sha256(device.encode()).digest()
        self._database.run(ADMIT_DEVICE, digest, user_id, now)
        request.set("device", device, life=31_536_000)


class BareFloor(Floor):
    """The floor without attempts, devices and a trail: a login of nine statements.

    The goals were found beside one of six.
    """

    def _reserve(self, request: Call, name: bytes, subject: bytes, now: int) -> bytes:
        return b""

    def _give_back(self, request: Call, key: bytes) -> None:
        pass

    def _record(
        self, request: Call, tag: str, user_id: bytes, facts: dict[str, Any], now: int
    ) -> None:
        pass

    def _note_device(self, request: Call, user_id: bytes, known: bytes | None, now: int) -> None:
        pass


def _matching_step(secret: bytes, code: str, now: int) -> int:
    matches = [
        step
        for step in (now // STEP, now // STEP - 1, now // STEP + 1)
        if equal(_code_of(secret, step).encode(), code.encode())
    ]
    if not matches:
        raise Refused("code")
    return matches[0]


def _code_of(secret: bytes, step: int) -> str:
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
