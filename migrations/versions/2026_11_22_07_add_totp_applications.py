"""Add authenticator applications."""

import sqlalchemy as sa
from alembic import op

revision = "2fc75f7469a3"
down_revision = "23942967a0e4"


def upgrade() -> None:
    op.create_table(
        "totp_applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("label_key", sa.String(length=64), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_totp_applications_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_applications")),
        sa.UniqueConstraint(
            "user_id", "label_key", name=op.f("uq_totp_applications_user_id_label_key")
        ),
    )
    op.create_index("ix_totp_applications_key_id", "totp_applications", ["key_id"], unique=False)


def downgrade() -> None:
    op.drop_table("totp_applications")
