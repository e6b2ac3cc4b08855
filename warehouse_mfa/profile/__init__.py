"""A person's own pages."""

from pyramid.config import Configurator

from warehouse_mfa.accounts.resources import OwnAccount


def includeme(config: Configurator) -> None:
    config.add_route("profile.manage", "/manage/account/", factory=OwnAccount)
    config.add_route(
        "profile.decline-passkey", "/manage/account/passkey-offer/decline", factory=OwnAccount
    )
    config.add_route("profile.profile", "/manage/account/profile/", factory=OwnAccount)
    config.add_route("profile.export", "/manage/account/export/", factory=OwnAccount)
    config.add_route("profile.unverified", "/manage/unverified-account/", factory=OwnAccount)
    config.add_route("profile.emails", "/manage/account/emails/", factory=OwnAccount)
    config.add_route("profile.password", "/manage/account/password/", factory=OwnAccount)
    config.add_route("profile.delete", "/manage/account/delete/", factory=OwnAccount)
    config.add_route("profile.sessions", "/manage/account/sessions/", factory=OwnAccount)
    config.add_route(
        "profile.sessions.end-others", "/manage/account/sessions/end-others", factory=OwnAccount
    )
    config.add_route(
        "profile.sessions.end", "/manage/account/sessions/{session_id}/end", factory=OwnAccount
    )
    config.add_route(
        "profile.devices.forget", "/manage/account/devices/{device_id}/forget", factory=OwnAccount
    )
    config.add_route("profile.history", "/manage/account/history/", factory=OwnAccount)
    config.add_route("profile.history.csv", "/manage/account/history.csv", factory=OwnAccount)
    config.add_route("profile.history.json", "/manage/account/history.json", factory=OwnAccount)
    config.add_route("profile.notices", "/manage/account/notices/", factory=OwnAccount)
    config.add_route("profile.notices.read", "/manage/account/notices/read", factory=OwnAccount)
    config.add_route("profile.repair", "/manage/account/repair/", factory=OwnAccount)
    config.add_route("profile.repair.finish", "/manage/account/repair/finish", factory=OwnAccount)
    config.scan(".views")
