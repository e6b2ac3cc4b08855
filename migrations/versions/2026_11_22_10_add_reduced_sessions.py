"""Add whether a session proved a factor below the account's strongest."""

import sqlalchemy as sa
from alembic import op

revision = "5d1c7b3f9e42"
down_revision = "ac0f69334621"


def upgrade() -> None:
    # With a default, because the previous release inserts sessions without it.
    op.add_column(
        "sessions",
        sa.Column("is_reduced", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.drop_column("is_reduced")
