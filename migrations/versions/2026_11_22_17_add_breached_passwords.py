"""Add when a password was found to have become known.

The release before this one goes on serving: it names its columns, and leaves this one empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "5e1b7a90c3d4"
down_revision = "7e41c0a95d38"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("password_breached_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("users", "password_breached_at")
