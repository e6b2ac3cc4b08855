"""A browser without a screen: WebTest with a cookie jar, and the ways people take."""

import json
from typing import Any
from urllib.parse import urlsplit

import webtest

from tests.common.clock import FrozenClock
from tests.common.people import Person
from tests.common.secrecy import SECRECY, short_name
from warehouse_mfa.http.front import Application

TWO_FACTOR = "/account/two-factor/"
KEY = "/account/webauthn-authenticate"
PASSKEY = "/account/passkey"
PROVISION_KEY = "/manage/account/webauthn-provision"
PROVISION_TOTP = "/manage/account/totp-provision"
RECOVERY_CODE = "/account/recovery-code/"
RECOVERY_CODES = "/manage/account/recovery-codes/"
DELETE = "/manage/account/delete/"
REAUTHENTICATE = "/account/reauthenticate/"


def first_options(page: Any) -> dict[str, Any]:
    """Return the options of a ceremony that came with the page which asks for the key."""
    form = page.html.find("form", {"data-webauthn": "authenticate"})
    options: dict[str, Any] = json.loads(form["data-first-options"])
    return options


class Visitor(webtest.TestApp):
    """Somebody at the front door."""

    def __init__(
        self,
        application: Application,
        origin: str,
        clock: FrozenClock,
        *,
        address: str,
        agent: str,
    ) -> None:
        self.origin = origin
        self.clock = clock
        parts = urlsplit(origin)
        super().__init__(
            application,
            extra_environ={
                "REMOTE_ADDR": address,
                "HTTP_HOST": parts.netloc,
                "HTTP_USER_AGENT": agent,
                "wsgi.url_scheme": parts.scheme,
            },
        )

    def do_request(self, req: Any, status: Any = None, expect_errors: Any = None) -> Any:
        """Send a request. Every one comes by here, and what is secret in it is noted."""
        response = super().do_request(req, status=status, expect_errors=expect_errors)
        SECRECY.saw(req, response)
        return response

    def cookie(self, name: str) -> str | None:
        """Return a cookie by its short name, whatever scheme and port make of it."""
        found = (value for full, value in self.cookies.items() if short_name(full) == name)
        return next(found, None)

    def form(self, path: str, id: str) -> webtest.Form:
        """Return a form of a page, filled in as the page has it."""
        return self.get(path, status=200).forms[id]

    def csrf_token(self, path: str = "/account/register/") -> str:
        """Return the token of this jar, from any page with a form."""
        response = self.get(path)
        while response.status_int == 303:
            response = response.follow()
        token: str = response.html.find("input", {"name": "csrf_token"})["value"]
        return token

    def post_form(self, path: str, fields: Any = None, status: Any = None, **more: Any) -> Any:
        """POST fields with the token of this jar."""
        values = {**(fields or {}), "csrf_token": self.csrf_token()}
        return self.post(path, values, status=status, **more)

    # Ways in

    def give_password(self, person: Person, status: int = 303, **fields: str) -> Any:
        """Send the login form."""
        form = self.form("/account/login/", "login-form")
        form["username"], form["password"] = person.username, person.password
        for name, value in fields.items():
            form[name] = value
        return form.submit(status=status)

    def give_code(self, code: str, status: int = 303) -> Any:
        """Send the form of the authenticator app."""
        form = self.form(TWO_FACTOR, "totp-auth-form")
        form["totp_value"] = code
        return form.submit(status=status)

    def give_key(self, person: Person, status: int = 200, **overrides: Any) -> Any:
        """Use the security key at login; `overrides` as the authenticator takes them."""
        page = self.get(f"{KEY}/", status=200)
        credential = person.key.get(first_options(page), self.origin, **overrides)
        token = page.forms["webauthn-auth-form"]["csrf_token"].value
        return self.send_assertion(credential, status, csrf_token=token)

    def send_assertion(self, credential: dict[str, Any], status: int = 200, **more: str) -> Any:
        fields = {"credential": json.dumps(credential), **more}
        if "csrf_token" not in fields:
            fields["csrf_token"] = self.csrf_token(f"{KEY}/")
        return self.post(f"{KEY}/validate", fields, status=status)

    def give_passkey(
        self, person: Person, status: int = 200, next: str = "", **overrides: Any
    ) -> Any:
        """Log in with a passkey; `overrides` as the authenticator takes them."""
        self.get("/account/login/", status=200)
        options = self.get(f"{PASSKEY}/options", status=200).json
        credential = person.key.get(options, self.origin, **overrides)
        return self.send_passkey(credential, status, next)

    def send_passkey(self, credential: dict[str, Any], status: int = 200, next: str = "") -> Any:
        fields = {"credential": json.dumps(credential), "next": next}
        return self.post_form(f"{PASSKEY}/validate", fields, status=status)

    def log_in(self, person: Person) -> Any:
        """Log in fully, with the app if there is one, else with the key."""
        self.give_password(person)
        return self.give_code(person.code()) if person.codes else self.give_key(person)

    def give_recovery_code(self, code: str, status: int = 303) -> Any:
        """Send the form of the recovery codes."""
        form = self.form(RECOVERY_CODE, "recovery-auth-form")
        form["recovery_code_value"] = code
        return form.submit(status=status)

    # Proving it again

    def step_up(self, person: Person, status: int = 303, next: str = "/manage/account/") -> Any:
        """Prove the app again, else the key."""
        if person.codes:
            form = self.form(f"{REAUTHENTICATE}?factor=two-factor&next={next}", "totp-auth-form")
            form["totp_value"] = person.code()
            return form.submit(status=status)
        page = self.get(REAUTHENTICATE, status=200)
        credential = person.key.get(first_options(page), self.origin)
        fields = {
            "credential": json.dumps(credential),
            "csrf_token": page.forms["webauthn-auth-form"]["csrf_token"].value,
        }
        path = f"{REAUTHENTICATE}validate?next={next}"
        return self.post(path, fields, status=200 if status == 303 else status)

    # Confirming an act

    def ask_to_delete(self, person: Person) -> str:
        """Ask for the deletion of the account; return the path where it is confirmed."""
        form = self.form(DELETE, "delete-account-form")
        form["confirmation"] = person.username
        path: str = urlsplit(form.submit(status=303).location).path
        return path

    def confirm(self, path: str, person: Person, status: Any = None, **overrides: Any) -> Any:
        """Confirm an act with the security key; `overrides` as the authenticator takes them."""
        page = self.get(path, status=200)
        credential = person.key.get(first_options(page), self.origin, **overrides)
        fields = {"credential": json.dumps(credential)}
        return self.post_form(f"{path}validate", fields, status=status)

    def remove_last_key(self, path: str, person: Person) -> Any:
        """Remove the key that nothing else resists phishing beside, and confirm that with it."""
        answer = self.form(path, "factor-remove-form").submit(status=303)
        return self.confirm(urlsplit(answer.location).path, person, status=200)

    # Setting up

    def enroll_totp(self, person: Person, label: str = "Phone") -> Any:
        """Enroll an authenticator app, reading the key from the page."""
        page = self.get(PROVISION_TOTP, status=200)
        secret = page.html.select_one(".secret bdi").text.replace(" ", "")
        person.codes.append(secret)
        SECRECY.use(secret, "TOTP secret")
        form = page.forms["totp-provision-form"]
        form["label"], form["totp_value"] = label, person.code(application=-1)
        return form.submit(status=303)

    def register_key(
        self, person: Person, label: str = "Key", status: int = 200, **overrides: Any
    ) -> Any:
        """Register the person's security key."""
        options = self.get(f"{PROVISION_KEY}/options", status=200).json
        credential = person.key.create(options, self.origin, **overrides)
        return self.send_registration(credential, label, status)

    def register_passkey(
        self, person: Person, label: str = "Passkey", status: int = 200, **overrides: Any
    ) -> Any:
        """Register a passkey in the person's authenticator."""
        options = self.get(f"{PROVISION_KEY}/options?kind=passkey", status=200).json
        credential = person.key.create(options, self.origin, **overrides)
        return self.send_registration(credential, label, status, "?kind=passkey")

    def send_registration(
        self, credential: dict[str, Any], label: str = "Key", status: int = 200, query: str = ""
    ) -> Any:
        fields = {
            "credential": json.dumps(credential),
            "label": label,
            "csrf_token": self.csrf_token(PROVISION_KEY),
        }
        return self.post(f"{PROVISION_KEY}/validate{query}", fields, status=status)

    def make_recovery_codes(self, person: Person, act: str = "generate") -> Any:
        """Make recovery codes, or with "regenerate" new ones, and keep them."""
        form = self.form(RECOVERY_CODES, f"recovery-{act}-form")
        page = form.submit(status=200)
        person.recovery_codes[:] = [code.text for code in page.html.select(".codes code")]
        for code in person.recovery_codes:
            SECRECY.use(code, "recovery code")
            SECRECY.use(code.replace("-", ""), "recovery code")
        return page

    def prove_recovery_code(self, person: Person, status: int = 303) -> Any:
        """Show that the codes are kept, by using the last one up."""
        form = self.form(RECOVERY_CODES, "recovery-burn-form")
        form["recovery_code_value"] = person.recovery_codes.pop()
        return form.submit(status=status)
