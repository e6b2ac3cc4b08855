"""A request as its sender thinks of it, and as a server hands it over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote_from_bytes

FORM = "application/x-www-form-urlencoded"
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Input:
    """A request as a server hands it over: text is Latin-1, as PEP 3333 has it."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def environ(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """Return the WSGI environment; `base` is what the server adds."""
        environ = {
            **base,
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.input": BytesIO(self.body),
        }
        if self.body or self.method == "POST":
            environ["CONTENT_LENGTH"] = str(len(self.body))
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
        return environ

    def __str__(self) -> str:
        lines = [f"{self.method} {self.path!r}?{self.query}"]
        lines += [f"{name}: {value!r}" for name, value in self.headers.items()]
        return "\n".join([*lines, "", repr(self.body)])


@dataclass
class Draft:
    """A request in the making: its parts may still be changed."""

    method: str
    path: str
    query: Pairs = field(default_factory=list)
    cookies: Pairs = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    fields: Pairs = field(default_factory=list)

    def copy(self) -> "Draft":
        return Draft(
            self.method,
            self.path,
            [*self.query],
            [*self.cookies],
            {**self.headers},
            [*self.fields],
        )

    def written(self) -> Input:
        """Return the request as a browser would write it, whatever stands in its parts."""
        headers = dict(self.headers)
        if self.cookies:
            text = "; ".join(f"{name}={value}" for name, value in self.cookies)
            headers["Cookie"] = _on_the_wire(text)
        body = b""
        if self.method == "POST":
            headers.setdefault("Content-Type", FORM)
            body = _encoded(self.fields).encode("ascii")
        return Input(
            self.method,
            _on_the_wire(self.path),
            _encoded(self.query),
            {name: _on_the_wire(value) for name, value in headers.items()},
            body,
        )


def _encoded(pairs: Pairs) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: str) -> str:
    # Lone surrogates are encoded as a careless program would.
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


def _on_the_wire(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")
