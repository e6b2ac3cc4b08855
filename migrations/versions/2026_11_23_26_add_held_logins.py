"""Add held logins: they wait for a mailed approval."""

import sqlalchemy as sa
from alembic import op

revision = "b7e3d95c2a48"
down_revision = "b6e1d48a97f3"


def upgrade() -> None:
    op.create_table(
        "held_logins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("security_epoch", sa.Integer(), nullable=False),
        sa.Column("factor", sa.String(length=32), nullable=False),
        sa.Column("credential", sa.String(length=64), nullable=False),
        sa.Column("is_to_remember", sa.Boolean(), nullable=False),
        sa.Column("next", sa.String(length=2048), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("agent", sa.String(length=512), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "approved_at IS NULL OR refused_at IS NULL", name=op.f("ck_held_logins_one_decision")
        ),
        sa.CheckConstraint(
            "completed_at IS NULL OR approved_at IS NOT NULL",
            name=op.f("ck_held_logins_approved_first"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_held_logins_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_logins")),
        sa.UniqueConstraint("digest", name=op.f("uq_held_logins_digest")),
    )
    op.create_index("ix_held_logins_expires_at", "held_logins", ["expires_at"], unique=False)
    op.create_index("ix_held_logins_user_id", "held_logins", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("held_logins")
