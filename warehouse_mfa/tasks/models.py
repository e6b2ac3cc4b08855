"""When tasks last came to their end."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base


class TaskRun(Base):
    """The last round of a task that did not fail, to the minute."""

    __tablename__ = "task_runs"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    finished_at: Mapped[datetime]
