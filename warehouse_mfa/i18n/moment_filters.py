"""Filters of templates for times: in the reader's language and time zone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from jinja2 import pass_context
from markupsafe import Markup

from warehouse_mfa.clock import IClock
from warehouse_mfa.i18n.moments import MINUTE, ago, time_element
from warehouse_mfa.i18n.rendering import current_localizer
from warehouse_mfa.i18n.zones import DEFAULT
from warehouse_mfa.strings import _


@pass_context
def filter_moment(context: Mapping[str, Any], moment: datetime | None) -> str | Markup:
    """`{{ session.created_at|moment }}`: a time in words, exact for machines.

    In the reader's time zone on a page; in UTC in a mail, which is not told of one.
    """
    localizer = current_localizer()
    if moment is None:
        return localizer.translate(_("never"))
    return time_element(moment, localizer.locale_name, context.get("time_zone") or DEFAULT)


@pass_context
def filter_ago(context: Mapping[str, Any], moment: datetime | None) -> str | Markup:
    """`{{ session.last_seen_at|ago }}`: as `moment`, but "5 minutes ago" within the last day.

    For pages: a mail is read at any time.
    """
    if moment is None:
        return filter_moment(context, None)
    localizer = current_localizer()
    passed = context["request"].find_service(IClock).now() - moment
    words = ago(passed, localizer.locale_name)
    if timedelta(0) <= passed < timedelta(seconds=MINUTE):
        words = localizer.translate(_("just now"))
    zone = context.get("time_zone") or DEFAULT
    return time_element(moment, localizer.locale_name, zone, words)
