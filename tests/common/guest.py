"""A browser over a real connection, for processes that serve: cookies and forms, no more."""

import http.client
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from bs4 import BeautifulSoup

from tests.common.commands import Running

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.text, "html.parser")


class Guest:
    """Somebody at the site that a process serves, with a cookie jar."""

    def __init__(self, site: Running) -> None:
        self._site = site
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Reply:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Reply:
        return self._ask("POST", path, urlencode(fields))

    def fields(self, path: str, form: str) -> dict[str, str]:
        """Return the fields of a form as its page has them."""
        found = self.get(path).page.find("form", id=form)
        assert found is not None, f"{path} has no {form}"
        return {
            str(one["name"]): str(one.get("value", ""))
            for one in found.find_all("input")
            if one.get("name")
        }

    def submit(self, path: str, form: str, **fields: str) -> Reply:
        """Get a page, fill in one of its forms, and send it."""
        return self.post(path, {**self.fields(path, form), **fields})

    def register(self, username: str, password: str) -> Reply:
        return self.submit(
            "/account/register/",
            "register-form",
            username=username,
            email=f"{username}@example.org",
            new_password=password,
            password_confirm=password,
        )

    def _ask(self, method: str, path: str, body: str | None = None) -> Reply:
        connection = self._site.connect()
        headers: dict[str, Any] = {
            "Host": f"localhost:{self._site.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Connection": "close",
        }
        if body is not None:
            headers["Content-Type"] = FORM
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for set_cookie in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(set_cookie).items():
                self.cookies[name] = morsel.value
        return Reply(response.status, response.headers, text)
