"""The site as an operator runs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.common.site import HTTPS, Site

SETTINGS = {
    "environment": "production",
    "smtp_url": "smtp://localhost:1",
    "mail_from": "noreply@pypi.example",
    "security_contact": "mailto:security@pypi.example",
    "password_hash": "argon2id:m=47104,t=1,p=1",
}


@contextmanager
def production_site(database_url: str, **settings_: str) -> Iterator[Site]:
    """Yield a site in production; its mails go nowhere."""
    site = Site(database_url, HTTPS, **{**SETTINGS, **settings_})
    try:
        yield site
    finally:
        site.reset()
        site.close()
