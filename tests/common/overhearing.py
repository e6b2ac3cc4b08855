"""Between the browser and the application: what went out, with every header."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.cookies import Morsel, SimpleCookie
from typing import Any

from tests.common.visitor import Visitor


@dataclass(frozen=True)
class Answer:
    """One answer, without its body."""

    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for header, value in self.headers if header.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return the value of a header that may be there once."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} is there {len(values)} times"
        return values[0] if values else None

    @property
    def cookies(self) -> list[Morsel[str]]:
        return [
            morsel for value in self.all("Set-Cookie") for morsel in SimpleCookie(value).values()
        ]

    def __str__(self) -> str:
        return f"{self.status} to {self.method} {self.path}"


def overhear(visitor: Visitor) -> list[Answer]:
    """Return a list that fills with the answers that `visitor` gets from now on."""
    application, answers = visitor.app, []

    def listen(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def note(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
            answers.append(Answer(method, path, int(status[:3]), tuple(headers)))
            return start_response(status, headers, exc_info)

        return application(environ, note)

    visitor.app = listen
    return answers
