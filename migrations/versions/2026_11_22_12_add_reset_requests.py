"""Add requests for links that reset a password."""

import sqlalchemy as sa
from alembic import op

revision = "c3e81f5a7d20"
down_revision = "9b0a6e2d4c17"


def upgrade() -> None:
    op.create_table(
        "reset_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("typed_name", sa.String(length=254), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_requests")),
    )


def downgrade() -> None:
    op.drop_table("reset_requests")
