"""The border to HTTP: what comes in is checked here, what goes out gets its headers here.

`front` (WSGI) fixes origin and client address by the settings, `body` reads forms strictly, `csrf`
refuses cross-site requests, `headers` adds the policy of every answer, `errors` turns what was
raised into pages and JSON, `rendering` gives templates their globals.
"""

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.tweens import EXCVIEW, INGRESS

from warehouse_mfa.http import held
from warehouse_mfa.http.answers import fail, success, wants_json
from warehouse_mfa.http.cookies import Cookie, SealedCookie, SecretCookie
from warehouse_mfa.http.csrf import anonymous_binding, forget_anonymous
from warehouse_mfa.http.errors import BadInput, Unavailable, error_answer
from warehouse_mfa.http.flashes import Kind, flash
from warehouse_mfa.http.interfaces import ICSRFBinding
from warehouse_mfa.http.language import keep_language, suggest_language
from warehouse_mfa.http.redirects import SeeOther, is_own_path, safe_next, see_other

__all__ = [
    "BadInput",
    "Cookie",
    "ICSRFBinding",
    "Kind",
    "SealedCookie",
    "SecretCookie",
    "SeeOther",
    "Unavailable",
    "anonymous_binding",
    "error_answer",
    "fail",
    "flash",
    "forget_anonymous",
    "held",
    "is_own_path",
    "keep_language",
    "safe_next",
    "see_other",
    "success",
    "suggest_language",
    "wants_json",
]


def includeme(config: Configurator) -> None:
    config.include(".routing")
    config.include("pyramid_jinja2")
    config.include(".request_class")
    config.include(".rendering")
    config.include(".static")
    config.include(".csrf")
    config.include(".errors")
    config.add_request_method("warehouse_mfa.http.body.form", "form", reify=True)
    config.add_request_method("warehouse_mfa.http.cookies.sent_cookies", "cookies", reify=True)
    # As it was, but made once: every form of a page may ask for it.
    config.add_request_method(Request.path_qs.fget, "path_qs", reify=True)
    config.add_request_method("warehouse_mfa.http.agent.agent", "agent", reify=True)
    # Under the exception views, so that what it raises becomes a page.
    config.add_tween("warehouse_mfa.http.body.body_tween", under=EXCVIEW)
    config.add_tween("warehouse_mfa.http.headers.headers_tween", under=INGRESS)
    config.add_tween("warehouse_mfa.http.access_log.access_log_tween", under=INGRESS)
