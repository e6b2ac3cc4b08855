"""The site itself: home page, health, well-known addresses."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    config.add_route("site.home", "/")
    config.add_route("site.language", "/locale/")
    config.add_route("site.live", "/_health/live")
    config.add_route("site.ready", "/_health/ready")
    config.add_route("site.security-txt", "/.well-known/security.txt")
    config.add_route("site.change-password", "/.well-known/change-password")
    config.add_route("site.passkey-endpoints", "/.well-known/passkey-endpoints")
    config.scan(".views")
