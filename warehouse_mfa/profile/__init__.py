"""A person's own pages."""

from pyramid.config import Configurator

from warehouse_mfa.accounts.resources import OwnAccount


def includeme(config: Configurator) -> None:
    config.add_route("profile.manage", "/manage/account/", factory=OwnAccount)
    config.add_route(
        "profile.decline-passkey", "/manage/account/passkey-offer/decline", factory=OwnAccount
    )
    config.add_route("profile.unverified", "/manage/unverified-account/", factory=OwnAccount)
    config.add_route("profile.emails", "/manage/account/emails/", factory=OwnAccount)
    config.add_route("profile.password", "/manage/account/password/", factory=OwnAccount)
    config.add_route("profile.history", "/manage/account/history/", factory=OwnAccount)
    config.scan(".views")
