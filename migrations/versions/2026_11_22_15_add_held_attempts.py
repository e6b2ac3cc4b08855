"""Add until when a counter holds up the next attempt.

The release before this one goes on serving: it names its columns, and the default is what it means.
"""

import sqlalchemy as sa
from alembic import op

revision = "2c9f64d1a0e8"
down_revision = "b8e20d4f6a17"


def upgrade() -> None:
    op.add_column(
        "attempt_counters",
        sa.Column("held_until", sa.BigInteger(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("attempt_counters", "held_until")
