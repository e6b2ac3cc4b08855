"""Watching the application at work: its statements, its password hashes, its calls."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from argon2 import low_level
from nacl.bindings import crypto_pwhash as libsodium
from sqlalchemy import event

from tests.common.site import Site
from tests.common.visitor import Visitor

# What computes a hash to compare it, and the argument with the stored one.
VERIFYING = {
    low_level.verify_secret.__code__: "hash",
    libsodium.crypto_pwhash_str_verify.__code__: "passwd_hash",
}


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """Yield a list that fills with the SQL statements of the application."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        # Whether a pooled connection was last used for reading is nothing of this request.
        if not statement.startswith("PRAGMA"):
            sent.append(statement)

    engine = site.registry["engine"]
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def hashes() -> Iterator[list[str]]:
    """Yield a list that fills with the parameters of each Argon2 hash of this thread."""
    computed: list[str] = []

    def note(frame: FrameType, happened: str, argument: Any) -> None:
        if happened != "call":
            return
        values = frame.f_locals
        if frame.f_code in VERIFYING:
            match = re.search(rb"m=\d+,t=\d+,p=\d+", values[VERIFYING[frame.f_code]])
            computed.append(match[0].decode() if match else "unknown")
        elif frame.f_code is libsodium.crypto_pwhash_str_alg.__code__:
            computed.append(f"m={values['memlimit'] // 1024},t={values['opslimit']},p=1")
        elif frame.f_code is low_level.hash_secret.__code__:
            cost = values["memory_cost"], values["time_cost"], values["parallelism"]
            computed.append("m={},t={},p={}".format(*cost))

    sys.setprofile(note)
    try:
        yield computed
    finally:
        sys.setprofile(None)


@contextmanager
def python_calls(visitor: Visitor) -> Iterator[Counter[str]]:
    """Yield a counter, by path, of the Python functions that answers to this visitor call."""
    application, counted = visitor.app, Counter[str]()

    def watched(environ: Any, start_response: Any) -> Any:
        def note(frame: FrameType, happened: str, argument: Any) -> None:
            counted[path] += happened == "call"

        path = environ["PATH_INFO"]
        sys.setprofile(note)
        try:
            return application(environ, start_response)
        finally:
            sys.setprofile(None)

    visitor.app = watched
    try:
        yield counted
    finally:
        visitor.app = application
