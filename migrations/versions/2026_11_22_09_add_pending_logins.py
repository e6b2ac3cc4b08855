"""Add logins that wait for their second factor."""

import sqlalchemy as sa
from alembic import op

revision = "ac0f69334621"
down_revision = "20b9be356925"


def upgrade() -> None:
    op.create_table(
        "pending_logins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("security_epoch", sa.Integer(), nullable=False),
        sa.Column("typed_name", sa.String(length=254), nullable=False),
        sa.Column("next", sa.String(length=2048), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_pending_logins_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_logins")),
        sa.UniqueConstraint("digest", name=op.f("uq_pending_logins_digest")),
    )
    op.create_index("ix_pending_logins_expires_at", "pending_logins", ["expires_at"], unique=False)
    op.create_index("ix_pending_logins_user_id", "pending_logins", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("pending_logins")
