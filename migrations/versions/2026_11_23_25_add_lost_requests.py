"""Add requests for help by who has lost everything."""

import sqlalchemy as sa
from alembic import op

revision = "b6e1d48a97f3"
down_revision = "8c52e7f0b3d6"


def upgrade() -> None:
    op.create_table(
        "lost_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("typed_name", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("statement", sa.String(length=500), nullable=False),
        sa.Column("is_password_right", sa.Boolean(), nullable=False),
        sa.Column("is_own_address", sa.Boolean(), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_lost_requests_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lost_requests")),
    )
    op.create_index("ix_lost_requests_user_id", "lost_requests", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("lost_requests")
