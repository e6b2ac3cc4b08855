"""Add notices: what people were told by mail, in their account."""

import sqlalchemy as sa
from alembic import op

revision = "e81a4d27c5b0"
down_revision = "c07d9e3b6f14"


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["events.id"], name=op.f("fk_notices_id_events")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notices_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_user_id_id", "notices", ["user_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("notices")
