"""Add acts that wait to be confirmed, the evidence that they were, and names that nobody gets any more."""

import sqlalchemy as sa
from alembic import op

revision = "5b2f9c70d4e6"
down_revision = "94d6b0e3f8a1"


def upgrade() -> None:
    op.create_table(
        "asked_acts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("security_epoch", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_asked_acts_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_acts")),
    )
    op.create_index(op.f("ix_asked_acts_user_id"), "asked_acts", ["user_id"], unique=False)
    op.create_index(op.f("ix_asked_acts_expires_at"), "asked_acts", ["expires_at"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("factor", sa.String(length=32), nullable=False),
        sa.Column("rp_id", sa.String(length=253), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("client_data", sa.LargeBinary(), nullable=True),
        sa.Column("authenticator_data", sa.LargeBinary(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(credential_id IS NULL) = (signature IS NULL)"
            " AND (public_key IS NULL) = (signature IS NULL)"
            " AND (client_data IS NULL) = (signature IS NULL)"
            " AND (authenticator_data IS NULL) = (signature IS NULL)",
            name=op.f("ck_evidence_signed_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_evidence_event_id_events")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_evidence")),
    )
    op.create_table(
        "retired_names",
        sa.Column("username_key", sa.String(length=50), nullable=False),
        sa.Column("former_id", sa.Uuid(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username_key", name=op.f("pk_retired_names")),
    )


def downgrade() -> None:
    # Evidence does not come back.
    op.drop_table("retired_names")
    op.drop_table("evidence")
    op.drop_table("asked_acts")
