"""Templates: where they are, and what every page may use."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any

from jinja2 import Environment
from jinja2.utils import urlize
from markupsafe import Markup, escape
from pyramid.config import Configurator
from pyramid.encode import urlencode
from pyramid.i18n import Localizer
from pyramid.interfaces import IRendererFactory, IRendererInfo, IRoutesMapper
from pyramid.registry import Registry
from pyramid.request import Request

from warehouse_mfa.authz import Identity
from warehouse_mfa.http import flashes
from warehouse_mfa.http.folding import Known, folding
from warehouse_mfa.http.static import address_of
from warehouse_mfa.i18n import direction_of, languages, zones
from warehouse_mfa.i18n.rendering import current_localizer, sentence
from warehouse_mfa.paths import data_dir
from warehouse_mfa.settings import BetaPart, Settings

EXTENSIONS = (".html", ".txt")


class _Token:
    """The CSRF token: it costs something, and sets a cookie, when a page prints it and only then."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def _text(self) -> Markup:
        return escape(self._request.csrf_token)

    def __html__(self) -> str:
        return self._text


def _viewer(request: Request) -> Identity | None:
    """Return who is reading. An error page does not ask the database, which may be the error."""
    if getattr(request, "exception", None) is None:
        return request.identity
    policy = request.registry["security_policy"]
    known: Identity | None = policy.known_identity(request)
    return known


def _for_every_page(request: Request) -> dict[str, Any]:
    """Return what every page may use, and what depends on who asks."""
    viewer = _viewer(request)
    return {
        "identity": viewer,
        "time_zone": viewer.time_zone if viewer else zones.DEFAULT,
        "csrf_token": _Token(request),
        "flashes": flashes.take(request),
        "path": request.route_path,
        "static": request.static,
    }


def shown_settings(settings: Settings) -> dict[str, str]:
    """Return what pages and mails say because of a setting: `{{ setting('bugs_url') }}`."""
    return {
        "test_site": "on" if settings.is_test_site else "",
        "support_url": settings.support_url,
        "contact": settings.support_url or settings.security_contact,
        "bugs_url": settings.bugs_url,
        "second_factor": settings.second_factor,
        "beta": ",".join(settings.beta),
        **{f"beta:{part}": "on" if part in settings.beta else "" for part in BetaPart},
    }


def urlize_mail(text: str) -> Markup:
    """Make the addresses in a plain text mail links."""
    return Markup(urlize(escape(text), rel="noreferrer"))  # noqa: S704 - escaped here


def _path(
    routes: IRoutesMapper, route: str, /, *, _query: Mapping[str, str] | None = None, **values: str
) -> str | None:
    """Return the path of a route as `request.route_path` does; `None` when there is no such route."""
    if routes.get_route(route) is None:
        return None
    query = f"?{urlencode(_query)}" if _query else ""
    return f"{routes.generate(route, values)}{query}"


class _Environments:
    """The templates of each language, compiled for it when they are first read in it."""

    def __init__(self, environment: Environment, registry: Registry) -> None:
        self._environment = environment
        self._registry = registry
        self._by_language: dict[str, Environment] = {}

    def current(self) -> Environment:
        """Return the templates for whoever is reading now."""
        localizer = current_localizer()
        known = self._by_language.get(localizer.locale_name)
        if known is None:
            known = self._by_language[localizer.locale_name] = self._folded(localizer)
        return known

    def _folded(self, localizer: Localizer) -> Environment:
        settings: Settings = self._registry["settings"]
        functions: dict[str, Callable[..., str | None]] = {
            "_": partial(sentence, localizer, bool(self._environment.autoescape)),
            "path": partial(_path, self._registry.getUtility(IRoutesMapper)),
            "setting": shown_settings(settings).__getitem__,
            "static": lambda file: address_of(self._registry, file),
        }
        values = {
            "site_name": settings.site_name,
            "is_development": settings.is_development,
            "locale": localizer.locale_name,
            "direction": direction_of(localizer.locale_name),
            "languages": languages.NAMES,
        }
        return folding(self._environment, Known(functions, values))


class _Renderer:
    """Renders a template by its path in `templates/`.

    pyramid_jinja2 would look for it beside the package of the view first, at every request.
    """

    def __init__(self, environments: _Environments, info: IRendererInfo) -> None:
        self._environments = environments
        self._name: str = info.name

    def __call__(self, value: Mapping[str, Any], system: Mapping[str, Any]) -> str:
        template = self._environments.current().get_template(self._name)
        request = system["request"]
        # A mail brings all of its own: nobody reads it here.
        is_page = request is not None and "speaking" not in value
        # Not by a subscriber: for the first one Pyramid would tell of all that happens to a request.
        return template.render({**system, **(_for_every_page(request) if is_page else {}), **value})


def _set_up_environments(config: Configurator) -> None:
    for extension in EXTENSIONS:
        environment = config.get_jinja2_environment(extension)
        # In pages only: in a plain text mail `&#39;` is no apostrophe.
        environment.autoescape = extension == ".html"
        renderer = partial(_Renderer, _Environments(environment, config.registry))
        config.registry.registerUtility(renderer, IRendererFactory, name=extension)


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
    config.action(None, _set_up_environments, args=(config,), order=1)
