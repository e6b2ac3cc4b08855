"""What people get to read of what they confirmed: all of it, so that they can check it themselves."""

from sqlalchemy import bindparam, select

from warehouse_mfa.db import table_of
from warehouse_mfa.events.models import EventRow
from warehouse_mfa.evidence.models import EvidenceRow

EVENTS, EVIDENCE = table_of(EventRow), table_of(EvidenceRow)

SECTIONS = {
    "evidence": select(*EVIDENCE.c)
    .join(EVENTS, EVENTS.c.id == EVIDENCE.c.event_id)
    .where(EVENTS.c.subject_id == bindparam("user_id"))
    .order_by(EVIDENCE.c.event_id)
}
