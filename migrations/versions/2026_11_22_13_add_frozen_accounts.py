"""Add when an account was frozen.

The release before this one goes on serving: it names its columns, and asks for the epoch, which
freezing raises.
"""

import sqlalchemy as sa
from alembic import op

revision = "7d31c0be94f5"
down_revision = "c3e81f5a7d20"


def upgrade() -> None:
    op.add_column("users", sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "frozen_at")
