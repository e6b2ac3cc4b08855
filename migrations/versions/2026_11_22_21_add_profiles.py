"""Add what people choose to show: a public address, and the time zone that they read times in.

The release before this one goes on serving: it names its columns, and the defaults are what it means.
"""

import sqlalchemy as sa
from alembic import op

revision = "94d6b0e3f8a1"
down_revision = "e81a4d27c5b0"


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column("time_zone", sa.String(length=64), server_default="UTC", nullable=False),
    )
    op.add_column(
        "emails", sa.Column("is_public", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_index(
        "uq_emails_public",
        "emails",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("is_public"),
        postgresql_where=sa.text("is_public"),
    )


def downgrade() -> None:
    op.drop_index("uq_emails_public", table_name="emails")
    op.drop_column("emails", "is_public")
    op.drop_column("users", "time_zone")
