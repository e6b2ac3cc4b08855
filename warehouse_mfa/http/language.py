"""The cookie that keeps the language of a browser; `i18n.languages` reads it."""

from datetime import timedelta

from pyramid.request import Request

from warehouse_mfa.http.cookies import Cookie
from warehouse_mfa.i18n.languages import COOKIE


class LanguageCookie(Cookie):
    """One choice for all sites of a host: nothing rests on it, and its reader knows no settings."""

    def full_name(self, request: Request) -> str:
        return f"__Host-{self.name}" if request.registry["settings"].is_https else self.name


LANGUAGE = LanguageCookie(COOKIE, max_age=timedelta(days=365))


def keep_language(request: Request, language: str) -> None:
    """Speak this language to the browser from the next page on."""
    LANGUAGE.write_later(request, language)


def suggest_language(request: Request, language: str) -> None:
    """Speak it unless another one was chosen here, or it is what the browser wants anyway."""
    if LANGUAGE.read(request) is None and request.locale_name != language:
        keep_language(request, language)
