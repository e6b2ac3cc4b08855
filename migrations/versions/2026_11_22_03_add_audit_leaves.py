"""Add the positions of events in the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "63f1ae95a2eb"
down_revision = "e38e639c1950"


def upgrade() -> None:
    op.create_table(
        "audit_leaves",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_audit_leaves_event_id_events")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_leaves")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_leaves_event_id")),
    )


def downgrade() -> None:
    op.drop_table("audit_leaves")
