"""Templates: where they are, and what every page may use."""

from functools import cache

from babel import Locale
from jinja2.utils import urlize
from markupsafe import Markup, escape
from pyramid.config import Configurator
from pyramid.events import BeforeRender
from pyramid.request import Request

from warehouse_mfa.authz import Identity
from warehouse_mfa.http import flashes
from warehouse_mfa.paths import data_dir

EXTENSIONS = (".html", ".txt")


class _Lazy:
    """A value that costs something, or sets a cookie, when a page prints it and only then."""

    def __init__(self, request: Request, name: str) -> None:
        self._request = request
        self._name = name

    def __str__(self) -> str:
        return str(getattr(self._request, self._name))

    def __html__(self) -> str:
        return str(self)


def _viewer(request: Request) -> Identity | None:
    """Return who is reading. An error page does not ask the database, which may be the error."""
    if getattr(request, "exception", None) is None:
        return request.identity
    policy = request.registry["security_policy"]
    known: Identity | None = policy.known_identity(request)
    return known


def add_globals(event: BeforeRender) -> None:
    """Give a page what every page may use."""
    request = event["request"]
    if request is None or "speaking" in event:
        return
    settings = request.registry["settings"]
    event.update(
        site_name=settings.site_name,
        is_development=settings.is_development,
        identity=_viewer(request),
        csrf_token=_Lazy(request, "csrf_token"),
        locale=request.locale_name,
        direction=_direction(request.locale_name),
        flashes=flashes.take(request),
        path=request.route_path,
        static=request.static,
    )


@cache
def _direction(locale: str) -> str:
    return str(Locale.parse(locale, sep="_").text_direction)


def urlize_mail(text: str) -> Markup:
    """Make the addresses in a plain text mail links."""
    return Markup(urlize(escape(text), rel="noreferrer"))  # noqa: S704 - escaped here


def _print_plain_text_as_it_is(config: Configurator) -> None:
    """Escape in pages only: in a plain text mail `&#39;` is no apostrophe."""
    config.get_jinja2_environment(".txt").autoescape = False


def includeme(config: Configurator) -> None:
    settings = config.registry["settings"]
    config.add_settings(
        {
            "jinja2.filters": {
                **config.registry.settings.get("jinja2.filters", {}),
                "urlize_mail": urlize_mail,
            },
            "jinja2.auto_reload": settings.is_development,
        }
    )
    for extension in EXTENSIONS:
        config.add_jinja2_renderer(extension)
        config.add_jinja2_search_path(str(data_dir("templates")), name=extension)
    config.action(None, _print_plain_text_as_it_is, args=(config,), order=1)
    config.add_subscriber(add_globals, BeforeRender)
