"""`dev/contract.md` says what the code does: routes, fields, ids, commands, settings."""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.common.routes import doors
from warehouse_mfa import cli
from warehouse_mfa.accounts.forms import EmailForm, NewPasswordForm, RegistrationForm
from warehouse_mfa.factors.forms import RenameForm
from warehouse_mfa.factors.interfaces import FactorForm
from warehouse_mfa.forms import Form
from warehouse_mfa.http.body import LARGEST_BODY
from warehouse_mfa.http.headers import CONTENT_SECURITY_POLICY
from warehouse_mfa.i18n import languages
from warehouse_mfa.login.forms import (
    LostForm,
    PasskeyForm,
    PasswordForm,
    ResetForm,
    ResetRequestForm,
)
from warehouse_mfa.paths import PACKAGE, data_dir
from warehouse_mfa.profile.forms import (
    DeletionForm,
    HistoryForm,
    PasswordChangeForm,
    ProfileForm,
)
from warehouse_mfa.recovery.factor import RecoveryFactor
from warehouse_mfa.settings import PREFIX, Settings
from warehouse_mfa.site.forms import LanguageForm
from warehouse_mfa.totp.factor import TOTPFactor
from warehouse_mfa.totp.forms import EnrollForm
from warehouse_mfa.webauthn.factor import WebAuthnFactor
from warehouse_mfa.webauthn.forms import RegisterForm, RegisterPasskeyForm

CONTRACT = PACKAGE.parent / "dev" / "contract.md"
LIMITS = f"{PREFIX}LIMIT_"

# The form classes by the address that takes them. `None` reads its fields itself.
FORMS: dict[str, type[Form] | None] = {
    "/account/register/": RegistrationForm,
    "/account/login/": PasswordForm,
    "/account/passkey/options": PasskeyForm,
    "/account/two-factor/": TOTPFactor.form,
    "/account/webauthn-authenticate/": WebAuthnFactor.form,
    "/account/recovery-code/": RecoveryFactor.form,
    "/account/reauthenticate/": None,
    "/account/request-password-reset/": ResetRequestForm,
    "/account/reset-password/": ResetForm,
    "/account/waiting/": None,
    "/account/confirm-login/": None,
    "/account/verify-email/": None,
    "/account/not-me/": None,
    "/account/lost/": LostForm,
    "/account/lost/confirm/": None,
    "/manage/account/repair/": None,
    "/manage/unverified-account/": EmailForm,
    "/manage/account/{factor}-provision/{credential_id}/rename": RenameForm,
    "/manage/account/{factor}-provision/{credential_id}/delete": None,
    "/manage/account/recovery-codes/": RecoveryFactor.form,
    "/manage/account/passkey-offer/decline": None,
    "/manage/account/emails/": EmailForm,
    "/manage/account/": ProfileForm,
    "/manage/account/export/": None,
    "/manage/account/notices/": None,
    "/manage/account/sessions/": None,
    "/manage/account/devices/{device_id}/forget": None,
    "/manage/account/password/": PasswordChangeForm,
    "/manage/account/delete/": DeletionForm,
    "/manage/account/history/": HistoryForm,
    "/account/confirm/{act_id}/": None,
    "/locale/": LanguageForm,
    "/manage/account/totp-provision": EnrollForm,
    "/manage/account/webauthn-provision": RegisterForm,
}
# Whose fields come in the query: it changes nothing.
BY_QUERY = {"/manage/account/history/"}
# What a page that asks for any factor takes besides its own fields.
ANSWERS = {factor.form.answer_field for factor in (TOTPFactor, WebAuthnFactor, RecoveryFactor)}
# Bases, which no page shows as they are.
BASES = {Form, FactorForm, NewPasswordForm}
# The same page for something else, with the same fields.
VARIANTS = {RegisterPasskeyForm}
# How a view reads a field that is in no form class.
READ_DIRECTLY = re.compile(
    r'request\.(?:form|GET)(?:\.get\(|\[)"(\w+)"|"(\w+)" in (?:self\.)?request\.(?:form|GET)'
)


