"""Reads `doors.txt`: the table of every door, and what everybody is told at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.common.visitor import KEY, REAUTHENTICATE, RECOVERY_CODES, TWO_FACTOR
from warehouse_mfa.authz import Denial

TABLE = Path(__file__).with_name("doors.txt")

STANDINGS_OF_COLUMNS = {
    "any": "a stranger",
    "mail": "with a mailed link",
    "reset": "with a reset link",
    "code": "owing a code",
    "key": "owing an assertion",
    "unver": "unverified",
    "nofac": "without a factor",
    "full": "logged in",
    "stale": "logged in long ago",
    "less": "logged in with a recovery code",
}
WITHOUT_TOKEN = ("none", "alien")
NOT_FOR_GET = "-"

STATUSES = {"ok": 200, "form": 422, "400": 400, "404": 404, "409": 409, "410": 410}
REASONS = {"404": "not-found", "410": "link-invalid"}
TARGETS = {
    ">home": "/",
    ">own": "/manage/account/",
    ">fac": "/manage/account/two-factor/",
    ">app": TWO_FACTOR,
    ">key": f"{KEY}/",
    ">cod": RECOVERY_CODES,
    ">pwd": "/manage/account/password/",
    ">not": "/manage/account/notices/",
    ">rep": "/manage/account/repair/",
    ">ses": "/manage/account/sessions/",
}
DENIALS = {
    "LOG": (Denial.NOT_LOGGED_IN, "/account/login/"),
    "PEN": (Denial.NO_PENDING_LOGIN, "/account/login/"),
    "VER": (Denial.NOT_VERIFIED, "/manage/unverified-account/"),
    "FAC": (Denial.NO_FACTOR, "/manage/account/two-factor/"),
}
ASKED_AGAIN = ("STEP", "STEP^")
ON_PROBATION = "WAIT"
# The addresses whose answer is JSON for everybody.
ALWAYS_JSON = ("/options", "/validate", "/accepted", "/state", ".json")


@dataclass(frozen=True)
class Told:
    """What somebody is told at a door."""

    status: int
    target: str | None = None
    """Where a redirect leads, or what JSON says would help."""
    reason: str | None = None
    """Why not, in JSON."""


@dataclass(frozen=True)
class Row:
    """A door, and a cell for everybody."""

    method: str
    path: str
    cells: Mapping[str, str]
    """By standing."""
    without_token: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def is_closed_to(self, standing: str) -> bool:
        cell = self.cells[standing]
        return cell in DENIALS or cell in ASKED_AGAIN or cell == ON_PROBATION

    def told(self, standing: str, address: str, *, is_program: bool) -> Told:
        """Return what the table says; `address` is this door's, filled in."""
        cell = self.cells[standing]
        is_program = is_program or address.endswith(ALWAYS_JSON)
        if cell in STATUSES:
            return Told(STATUSES[cell], reason=REASONS.get(cell) if is_program else None)
        if cell in TARGETS:
            return Told(303, TARGETS[cell])
        if cell in ASKED_AGAIN:
            back = _above(address) if cell.endswith("^") else address
            target = f"{REAUTHENTICATE}?next={quote(back, safe='')}"
            return Told(403, target, "step-up-required") if is_program else Told(303, target)
        if cell == ON_PROBATION:
            back = f"?next={quote(address, safe='')}" if self.method == "GET" else ""
            target = f"{REAUTHENTICATE}{back}"
            return Told(403, target, "on-probation") if is_program else Told(403)
        reason, target = DENIALS[cell]
        if is_program:
            return Told(401, target, reason)
        if self.method == "GET" and reason is not Denial.NO_PENDING_LOGIN:
            target += f"?next={quote(address, safe='')}"
        return Told(303, target)


def table() -> list[Row]:
    """Return the rows in their order."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    (heads,) = [line.strip("# ").split() for line in lines if line.endswith("none alien")]
    assert heads == [*STANDINGS_OF_COLUMNS, *WITHOUT_TOKEN]
    return [_row(line.split()) for line in lines if line and not line.startswith("#")]


def _row(words: list[str]) -> Row:
    method, path, *cells = words
    by_column = dict(zip([*STANDINGS_OF_COLUMNS, *WITHOUT_TOKEN], cells, strict=True))
    standings = {STANDINGS_OF_COLUMNS[column]: by_column[column] for column in STANDINGS_OF_COLUMNS}
    return Row(method, path, standings, {how: by_column[how] for how in WITHOUT_TOKEN})


def _above(address: str) -> str:
    """Return the page that an address without one belongs to."""
    above = address.rpartition("/")[0]
    return next(row.path for row in table() if row.path in (above, f"{above}/"))
