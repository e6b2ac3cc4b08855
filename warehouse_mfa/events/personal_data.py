"""What people get to read of the trail of their account."""

from sqlalchemy import bindparam

from warehouse_mfa.events.services.history import ENTRIES, EVENTS

SECTIONS = {
    "events": ENTRIES.where(EVENTS.c.subject_id == bindparam("user_id")).order_by(EVENTS.c.id)
}
