"""Add from where sessions and known devices were used last, and with which browser.

The release before this one goes on serving: it names its columns, and leaves these empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "5b1f0c7ae392"
down_revision = "5e1b7a90c3d4"
TABLES = ("sessions", "known_devices")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("address", sa.String(length=64), nullable=True))
        op.add_column(table, sa.Column("agent", sa.String(length=512), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "agent")
        op.drop_column(table, "address")
