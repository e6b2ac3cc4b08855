"""What people get to read of their notices; the event of the same id says what happened."""

from warehouse_mfa.db import table_of
from warehouse_mfa.notifications.models import NoticeRow
from warehouse_mfa.personal_data import rows_of

SECTIONS = {"notices": rows_of(table_of(NoticeRow), "id", "read_at")}
