"""A cookie holds what was written for it, and never another attribute or header."""

import pytest
from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa.http import Cookie


@pytest.mark.parametrize("value", ["a; Domain=evil.example", "a\r\nX: y", 'a"b', "a b", "a,b", "é"])
def test_what_would_need_quotes_is_refused(value: str) -> None:
    response = Response()

    with pytest.raises(ValueError, match="session"):
        Cookie("session").write(Request.blank("/"), response, value)

    assert "Set-Cookie" not in response.headers
