"""Add remembered devices."""

import sqlalchemy as sa
from alembic import op

revision = "c07d9e3b6f14"
down_revision = "5b1f0c7ae392"


def upgrade() -> None:
    op.create_table(
        "remembered_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("security_epoch", sa.Integer(), nullable=False),
        sa.Column("factor", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["known_devices.id"],
            name=op.f("fk_remembered_devices_device_id_known_devices"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_remembered_devices_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_devices")),
        sa.UniqueConstraint("device_id", name=op.f("uq_remembered_devices_device_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_remembered_devices_digest")),
    )
    op.create_index(
        "ix_remembered_devices_user_id", "remembered_devices", ["user_id"], unique=False
    )
    op.create_index(
        "ix_remembered_devices_expires_at", "remembered_devices", ["expires_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("remembered_devices")
