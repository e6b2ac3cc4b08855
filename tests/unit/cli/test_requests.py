"""`user requests`: who asks for help, with what that proves."""

import json
from uuid import UUID

from sqlalchemy import Engine, text

from tests.common.shell import Shell

ALICE = ("--username", "Alice", "--email", "alice@example.org", "--verified")
ASK = text(
    "INSERT INTO lost_requests (id, user_id, typed_name, address, statement, is_password_right,"
    " is_own_address, client, created_at, confirmed_at, withdrawn_at)"
    " SELECT :id, users.id, 'alice', :address, 'Ask my team', TRUE, FALSE, '192.0.2.1',"
    " users.created_at, CASE WHEN :is_confirmed THEN users.created_at END,"
    " CASE WHEN :is_withdrawn THEN users.created_at END FROM users"
)


def test_it_lists_what_was_confirmed_and_not_withdrawn(clerk: Shell, engine: Engine) -> None:
    clerk.run("user", "create", *ALICE)
    with engine.begin() as connection:
        for number, (is_confirmed, is_withdrawn) in enumerate(
            ((True, False), (True, True), (False, False))
        ):
            values = {"is_confirmed": is_confirmed, "is_withdrawn": is_withdrawn}
            id_ = UUID(int=number).hex
            connection.execute(ASK, {"id": id_, "address": f"{number}@example.net", **values})

    listed = clerk.run("user", "requests").stdout
    (shown,) = json.loads(clerk.run("user", "requests", "--json").stdout)

    name, address, password, mailbox, until = listed.rstrip("\n").split("\t")
    assert (name, address, password) == ("Alice", "0@example.net", "password")
    assert mailbox == "another address"
    assert shown["statement"] == "Ask my team"
    assert shown["waits_until"].startswith(until[:10])
