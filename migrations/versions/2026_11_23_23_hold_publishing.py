"""Add when the publishing of an account was held.

The release before this one goes on serving: it names its columns, and publishes nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "3d7a91c4e052"
down_revision = "5b2f9c70d4e6"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("publishing_held_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("users", "publishing_held_at")