@cache
def section(title: str) -> str:
    """Return the text below the heading that begins with `title`."""
    text = CONTRACT.read_text(encoding="utf-8")
    found = re.search(
        rf"^## {re.escape(title)}.*?\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found is not None, f"the contract has no section {title}"
    return found[1]


def rows(title: str) -> Iterator[list[str]]:
    """Yield the cells of each row of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def addresses(cell: str) -> list[tuple[str, str, str]]:
    """Read "GET POST `/a/` (a.b), GET `…/c` (a.d)": method, path and route of each."""
    found: list[tuple[str, str, str]] = []
    unnamed: list[tuple[str, str]] = []
    methods: list[str] = []
    first, is_complete = "", False
    for word, path, route in re.findall(r"\b(GET|POST)\b|`([^`]+)`|\(([^)]+)\)", cell):
        if word:
            methods = [word] if is_complete else [*methods, word]
            is_complete = False
        elif path:
            first = first or path
            full = path.replace("…", first.rstrip("/"))
            unnamed += [(method, full) for method in methods]
            is_complete = True
        else:
            found += [(method, full, route) for method, full in unnamed]
            unnamed = []
    assert not unnamed, f"{unnamed} have no route in {cell}"
    return found


def fields(cell: str) -> set[str]:
    """Read "username (name or address), password": the names."""
    without_remarks = re.sub(r"\([^)]*\)", "", cell)
    return {name.strip() for name in without_remarks.split(",") if name.strip()}


def first_path(cell: str) -> str:
    return addresses(cell)[0][1]


def subclasses(of: type[Form]) -> set[type[Form]]:
    found = set()
    for each in of.__subclasses__():
        # Not those that are put together of two for one page.
        is_written = getattr(sys.modules.get(each.__module__), each.__name__, None) is each
        if is_written and each.__module__.startswith("warehouse_mfa."):
            found |= {each} | subclasses(each)
    return found


# Every answer


def rule(name: str) -> str:
    (detail,) = [cells[1] for cells in rows("Every answer") if cells[0] == name]
    return detail


def test_the_contract_has_the_content_security_policy() -> None:
    assert f"`{CONTENT_SECURITY_POLICY}`" in rule("headers")


def test_the_contract_has_exactly_the_cookies_that_there_are() -> None:
    sources = [file.read_text(encoding="utf-8") for file in Path(PACKAGE).rglob("*.py")]
    made = {name for source in sources for name in re.findall(r'Cookie\("(\w+)"', source)}

    documented = set(re.findall(r"`([a-z]+)`", rule("cookies")))
    assert documented == made | {languages.COOKIE}


def test_the_contract_has_the_size_of_a_body() -> None:
    (sizes,) = [cells[0] for cells in rows("Every answer") if "KiB" in cells[0]]

    assert f"{LARGEST_BODY // 1024} KiB" in sizes


# Pages


def test_the_contract_has_exactly_the_routes_that_there_are() -> None:
    documented = [each for cells in rows("Pages") for each in addresses(cells[0])]

    assert len(documented) == len(set(documented))
    assert set(documented) == {(door.method, door.path, door.route) for door in doors()}


@pytest.mark.parametrize("path", sorted(FORMS))
def test_the_contract_has_the_fields_of_a_form(path: str) -> None:
    (documented,) = [fields(cells[1]) for cells in rows("Pages") if first_path(cells[0]) == path]

    form = FORMS[path]
    own = set(form()._fields) if form else set()
    assert own <= documented
    assert documented - own <= read_directly() | ANSWERS


def test_a_page_without_a_form_has_no_fields_but_those_of_its_query() -> None:
    for cells in rows("Pages"):
        if first_path(cells[0]) not in FORMS:
            assert fields(cells[1]) <= read_directly(), cells[0]


def test_every_form_class_is_one_of_a_page() -> None:
    known = {form for form in FORMS.values() if form}

    assert subclasses(Form) - BASES - VARIANTS == known


def test_every_field_that_a_view_reads_itself_is_in_the_contract() -> None:
    documented = set().union(*(fields(cells[1]) for cells in rows("Pages")))
    of_static_files = set(re.findall(r"\?(\w+)=", rule("headers")))

    assert read_directly() <= documented | of_static_files


def test_every_address_that_takes_forms_is_in_the_table_of_forms() -> None:
    taking = {first_path(cells[0]) for cells in rows("Pages") if "POST" in cells[0]}

    assert taking - {"/account/logout/"} == set(FORMS) - BY_QUERY


def test_the_element_ids_are_on_pages() -> None:
    (line,) = [each for each in section("Pages").splitlines() if each.startswith("Element ids")]
    ids = re.findall(r"`([a-z-]+)`", line)

    sources = "".join(
        file.read_text(encoding="utf-8")
        for folder, pattern in ((data_dir("templates"), "*.html"), (PACKAGE, "forms.py"))
        for file in folder.rglob(pattern)
    )
    assert ids
    assert [each for each in ids if f'"{each}"' not in sources] == []


@cache
def read_directly() -> set[str]:
    """Return the names of fields that views read from the request without a form class."""
    return {
        name
        for file in Path(PACKAGE).rglob("*.py")
        for names in READ_DIRECTLY.findall(file.read_text(encoding="utf-8"))
        for name in names
        if name
    }


# Commands


def commands(command: click.Command, path: tuple[str, ...] = ()) -> dict[str, click.Command]:
    """Return every command that does something, by its words."""
    if not isinstance(command, click.Group):
        return {" ".join(path): command}
    found: dict[str, click.Command] = {}
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None, name
        found |= commands(inner, (*path, name))
    return found


def test_the_contract_has_exactly_the_commands_and_options_that_there_are() -> None:
    documented = {}
    for cells in rows("Command line"):
        for text in re.findall(r"`([^`]+)`", cells[0]):
            name = re.match(r"[a-z]+(?: [a-z]+(?:-[a-z]+)*)*", text)
            assert name is not None, text
            documented[name[0]] = set(re.findall(r"--[a-z-]+", text))

    assert documented == {
        name: {
            option
            for parameter in command.params
            if isinstance(parameter, click.Option)
            for option in parameter.opts
        }
        for name, command in commands(cli.main).items()
    }


# Settings


def documented_settings() -> dict[str, str]:
    """Return the default that stands beside each name."""
    return {
        name: cells[1]
        for cells in rows("Settings")
        for name in re.findall(rf"`({PREFIX}[A-Z_…]+)`", cells[0])
    }


def test_the_contract_has_exactly_the_settings_that_there_are() -> None:
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    limits = {name for name in names if name.startswith(LIMITS)}

    assert set(documented_settings()) == names - limits | {f"{LIMITS}…"}


def test_the_contract_has_the_defaults_of_the_settings() -> None:
    printed = CliRunner().invoke(cli.main, ["settings", "--json"])
    defaults = {row["name"]: row["default"] for row in json.loads(printed.stdout)["settings"]}

    for name, cell in documented_settings().items():
        if name.startswith(LIMITS):
            continue
        is_given = bool(defaults[name])
        expected = {f"`{defaults[name]}`"} if is_given else {"empty", "required in production"}
        assert cell in expected, name
