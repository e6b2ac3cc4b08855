"""Add whether a credential may log in without a password."""

import sqlalchemy as sa
from alembic import op

revision = "7e41c0a95d38"
down_revision = "2c9f64d1a0e8"


def upgrade() -> None:
    # With a default, because the previous release inserts credentials without it.
    op.add_column(
        "webauthn_credentials",
        sa.Column("is_passkey", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    with op.batch_alter_table("webauthn_credentials") as table:
        table.drop_column("is_passkey")
